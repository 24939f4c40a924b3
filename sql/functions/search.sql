-- Ranking by the active model's vectors. A video ranks by its best frame; removed videos are left out.

create or replace function vidpipe.query_vector(embedding halfvec, model_id text)
returns halfvec
language plpgsql
stable
as $$
declare
    active vidpipe.models%rowtype;
begin
    select * into active from vidpipe.models as m where m.is_active;
    if not found then
        raise exception 'no model is active: nothing has been indexed yet'
            using errcode = 'object_not_in_prerequisite_state', hint = 'Run vidpipe run first.';
    end if;
    if model_id is null or model_id <> active.model_id then
        raise exception 'the vector was made by model "%", but the active model is "%"',
            coalesce(model_id, 'null'), active.model_id
            using errcode = 'invalid_parameter_value', hint = 'Vectors of two models cannot be compared.';
    end if;
    if embedding is null then
        raise exception 'the query vector is null' using errcode = 'null_value_not_allowed';
    end if;
    if vector_dims(embedding) <> active.dimensions then
        raise exception 'the vector has % dimensions, but model "%" makes %',
            vector_dims(embedding), active.model_id, active.dimensions
            using errcode = 'invalid_parameter_value';
    end if;
    if l2_norm(embedding) = 0 then
        raise exception 'the query vector is zero: it points nowhere' using errcode = 'invalid_parameter_value';
    end if;
    return l2_normalize(embedding);
end;
$$;
comment on function vidpipe.query_vector(halfvec, text) is
'The vector at unit length; an error that names both models unless it was made by the active one.';

create or replace function vidpipe.filter_sql(
    platform text, account text, posted_from timestamptz, posted_until timestamptz,
    ingested_from date, ingested_until date, include_removed boolean
)
returns text
language sql
immutable
parallel safe
as $$
    -- fixed pieces only, values travel as $3 to $8: nothing that a caller wrote becomes SQL
    select 'true'
        || case when coalesce(include_removed, false) then '' else ' and v.removed_at is null' end
        || case when platform is null then '' else ' and v.platform = $3' end
        || case when account is null then '' else ' and v.account = $4' end
        || case when posted_from is null then '' else ' and v.posted_at >= $5' end
        || case when posted_until is null then '' else ' and v.posted_at < $6' end
        || case when ingested_from is null then '' else ' and v.ingest_date >= $7' end
        || case when ingested_until is null then '' else ' and v.ingest_date <= $8' end;
$$;
comment on function vidpipe.filter_sql(text, text, timestamptz, timestamptz, date, date, boolean) is
'The conditions on videos (alias v) that the given filters ask for, with $3 to $8 in place of their values.';

create or replace function vidpipe.near_frames(
    query halfvec,
    k integer,
    platform text,
    account text,
    posted_from timestamptz,
    posted_until timestamptz,
    ingested_from date,
    ingested_until date,
    include_removed boolean
)
returns table (video_id text, segment integer, distance double precision)
language plpgsql
stable
as $$
declare
    exact_frames constant integer := 5000;  -- up to here, comparing them all beats walking the index
    condition constant text := vidpipe.filter_sql(
        platform, account, posted_from, posted_until, ingested_from, ingested_until, include_removed);
    is_filtered constant boolean := num_nonnulls(
        platform, account, posted_from, posted_until, ingested_from, ingested_until) > 0;
    of_filter constant text :=
        'select k.keyframe_sha256, k.segment, v.video_id'
        ' from vidpipe.videos as v inner join vidpipe.keyframes as k using (content_sha256) where ' || condition;
    best constant text :=
        '(select distinct on (video_id) video_id, segment, distance from posts'
        ' order by video_id, distance, segment) as b order by distance, video_id limit $2';
    frames integer;
    scanned integer;
    ids text[];
    segments integer[];
    distances double precision[];
begin
    if is_filtered then
        -- $1 and $2 must have types although this statement has no use for them
        execute 'select count(*) from (select from (' || of_filter || ') as f'
            ' where $1 is not null and $2 is not null limit ' || (exact_frames + 1) || ') as counted'
            into frames
            using query, k, platform, account, posted_from, posted_until, ingested_from, ingested_until;
    end if;
    if frames is null or frames > exact_frames then
        frames := greatest(4 * k, 100);
        loop
            execute 'with near as materialized ('
                '    select f.keyframe_sha256, f.embedding <#> $1 as distance from vidpipe.frame_embeddings as f'
                '    order by f.embedding <#> $1 limit ' || frames || '),'
                ' posts as (select v.video_id, k.segment, n.distance from near as n'
                '    inner join vidpipe.keyframes as k using (keyframe_sha256)'
                '    inner join vidpipe.videos as v using (content_sha256) where ' || condition || ')'
                ' select array_agg(video_id), array_agg(segment), array_agg(distance), (select count(*) from near)'
                ' from (select * from ' || best || ') as found'
                into ids, segments, distances, scanned
                using query, k, platform, account, posted_from, posted_until, ingested_from, ingested_until;
            if coalesce(cardinality(ids), 0) >= k then
                return query select * from unnest(ids, segments, distances);
                return;
            end if;
            exit when scanned < frames;  -- the index has no more, or gave up
            frames := 4 * frames;
        end loop;
    end if;
    return query execute
        'with posts as materialized (select p.video_id, p.segment, f.embedding <#> $1 as distance'
        ' from (' || of_filter || ') as p inner join vidpipe.frame_embeddings as f using (keyframe_sha256))'
        ' select video_id, segment, distance from ' || best
        using query, k, platform, account, posted_from, posted_until, ingested_from, ingested_until;
