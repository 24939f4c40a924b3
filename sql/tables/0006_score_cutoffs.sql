-- From which score on a result counts as an answer, measured with labelled queries.

create table vidpipe.score_cutoffs (
    model_id text not null references vidpipe.models (model_id) on update cascade on delete cascade,
    kind text not null check (kind in ('text', 'image', 'text_image', 'navigation')),
    deviations real not null,
    kept real not null,
    emptied real,
    queries integer not null,
    absent_queries integer not null,
    query_set_sha256 text not null,
    measured_at timestamptz not null default now(),
    primary key (model_id, kind)
);

comment on table vidpipe.score_cutoffs is
'One row per model and kind of query: how far above the corpus a score must stand to count as an answer.';
comment on column vidpipe.score_cutoffs.model_id is 'The model that makes the vectors; joins models.';
comment on column vidpipe.score_cutoffs.kind is 'Kind of query: text, image, text_image or navigation.';
comment on column vidpipe.score_cutoffs.deviations is
'The cut-off: standard deviations above the mean score that the same query has with the frames of the corpus.';
comment on column vidpipe.score_cutoffs.kept is
'Share of the labelled queries whose first right answer stays at or above it, 0 to 1.';
comment on column vidpipe.score_cutoffs.emptied is
'Share of the queries without a right answer for which nothing stays, 0 to 1; null if there were none.';
comment on column vidpipe.score_cutoffs.queries is 'Visible queries with a right answer that it was measured with.';
comment on column vidpipe.score_cutoffs.absent_queries is 'Queries without a right answer among them.';
comment on column vidpipe.score_cutoffs.query_set_sha256 is 'SHA-256 (hex) of the file of queries.';
comment on column vidpipe.score_cutoffs.measured_at is 'When it was measured.';

-- It can leave out what is no answer, now: the functions folder makes the new one.
drop function if exists vidpipe.navigate(
    text[], text[], text[], real[], integer,
    text, text, text, timestamptz, timestamptz, date, date, boolean, boolean
);

alter type vidpipe.similar_hit add attribute own_timestamp_s double precision;
comment on column vidpipe.similar_hit.own_timestamp_s is
'Time of the given post''s keyframe in seconds.';

comment on column vidpipe.hybrid_hit.score is
'1 / (60 + place by looks) + 2 / (60 + place by words): no unit, larger is better, at most 3/61.';
