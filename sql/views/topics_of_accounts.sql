create or replace view vidpipe.account_focus as
with posts as (
    select
        v.platform,
        v.account_id,
        v.video_id,
        v.content_sha256,
        t.topic_id
    from vidpipe.videos as v
    left join (
        select
            m.video_id,
            m.topic_id
        from vidpipe.video_topics as m
        inner join vidpipe.current_topics as g on m.run_no = g.run_no and m.topic_id = g.topic_id
        where m.is_main and g.scope = 'global'
    ) as t on v.video_id = t.video_id
    where
        v.removed_at is null
        and v.account_id is not null
        and exists (
            select from vidpipe.keyframes as k
            where v.content_sha256 = k.content_sha256
        )
),

shares as (
    select
        p.platform,
        p.account_id,
        p.topic_id,
        count(distinct p.content_sha256) as contents,
        count(*) as videos
    from posts as p
    group by p.platform, p.account_id, p.topic_id
),

totals as (
    select
        p.platform,
        p.account_id,
        count(distinct p.content_sha256) as contents,
        count(*) as videos
    from posts as p
    group by p.platform, p.account_id
),

mains as (
    select distinct on (s.platform, s.account_id) s.*
    from shares as s
    where s.topic_id is not null
    order by s.platform asc, s.account_id asc, s.contents desc, s.videos desc, s.topic_id asc
),

numbers as (
    select count(*) as topics from vidpipe.current_topics as g
    where g.scope = 'global'
),

sums as (
    select
        s.platform,
        s.account_id,
        count(*) as topics,
        sum(s.contents)::double precision as contents,
        sum(s.contents * ln(s.contents)) as weighed
    from shares as s
    where s.topic_id is not null
    group by s.platform, s.account_id
),

spreads as (
    select
        s.platform,
        s.account_id,
        s.topics,
        (ln(s.contents) - s.weighed / s.contents) / nullif(ln(least(s.contents, n.topics)), 0) as entropy
    from sums as s
    cross join numbers as n
)

select
    n.platform,
    vidpipe.handle_of(n.platform, n.account_id) as account,
    n.account_id,
    n.videos,
    n.contents,
    m.topic_id,
    t.label,
    coalesce(m.contents, 0) as topic_contents,
    coalesce(m.contents, 0) / n.contents::double precision as share,
    i.low as share_low,
    i.high as share_high,
    coalesce(m.videos, 0) / n.videos::double precision as share_as_posted,
    coalesce(e.topics, 0) as topics,
    e.entropy,
    n.contents < 5 as insufficient_data
from totals as n
left join mains as m on n.platform is not distinct from m.platform and n.account_id = m.account_id
left join vidpipe.current_topics as t on m.topic_id = t.topic_id
left join spreads as e on n.platform is not distinct from e.platform and n.account_id = e.account_id
cross join lateral vidpipe.wilson_interval(coalesce(m.contents, 0), n.contents) as i;

comment on view vidpipe.account_focus is
'One row per account with indexed posts: the global topic of the current run that most of them are about. Posts in no '
'topic count as posts.';
comment on column vidpipe.account_focus.platform is 'Platform of the account. UNTRUSTED text.';
comment on column vidpipe.account_focus.account is 'Its latest handle. UNTRUSTED text.';
comment on column vidpipe.account_focus.account_id is
'The account; joins accounts on platform and account_id. UNTRUSTED text.';
comment on column vidpipe.account_focus.videos is 'Its indexed posts that are still there.';
comment on column vidpipe.account_focus.contents is 'Different files among them: reposts count once.';
comment on column vidpipe.account_focus.topic_id is 'The topic of most of them; null if all are in none.';
comment on column vidpipe.account_focus.label is 'First words of that topic. UNTRUSTED text.';
comment on column vidpipe.account_focus.topic_contents is 'Contents in that topic.';
comment on column vidpipe.account_focus.share is 'topic_contents ÷ contents, 0 to 1.';
comment on column vidpipe.account_focus.share_low is 'Lower end of the 95 % Wilson interval of share.';
comment on column vidpipe.account_focus.share_high is 'Upper end of the 95 % Wilson interval of share.';
comment on column vidpipe.account_focus.share_as_posted is
'The same share of posts, reposts counted each time, 0 to 1.';
comment on column vidpipe.account_focus.topics is 'Global topics among its posts.';
comment on column vidpipe.account_focus.entropy is
'How evenly its contents are spread over topics: Shannon entropy ÷ the most there could be with so many contents and '
'topics; 0 is one topic, 1 is even; null where there could be one only.';
comment on column vidpipe.account_focus.insufficient_data is
'True below five contents: the share then says little, however high it is.';