end;
$$;
comment on function vidpipe.near_frames(
    halfvec, integer, text, text, timestamptz, timestamptz, date, date, boolean
) is
'One row per post: its frame nearest to a unit vector and their distance (minus the cosine). Few candidates are '
'compared exactly; else the index is asked for more until there are k posts; if it gives up, all are compared.';

create or replace function vidpipe.search_videos_by_vector(
    embedding halfvec,
    model_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false
)
returns setof vidpipe.video_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    this constant halfvec := vidpipe.query_vector(
        search_videos_by_vector.embedding, search_videos_by_vector.model_id);
begin
    return query
    select
        (row_number() over (order by n.distance, n.video_id))::integer,
        n.video_id, -n.distance, v.platform, v.account, v.posted_at, v.ingest_date, v.description,
        v.content_sha256, n.segment, f.timestamp_s, f.keyframe_sha256, f.image_uri
    from vidpipe.near_frames(
        this, vidpipe.checked_k(search_videos_by_vector.k),
        search_videos_by_vector.platform, search_videos_by_vector.account,
        search_videos_by_vector.posted_from, search_videos_by_vector.posted_until,
        search_videos_by_vector.ingested_from, search_videos_by_vector.ingested_until,
        search_videos_by_vector.include_removed) as n
    inner join vidpipe.videos as v on n.video_id = v.video_id
    inner join vidpipe.keyframes as f on v.content_sha256 = f.content_sha256 and n.segment = f.segment
    order by n.distance, n.video_id;
end;
$$;
comment on function vidpipe.search_videos_by_vector(
    halfvec, text, integer, text, text, timestamptz, timestamptz, date, date, boolean
) is
'One row per post, best first, with its best frame. score is the cosine similarity of that frame and the vector, -1 to '
'1. model_id names the model that made the vector: another than the active one is an error. posted_until is exclusive, '
'ingested_until inclusive. Removed posts are left out. UNTRUSTED text in the result.';

create or replace function vidpipe.search_frames(
    embedding halfvec,
    model_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false
)
returns setof vidpipe.frame_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    this constant halfvec := vidpipe.query_vector(search_frames.embedding, search_frames.model_id);
    k constant integer := vidpipe.checked_k(search_frames.k);
    condition constant text := vidpipe.filter_sql(
        search_frames.platform, search_frames.account, search_frames.posted_from, search_frames.posted_until,
        search_frames.ingested_from, search_frames.ingested_until, search_frames.include_removed);
    result constant text :=
        ' select (row_number() over (order by h.distance, h.content_sha256, h.segment))::integer, h.content_sha256,'
        ' h.segment, h.timestamp_s, -h.distance, h.keyframe_sha256, h.image_uri, h.is_low_information, p.video_id,'
        ' p.platform, p.account, p.posted_at, p.posts from ('
        '    select k.*, n.distance from near as n inner join vidpipe.keyframes as k using (keyframe_sha256)'
        '    where exists (select from vidpipe.videos as v where v.content_sha256 = k.content_sha256 and '
        || condition || ')'
        '    order by n.distance, k.content_sha256, k.segment limit $2) as h'
        ' cross join lateral ('
        '    select v.video_id, v.platform, v.account, v.posted_at, count(*) over () as posts'
        '    from vidpipe.videos as v where v.content_sha256 = h.content_sha256 and ' || condition ||
        '    order by v.posted_at nulls last, v.video_id limit 1) as p'
        ' order by 1';
    frames integer := greatest(2 * k, 100);
    found_frames bigint;
    scanned bigint;
