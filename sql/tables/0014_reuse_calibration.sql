-- Self-calibration of reused footage: how sure chance makes unrelated pairs here, and which edits are found.

create table vidpipe.reuse_calibrations (
    calibration_no integer generated always as identity primary key,
    calibrated_at timestamptz not null default now(),
    is_in_force boolean not null,
    contents integer not null check (contents > 0),
    corpus_contents integer not null,
    copies integer not null,
    recall real check (recall between 0 and 1),
    pairs integer not null,
    pairs_in_tail integer not null,
    tail_share double precision not null check (tail_share > 0),
    tail_start_nats double precision not null,
    tail_scale_nats double precision not null check (tail_scale_nats > 0),
    checked_pairs integer not null,
    checked_expected double precision not null,
    checked_observed integer not null,
    check_holds boolean not null,
    e_limit double precision not null,
    needed_nats double precision not null,
    comparison_version text not null,
    dagster_run_id text
);
create unique index reuse_calibrations_in_force on vidpipe.reuse_calibrations (is_in_force) where is_in_force;
comment on table vidpipe.reuse_calibrations is
'One row per calibration of reused footage: a sample of the contents was edited and searched for, and unrelated pairs '
'were compared. E-values are made of the one in force.';
comment on column vidpipe.reuse_calibrations.calibration_no is 'Number of the calibration, in time order.';
comment on column vidpipe.reuse_calibrations.calibrated_at is 'When it was made.';
comment on column vidpipe.reuse_calibrations.is_in_force is
'True for the newest one. It counts while comparison_version is that of the comparison.';
comment on column vidpipe.reuse_calibrations.contents is 'Contents that were edited.';
comment on column vidpipe.reuse_calibrations.corpus_contents is
'Contents that were compared with one another at that time.';
comment on column vidpipe.reuse_calibrations.copies is 'Edited copies that were made and searched for.';
comment on column vidpipe.reuse_calibrations.recall is
'Share of the edited copies that were found, 0 to 1; null if none was made.';
comment on column vidpipe.reuse_calibrations.pairs is 'Unrelated pairs that the tail was fitted to.';
comment on column vidpipe.reuse_calibrations.pairs_in_tail is
'How many of them are as sure as tail_start_nats, or surer.';
comment on column vidpipe.reuse_calibrations.tail_share is
'Share of unrelated pairs that are as sure as tail_start_nats, 0 to 1, as fitted: never nothing.';
comment on column vidpipe.reuse_calibrations.tail_start_nats is 'Surety in nats from which on the tail is told.';
comment on column vidpipe.reuse_calibrations.tail_scale_nats is
'How many nats more are e times as rare, as fitted. The E-value of a match is the number of pairs of the corpus × '
'tail_share × exp(-(surety - tail_start_nats) / tail_scale_nats).';
comment on column vidpipe.reuse_calibrations.checked_pairs is
'Unrelated pairs of the other half of the contents, against which the tail was held.';
comment on column vidpipe.reuse_calibrations.checked_expected is 'How many of these the tail expects beyond its start.';
comment on column vidpipe.reuse_calibrations.checked_observed is 'How many there were.';
comment on column vidpipe.reuse_calibrations.check_holds is
'False if there were more than chance allows; the tail was then fitted to both halves.';
comment on column vidpipe.reuse_calibrations.e_limit is 'E-value up to which a match is a copy.';
comment on column vidpipe.reuse_calibrations.needed_nats is
'Surety in nats that a match needed to stay within e_limit in the corpus of that time.';
comment on column vidpipe.reuse_calibrations.comparison_version is
'Digest of the algorithm and the settings that were calibrated.';
comment on column vidpipe.reuse_calibrations.dagster_run_id is 'Dagster run that made it; null outside Dagster.';

create table vidpipe.reuse_calibration_edits (
    calibration_no integer not null references vidpipe.reuse_calibrations (calibration_no) on delete cascade,
    edit text not null,
    copies integer not null check (copies > 0),
    found integer not null check (found between 0 and copies),
    proposed integer not null check (proposed between 0 and copies),
    verdict_right integer not null check (verdict_right between 0 and found),
    offset_error_s double precision check (offset_error_s >= 0),
    primary key (calibration_no, edit)
);
comment on table vidpipe.reuse_calibration_edits is
'One row per calibration and kind of edit: how many edited copies were found again.';
comment on column vidpipe.reuse_calibration_edits.calibration_no is 'The calibration; joins reuse_calibrations.';
comment on column vidpipe.reuse_calibration_edits.edit is
'What was done to the copies: mirror, meme_bar, trim_50; three_at_once for several edits together.';
comment on column vidpipe.reuse_calibration_edits.copies is 'Copies that were made.';
comment on column vidpipe.reuse_calibration_edits.found is
'How many of them a comparison with their source calls a copy. found / copies is the recall.';
comment on column vidpipe.reuse_calibration_edits.proposed is
'Of how many the index proposes the source among all contents, so that the two would be compared.';
comment on column vidpipe.reuse_calibration_edits.verdict_right is 'How many got a verdict that is right.';
comment on column vidpipe.reuse_calibration_edits.offset_error_s is
'How far off the time in the source is, in seconds, the median of those that were found; null if none was.';
