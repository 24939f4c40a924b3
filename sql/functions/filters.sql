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

create or replace function vidpipe.account_key(platform text, account_id text)
returns text
language sql
immutable
parallel safe
as $$
    select coalesce(platform, '') || chr(10) || account_id;
$$;
comment on function vidpipe.account_key(text, text) is
'Platform and id of an account as one text: ids tell accounts apart within a platform only.';

create or replace function vidpipe.passes(video vidpipe.videos, filter vidpipe.video_filter)
returns boolean
language sql
stable
parallel safe
as $$
    -- one expression: the planner puts it in place of the call, drops what is not asked for and uses indexes
    select (filter.include_removed or video.removed_at is null)
        and (filter.platform is null or video.platform = filter.platform)
        and (
            filter.account is null
            or (
                video.account_id = any(filter.account_ids)
                and vidpipe.account_key(video.platform, video.account_id) = any(filter.account_keys)
            )
        )
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
'Whether a post satisfies a filter that filter_of made. posted_until is exclusive, ingested_until inclusive.';

create or replace function vidpipe.filter_of(
    platform text,
    account text,
    hashtag text,
    posted_from timestamptz,
    posted_until timestamptz,
    ingested_from date,
    ingested_until date,
    include_removed boolean,
    include_versions boolean
)
returns vidpipe.video_filter
language plpgsql
stable
as $$
declare
    ids text[];
    keys text[];
    platforms text[];
begin
    if account is not null then
        select
            coalesce(array_agg(distinct c.account_id), '{}'),
            coalesce(array_agg(distinct vidpipe.account_key(c.platform, c.account_id)), '{}'),
            array_agg(distinct c.platform)
        into ids, keys, platforms
        from vidpipe.accounts_called(account) as c
        where filter_of.platform is null or c.platform = filter_of.platform;
    end if;
    return row(
        coalesce(platform, case when cardinality(platforms) = 1 then platforms[1] end), account, hashtag, posted_from,
        posted_until, ingested_from, ingested_until, include_removed, include_versions, ids, keys
    )::vidpipe.video_filter;
end;
$$;
comment on function vidpipe.filter_of(
    text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
) is
'The filter that these arguments of a search say. account is an id, a handle with or without @, or a name, of now or '
'of before: all posts of the accounts that are called so pass.';

create or replace function vidpipe.earlier_versions(filter vidpipe.video_filter)
returns table (video vidpipe.videos, content_sha256 text, version integer, description text)
language sql
stable
as $$
    -- put in place of the call, and nothing at all unless versions are asked for
    select v, o.content_sha256, o.version, o.description
    from vidpipe.video_versions as o
    inner join vidpipe.videos as v on o.video_id = v.video_id
    where filter.include_versions
        and not o.is_current
        and o.content_sha256 <> v.content_sha256
        and (filter.include_removed or o.removed_at is null)
        and not exists (
            select from vidpipe.video_versions as later
            where later.video_id = o.video_id and later.content_sha256 = o.content_sha256
                and later.version > o.version and (filter.include_removed or later.removed_at is null)
        )
        and vidpipe.passes(v, filter);
$$;
comment on function vidpipe.earlier_versions(vidpipe.video_filter) is
'One row per video that passes a filter and earlier content of it; no row unless the filter includes versions. '
'Versions whose file is gone are left out with removed videos.';

create or replace function vidpipe.passing_contents(filter vidpipe.video_filter)
returns table (video vidpipe.videos, content_sha256 text, version integer)
language sql
stable
as $$
    select v, v.content_sha256, null::integer from vidpipe.videos as v
    where vidpipe.passes(v, filter)
    union all
    select e.video, e.content_sha256, e.version from vidpipe.earlier_versions(filter) as e;
$$;
comment on function vidpipe.passing_contents(vidpipe.video_filter) is
'One row per video that passes a filter and content of it that a search may find: what it shows now (version is null), '
'and its earlier ones if the filter includes versions.';

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
