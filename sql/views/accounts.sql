create or replace view vidpipe.accounts as
select
    v.platform,
    v.account,
    count(*) as videos,
    count(*) filter (where v.removed_at is not null) as removed_videos,
    count(distinct v.content_sha256) as contents,
    min(v.posted_at) as first_posted_at,
    max(v.posted_at) as last_posted_at,
    min(v.ingest_date) as first_ingest_date,
    max(v.ingest_date) as last_ingest_date,
    sum(c.duration_s) as duration_s
from vidpipe.videos as v
left join vidpipe.contents as c on v.content_sha256 = c.content_sha256
where v.account is not null
group by v.platform, v.account;

comment on view vidpipe.accounts is 'One row per platform and account that posted at least one video.';
comment on column vidpipe.accounts.platform is 'Platform of the account. UNTRUSTED text.';
comment on column vidpipe.accounts.account is 'Name of the account. UNTRUSTED text.';
comment on column vidpipe.accounts.videos is 'Number of its posts, removed ones included.';
comment on column vidpipe.accounts.removed_videos is 'Number of its posts that are gone from the uploads.';
comment on column vidpipe.accounts.contents is
'Number of different files among its posts; fewer than videos if it reposts.';
comment on column vidpipe.accounts.first_posted_at is 'Time of its earliest post.';
comment on column vidpipe.accounts.last_posted_at is 'Time of its latest post.';
comment on column vidpipe.accounts.first_ingest_date is 'First UTC ingest date with a post of it.';
comment on column vidpipe.accounts.last_ingest_date is 'Last UTC ingest date with a post of it.';
comment on column vidpipe.accounts.duration_s is 'Seconds of video in its posts, reposts counted each time.';
