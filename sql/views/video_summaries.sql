create or replace view vidpipe.video_summaries as
select
    v.video_id,
    v.platform,
    v.account,
    v.posted_at,
    v.ingest_date,
    v.description,
    v.hashtags,
    coalesce(o.ocr_text, '') as ocr_text,
    coalesce(f.keyframe_uris, array[]::text[]) as keyframe_uris,
    coalesce(f.keyframe_timestamps_s, array[]::double precision[]) as keyframe_timestamps_s,
    c.duration_s,
    v.url,
    v.content_sha256,
    v.is_damaged,
    v.removed_at,
    v.post_id,
    v.account_id,
    v.account_name,
    v.posted_at_precision,
    v.views,
    v.likes,
    v.reposts,
    v.comments
from vidpipe.videos as v
left join vidpipe.contents as c on v.content_sha256 = c.content_sha256
left join lateral (
    select
        array_agg(k.image_uri order by k.segment) as keyframe_uris,
        array_agg(k.timestamp_s order by k.segment) as keyframe_timestamps_s
    from vidpipe.keyframes as k
    where k.content_sha256 = v.content_sha256
) as f on true
left join lateral (
    select string_agg(once.text, e'\n' order by once.segment, once.line_no) as ocr_text
    from (
        select distinct on (lower(regexp_replace(trim(l.text), '\s+', ' ', 'g')))
            l.text,
            k.segment,
            l.line_no
        from vidpipe.keyframes as k
        inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
        where k.content_sha256 = v.content_sha256 and l.accepted
        order by lower(regexp_replace(trim(l.text), '\s+', ' ', 'g')), k.segment, l.line_no
    ) as once
) as o on true;

comment on view vidpipe.video_summaries is
'One row per post: everything about it that reads or shows quickly. Removed posts have removed_at set.';
comment on column vidpipe.video_summaries.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_summaries.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.video_summaries.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.video_summaries.posted_at is 'When it was posted.';
comment on column vidpipe.video_summaries.ingest_date is 'UTC ingest date.';
comment on column vidpipe.video_summaries.description is 'What the poster wrote; empty if nothing. UNTRUSTED text.';
comment on column vidpipe.video_summaries.hashtags is 'Hashtags without #, in order. UNTRUSTED text.';
comment on column vidpipe.video_summaries.ocr_text is
'Accepted OCR lines of its keyframes in time order, one per line, repeats left out; empty if none. UNTRUSTED text.';
comment on column vidpipe.video_summaries.keyframe_uris is 'Where its keyframe JPEGs lie, in time order.';
comment on column vidpipe.video_summaries.keyframe_timestamps_s is
'Times of its keyframes in seconds, in the same order.';
comment on column vidpipe.video_summaries.duration_s is 'Duration in seconds; null if unknown.';
comment on column vidpipe.video_summaries.url is 'Address of the post, if known. UNTRUSTED: do not fetch it unseen.';
comment on column vidpipe.video_summaries.content_sha256 is 'SHA-256 (hex) of the file; reposts share it.';
comment on column vidpipe.video_summaries.is_damaged is 'True if the file was damaged and only part of it was read.';
comment on column vidpipe.video_summaries.removed_at is 'When the upload was found gone; null while it is there.';
comment on column vidpipe.video_summaries.post_id is 'The post that it is a clip of. UNTRUSTED text.';
comment on column vidpipe.video_summaries.account_id is
'The account; joins accounts on platform and account_id. UNTRUSTED text.';
comment on column vidpipe.video_summaries.account_name is
'Name that was shown beside the post; null if unknown. UNTRUSTED text.';
comment on column vidpipe.video_summaries.posted_at_precision is
'second, day (the time of day is unknown), or file (the time of the uploaded file stands in); null where an earlier '
'vidpipe read the metadata.';
comment on column vidpipe.video_summaries.views is 'Views (a count) when they were read; null if unknown.';
comment on column vidpipe.video_summaries.likes is 'Likes (a count) when they were read; null if unknown.';
comment on column vidpipe.video_summaries.reposts is
'Reposts or shares (a count) when they were read; null if unknown.';
comment on column vidpipe.video_summaries.comments is
'Comments or replies (a count) when they were read; null if unknown.';
