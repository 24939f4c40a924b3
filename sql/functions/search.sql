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

create or replace function vidpipe.posts_of(content text, filter vidpipe.video_filter, all_posts boolean)
returns table (video vidpipe.videos, posts bigint, version integer)
language sql
stable
rows 2
as $$
    select p.video, count(*) over (), p.version from vidpipe.passing_contents(filter) as p
    where p.content_sha256 = content
    order by p.version nulls first, (p.video).posted_at nulls last, (p.video).video_id
    limit case when all_posts then null else 1 end;
$$;
comment on function vidpipe.posts_of(text, vidpipe.video_filter, boolean) is
'Posts of a content that pass a filter and how many they are: the earliest, or all of them. Posts that show it now '
'come before those of which it is an earlier version.';

create or replace function vidpipe.search_videos_by_vector(
    embedding halfvec,
    model_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    hashtag text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false,
    all_posts boolean default false,
    min_score double precision default null,
    include_versions boolean default false
)
returns setof vidpipe.video_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    this constant halfvec := vidpipe.query_vector(
        search_videos_by_vector.embedding, search_videos_by_vector.model_id);
    places constant integer := vidpipe.checked_k(search_videos_by_vector.k);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_videos_by_vector.platform, search_videos_by_vector.account, search_videos_by_vector.hashtag,
        search_videos_by_vector.posted_from, search_videos_by_vector.posted_until,
        search_videos_by_vector.ingested_from, search_videos_by_vector.ingested_until,
        search_videos_by_vector.include_removed, search_videos_by_vector.include_versions);
begin
    return query
    select
        (row_number() over (order by n.distance, n.content_sha256, (p.video).posted_at, (p.video).video_id))::integer,
        (p.video).video_id, -n.distance, (p.video).platform, (p.video).account, (p.video).posted_at,
        (p.video).ingest_date, (p.video).description, n.content_sha256, n.segment, f.timestamp_s,
        f.keyframe_sha256, f.image_uri, p.posts, p.version
    from vidpipe.near_contents(this, places, filter) as n
    cross join lateral vidpipe.posts_of(n.content_sha256, filter, search_videos_by_vector.all_posts) as p
    inner join vidpipe.keyframes as f on n.content_sha256 = f.content_sha256 and n.segment = f.segment
    where search_videos_by_vector.min_score is null or -n.distance >= search_videos_by_vector.min_score
    order by 1
    limit places;
end;
$$;
comment on function vidpipe.search_videos_by_vector(
    halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision,
    boolean
) is
'One row per content, best first, with its best frame and its earliest post that passes the filters; with all_posts '
'one row per post. score is the cosine similarity of that frame and the vector, -1 to 1; min_score leaves out what is '
'below. model_id names the model that made the vector: another than the active one is an error. posted_until is '
'exclusive, ingested_until inclusive. account is an id, a handle or a name. Removed posts are left out; with '
'include_versions earlier files of videos are found, too, and version says which. UNTRUSTED text in the result.';

create or replace function vidpipe.search_frames(
    embedding halfvec,
    model_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    hashtag text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false,
    include_versions boolean default false
)
returns setof vidpipe.frame_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    this constant halfvec := vidpipe.query_vector(search_frames.embedding, search_frames.model_id);
    places constant integer := vidpipe.checked_k(search_frames.k);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_frames.platform, search_frames.account, search_frames.hashtag,
        search_frames.posted_from, search_frames.posted_until,
        search_frames.ingested_from, search_frames.ingested_until,
        search_frames.include_removed, search_frames.include_versions);
    frames integer := greatest(2 * places, 100);
    found_frames integer;
    scanned integer;