begin
    loop
        execute 'with near as materialized ('
            '    select f.keyframe_sha256 from vidpipe.frame_embeddings as f'
            '    order by f.embedding <#> $1 limit ' || frames || ')'
            ' select (select count(*) from near), ('
            '    select count(*) from near inner join vidpipe.keyframes as k using (keyframe_sha256)'
            '    where $2 is not null and exists (select from vidpipe.videos as v'
            '       where v.content_sha256 = k.content_sha256 and ' || condition || '))'
            into scanned, found_frames
            using this, k, search_frames.platform, search_frames.account, search_frames.posted_from,
                search_frames.posted_until, search_frames.ingested_from, search_frames.ingested_until;
        exit when found_frames >= k or scanned < frames;
        frames := 4 * frames;
    end loop;
    return query execute
        'with near as materialized ('
        || case
            when found_frames >= k then
                'select f.keyframe_sha256, f.embedding <#> $1 as distance from vidpipe.frame_embeddings as f'
                ' order by f.embedding <#> $1 limit ' || frames
            else  -- the index has no more, or gave up: compare all that pass the filters
                'select f.keyframe_sha256, f.embedding <#> $1 as distance from vidpipe.frame_embeddings as f'
                ' where f.keyframe_sha256 in (select k.keyframe_sha256 from vidpipe.keyframes as k'
                ' inner join vidpipe.videos as v using (content_sha256) where ' || condition || ')'
        end || ')' || result
        using this, k, search_frames.platform, search_frames.account, search_frames.posted_from,
            search_frames.posted_until, search_frames.ingested_from, search_frames.ingested_until;
end;
$$;
comment on function vidpipe.search_frames(
    halfvec, text, integer, text, text, timestamptz, timestamptz, date, date, boolean
) is
'One row per keyframe, best first, with the earliest post that shows it and the number of posts that do. score is the '
'cosine similarity, -1 to 1. model_id names the model that made the vector: another than the active one is an error. '
'Filters as in search_videos_by_vector. UNTRUSTED text in the result.';

create or replace function vidpipe.similar_videos(
    video_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false
)
returns setof vidpipe.similar_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    own_content text;
    own_posts integer;
    k constant integer := vidpipe.checked_k(similar_videos.k);
begin
    select v.content_sha256 into own_content from vidpipe.videos as v where v.video_id = similar_videos.video_id;
    if not found then
        raise exception 'there is no video "%"', similar_videos.video_id using errcode = 'no_data_found';
    end if;
    select count(*) into own_posts from vidpipe.videos as v where v.content_sha256 = own_content;
    return query
    with own as (
        select q.segment, f.embedding, q.is_low_information
        from vidpipe.keyframes as q inner join vidpipe.frame_embeddings as f using (keyframe_sha256)
        where q.content_sha256 = own_content
    ),
    telling as (  -- a black frame says nothing, unless there is nothing else
        select o.segment, l2_normalize(o.embedding) as embedding from own as o
        where not o.is_low_information or not exists (select from own as better where not better.is_low_information)
    ),
    pairs as (
        select distinct on (n.video_id) n.video_id, n.segment, n.distance, t.segment as own_segment
        from telling as t
        cross join lateral vidpipe.near_frames(
            t.embedding, k + own_posts, similar_videos.platform, similar_videos.account,
            similar_videos.posted_from, similar_videos.posted_until, similar_videos.ingested_from,
            similar_videos.ingested_until, similar_videos.include_removed) as n
        inner join vidpipe.videos as v on n.video_id = v.video_id
        where v.content_sha256 <> own_content
        order by n.video_id, n.distance, t.segment, n.segment
    )
    select
        (row_number() over (order by p.distance, p.video_id))::integer,
        p.video_id, -p.distance, v.platform, v.account, v.posted_at, v.ingest_date, v.description,
        v.content_sha256, p.own_segment, p.segment, f.timestamp_s, f.keyframe_sha256, f.image_uri
    from pairs as p
    inner join vidpipe.videos as v on p.video_id = v.video_id
    inner join vidpipe.keyframes as f on v.content_sha256 = f.content_sha256 and p.segment = f.segment
    order by p.distance, p.video_id
    limit k;
end;
$$;
comment on function vidpipe.similar_videos(
    text, integer, text, text, timestamptz, timestamptz, date, date, boolean
) is
'One row per post that looks like the given one, best first, with the pair of frames that match best (own_segment of '
'the given post, segment of the other). Posts of the very same bytes are left out: they share content_sha256. score is '
'the cosine similarity, -1 to 1. Filters as in search_videos_by_vector. UNTRUSTED text in the result.';

-- In a block, because sqlfluff cannot read settings with a dot in their names. Under a filter an index scan without
-- them returns too few rows; results are sorted again by the functions.
do $$
begin
    alter function vidpipe.near_frames set hnsw.iterative_scan = 'relaxed_order';
    alter function vidpipe.near_frames set hnsw.ef_search = 100;
    alter function vidpipe.search_frames set hnsw.iterative_scan = 'relaxed_order';
    alter function vidpipe.search_frames set hnsw.ef_search = 100;
end;
$$;
