-- Which contents have frames near a vector, under a filter: what every search by looks begins with.

create or replace function vidpipe.near_contents(query halfvec, places integer, filter vidpipe.video_filter)
returns table (content_sha256 text, segment integer, distance double precision)
language plpgsql
stable
rows 20
as $$
#variable_conflict use_column
declare
    few constant integer := 1000;  -- posts: comparing all their frames beats walking past those of others
    passing text[];
    frames integer := 5 * places;  -- enough if a content has five, as it has unless settings say otherwise
    found_frames integer;
    contents text[];
    segments integer[];
    distances double precision[];
begin
    if vidpipe.asks_for_something(filter) then
        select array_agg(content_sha256) into passing
        from (
            select p.content_sha256 from vidpipe.passing_contents(filter) as p
            limit few + 1
        ) as counted;
        if coalesce(cardinality(passing), 0) <= few then
            return query
            with best as (
                select distinct on (k.content_sha256) k.content_sha256, k.segment, f.embedding <#> query as distance
                from vidpipe.keyframes as k
                inner join vidpipe.frame_embeddings as f using (keyframe_sha256)
                where k.content_sha256 = any(passing)
                order by k.content_sha256, distance, k.segment
            )
            select * from best order by distance, content_sha256 limit places;
            return;
        end if;
    end if;
    loop
        with near as materialized (
            select k.content_sha256, k.segment, f.embedding <#> query as distance
            from vidpipe.frame_embeddings as f
            inner join vidpipe.keyframes as k using (keyframe_sha256)
            cross join lateral (  -- with a limit: the planner cannot begin with the posts
                select from vidpipe.passing_contents(filter) as p
                where p.content_sha256 = k.content_sha256
                limit 1
            ) as passing_post
            order by f.embedding <#> query
            limit frames
        ),
        best as (
            select distinct on (content_sha256) * from near order by content_sha256, distance, segment
        ),
        first as (select * from best order by distance, content_sha256 limit places)
        select
            array_agg(content_sha256 order by distance, content_sha256),
            array_agg(segment order by distance, content_sha256),
            array_agg(distance order by distance, content_sha256),
            (select count(*) from near)
        into contents, segments, distances, found_frames
        from first;
        if cardinality(contents) >= places then
            return query select * from unnest(contents, segments, distances);
            return;
        end if;
        exit when found_frames < frames;  -- the index has no more, or gave up
        frames := 4 * frames;
    end loop;
    return query
    with best as (
        select distinct on (k.content_sha256) k.content_sha256, k.segment, f.embedding <#> query as distance
        from vidpipe.keyframes as k
        inner join vidpipe.frame_embeddings as f using (keyframe_sha256)
        where k.content_sha256 in (select p.content_sha256 from vidpipe.passing_contents(filter) as p)
        order by k.content_sha256, distance, k.segment
    )
    select * from best order by distance, content_sha256 limit places;
end;
$$;
comment on function vidpipe.near_contents(halfvec, integer, vidpipe.video_filter) is
'One row per content of which a post passes the filter: its frame nearest to a unit vector and their distance (minus '
'the cosine). Earlier contents of posts are among them if the filter includes versions. If few posts pass, their '
'frames are all compared; else the index is walked past what the filter leaves out until there are enough contents; if '
'it gives up, all that pass are compared.';

-- In a block, because sqlfluff cannot read settings with a dot in their names. Under a filter an index scan without
-- iterative_scan returns too few rows; results are sorted again by the function. A plan made for all filters would
-- carry every condition and use no index on posts. Starting workers takes longer than comparing what a narrow filter
-- leaves.
do $$
begin
    alter function vidpipe.near_contents set hnsw.iterative_scan = 'relaxed_order';
    alter function vidpipe.near_contents set hnsw.ef_search = 100;
    alter function vidpipe.near_contents set plan_cache_mode = 'force_custom_plan';
    alter function vidpipe.near_contents set max_parallel_workers_per_gather = 0;
end;
$$;
