-- Which posts a search may find.

create or replace function vidpipe.folded_hashtags(hashtags text[])
returns text[]
language sql
stable
parallel safe
as $$
    select lower(hashtags::text)::text[];  -- the planner puts it in place of the call: a loop over them costs more
$$;
comment on function vidpipe.folded_hashtags(text[]) is 'The hashtags in lower case.';

create or replace function vidpipe.passes(video vidpipe.videos, filter vidpipe.video_filter)
returns boolean
language sql
stable
parallel safe
as $$
    -- one expression: the planner puts it in place of the call, drops what is not asked for and uses indexes
    select (filter.include_removed or video.removed_at is null)
        and (filter.platform is null or video.platform = filter.platform)
        and (filter.account is null or video.account = filter.account)
        and (
            filter.hashtag is null
            or vidpipe.folded_hashtags(video.hashtags) @> array[lower(ltrim(filter.hashtag, '#'))]
        )
        and (filter.posted_from is null or video.posted_at >= filter.posted_from)
        and (filter.posted_until is null or video.posted_at < filter.posted_until)
        and (filter.ingested_from is null or video.ingest_date >= filter.ingested_from)
        and (filter.ingested_until is null or video.ingest_date <= filter.ingested_until);
$$;
comment on function vidpipe.passes(vidpipe.videos, vidpipe.video_filter) is
'Whether a post satisfies a filter. posted_until is exclusive, ingested_until inclusive.';

create or replace function vidpipe.asks_for_something(filter vidpipe.video_filter)
returns boolean
language sql
immutable
parallel safe
as $$
    select num_nonnulls(
        filter.platform, filter.account, filter.hashtag, filter.posted_from, filter.posted_until,
        filter.ingested_from, filter.ingested_until) > 0;
$$;
comment on function vidpipe.asks_for_something(vidpipe.video_filter) is
'Whether a filter leaves out any post but removed ones.';

create or replace function vidpipe.checked_k(k integer)
returns integer
language plpgsql
immutable
parallel safe
as $$
begin
    if k is null or k < 1 or k > 1000 then
        raise exception 'k is %; it must be between 1 and 1000', coalesce(k::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    return k;
end;
$$;
comment on function vidpipe.checked_k(integer) is 'The number of results asked for; an error unless it is 1 to 1000.';
