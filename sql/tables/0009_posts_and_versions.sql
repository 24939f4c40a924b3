-- A post has clips, a clip has versions, an account keeps its id when it is renamed: no upload is hidden by another.

alter table vidpipe.videos
add column post_id text,
add column clip_number integer not null default 1,
add column account_id text,
add column account_name text,
add column account_source text,
add column posted_at_precision text,
add column mentions text[] not null default '{}',
add column language text,
add column sound_id text,
add column sound_title text,
add column views bigint,
add column likes bigint,
add column reposts bigint,
add column comments bigint,
add column engagement_read_at timestamptz,
add column reply_to text,
add column repost_of text,
add column quote_of text;
update vidpipe.videos set post_id = video_id, account_id = account;
alter table vidpipe.videos alter column post_id set not null;
create index videos_post_id on vidpipe.videos (post_id);
create index videos_account_id on vidpipe.videos (account_id, posted_at);
create index videos_sound_id on vidpipe.videos (sound_id) where sound_id is not null;

comment on table vidpipe.videos is
'One row per clip of a post. A repost is a row of its own that shares content_sha256 with the other posts of the same '
'bytes; other files of the same clip are in video_versions.';
comment on column vidpipe.videos.video_id is
'post_id for the first clip of a post, post_id#2 for the second, and so on. UNTRUSTED text.';
comment on column vidpipe.videos.post_id is
'The post: platform:id where its metadata identify it, else the address of its page, else local: and 16 hex digits of '
'the upload path; with @account at its end where two accounts claim one id. Clips of a post share it. UNTRUSTED text.';
comment on column vidpipe.videos.clip_number is 'Place of the clip in its post, from 1.';
comment on column vidpipe.videos.account is
'Handle of who posted it, else the name, else the id, as its metadata says; without metadata the folder it was '
'uploaded in. Handles change: account_id does not. UNTRUSTED text.';
comment on column vidpipe.videos.account_id is
'What tells accounts of a platform apart, see account_source. UNTRUSTED text.';
comment on column vidpipe.videos.account_name is
'Name that was shown beside the post when its metadata were read; null if unknown. UNTRUSTED text.';
comment on column vidpipe.videos.account_source is
'What account_id is: id (the platform''s own, survives renaming), handle, name or folder; null where an earlier '
'vidpipe read the metadata.';
comment on column vidpipe.videos.posted_at_precision is
'second, day (the time of day is unknown), or file (the time of the uploaded file stands in); null where an earlier '
'vidpipe read the metadata.';
comment on column vidpipe.videos.hashtags is
'Hashtags without #, in order; out of the description where the platform lists none; empty if none. UNTRUSTED text.';
comment on column vidpipe.videos.mentions is
'Handles that the description mentions, without @, in order; empty if none. UNTRUSTED text.';
comment on column vidpipe.videos.language is 'Language of the post as its platform says (BCP 47). UNTRUSTED text.';
comment on column vidpipe.videos.sound_id is
'The platform''s id of the sound that the clip uses; clips with the same sound share it. UNTRUSTED text.';
comment on column vidpipe.videos.sound_title is 'Title of that sound. UNTRUSTED text.';
comment on column vidpipe.videos.views is 'Views (a count) at engagement_read_at; null if unknown.';
comment on column vidpipe.videos.likes is 'Likes (a count) at engagement_read_at; null if unknown.';
comment on column vidpipe.videos.reposts is 'Reposts or shares (a count) at engagement_read_at; null if unknown.';
comment on column vidpipe.videos.comments is 'Comments or replies (a count) at engagement_read_at; null if unknown.';
comment on column vidpipe.videos.engagement_read_at is
'When these counts were read from the platform, as the metadata say; null if they do not.';
comment on column vidpipe.videos.reply_to is 'Post that it answers, as platform:id; null if none. UNTRUSTED text.';
comment on column vidpipe.videos.repost_of is 'Post that it passes on, as platform:id; null if none. UNTRUSTED text.';
comment on column vidpipe.videos.quote_of is 'Post that it quotes, as platform:id; null if none. UNTRUSTED text.';
comment on column vidpipe.videos.metadata_source is
'Program that wrote the metadata that were believed: native, manifest, yt-dlp, gallery-dl, instaloader, 4cat, '
'zeeschuimer; or none.';

create table vidpipe.video_versions (
    upload_id text primary key,
    video_id text not null,
    version integer not null,
    is_current boolean not null,
    content_sha256 text not null,
    ingest_date date not null,
    first_seen_at timestamptz not null,
    removed_at timestamptz,
    platform text,
    account_id text,
    account text,
    account_name text,
    posted_at timestamptz,
    description text not null
);
create index video_versions_video_id on vidpipe.video_versions (video_id);
create index video_versions_content_sha256 on vidpipe.video_versions (content_sha256);
create index video_versions_ingest_date on vidpipe.video_versions (ingest_date);

