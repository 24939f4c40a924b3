create or replace view vidpipe.current_topics as
select
    t.run_no,
    t.topic_id,
    t.scope,
    t.platform,
    coalesce(n.handle, t.account) as account,
    a.account_id,
    t.label,
    t.words,
    t.contents,
    t.videos,
    t.medoid_video_id,
    t.keyframes,
    t.embedding
from vidpipe.topics as t
inner join vidpipe.topic_runs as r on t.run_no = r.run_no
cross join lateral (select coalesce(t.account_id, t.account) as account_id) as a
cross join lateral (select vidpipe.handle_of(t.platform, a.account_id) as handle) as n
where r.is_current;

comment on view vidpipe.current_topics is 'One row per topic of the current run.';
comment on column vidpipe.current_topics.run_no is
'The run; joins topic_runs.';
comment on column vidpipe.current_topics.topic_id is
'Number of the topic, kept from run to run (topic_lineage says how).';
comment on column vidpipe.current_topics.scope is
'global: of the whole corpus; account: of one account''s posts.';
comment on column vidpipe.current_topics.platform is
'Platform of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.current_topics.account is
'Latest handle of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.current_topics.account_id is
'The account; joins accounts on platform and account_id; null for global topics. UNTRUSTED text.';
comment on column vidpipe.current_topics.label is
'What it is called: its first words, "seen: " and what its pictures show where it has none, or its number. '
'UNTRUSTED text.';
comment on column vidpipe.current_topics.words is
'Words, phrases and hashtags (with #) that many of its contents have and few others of its scope, the most telling '
'first; empty where none does. UNTRUSTED text.';
comment on column vidpipe.current_topics.contents is
'Different files whose main topic it is.';
comment on column vidpipe.current_topics.videos is
'Posts whose main topic it is.';
comment on column vidpipe.current_topics.medoid_video_id is
'The post nearest to its centre; joins videos. UNTRUSTED text.';
comment on column vidpipe.current_topics.keyframes is
'Keyframes nearest to its centre, of different videos; join keyframes.';
comment on column vidpipe.current_topics.embedding is
'Mean vector of its contents by the run''s model, unit length, half precision: search_videos_by_vector takes it.';

comment on column vidpipe.topics.label is
'What it is called: its first words, "seen: " and what its pictures show where it has none, or its number. '
'UNTRUSTED text.';
comment on column vidpipe.topics.words is
'Words, phrases and hashtags (with #) that many of its contents have and few others of its scope, the most telling '
'first; empty where none does. UNTRUSTED text.';
comment on column vidpipe.video_topics.share is
'Share of its seconds whose nearest clear keyframe shows the topic by its own looks, 0 to 1; what shows none is in no '
'share. 1 where is_provisional.';

create or replace view vidpipe.topic_timeline as
with posts as (
    select
        t.topic_id,
        v.platform,
        v.account_id,
        v.content_sha256,
        (v.posted_at at time zone 'UTC')::date as day
    from vidpipe.current_topics as t
    inner join vidpipe.video_topics as m on t.run_no = m.run_no and t.topic_id = m.topic_id
    inner join vidpipe.videos as v on m.video_id = v.video_id
    where m.is_main and v.removed_at is null and vidpipe.believed_time(v.posted_at, v.ingest_date) is not null
),

daily as (
    select
        p.topic_id,
        p.day,
        count(*) as videos,
        count(distinct p.content_sha256) as contents,
        count(distinct row(p.platform, p.account_id)) filter (where p.account_id is not null) as accounts
    from posts as p
    group by p.topic_id, p.day
),

limits as (
    select
        d.topic_id,
        vidpipe.burst_limit(array_agg(d.videos), vidpipe.days_spanned(array_agg(d.day))) as most
    from daily as d
    group by d.topic_id
)

select
    t.topic_id,
    t.scope,
    t.platform,
    t.account,
    t.account_id,
    t.label,
    d.day,
    d.videos,
    d.contents,
    d.accounts,
    d.videos > l.most as is_burst
from daily as d
inner join limits as l on d.topic_id = l.topic_id
inner join vidpipe.current_topics as t on d.topic_id = t.topic_id;