begin
    loop
        with near as materialized (
            select f.keyframe_sha256 from vidpipe.frame_embeddings as f order by f.embedding <#> this limit frames
        )
        select
            (select count(*) from near),
            (
                select count(*) from near
                inner join vidpipe.keyframes as k using (keyframe_sha256)
                cross join lateral (  -- with a limit: it is looked up frame by frame, and posts never read as a whole
                    select from vidpipe.passing_contents(filter) as p
                    where p.content_sha256 = k.content_sha256
                    limit 1
                ) as passing_post
            )
        into scanned, found_frames;
        exit when found_frames >= places or scanned < frames;
        frames := 4 * frames;
    end loop;
    return query
    with near as materialized (
        select f.keyframe_sha256, f.embedding <#> this as distance
        from vidpipe.frame_embeddings as f
        where found_frames >= places
        order by f.embedding <#> this
        limit frames
    ),
    compared as (  -- the index has no more, or gave up: all there are
        select f.keyframe_sha256, f.embedding <#> this as distance
        from vidpipe.frame_embeddings as f
        where found_frames < places
    ),
    shown as (
        select k.*, n.distance
        from (select * from near union all select * from compared) as n
        inner join vidpipe.keyframes as k using (keyframe_sha256)
        cross join lateral (
            select from vidpipe.passing_contents(filter) as p
            where p.content_sha256 = k.content_sha256
            limit 1
        ) as passing_post
        order by n.distance, k.content_sha256, k.segment
        limit places
    )
    select
        (row_number() over (order by s.distance, s.content_sha256, s.segment))::integer, s.content_sha256,
        s.segment, s.timestamp_s, -s.distance, s.keyframe_sha256, s.image_uri, s.is_low_information,
        (p.video).video_id, (p.video).platform, (p.video).account, (p.video).posted_at, p.posts, p.version
    from shown as s
    cross join lateral vidpipe.posts_of(s.content_sha256, filter, false) as p
    order by 1;
end;
$$;
comment on function vidpipe.search_frames(
    halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
) is
'One row per keyframe, best first, with the earliest post that shows it and the number of posts that do. score is the '
'cosine similarity, -1 to 1. model_id names the model that made the vector: another than the active one is an error. '
'Filters as in search_videos_by_vector. UNTRUSTED text in the result.';

create or replace function vidpipe.similar_videos(
    video_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    hashtag text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false,
    all_posts boolean default false,
    include_versions boolean default false
)
returns setof vidpipe.similar_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    places constant integer := vidpipe.checked_k(similar_videos.k);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        similar_videos.platform, similar_videos.account, similar_videos.hashtag,
        similar_videos.posted_from, similar_videos.posted_until,
        similar_videos.ingested_from, similar_videos.ingested_until,
        similar_videos.include_removed, similar_videos.include_versions);
    own_id constant text := vidpipe.video_id_of(similar_videos.video_id);
    own_content text;
begin
    select v.content_sha256 into own_content from vidpipe.videos as v where v.video_id = own_id;
    if not found then
        raise exception 'there is no video "%"', similar_videos.video_id using errcode = 'no_data_found';
    end if;
    return query
    with own as (
        select q.segment, q.timestamp_s, f.embedding, q.is_low_information
        from vidpipe.keyframes as q inner join vidpipe.frame_embeddings as f using (keyframe_sha256)
        where q.content_sha256 = own_content
    ),
    telling as (  -- a black frame says nothing, unless there is nothing else
        select o.segment, o.timestamp_s, l2_normalize(o.embedding) as embedding from own as o
        where not o.is_low_information or not exists (select from own as better where not better.is_low_information)
    ),
    pairs as (
        select distinct on (n.content_sha256)
            n.content_sha256, n.segment, n.distance, t.segment as own_segment, t.timestamp_s as own_timestamp_s
        from telling as t
        cross join lateral vidpipe.near_contents(t.embedding, places + 1, filter) as n
        where n.content_sha256 <> own_content
        order by n.content_sha256, n.distance, t.segment, n.segment
    ),
    compared as (
        select * from pairs
        union all
        (
            select own_content, t.segment, t.embedding <#> t.embedding, t.segment, t.timestamp_s
            from telling as t
            where similar_videos.all_posts
            order by t.segment
            limit 1
        )
    )
    select
        (row_number() over (order by c.distance, c.content_sha256, (p.video).posted_at, (p.video).video_id))::integer,
        (p.video).video_id, -c.distance, (p.video).platform, (p.video).account, (p.video).posted_at,
        (p.video).ingest_date, (p.video).description, c.content_sha256, c.own_segment, c.segment, f.timestamp_s,
        f.keyframe_sha256, f.image_uri, p.posts, c.own_timestamp_s, p.version
    from compared as c
    cross join lateral vidpipe.posts_of(c.content_sha256, filter, similar_videos.all_posts) as p
    inner join vidpipe.keyframes as f on c.content_sha256 = f.content_sha256 and c.segment = f.segment
    where c.content_sha256 <> own_content or (p.video).video_id <> own_id
    order by 1
    limit places;
