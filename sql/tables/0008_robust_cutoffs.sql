-- Scores are measured by median and median absolute deviation. By mean and standard deviation a query
-- that a fifth of the corpus answers found nothing: its own answers raised its cut-off.

drop function if exists vidpipe.score_spread(halfvec);

-- Those were measured by the old rule: vidpipe evaluate QUERIES.yaml --calibrate makes new ones.
delete from vidpipe.score_cutoffs;
comment on column vidpipe.score_cutoffs.deviations is
'The cut-off: deviations above the median score that the same query has with the frames of the corpus (a deviation is '
'1.4826 × the median absolute one).';
