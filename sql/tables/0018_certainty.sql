-- Whether a list of results holds an answer: how its measures are weighed, calibrated with labelled queries.

create table vidpipe.certainty_weights (
    model_id text not null references vidpipe.models (model_id) on update cascade on delete cascade,
    kind text not null check (kind in ('text', 'image', 'text_image', 'navigation')),
    weights jsonb not null,
    intercept double precision not null,
    threshold double precision not null,
    deviations double precision not null,
    kept double precision not null,
    emptied double precision not null,
    queries integer not null,
    absent_queries integer not null,
    query_set_sha256 text not null,
    measured_at timestamptz not null default now(),
    primary key (model_id, kind)
);

comment on table vidpipe.certainty_weights is
'One row per model and kind of query: how vidpipe search tells whether a list of results holds an answer. Written by '
'vidpipe evaluate --calibrate.';
comment on column vidpipe.certainty_weights.model_id is 'The model that makes the vectors; joins models.';
comment on column vidpipe.certainty_weights.kind is 'Kind of query: text, image, text_image or navigation.';
comment on column vidpipe.certainty_weights.weights is
'By measure (score, standing, agreement and others): its mean and deviation among the labelled queries, and its '
'weight. The logit of a list is intercept + the sum of weight × (value - mean) / deviation.';
comment on column vidpipe.certainty_weights.intercept is 'Logit of a list whose measures are all at their means.';
comment on column vidpipe.certainty_weights.threshold is
'Confidence from which a list is certain, 0 to 1: the probability that it holds an answer, were questions with and '
'without one equally many.';
comment on column vidpipe.certainty_weights.deviations is
'How far above the median score that its query has with the frames of the corpus a result of a certain list counts '
'(a deviation is 1.4826 × the median absolute one).';
comment on column vidpipe.certainty_weights.kept is
'Share of the queries whose first right answer counts, in a certain list, 0 to 1, measured on halves that were held '
'out.';
comment on column vidpipe.certainty_weights.emptied is
'Share of the queries without a right answer whose list is not certain, 0 to 1, measured on halves that were held out.';
comment on column vidpipe.certainty_weights.queries is 'Visible queries with a right answer that it was measured with.';
comment on column vidpipe.certainty_weights.absent_queries is 'Queries without a right answer among them.';
comment on column vidpipe.certainty_weights.query_set_sha256 is 'SHA-256 (hex) of the file of queries.';
comment on column vidpipe.certainty_weights.measured_at is 'When it was measured.';
