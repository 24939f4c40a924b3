-- Matches from both sides, the copies among posts, and who posted the footage of a cluster.

create or replace view vidpipe.content_matches as
select
    m.content_a as content_sha256,
    m.content_b as other_content,
    m.verdict,
    m.is_copy,
    m.coverage_a as coverage,
    m.coverage_b as other_coverage,
    m.matched_s,
    m.offset_s,
    m.speed,
    m.is_mirrored,
    m.edits,
    m.signals,
    m.e_value
from vidpipe.footage_matches as m
union all
select
    m.content_b as content_sha256,
    m.content_a as other_content,
    vidpipe.verdict_read_back(m.verdict) as verdict,
    m.is_copy,
    m.coverage_b as coverage,
    m.coverage_a as other_coverage,
    m.matched_s,
    -m.offset_s / m.speed as offset_s,
    1 / m.speed as speed,
    m.is_mirrored,
    vidpipe.edits_read_back(m.edits) as edits,
    m.signals,
    m.e_value
from vidpipe.footage_matches as m
union all
select
    c.content_sha256,
    c.content_sha256 || '' as other_content,  -- as contents_itself has it
    'identical' as verdict,
    true as is_copy,
    1::real as coverage,
    1::real as other_coverage,
    c.duration_s as matched_s,
    0::double precision as offset_s,
    1::double precision as speed,
    false as is_mirrored,
    array[]::text[] as edits,
    array['bytes'] as signals,
    0::double precision as e_value
from vidpipe.contents as c;

comment on view vidpipe.content_matches is
'One row per content and content that it has something to do with, read from the first to the second: each match from '
'both sides, and each content with itself (the same bytes). Units and meanings are those of footage_matches.';
comment on column vidpipe.content_matches.content_sha256 is 'The content; joins contents and videos.';
comment on column vidpipe.content_matches.other_content is 'The other content; joins contents and videos.';
comment on column vidpipe.content_matches.verdict is
'Read from the content to the other: clip_of if it was taken out of the other.';
comment on column vidpipe.content_matches.is_copy is 'True if the verdict says that footage was reused.';
comment on column vidpipe.content_matches.coverage is 'Share of the content that shows what they share, 0 to 1.';
comment on column vidpipe.content_matches.other_coverage is 'The same share of the other content, 0 to 1.';
comment on column vidpipe.content_matches.matched_s is
'Seconds of footage that they share, in the content that shows them faster.';
comment on column vidpipe.content_matches.offset_s is
'Where the content''s beginning lies in the other, in seconds; null without an aligned stretch.';
comment on column vidpipe.content_matches.speed is
'Seconds of the other content in one of this; null without an aligned stretch.';
comment on column vidpipe.content_matches.is_mirrored is
'True if left and right are exchanged; null without an aligned stretch.';
comment on column vidpipe.content_matches.edits is
'What was done to the footage from the content to the other, as guessed.';
comment on column vidpipe.content_matches.signals is 'What found it: bytes, hashes, keypoints.';
comment on column vidpipe.content_matches.e_value is
'How many matches as good as this one are expected among all unrelated pairs of the corpus; 0 is certain.';

create or replace view vidpipe.video_copies as
select
    v.video_id,
    w.video_id as copy_video_id,
    m.verdict,
    extract(epoch from u.posted_at - t.posted_at)::double precision as lag_s,
    (w.account_id = v.account_id and w.platform is not distinct from v.platform) as is_same_account,
    m.coverage,
    m.other_coverage as copy_coverage,
    m.matched_s,
    m.offset_s,
    m.speed,
    m.is_mirrored,
    m.edits,
    m.signals,
    m.e_value,
    v.platform,
    v.account_id,
    v.account,
    t.posted_at,
    v.content_sha256,
    w.platform as copy_platform,
    w.account_id as copy_account_id,
    w.account as copy_account,
    u.posted_at as copy_posted_at,
    w.content_sha256 as copy_content_sha256
from vidpipe.videos as v
inner join vidpipe.content_matches as m on v.content_sha256 = m.content_sha256
inner join vidpipe.videos as w on m.other_content = w.content_sha256
cross join lateral (select vidpipe.believed_time(v.posted_at, v.ingest_date) as posted_at) as t
cross join lateral (select vidpipe.believed_time(w.posted_at, w.ingest_date) as posted_at) as u
where
    m.is_copy
    and v.removed_at is null
    and w.removed_at is null
    and (coalesce(t.posted_at, 'infinity'), v.video_id) < (coalesce(u.posted_at, 'infinity'), w.video_id);

