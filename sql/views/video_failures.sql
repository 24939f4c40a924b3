create or replace view vidpipe.video_failures as
with named as (
    select
        f.*,
        coalesce(f.upload_id, f.video_id, f.item_key) as subject
    from vidpipe_ops.failures as f
)

select
    n.ingest_date,
    n.upload_id,
    n.video_id,
    n.content_sha256,
    n.stage,
    n.status,
    n.error_class,
    n.error_message,
    n.subject
    || case when n.status = 'ok_damaged' then ' was kept, damaged, at ' else ' failed at ' end
    || n.stage
    || ': '
    || case
        when starts_with(n.error_message, n.subject || ' ')
            then 'it ' || substr(n.error_message, length(n.subject) + 2)
        when starts_with(n.error_message, n.subject || ': ')
            then substr(n.error_message, length(n.subject) + 3)
        else n.error_message
    end as sentence,
    n.occurred_at
from named as n;

comment on view vidpipe.video_failures is
'One row per ingest date, stage and item that failed or was kept damaged, with a sentence that says what happened.';
comment on column vidpipe.video_failures.ingest_date is 'UTC ingest date of the upload.';
comment on column vidpipe.video_failures.upload_id is
'Percent-encoded path of the upload, relative to the uploads folder; null if unknown. UNTRUSTED text.';
comment on column vidpipe.video_failures.video_id is 'The post, if known; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_failures.content_sha256 is 'The content, if known; joins contents.';
comment on column vidpipe.video_failures.stage is 'Stage that met the problem: raw_videos, metadata, keyframes, …';
comment on column vidpipe.video_failures.status is 'failed (nothing was kept) or ok_damaged (a part was kept).';
comment on column vidpipe.video_failures.error_class is 'Kind of the error.';
comment on column vidpipe.video_failures.error_message is 'What was wrong and what to do. UNTRUSTED text.';
comment on column vidpipe.video_failures.sentence is
'Upload, stage and reason in one sentence, to read or to send on. UNTRUSTED text.';
comment on column vidpipe.video_failures.occurred_at is 'When the stage met it.';
