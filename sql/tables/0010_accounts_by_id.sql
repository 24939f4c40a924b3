-- Accounts go by their ids, searches can look into earlier versions, and a video whose id changed answers to both.

-- Names are looked up to find accounts, and the latest name of an account to show it.
create index video_versions_account_id on vidpipe.video_versions (account_id, first_seen_at);
create index video_versions_account on vidpipe.video_versions (account);
create index video_versions_account_name on vidpipe.video_versions (account_name) where account_name is not null;

alter type vidpipe.video_filter add attribute include_versions boolean;
alter type vidpipe.video_filter add attribute account_ids text[];
comment on column vidpipe.video_filter.account is 'Who posted it: an id, a handle with or without @, or a name.';
comment on column vidpipe.video_filter.include_versions is 'True to look into earlier versions of videos, too.';
comment on column vidpipe.video_filter.account_ids is
'Ids of the accounts that are called so; filter_of fills it in.';

alter type vidpipe.video_hit add attribute version integer;
alter type vidpipe.frame_hit add attribute version integer;
alter type vidpipe.similar_hit add attribute version integer;
alter type vidpipe.hybrid_hit add attribute version integer;
alter type vidpipe.word_hit add attribute version integer;
comment on column vidpipe.video_hit.version is
'Number of the earlier version of the video that was found; null if the video shows this file now.';
comment on column vidpipe.frame_hit.version is
'Number of the earlier version of the video that was found; null if the video shows this file now.';
comment on column vidpipe.similar_hit.version is
'Number of the earlier version of the video that was found; null if the video shows this file now.';
comment on column vidpipe.hybrid_hit.version is
'Number of the earlier version of the video that was found; null if the video shows this file now.';
comment on column vidpipe.word_hit.version is
'Number of the earlier version of the video that was found; null if the video shows this file now.';

-- These functions have other arguments or columns now; the functions folder makes them.
drop function if exists vidpipe.posts_of(text, vidpipe.video_filter, boolean);
drop function if exists vidpipe.posts_with_words(tsquery, vidpipe.video_filter, boolean);
drop function if exists vidpipe.search_videos_by_vector(
    halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision
);
drop function if exists vidpipe.search_frames(
    halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.similar_videos(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
);
drop function if exists vidpipe.search_hybrid(
    text, halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
);
drop function if exists vidpipe.search_videos(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision
);
drop function if exists vidpipe.navigate(
    text[], text[], text[], real[], integer,
    text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, double precision
);
drop function if exists vidpipe.search_words(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
);

-- Topics within accounts belong to ids. Runs of before keep theirs: an account's id was its name.

alter table vidpipe.topics add column account_id text;
update vidpipe.topics set account_id = account;
comment on column vidpipe.topics.account is
'Handle of the account when the run was made; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topics.account_id is
'What tells the account apart, as in videos; null for global topics, and in backups of before there were ids, where '
'account stands for it. UNTRUSTED text.';
comment on column vidpipe.events.account is
'Account that it concerns, by its id, a handle with or without @, or a name; null for all.';

drop view if exists vidpipe.account_activity;
drop view if exists vidpipe.account_focus;
drop view if exists vidpipe.topic_trends;
drop view if exists vidpipe.topic_timeline;
drop view if exists vidpipe.current_topics;

create table vidpipe.former_video_ids (
    former_id text primary key,
    video_id text not null,
    changed_at timestamptz not null default now(),
    check (former_id <> video_id)
);
create index former_video_ids_video_id on vidpipe.former_video_ids (video_id);
comment on table vidpipe.former_video_ids is
'One row per id that a video had before and no video has now; vidpipe.video_id_of answers by it.';
comment on column vidpipe.former_video_ids.former_id is 'The id that it had. UNTRUSTED text.';
comment on column vidpipe.former_video_ids.video_id is 'The id that it has now; joins videos. UNTRUSTED text.';
comment on column vidpipe.former_video_ids.changed_at is 'When it was published with the new id.';

comment on column vidpipe_ops.tombstones.subject is
'Its upload_id, its content_sha256, or the id of the account (its name, where an earlier vidpipe erased it). UNTRUSTED '
'text.';