end;
$$;
comment on function vidpipe.similar_videos(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean
) is
'One row per content that looks like that of the given post (by its id of now or of before), best first, with the '
'pair of frames that match best (own_segment of the given post, segment of the other) and its earliest post; with '
'all_posts one row per post, other posts of the very same bytes among them. score is the cosine similarity, -1 to 1. '
'Filters as in search_videos_by_vector. UNTRUSTED text in the result.';

create or replace function vidpipe.search_hybrid(
    words text,
    embedding halfvec,
    model_id text,
    k integer default 10,
    platform text default null,
    account text default null,
    hashtag text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false,
    all_posts boolean default false,
    include_versions boolean default false,
    min_looks double precision default null
)
returns setof vidpipe.hybrid_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    smoothing constant double precision := 60;  -- Cormack, Clarke and Buettcher, SIGIR 2009
    -- Something always looks nearest, but words are found only where they stand.
    words_weight constant double precision := 2;
    this constant halfvec := vidpipe.query_vector(search_hybrid.embedding, search_hybrid.model_id);
    wanted constant vidpipe.wanted_words := vidpipe.words_wanted(search_hybrid.words);
    places constant integer := vidpipe.checked_k(search_hybrid.k);
    depth constant integer := greatest(100, 4 * places);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_hybrid.platform, search_hybrid.account, search_hybrid.hashtag,
        search_hybrid.posted_from, search_hybrid.posted_until,
        search_hybrid.ingested_from, search_hybrid.ingested_until,
        search_hybrid.include_removed, search_hybrid.include_versions);
begin
    return query
    with looks as (
        select n.*, row_number() over (order by n.distance, n.content_sha256) as place
        from vidpipe.near_contents(this, depth, filter) as n
        where search_hybrid.min_looks is null or -n.distance >= search_hybrid.min_looks
    ),
    said as (
        select w.content_sha256, w.matched_in, w.place, w.matched_as
        from vidpipe.best_posts_with_words(wanted, filter, false, depth, places) as w
        where wanted.any_word is not null
    ),
    fused as (
        select
            content_sha256, l.place as looks_place, -l.distance as looks_score, l.segment, s.place as words_place,
            s.matched_in, s.matched_as,
            coalesce(1 / (smoothing + l.place), 0) + coalesce(words_weight / (smoothing + s.place), 0) as score
        from looks as l
        full join said as s using (content_sha256)
        order by score desc, content_sha256
        limit places
    )
    select
        (row_number() over (order by h.score desc, h.content_sha256, (p.video).posted_at, (p.video).video_id))::integer,
        (p.video).video_id, h.score, h.looks_place::integer, h.looks_score, h.words_place::integer, h.matched_in,
        (p.video).platform, (p.video).account, (p.video).posted_at, (p.video).ingest_date, (p.video).description,
        h.content_sha256, h.segment, f.timestamp_s, f.keyframe_sha256, f.image_uri, p.posts, p.version,
        h.matched_as
    from fused as h
    cross join lateral vidpipe.posts_of(h.content_sha256, filter, search_hybrid.all_posts) as p
    left join vidpipe.keyframes as f on h.content_sha256 = f.content_sha256 and h.segment = f.segment
    order by 1
    limit places;
end;
$$;
comment on function vidpipe.search_hybrid(
    text, halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean,
    double precision
) is
'One row per content, found by the looks of its frames (a vector) or by its words (hashtags, description, accepted '
'OCR), the two lists fused by reciprocal rank, words twice as heavy. words as in search_words; matched_as says how '
'they were found, and word_places where. min_looks is the cosine similarity from which looks alone make a hit; null '
'counts all. Filters and all_posts as in search_videos_by_vector. UNTRUSTED text in the result.';

-- In a block, because sqlfluff cannot read settings with a dot in their names. Under a filter an index scan without
-- iterative_scan returns too few rows; results are sorted again by the function. A plan made for all filters would
-- carry every condition and use no index on posts. search_videos_by_vector keeps its plan: what it does itself begins
-- with the contents that near_contents found.
do $$
declare
    named text;
begin
    alter function vidpipe.search_frames set hnsw.iterative_scan = 'relaxed_order';
    alter function vidpipe.search_frames set hnsw.ef_search = 100;
    foreach named in array array['search_frames', 'similar_videos', 'search_hybrid'] loop
        execute format('alter function vidpipe.%I set plan_cache_mode = ''force_custom_plan''', named);
    end loop;
end;
$$;
