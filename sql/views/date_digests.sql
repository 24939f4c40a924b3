create or replace view vidpipe_ops.date_digests as
select
    u.ingest_date,
    encode(sha256(string_agg(
        sha256(convert_to(
            u.upload_id || ' ' || u.fingerprint || case when u.removed_at is null then '' else ' removed' end, 'UTF8'
        )),
        ''::bytea order by u.upload_id collate "C"  -- noqa: RF03
    )), 'hex') as uploads_digest,
    count(*) filter (where u.removed_at is null) as present
from vidpipe_ops.uploads as u
where u.ingest_date is not null
group by u.ingest_date;

comment on view vidpipe_ops.date_digests is
'One row per ingest date with registered uploads: what tells whether it is published as it stands.';
comment on column vidpipe_ops.date_digests.ingest_date is 'UTC ingest date.';
comment on column vidpipe_ops.date_digests.uploads_digest is 'Digest of its uploads as they are registered now.';
comment on column vidpipe_ops.date_digests.present is 'Number of its uploads that are not gone.';
