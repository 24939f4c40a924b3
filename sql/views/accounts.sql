create or replace view vidpipe.accounts as
with posted as (
    select
        v.platform,
        v.account_id,
        count(*) as videos,
        count(*) filter (where v.removed_at is not null) as removed_videos,
        count(distinct v.content_sha256) as contents,
        min(v.posted_at) as first_posted_at,
        max(v.posted_at) as last_posted_at,
        min(v.ingest_date) as first_ingest_date,
        max(v.ingest_date) as last_ingest_date,
        sum(c.duration_s) as duration_s,
        (array_agg(v.account_source order by v.account_source <> 'id'))[1] as account_source
    from vidpipe.videos as v
    left join vidpipe.contents as c on v.content_sha256 = c.content_sha256
    where v.account_id is not null
    group by v.platform, v.account_id
),

called as (
    select
        o.platform,
        o.account_id,
        o.account,
        o.account_name,
        min(o.first_seen_at) as first_seen_at,
        max(o.first_seen_at) as last_seen_at
    from vidpipe.video_versions as o
    where o.account_id is not null
    group by o.platform, o.account_id, o.account, o.account_name
),

named as (
    select
        n.platform,
        n.account_id,
        (array_agg(n.account order by n.last_seen_at desc, n.account asc))[1] as account,
        (array_agg(n.account_name order by n.last_seen_at desc, n.account_name asc))[1] as account_name,
        jsonb_agg(
            jsonb_build_object(
                'account', n.account,
                'account_name', n.account_name,
                'first_seen_at', n.first_seen_at,
                'last_seen_at', n.last_seen_at
            ) order by n.first_seen_at, n.account, n.account_name
        ) as names
    from called as n
    group by n.platform, n.account_id
)

select
    p.platform,
    p.account_id,
    n.account,
    n.account_name,
    p.account_source,
    n.names,
    p.videos,
    p.removed_videos,
    p.contents,
    p.first_posted_at,
    p.last_posted_at,
    p.first_ingest_date,
    p.last_ingest_date,
    p.duration_s
from posted as p
inner join named as n on p.platform is not distinct from n.platform and p.account_id = n.account_id;

comment on view vidpipe.accounts is
'One row per platform and account that posted at least one video, by the account''s id: renamed accounts stay one.';
comment on column vidpipe.accounts.platform is 'Platform of the account. UNTRUSTED text.';
comment on column vidpipe.accounts.account_id is 'What tells accounts of the platform apart. UNTRUSTED text.';
comment on column vidpipe.accounts.account is 'Its latest handle. UNTRUSTED text.';
comment on column vidpipe.accounts.account_name is 'The latest name shown; null if unknown. UNTRUSTED text.';
comment on column vidpipe.accounts.account_source is
'What account_id is: id (the platform''s own), handle, name or folder; null where an earlier vidpipe read the '
'metadata.';
comment on column vidpipe.accounts.names is
'All handles and names that it had, as an array of objects: account, account_name, and when uploads that say so were '
'first seen, first_seen_at to last_seen_at. UNTRUSTED text.';
comment on column vidpipe.accounts.videos is 'Number of its videos, removed ones included.';
comment on column vidpipe.accounts.removed_videos is 'Number of its videos that are gone from the uploads.';
comment on column vidpipe.accounts.contents is
'Number of different files among its videos; fewer than videos if it reposts.';
comment on column vidpipe.accounts.first_posted_at is 'Time of its earliest post.';
comment on column vidpipe.accounts.last_posted_at is 'Time of its latest post.';
comment on column vidpipe.accounts.first_ingest_date is 'First UTC ingest date with a post of it.';
comment on column vidpipe.accounts.last_ingest_date is 'Last UTC ingest date with a post of it.';
comment on column vidpipe.accounts.duration_s is 'Seconds of video in its posts, reposts counted each time.';
