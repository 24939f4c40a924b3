-- Watch-lists of footage, and what the functions of reused footage return.

create table vidpipe.watched_footage (
    name text primary key check (length(name) between 1 and 200),
    content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    note text,
    created_by text not null default current_user,
    watched_since timestamptz not null default clock_timestamp()
);
create index watched_footage_content_sha256 on vidpipe.watched_footage (content_sha256);
comment on table vidpipe.watched_footage is
'One row per saved footage: a new post that shows it again is a hit. Analysts write name, content_sha256 and note.';
comment on column vidpipe.watched_footage.name is 'Name of the footage.';
comment on column vidpipe.watched_footage.content_sha256 is 'The content that shows it; joins contents and videos.';
comment on column vidpipe.watched_footage.note is 'Why it was saved; free text.';
comment on column vidpipe.watched_footage.created_by is 'Login that saved it.';
comment on column vidpipe.watched_footage.watched_since is
'When watching began: posts that came in before are no hits.';

create table vidpipe.footage_watch_hits (
    name text not null references vidpipe.watched_footage (name) on update cascade on delete cascade,
    video_id text not null,
    content_sha256 text not null,
    verdict text not null,
    coverage real not null,
    copy_coverage real not null,
    ingest_date date not null,
    found_at timestamptz not null default now(),
    run_id text,
    notified_at timestamptz,
    primary key (name, video_id)
);
create index footage_watch_hits_run_id on vidpipe.footage_watch_hits (run_id);
comment on table vidpipe.footage_watch_hits is
'One row per watched footage and new post that shows it again: the same bytes, or a copy.';
comment on column vidpipe.footage_watch_hits.name is 'The watched footage; joins watched_footage.';
comment on column vidpipe.footage_watch_hits.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.footage_watch_hits.content_sha256 is 'Its file; joins contents and keyframes.';
comment on column vidpipe.footage_watch_hits.verdict is
'Read from the watched content to that of the post, as in footage_matches; identical for the same bytes.';
comment on column vidpipe.footage_watch_hits.coverage is 'Share of the watched content that the post shows, 0 to 1.';
comment on column vidpipe.footage_watch_hits.copy_coverage is
'Share of the post that shows the watched content, 0 to 1.';
comment on column vidpipe.footage_watch_hits.ingest_date is 'UTC date that the post was ingested under.';
comment on column vidpipe.footage_watch_hits.found_at is 'When it was found.';
comment on column vidpipe.footage_watch_hits.run_id is 'Dagster run that found it.';
comment on column vidpipe.footage_watch_hits.notified_at is
'When it was handed to the alert address, which happens once at most; null if there is none or not yet.';

-- What the functions return ------------------------------------------------------------------------

create type vidpipe.footage_copy as (
    video_id text,
    verdict text,
    coverage real,
    copy_coverage real,
    matched_s double precision,
    platform text,
    account_id text,
    account text,
    posted_at timestamptz,
    lag_s double precision,
    is_same_account boolean,
    content_sha256 text,
    offset_s double precision,
    speed double precision,
    is_mirrored boolean,
    edits text [],
    signals text [],
    e_value double precision,
    intervals jsonb
);
comment on type vidpipe.footage_copy is 'One row per post found by copies_of.';
comment on column vidpipe.footage_copy.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.footage_copy.verdict is
'Read from the given post to this one, as in footage_matches: clip_of if the given one was taken out of this one.';
comment on column vidpipe.footage_copy.coverage is
'Share of the given post that shows what they share, 0 to 1; dark and flat stretches count neither way.';
comment on column vidpipe.footage_copy.copy_coverage is 'The same share of this post, 0 to 1.';
comment on column vidpipe.footage_copy.matched_s is
'Seconds of footage that they share, in the one that shows them faster.';
comment on column vidpipe.footage_copy.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.footage_copy.account_id is 'Who posted it, as in videos. UNTRUSTED text.';
comment on column vidpipe.footage_copy.account is 'Handle of who posted it, as in videos. UNTRUSTED text.';
comment on column vidpipe.footage_copy.posted_at is
'When it was posted; null if unknown or from after the day that followed its ingest date.';
comment on column vidpipe.footage_copy.lag_s is
'Seconds from the given post to this one; negative if this one was first, null if a time is unknown.';
comment on column vidpipe.footage_copy.is_same_account is 'True if one account posted both; null if one is unknown.';
comment on column vidpipe.footage_copy.content_sha256 is 'Its file; joins contents and keyframes.';
comment on column vidpipe.footage_copy.offset_s is
'Where the given post''s beginning lies in this one, in seconds, by the strongest stretch.';
comment on column vidpipe.footage_copy.speed is 'Seconds of this post in one of the given one.';
comment on column vidpipe.footage_copy.is_mirrored is 'True if left and right are exchanged.';
comment on column vidpipe.footage_copy.edits is
'What was done to the footage from the given post to this one, as guessed.';
comment on column vidpipe.footage_copy.signals is 'What found it: bytes, hashes, keypoints.';
comment on column vidpipe.footage_copy.e_value is
'How many matches as good as this one are expected among all unrelated pairs; 0 is certain.';
comment on column vidpipe.footage_copy.intervals is
'Aligned stretches in the order of the given post, as objects: start_s, end_s of the given post, copy_start_s, '
'copy_end_s of this one, is_common; empty for the same bytes.';

create type vidpipe.copied_pair as (
    video_id text,
    copy_video_id text,
    lag_s double precision,
    verdict text,
    platform text,
    account_id text,
    account text,
    posted_at timestamptz,
    content_sha256 text,
    copy_platform text,
    copy_account_id text,
    copy_account text,
    copy_posted_at timestamptz,
    copy_content_sha256 text
);
comment on type vidpipe.copied_pair is 'One row per pair of posts found by copied_within.';
comment on column vidpipe.copied_pair.video_id is 'The earlier post; joins videos. UNTRUSTED text.';
comment on column vidpipe.copied_pair.copy_video_id is 'The later post; joins videos. UNTRUSTED text.';
comment on column vidpipe.copied_pair.lag_s is 'Seconds between them.';
comment on column vidpipe.copied_pair.verdict is
'Read from the earlier to the later post, as in footage_matches; null if they are copies of a third content only, and '
'show the same stretch of it.';
comment on column vidpipe.copied_pair.platform is 'Where the earlier one was posted. UNTRUSTED text.';
comment on column vidpipe.copied_pair.account_id is 'Who posted the earlier one, as in videos. UNTRUSTED text.';
comment on column vidpipe.copied_pair.account is 'Handle of who posted the earlier one. UNTRUSTED text.';
comment on column vidpipe.copied_pair.posted_at is 'When the earlier one was posted.';
comment on column vidpipe.copied_pair.content_sha256 is 'File of the earlier one; joins contents.';
comment on column vidpipe.copied_pair.copy_platform is 'Where the later one was posted. UNTRUSTED text.';
comment on column vidpipe.copied_pair.copy_account_id is 'Who posted the later one, as in videos. UNTRUSTED text.';
comment on column vidpipe.copied_pair.copy_account is 'Handle of who posted the later one. UNTRUSTED text.';
comment on column vidpipe.copied_pair.copy_posted_at is 'When the later one was posted.';
comment on column vidpipe.copied_pair.copy_content_sha256 is 'File of the later one; joins contents.';
