-- A changed setting recomputes nothing by itself: what a date was made of, what recomputing it would take, and what was
-- recomputed on purpose.

alter table vidpipe_ops.published_dates add column limits_digest text;
comment on column vidpipe_ops.published_dates.versions_digest is
'Digest of the stage versions that it was published under, after `other settings, under ` where some of its results '
'were made under others; of versions and limits together where an earlier vidpipe published it.';
comment on column vidpipe_ops.published_dates.limits_digest is
'Digest of the limits under which its failures were met: others try them again. Null before vidpipe kept it.';

create table vidpipe_ops.stage_work (
    run_id text,
    stage text not null,
    stage_version text not null,
    items int not null,
    failed int not null,
    seconds double precision not null,
    finished_at timestamptz not null default now()
);
create index stage_work_stage on vidpipe_ops.stage_work (stage, finished_at desc);
comment on table vidpipe_ops.stage_work is
'One row per stage of a run that computed anything: how much, and how long it took. Estimates come from it.';
comment on column vidpipe_ops.stage_work.run_id is 'Dagster run; null outside Dagster.';
comment on column vidpipe_ops.stage_work.stage is 'Stage, named as its asset.';
comment on column vidpipe_ops.stage_work.stage_version is 'Version of the stage.';
comment on column vidpipe_ops.stage_work.items is 'Number of items that it computed, failures included.';
comment on column vidpipe_ops.stage_work.failed is 'Number of these that failed.';
comment on column vidpipe_ops.stage_work.seconds is 'Time that they took together, model loading included (s).';
comment on column vidpipe_ops.stage_work.finished_at is 'When the stage ended.';

create table vidpipe_ops.recomputations (
    run_id text,
    stage text not null,
    stage_version text not null,
    ingest_dates date[] not null,
    items int not null,
    is_forced boolean not null,
    reason text not null,
    asked_at timestamptz not null default now()
);
comment on table vidpipe_ops.recomputations is
'One row per stage of a run that a person had make results anew: which dates, how many, and why.';
comment on column vidpipe_ops.recomputations.run_id is 'Dagster run; null outside Dagster.';
comment on column vidpipe_ops.recomputations.stage is 'Stage, named as its asset.';
comment on column vidpipe_ops.recomputations.stage_version is 'Version that the results were made under.';
comment on column vidpipe_ops.recomputations.ingest_dates is 'UTC ingest dates of the items.';
comment on column vidpipe_ops.recomputations.items is 'Number of items that were made anew.';
comment on column vidpipe_ops.recomputations.is_forced is
'True where results of the settings in force were made anew, too; false where only those of older settings were.';
comment on column vidpipe_ops.recomputations.reason is 'Why, as the person said. UNTRUSTED text.';
comment on column vidpipe_ops.recomputations.asked_at is 'When the run reached the stage.';