-- Arrays by account and no joins: platform may be null, and nulls make joins by it slow.
create or replace view vidpipe.account_activity as
with posts as (
    select
        v.platform,
        v.account_id,
        v.posted_at,
        24 * (extract(isodow from v.posted_at at time zone 'UTC')::integer - 1)
        + extract(hour from v.posted_at at time zone 'UTC')::integer as slot,
        (v.posted_at at time zone 'UTC')::date as day,
        (extract(epoch from v.posted_at - lag(v.posted_at) over (
            partition by v.platform, v.account_id order by v.posted_at
        )) / 86400)::double precision as gap_days
    from vidpipe.videos as v
    where
        v.removed_at is null
        and v.account_id is not null
        and vidpipe.believed_time(v.posted_at, v.ingest_date) is not null
),

totals as (
    select
        p.platform,
        p.account_id,
        count(*) as videos,
        min(p.posted_at) as first_posted_at,
        max(p.posted_at) as last_posted_at,
        array_agg(p.slot) as slots,
        array_agg(p.day) as days,
        stddev_samp(p.gap_days) / nullif(avg(p.gap_days), 0) as gap_variation,
        max(p.gap_days) as longest_gap_days
    from posts as p
    group by p.platform, p.account_id
)

select
    n.platform,
    vidpipe.handle_of(n.platform, n.account_id) as account,
    n.account_id,
    n.videos,
    n.first_posted_at,
    n.last_posted_at,
    h.posts_by_weekday_and_hour,
    b.burst_days,
    w.peak_week,
    w.peak_week_videos,
    n.gap_variation,
    n.longest_gap_days,
    (extract(epoch from max(n.last_posted_at) over () - n.last_posted_at) / 86400)::double precision as silent_days
from totals as n
cross join
    lateral (
        select array_agg(s.videos order by s.slot) as posts_by_weekday_and_hour
        from (
            select
                g.slot,
                count(u.slot) as videos
            from generate_series(0, 167) as g (slot)
            left join unnest(n.slots) as u (slot) on g.slot = u.slot
            group by g.slot
        ) as s
    ) as h
cross join
    lateral (
        select
            array_agg(c.day order by c.day) as days,
            array_agg(c.videos order by c.day) as videos
        from (
            select
                u.day,
                count(*) as videos
            from unnest(n.days) as u (day)
            group by u.day
        ) as c
    ) as d
cross join
    lateral (
        select coalesce(array_agg(u.day order by u.day), array[]::date[]) as burst_days
        from unnest(d.days, d.videos) as u (day, videos)
        cross join vidpipe.burst_limit(d.videos, vidpipe.days_spanned(d.days)) as most
        where u.videos > most
    ) as b
cross join lateral (
    select
        date_trunc('week', u.day)::date as peak_week,
        count(*) as peak_week_videos
    from unnest(n.days) as u (day)
    group by date_trunc('week', u.day)
    order by peak_week_videos desc, peak_week asc
    limit 1
) as w;

comment on view vidpipe.account_activity is
'One row per account with dated posts that are still there: when it posts, and when it does not. What posts say of '
'their time is unverified; posts from after the day that followed their ingest date are left out.';
comment on column vidpipe.account_activity.platform is 'Platform of the account. UNTRUSTED text.';
comment on column vidpipe.account_activity.account is 'Its latest handle. UNTRUSTED text.';
comment on column vidpipe.account_activity.account_id is
'The account; joins accounts on platform and account_id. UNTRUSTED text.';
comment on column vidpipe.account_activity.videos is 'Its dated posts.';
comment on column vidpipe.account_activity.first_posted_at is 'Time of the earliest.';
comment on column vidpipe.account_activity.last_posted_at is 'Time of the latest.';
comment on column vidpipe.account_activity.posts_by_weekday_and_hour is
'168 numbers of posts: Monday 0:00 to Sunday 23:00 (UTC), hour by hour.';
comment on column vidpipe.account_activity.burst_days is
'UTC days with more posts than burst_limit says of its days (see days_spanned).';
comment on column vidpipe.account_activity.peak_week is
'Monday (UTC) of the week with most posts, the first of equals.';
comment on column vidpipe.account_activity.peak_week_videos is 'Posts in that week.';
comment on column vidpipe.account_activity.gap_variation is
'Coefficient of variation of the times between posts: 0 is clockwork, 1 is like chance, more is in bursts; null below '
'three posts.';
comment on column vidpipe.account_activity.longest_gap_days is
'Longest time between two posts in days; null below two.';
comment on column vidpipe.account_activity.silent_days is
'Days from its last post to the last post of any account.';