comment on view vidpipe.video_copies is
'One row per pair of posts that show the same footage, the earlier first: copies of one another, and posts of the same '
'bytes. Posts whose time is unknown stand as the later; removed ones are left out. Filter it by video_id for what came '
'after a post, by copy_video_id for what came before, or ask copies_of for both: much-posted footage makes many pairs.';
comment on column vidpipe.video_copies.video_id is 'The earlier post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_copies.copy_video_id is 'The later post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_copies.verdict is
'Read from the earlier to the later post, as in footage_matches: contains if the later was taken out of the earlier.';
comment on column vidpipe.video_copies.lag_s is
'Seconds from the earlier to the later post; null if a time is unknown or cannot be true.';
comment on column vidpipe.video_copies.is_same_account is
'True if one account posted both; null if one is unknown.';
comment on column vidpipe.video_copies.coverage is
'Share of the earlier post that shows what they share, 0 to 1; dark and flat stretches count neither way.';
comment on column vidpipe.video_copies.copy_coverage is 'The same share of the later post, 0 to 1.';
comment on column vidpipe.video_copies.matched_s is
'Seconds of footage that they share, in the one that shows them faster.';
comment on column vidpipe.video_copies.offset_s is
'Where the earlier post''s beginning lies in the later one, in seconds, by the strongest stretch.';
comment on column vidpipe.video_copies.speed is 'Seconds of the later post in one of the earlier.';
comment on column vidpipe.video_copies.is_mirrored is 'True if left and right are exchanged.';
comment on column vidpipe.video_copies.edits is
'What was done to the footage from the earlier to the later post, as guessed.';
comment on column vidpipe.video_copies.signals is 'What found it: bytes, hashes, keypoints.';
comment on column vidpipe.video_copies.e_value is
'How many matches as good as this one are expected among all unrelated pairs of the corpus; 0 is certain.';
comment on column vidpipe.video_copies.platform is 'Where the earlier one was posted. UNTRUSTED text.';
comment on column vidpipe.video_copies.account_id is 'Who posted the earlier one, as in videos. UNTRUSTED text.';
comment on column vidpipe.video_copies.account is 'Handle of who posted the earlier one. UNTRUSTED text.';
comment on column vidpipe.video_copies.posted_at is 'When the earlier one was posted; null if unknown.';
comment on column vidpipe.video_copies.content_sha256 is 'File of the earlier one; joins contents.';
comment on column vidpipe.video_copies.copy_platform is 'Where the later one was posted. UNTRUSTED text.';
comment on column vidpipe.video_copies.copy_account_id is 'Who posted the later one, as in videos. UNTRUSTED text.';
comment on column vidpipe.video_copies.copy_account is 'Handle of who posted the later one. UNTRUSTED text.';
comment on column vidpipe.video_copies.copy_posted_at is 'When the later one was posted; null if unknown.';
comment on column vidpipe.video_copies.copy_content_sha256 is 'File of the later one; joins contents.';

create or replace view vidpipe.footage_cluster_summaries as
with posts as (
    select
        m.cluster_id,
        m.is_medoid,
        v.video_id,
        v.platform,
        v.account_id,
        v.account,
        v.content_sha256,
        vidpipe.believed_time(v.posted_at, v.ingest_date) as posted_at
    from vidpipe.cluster_members as m
    inner join vidpipe.videos as v on m.content_sha256 = v.content_sha256
    where v.removed_at is null
),

counted as (
    select
        p.cluster_id,
        count(*) as posts,
        count(distinct p.content_sha256) as contents,
        count(distinct row(p.platform, p.account_id)) filter (where p.account_id is not null) as accounts,
        count(distinct p.platform) as platforms,
        min(p.posted_at) as first_posted_at,
        max(p.posted_at) as last_posted_at,
        (array_agg(p.video_id order by p.posted_at, p.video_id))[1] as first_video_id,
        (array_agg(p.platform order by p.posted_at, p.video_id))[1] as first_platform,
        (array_agg(p.account_id order by p.posted_at, p.video_id))[1] as first_account_id,
        (array_agg(p.account order by p.posted_at, p.video_id))[1] as first_account,
        (array_agg(p.video_id order by p.posted_at, p.video_id) filter (where p.is_medoid))[1] as medoid_video_id
    from posts as p
    group by p.cluster_id
)

select
    c.cluster_id,
    coalesce(n.posts, 0) as posts,
    coalesce(n.contents, 0) as contents,
    coalesce(n.accounts, 0) as accounts,
    coalesce(n.platforms, 0) as platforms,
    n.first_posted_at,
    n.last_posted_at,
    extract(epoch from n.last_posted_at - n.first_posted_at)::double precision as spread_s,
    n.first_video_id,
    n.first_platform,
    n.first_account_id,
    n.first_account,
    c.medoid_content,
    n.medoid_video_id,
    c.common_start_s,
    c.common_end_s,
    c.made_at,
    c.changed_at
from vidpipe.footage_clusters as c
left join counted as n on c.cluster_id = n.cluster_id
where c.ended_at is null;

