-- The uploads registry: what was seen under the uploads URL, since when, and what became of it.

create table vidpipe_ops.uploads (
    upload_id text primary key,
    folder text not null generated always as (
        case when position('/' in upload_id) > 0 then split_part(upload_id, '/', 1) else '' end
    ) stored,
    uri text not null,
    size_bytes bigint not null,
    modified_at timestamptz,
    sidecars text[] not null default '{}',
    sidecar_fingerprint text not null default '',
    fingerprint text,
    ingest_date date,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    changed_at timestamptz,
    waiting_fingerprint text,
    waiting_since timestamptz,
    held_reason text,
    missing_sweeps int not null default 0,
    missing_in_sweep bigint,
    removed_at timestamptz,
    check ((fingerprint is null) = (ingest_date is null))
);
create index uploads_ingest_date on vidpipe_ops.uploads (ingest_date);
create index uploads_folder on vidpipe_ops.uploads (folder);
create index uploads_missing_in_sweep on vidpipe_ops.uploads (missing_in_sweep) where missing_in_sweep is not null;

comment on table vidpipe_ops.uploads is
'One row per file ever seen as an upload. It is registered once it has a fingerprint and an ingest date; before that '
'it waits (still arriving) or is held.';
comment on column vidpipe_ops.uploads.upload_id is
'Percent-encoded path relative to the uploads URL. UNTRUSTED text.';
comment on column vidpipe_ops.uploads.folder is 'Its top-level folder, percent-encoded; empty at the root.';
comment on column vidpipe_ops.uploads.uri is 'Where it was last seen: file:// or s3:// and the percent-encoded path.';
comment on column vidpipe_ops.uploads.size_bytes is 'Size in bytes when its fingerprint was taken.';
comment on column vidpipe_ops.uploads.modified_at is 'Time of the file, taken with its fingerprint; null if unknown.';
comment on column vidpipe_ops.uploads.sidecars is
'Metadata files beside it as kind=upload_id, the most trusted first. UNTRUSTED text.';
comment on column vidpipe_ops.uploads.sidecar_fingerprint is 'Sizes and times (or etags) of its sidecars.';
comment on column vidpipe_ops.uploads.fingerprint is
'Size and time (or etag) of the file; its sidecars. Changes with each change of either. Null until registered.';
comment on column vidpipe_ops.uploads.ingest_date is
'Date folder it lies in, else the UTC date it was first seen; fixed at registration. Null until then.';
comment on column vidpipe_ops.uploads.first_seen_at is 'When a listing saw it first.';
comment on column vidpipe_ops.uploads.last_seen_at is
'When a listing saw it last; renewed once a day, and whenever anything about it changes.';
comment on column vidpipe_ops.uploads.changed_at is 'When it got its present fingerprint, or was found gone or back.';
comment on column vidpipe_ops.uploads.waiting_fingerprint is
'State of a file that is new or changed and not yet known to be complete; null otherwise.';
comment on column vidpipe_ops.uploads.waiting_since is 'When it was first seen in that state.';
comment on column vidpipe_ops.uploads.held_reason is
'Why it is not registered, as a sentence about it; null otherwise. UNTRUSTED text.';
comment on column vidpipe_ops.uploads.missing_sweeps is 'Completed sweeps in a row that did not find it (a count).';
comment on column vidpipe_ops.uploads.missing_in_sweep is 'The running sweep, if that did not find it.';
comment on column vidpipe_ops.uploads.removed_at is 'When a second sweep in a row missed it; null while it is there.';

create table vidpipe_ops.sweeps (
    sweep_id bigint generated always as identity primary key,
    started_at timestamptz not null,
    ended_at timestamptz,
    complete boolean not null default false,
    next_after text not null default '',
    seen bigint not null default 0,
    newly_missing bigint not null default 0,
    removed bigint not null default 0,
    unread text[] not null default '{}',
    refused_reason text
);
create index sweeps_ended_at on vidpipe_ops.sweeps (ended_at);

comment on table vidpipe_ops.sweeps is
'One row per look through all uploads, in one go or in ticks. The last 1,000 are kept.';
comment on column vidpipe_ops.sweeps.sweep_id is 'Number of the sweep, ascending.';
comment on column vidpipe_ops.sweeps.started_at is 'When it began.';
comment on column vidpipe_ops.sweeps.ended_at is 'When it ended or was given up; null while it runs.';
comment on column vidpipe_ops.sweeps.complete is 'True if every folder was read and absences were counted.';
comment on column vidpipe_ops.sweeps.next_after is 'Top-level folder it got to; the next tick goes on after it.';
comment on column vidpipe_ops.sweeps.seen is 'Number of uploads that it found.';
comment on column vidpipe_ops.sweeps.newly_missing is 'Number of uploads that it missed and the sweep before had.';
comment on column vidpipe_ops.sweeps.removed is 'Number of uploads that it found gone for good.';
comment on column vidpipe_ops.sweeps.unread is 'Folders that could not be read, with the reason. UNTRUSTED text.';
comment on column vidpipe_ops.sweeps.refused_reason is
'Why its absences changed nothing (nothing listed, or too much missing at once); null otherwise.';

create table vidpipe_ops.tombstones (
    kind text not null check (kind in ('upload', 'content', 'account')),
    subject text not null,
    forgotten_at timestamptz not null default now(),
    primary key (kind, subject)
);

comment on table vidpipe_ops.tombstones is
'One row per thing that was erased with `vidpipe forget` and never comes back.';
comment on column vidpipe_ops.tombstones.kind is 'What is forgotten: upload, content or account.';
comment on column vidpipe_ops.tombstones.subject is
'Its upload_id, its content_sha256, or the name of the account. UNTRUSTED text.';
comment on column vidpipe_ops.tombstones.forgotten_at is 'When it was forgotten.';
