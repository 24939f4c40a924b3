-- What is being tried right now, written before the work, so that an item that takes the whole run down is not tried
-- for ever.
create table vidpipe_ops.attempts (
    stage text not null,
    stage_version text not null,
    item_key text not null,
    limits_digest text not null,
    tries int not null default 0,
    failures int not null default 0,
    last_error text,
    run_id text,
    started_at timestamptz not null default now(),
    primary key (stage, stage_version, item_key, limits_digest)
);

comment on table vidpipe_ops.attempts is
'One row per stage, stage version, item and limits that is being tried or will be tried again; gone once the item has '
'a published outcome.';
comment on column vidpipe_ops.attempts.stage is 'Stage, named as its asset.';
comment on column vidpipe_ops.attempts.stage_version is 'Version of the stage that is tried.';
comment on column vidpipe_ops.attempts.item_key is
'Key of the item: the parts of the stage''s key, joined by a slash.';
comment on column vidpipe_ops.attempts.limits_digest is
'Digest of the limits in force; other limits start a new count.';
comment on column vidpipe_ops.attempts.tries is 'Times the item was handed to a worker without a published outcome.';
comment on column vidpipe_ops.attempts.failures is
'Times the item ended with an error that may pass (a number of tries).';
comment on column vidpipe_ops.attempts.last_error is
'Class and message of the last such error; untrusted text, it may quote an upload''s name.';
comment on column vidpipe_ops.attempts.run_id is 'Dagster run that tried last.';
comment on column vidpipe_ops.attempts.started_at is 'When the last try began.';