comment on view vidpipe.footage_cluster_summaries is
'One row per living cluster of one footage: who was first, and how far it spread. Removed posts do not count; times '
'that are unknown or cannot be true are left out.';
comment on column vidpipe.footage_cluster_summaries.cluster_id is
'The cluster; joins footage_clusters and cluster_members.';
comment on column vidpipe.footage_cluster_summaries.posts is 'Posts that show the footage.';
comment on column vidpipe.footage_cluster_summaries.contents is 'Different files among them.';
comment on column vidpipe.footage_cluster_summaries.accounts is 'Accounts that posted them.';
comment on column vidpipe.footage_cluster_summaries.platforms is 'Platforms on which they were posted.';
comment on column vidpipe.footage_cluster_summaries.first_posted_at is 'Time of the earliest post.';
comment on column vidpipe.footage_cluster_summaries.last_posted_at is 'Time of the latest post.';
comment on column vidpipe.footage_cluster_summaries.spread_s is 'Seconds from the earliest to the latest post.';
comment on column vidpipe.footage_cluster_summaries.first_video_id is
'The earliest post known here, not necessarily the source; joins videos. UNTRUSTED text.';
comment on column vidpipe.footage_cluster_summaries.first_platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.footage_cluster_summaries.first_account_id is 'Who posted it, as in videos. UNTRUSTED text.';
comment on column vidpipe.footage_cluster_summaries.first_account is 'Handle of who posted it. UNTRUSTED text.';
comment on column vidpipe.footage_cluster_summaries.medoid_content is
'The content that the others are copies of; joins contents.';
comment on column vidpipe.footage_cluster_summaries.medoid_video_id is
'The earliest post of that content; null if all were removed. UNTRUSTED text.';
comment on column vidpipe.footage_cluster_summaries.common_start_s is
'Where the stretch that all contents show begins in the medoid, in seconds.';
comment on column vidpipe.footage_cluster_summaries.common_end_s is
'Where that stretch ends in the medoid, in seconds.';
comment on column vidpipe.footage_cluster_summaries.made_at is 'When the cluster was first found.';
comment on column vidpipe.footage_cluster_summaries.changed_at is 'When its contents or its medoid last changed.';

create or replace view vidpipe.cluster_accounts as
with posted as (
    select
        m.cluster_id,
        v.platform,
        v.account_id,
        count(*) as posts,
        count(distinct v.content_sha256) as contents,
        min(t.posted_at) as first_posted_at,
        max(t.posted_at) as last_posted_at,
        (array_agg(v.video_id order by t.posted_at, v.video_id))[1] as first_video_id
    from vidpipe.cluster_members as m
    inner join vidpipe.videos as v on m.content_sha256 = v.content_sha256
    cross join lateral (select vidpipe.believed_time(v.posted_at, v.ingest_date) as posted_at) as t
    where v.removed_at is null and v.account_id is not null
    group by m.cluster_id, v.platform, v.account_id
)

select
    p.cluster_id,
    p.platform,
    p.account_id,
    vidpipe.handle_of(p.platform, p.account_id) as account,
    p.first_video_id,
    p.first_posted_at,
    p.last_posted_at,
    extract(
        epoch from p.first_posted_at - min(p.first_posted_at) over (partition by p.cluster_id)
    )::double precision as lag_s,
    rank() over (partition by p.cluster_id order by p.first_posted_at) as place,
    p.posts,
    p.contents
from posted as p;

comment on view vidpipe.cluster_accounts is
'One row per cluster of one footage and account that posted it: how long after the first account. Posts without an '
'account do not count, nor removed ones; times that are unknown or cannot be true are left out.';
comment on column vidpipe.cluster_accounts.cluster_id is 'The cluster; joins footage_cluster_summaries.';
comment on column vidpipe.cluster_accounts.platform is 'Platform of the account. UNTRUSTED text.';
comment on column vidpipe.cluster_accounts.account_id is
'The account; joins accounts on platform and account_id. UNTRUSTED text.';
comment on column vidpipe.cluster_accounts.account is 'Its latest handle. UNTRUSTED text.';
comment on column vidpipe.cluster_accounts.first_video_id is 'Its first post of the footage. UNTRUSTED text.';
comment on column vidpipe.cluster_accounts.first_posted_at is 'When it first posted the footage; null if unknown.';
comment on column vidpipe.cluster_accounts.last_posted_at is 'When it last posted the footage; null if unknown.';
comment on column vidpipe.cluster_accounts.lag_s is
'Seconds from the first post of the footage by any account to its own first; 0 for who was first, null if unknown.';
comment on column vidpipe.cluster_accounts.place is 'Place in the order of first posts, from 1; those unknown last.';
comment on column vidpipe.cluster_accounts.posts is 'Its posts of the footage.';
comment on column vidpipe.cluster_accounts.contents is 'Different files among them.';