comment on table vidpipe.video_versions is
'One row per file of a video: the current one, which videos shows, and the earlier ones (the same clip downloaded '
'again, or edited by its author). Searches find earlier ones with include_versions.';
comment on column vidpipe.video_versions.upload_id is
'Percent-encoded path of the upload, relative to the uploads folder. UNTRUSTED text.';
comment on column vidpipe.video_versions.video_id is 'The video; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_versions.version is 'Number of the version in order of first sight, from 1.';
comment on column vidpipe.video_versions.is_current is 'True for the version that videos shows.';
comment on column vidpipe.video_versions.content_sha256 is 'Its bytes; joins contents and keyframes.';
comment on column vidpipe.video_versions.ingest_date is 'UTC date that this file was ingested under.';
comment on column vidpipe.video_versions.first_seen_at is 'When the file was first seen among the uploads.';
comment on column vidpipe.video_versions.removed_at is
'When the file was found gone; null while it is there.';
comment on column vidpipe.video_versions.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.video_versions.account_id is 'The account, as in videos. UNTRUSTED text.';
comment on column vidpipe.video_versions.account is
'Handle of the account when this file was fetched, as in videos. UNTRUSTED text.';
comment on column vidpipe.video_versions.account_name is
'Name of the account when this file was fetched; null if unknown. UNTRUSTED text.';
comment on column vidpipe.video_versions.posted_at is 'When it was posted, as in videos.';
comment on column vidpipe.video_versions.description is 'What the poster had written then. UNTRUSTED text.';

insert into vidpipe.video_versions (
    upload_id, video_id, version, is_current, content_sha256, ingest_date, first_seen_at, removed_at, platform,
    account_id, account, account_name, posted_at, description
)
select
    v.upload_id,
    v.video_id,
    1 as version,
    true as is_current,
    v.content_sha256,
    v.ingest_date,
    u.first_seen_at,
    v.removed_at,
    v.platform,
    v.account_id,
    v.account,
    v.account_name,
    v.posted_at,
    v.description
from vidpipe.videos as v
inner join vidpipe_ops.uploads as u on v.upload_id = u.upload_id;

create table vidpipe_ops.unshown_uploads (
    upload_id text primary key,
    ingest_date date not null,
    outcome text not null check (outcome in ('failed', 'no_video', 'forgotten')),
    reason text not null
);
create index unshown_uploads_ingest_date on vidpipe_ops.unshown_uploads (ingest_date);

comment on table vidpipe_ops.unshown_uploads is
'One row per registered upload that was read and is no version of any video; vidpipe.upload_outcomes shows it.';
comment on column vidpipe_ops.unshown_uploads.upload_id is
'Percent-encoded path of the upload, relative to the uploads folder. UNTRUSTED text.';
comment on column vidpipe_ops.unshown_uploads.ingest_date is 'UTC date that it was ingested under.';
comment on column vidpipe_ops.unshown_uploads.outcome is
'failed; no_video (sound or pictures only); forgotten (its bytes or account were erased with vidpipe forget).';
comment on column vidpipe_ops.unshown_uploads.reason is 'Why, and what to do. UNTRUSTED text.';

insert into vidpipe_ops.unshown_uploads (upload_id, ingest_date, outcome, reason)
select distinct on (f.upload_id)
    f.upload_id,
    f.ingest_date,
    'failed' as outcome,
    f.error_message
from vidpipe_ops.failures as f
inner join vidpipe_ops.uploads as u on f.upload_id = u.upload_id
where f.status = 'failed' and f.stage in ('raw_videos', 'keyframes')
order by f.upload_id asc, f.stage desc;

-- Files that another one hid until now come to light with the next run of their dates.
update vidpipe_ops.published_dates as p set uploads_digest = 'incomplete'
from vidpipe_ops.uploads as u
left join vidpipe.video_versions as v on u.upload_id = v.upload_id
left join vidpipe_ops.unshown_uploads as n on u.upload_id = n.upload_id
where p.ingest_date = u.ingest_date and v.upload_id is null and n.upload_id is null;

create table vidpipe_ops.side_files (
    upload_id text primary key,
    folder text not null generated always as (
        case when position('/' in upload_id) > 0 then split_part(upload_id, '/', 1) else '' end
    ) stored,
    fingerprint text not null,
    kind text not null,
    seen_at timestamptz not null
);
create index side_files_folder on vidpipe_ops.side_files (folder);

comment on table vidpipe_ops.side_files is
'One row per file among the uploads that is no video and no metadata of one: thumbnails, subtitles, texts, system '
'files, kept parts. Metadata files are named by the uploads that they speak for.';
comment on column vidpipe_ops.side_files.upload_id is
'Percent-encoded path relative to the uploads URL. UNTRUSTED text.';
comment on column vidpipe_ops.side_files.folder is 'Its top-level folder, percent-encoded; empty at the root.';
comment on column vidpipe_ops.side_files.fingerprint is 'Size and time (or etag) of the file when it was looked into.';
comment on column vidpipe_ops.side_files.kind is
'What it is: picture, subtitles, text, sound, archive, part, system, …';
comment on column vidpipe_ops.side_files.seen_at is 'When it was first seen in that state.';

-- The view names accounts by their ids now; the views folder makes it.
drop view if exists vidpipe.accounts;
