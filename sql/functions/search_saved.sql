-- Search, navigation and shares by the name of a saved query: SQL needs no vector at hand.

create or replace function vidpipe.saved_query(query_name text)
returns vidpipe.saved_queries
language plpgsql
stable
as $$
declare
    found_query vidpipe.saved_queries%rowtype;
begin
    select * into found_query from vidpipe.saved_queries as s where s.name = query_name;
    if not found then
        raise exception 'there is no saved query "%"', query_name
            using errcode = 'no_data_found', hint = 'select name from vidpipe.saved_queries lists them.';
    end if;
    if found_query.embedding_error is not null then
        raise exception 'saved query "%" cannot be embedded: %', query_name, found_query.embedding_error
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Change its terms; how they are written stands in the comment on saved_queries.terms.';
    end if;
    if found_query.embedding is null then
        raise exception 'saved query "%" is not embedded yet', query_name
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'A sensor makes its vector within two minutes while vidpipe up runs; so does vidpipe query embed.';
    end if;
    return found_query;
end;
$$;
comment on function vidpipe.saved_query(text) is
'The saved query of that name; an error if there is none or if its vector is still to be made.';

create or replace function vidpipe.search_videos(
    query_name text,
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
language sql
stable
as $$
    select h.*
    from vidpipe.saved_query(query_name) as s
    cross join lateral vidpipe.search_videos_by_vector(
        s.embedding, s.model_id, k, platform, account, hashtag, posted_from, posted_until, ingested_from,
        ingested_until, include_removed, all_posts, coalesce(min_score, vidpipe.cutoff_of(s)), include_versions) as h;
$$;
comment on function vidpipe.search_videos(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision,
    boolean
) is
'search_videos_by_vector for a saved query. What lies below its cut-off is no hit and left out: its own cut-off, else '
'the one calibrated for its kind of query, else none. min_score says another; -1 leaves out nothing.';

create or replace function vidpipe.term_vector(term text, model_id text)
returns vector
language plpgsql
stable
as $$
declare
    found_query vidpipe.saved_queries%rowtype;
    found_vector halfvec;
begin
    if term like 'video:%' then
        select e.embedding into found_vector
        from vidpipe.videos as v
        inner join vidpipe.content_embeddings as e on v.content_sha256 = e.content_sha256
        where v.video_id = vidpipe.video_id_of(substr(term, 7));
        if not found then
            raise exception 'there is no video "%" with a vector', substr(term, 7) using errcode = 'no_data_found';
        end if;
    else
        found_query := vidpipe.saved_query(term);
        found_vector := vidpipe.query_vector(found_query.embedding, found_query.model_id);
    end if;
    return l2_normalize(found_vector)::vector;
end;
$$;
comment on function vidpipe.term_vector(text, text) is
'Unit vector of a saved query (by its name) or of a post (video:ID, the mean of its keyframes).';

create or replace function vidpipe.navigate(
    base text[],
    add text[] default '{}',
    subtract text[] default '{}',
    weights real[] default null,
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
    terms constant text[] := navigate.base || navigate.add || navigate.subtract;
    model constant text := (select m.model_id from vidpipe.models as m where m.is_active);
    total vector;
begin
    if coalesce(cardinality(navigate.base || navigate.add), 0) = 0 then
        raise exception 'nothing to search by: give base or add' using errcode = 'invalid_parameter_value';
    end if;
    if cardinality(navigate.weights) <> cardinality(terms) then
        raise exception '% weights for % terms: give one for each of base, add and subtract, in this order',
            cardinality(navigate.weights), cardinality(terms) using errcode = 'invalid_parameter_value';
    end if;
    select sum(t.direction * array_fill(
        (case when t.place > cardinality(navigate.base || navigate.add) then -1 else 1 end)
        * coalesce(navigate.weights[t.place], 1), array[vector_dims(t.direction)])::vector)
    into total
    from (
        select place, vidpipe.term_vector(term, model) as direction
        from unnest(terms) with ordinality as named (term, place)
    ) as t;
    return query
    select * from vidpipe.search_videos_by_vector(
        total::halfvec, model, navigate.k, navigate.platform, navigate.account, navigate.hashtag,
        navigate.posted_from, navigate.posted_until, navigate.ingested_from, navigate.ingested_until,
        navigate.include_removed, navigate.all_posts,
        coalesce(
            navigate.min_score,
            vidpipe.calibrated_cutoff(l2_normalize(total)::halfvec, model, 'navigation')),
        navigate.include_versions);
end;
$$;
comment on function vidpipe.navigate(
    text[], text[], text[], real[], integer,
    text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision,
    boolean
) is
'search_videos_by_vector for a sum: the terms of base and add, minus those of subtract, each a saved query by its name '
'or a post as video:ID, each of length 1 times its weight (1 where weights is null). What lies below the cut-off '
'calibrated for navigation is left out, if there is one; min_score says another, -1 leaves out nothing.';

create or replace function vidpipe.concept_share(
    account text, query_name text, platform text default null, cutoff double precision default null
)
returns table (videos bigint, matching bigint, share double precision)
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    asked constant vidpipe.saved_queries := vidpipe.saved_query(concept_share.query_name);
    this constant halfvec := vidpipe.query_vector(asked.embedding, asked.model_id);
    least_score constant double precision := coalesce(concept_share.cutoff, vidpipe.cutoff_of(asked));
begin
    if least_score is null then
        raise exception 'saved query "%" has no cut-off', asked.name
            using errcode = 'null_value_not_allowed',
                hint = 'Give cutoff => …, update vidpipe.saved_queries set cutoff = …, or calibrate: vidpipe evaluate.';
    end if;
    return query
    select
        count(*), count(*) filter (where b.score >= least_score),
        count(*) filter (where b.score >= least_score)::double precision / nullif(count(*), 0)
    from (  -- an id means one account on each platform, whoever else is called so
        select n.*, n.account_id = concept_share.account as is_id,
            bool_or(n.account_id = concept_share.account) over (partition by n.platform) as has_id
        from vidpipe.accounts_called(concept_share.account) as n
    ) as c
    inner join vidpipe.videos as v on c.account_id = v.account_id and c.platform is not distinct from v.platform
    cross join lateral (
        select max(-(f.embedding <#> this)) as score
        from vidpipe.keyframes as k
        inner join vidpipe.frame_embeddings as f on k.keyframe_sha256 = f.keyframe_sha256
        where k.content_sha256 = v.content_sha256
    ) as b
    where v.removed_at is null and (c.is_id or not c.has_id)
        and (concept_share.platform is null or coalesce(v.platform, '') = concept_share.platform);
end;
$$;
comment on function vidpipe.concept_share(text, text, text, double precision) is
'One row: how many posts an account has (by its id, else a handle or a name), how many of them show what a saved '
'query asks for (a frame at or above its cut-off, its own or else the calibrated one, or the given one), and the share '
'(0 to 1; null without posts). platform is the account''s: '''' for posts without one, null for all platforms. '
'Removed posts do not count.';
