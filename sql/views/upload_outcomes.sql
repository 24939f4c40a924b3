create or replace view vidpipe.upload_outcomes as
select
    u.upload_id,
    u.ingest_date,
    case
        when u.removed_at is not null then 'removed'
        when u.held_reason is not null then 'held'
        when u.fingerprint is null then 'waiting'
        when v.is_current then 'shown'
        when v.upload_id is not null then 'version'
        when n.upload_id is not null then n.outcome
        when
            not exists (
                select from vidpipe_ops.date_digests as d
                where d.ingest_date = u.ingest_date and d.uploads_digest = p.uploads_digest
            )
            then 'pending'
        else 'unaccounted'
    end as outcome,
    case
        when u.removed_at is not null then 'is gone since ' || u.removed_at
        when u.held_reason is not null then u.held_reason
        when v.upload_id is null then n.reason
    end as reason,
    v.video_id,
    u.first_seen_at
from vidpipe_ops.uploads as u
left join vidpipe.video_versions as v on u.upload_id = v.upload_id
left join vidpipe_ops.unshown_uploads as n on u.upload_id = n.upload_id
left join vidpipe_ops.published_dates as p on u.ingest_date = p.ingest_date
union all
select
    s.upload_id,
    null as ingest_date,
    'side_file' as outcome,
    s.kind as reason,
    null as video_id,
    s.seen_at as first_seen_at
from vidpipe_ops.side_files as s
union all
select distinct on (m.upload_id)
    m.upload_id,
    u.ingest_date,
    'side_file' as outcome,
    'metadata' as reason,
    null as video_id,
    u.first_seen_at
from vidpipe_ops.uploads as u
cross join lateral unnest(u.sidecars) as c (sidecar)
cross join lateral (select substr(c.sidecar, position('=' in c.sidecar) + 1) as upload_id) as m
where
    u.removed_at is null
    and not exists (
        select from vidpipe_ops.side_files as s
        where s.upload_id = m.upload_id
    );

comment on view vidpipe.upload_outcomes is
'One row per file that was found under the uploads URL and what became of it: every upload is accounted for.';
comment on column vidpipe.upload_outcomes.upload_id is
'Percent-encoded path of the file, relative to the uploads folder. UNTRUSTED text.';
comment on column vidpipe.upload_outcomes.ingest_date is 'UTC date that it was ingested under; null if it was not.';
comment on column vidpipe.upload_outcomes.outcome is
'shown (the current version of a video), version (an earlier one), removed (gone from the uploads), failed, no_video '
'(sound or pictures only), forgotten (erased on request), held, waiting (still arriving), pending (a run is still to '
'take it in), side_file (thumbnail, subtitles, metadata, …), or unaccounted, which vidpipe must never say.';
comment on column vidpipe.upload_outcomes.reason is
'Why, as a sentence about the file; the kind of a side file; null if it is shown. UNTRUSTED text.';
comment on column vidpipe.upload_outcomes.video_id is 'Video that it is a version of; joins videos. UNTRUSTED text.';
comment on column vidpipe.upload_outcomes.first_seen_at is 'When it was first seen.';