comment on view vidpipe.topic_timeline is
'One row per topic of the current run and UTC day with posts whose main topic it is. Removed posts do not count, nor '
'those from after the day that followed their ingest date: what posts say of their time is unverified.';
comment on column vidpipe.topic_timeline.topic_id is 'The topic; joins current_topics.';
comment on column vidpipe.topic_timeline.scope is 'global or account.';
comment on column vidpipe.topic_timeline.platform is 'Platform of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_timeline.account is
'Latest handle of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_timeline.account_id is
'The account; joins accounts on platform and account_id; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_timeline.label is 'Its first words. UNTRUSTED text.';
comment on column vidpipe.topic_timeline.day is 'UTC day of posting.';
comment on column vidpipe.topic_timeline.videos is 'Posts on that day.';
comment on column vidpipe.topic_timeline.contents is 'Different files among them.';
comment on column vidpipe.topic_timeline.accounts is 'Accounts that posted them.';
comment on column vidpipe.topic_timeline.is_burst is
'True if there are more posts than burst_limit says of the topic''s days (see days_spanned).';

create or replace view vidpipe.topic_trends as
with posts as (
    select
        t.topic_id,
        v.platform,
        v.account_id,
        v.content_sha256,
        vidpipe.believed_time(v.posted_at, v.ingest_date) as posted_at
    from vidpipe.current_topics as t
    inner join vidpipe.video_topics as m on t.run_no = m.run_no and t.topic_id = m.topic_id
    inner join vidpipe.videos as v on m.video_id = v.video_id
    where m.is_main and v.removed_at is null
),

totals as (
    select
        p.topic_id,
        count(*) as videos,
        count(distinct p.content_sha256) as contents,
        count(distinct row(p.platform, p.account_id)) filter (where p.account_id is not null) as accounts,
        min(p.posted_at) as first_posted_at,
        max(p.posted_at) as last_posted_at
    from posts as p
    group by p.topic_id
),

firsts as (
    select
        f.topic_id,
        array_agg(vidpipe.handle_of(f.platform, f.account_id) order by f.place) as first_accounts
    from (
        select
            p.topic_id,
            p.platform,
            p.account_id,
            row_number() over (
                partition by p.topic_id order by min(p.posted_at), p.platform, p.account_id
            ) as place
        from posts as p
        where p.posted_at is not null and p.account_id is not null
        group by p.topic_id, p.platform, p.account_id
    ) as f
    where f.place <= 5
    group by f.topic_id
),

days as (
    select
        d.topic_id,
        (array_agg(d.day order by d.videos desc, d.day asc))[1] as peak_day,
        array_agg(d.day order by d.day) filter (where d.is_burst) as burst_days
    from vidpipe.topic_timeline as d
    group by d.topic_id
)

select
    t.topic_id,
    t.scope,
    t.platform,
    t.account,
    t.account_id,
    t.label,
    coalesce(n.videos, 0) as videos,
    coalesce(n.contents, 0) as contents,
    coalesce(n.accounts, 0) as accounts,
    n.first_posted_at,
    n.last_posted_at,
    d.peak_day,
    coalesce(d.burst_days, array[]::date[]) as burst_days,
    coalesce(f.first_accounts, array[]::text[]) as first_accounts
from vidpipe.current_topics as t
left join totals as n on t.topic_id = n.topic_id
left join days as d on t.topic_id = d.topic_id
left join firsts as f on t.topic_id = f.topic_id;

comment on view vidpipe.topic_trends is
'One row per topic of the current run: how much of it there is, since when, by whom first, and when most. Times count '
'as in topic_timeline.';
comment on column vidpipe.topic_trends.topic_id is 'The topic; joins current_topics.';
comment on column vidpipe.topic_trends.scope is 'global or account.';
comment on column vidpipe.topic_trends.platform is 'Platform of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_trends.account is
'Latest handle of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_trends.account_id is
'The account; joins accounts on platform and account_id; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topic_trends.label is 'Its first words. UNTRUSTED text.';
comment on column vidpipe.topic_trends.videos is 'Posts whose main topic it is, those since the run included.';
comment on column vidpipe.topic_trends.contents is 'Different files among them.';
comment on column vidpipe.topic_trends.accounts is 'Accounts that posted them.';
comment on column vidpipe.topic_trends.first_posted_at is 'Time of the earliest.';
comment on column vidpipe.topic_trends.last_posted_at is 'Time of the latest.';
comment on column vidpipe.topic_trends.peak_day is 'UTC day with most posts, the first of equals.';
comment on column vidpipe.topic_trends.burst_days is 'UTC days with a burst (see topic_timeline).';
comment on column vidpipe.topic_trends.first_accounts is
'Latest handles of the five accounts that posted it first, in order. UNTRUSTED text.';
