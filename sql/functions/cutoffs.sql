-- From which score on a result is an answer: measured by `vidpipe evaluate --calibrate`.

create or replace function vidpipe.score_spread(embedding halfvec)
returns table (frames bigint, median double precision, deviation double precision)
language sql
stable
as $$
    with sampled as materialized (
        -- digests are as good as random: the first ones are a sample that the key's index gives
        select -(f.embedding <#> score_spread.embedding) as score
        from (
            select s.embedding from vidpipe.frame_embeddings as s order by s.keyframe_sha256 limit 1000
        ) as f
    ),

    middle as (
        select percentile_cont(0.5) within group (order by s.score) as score from sampled as s
    )

    -- 1.4826: then it is the standard deviation where scores are normally distributed
    select count(*), m.score, 1.4826 * percentile_cont(0.5) within group (order by abs(s.score - m.score))
    from sampled as s
    cross join middle as m
    group by m.score;
$$;
comment on function vidpipe.score_spread(halfvec) is
'One row: how many frames of the corpus were sampled (1000 at most), and the median and 1.4826 × the median absolute '
'deviation of their scores for a unit vector; no row without frames. Vectors differ in how near they lie to '
'everything. Frames that show what is asked, even a third of all, hardly change the two.';

create or replace function vidpipe.query_kind(terms jsonb)
returns text
language sql
stable
as $$
    with recursive parts as (
        select t.term from jsonb_array_elements(query_kind.terms) as t (term)
        union  -- a part that was met before is not followed again: queries may name each other in a circle
        select t.term
        from parts as p
        inner join vidpipe.saved_queries as s on p.term ->> 'saved' = s.name
        cross join lateral jsonb_array_elements(s.terms) as t (term)
    )

    select case
        when bool_or(p.term ->> 'weight' like '-%') then 'navigation'
        when bool_and(p.term ? 'text') filter (where not p.term ? 'saved') then 'text'
        when bool_or(p.term ? 'text') then 'text_image'
        else 'image'
    end
    from parts as p;
$$;
comment on function vidpipe.query_kind(jsonb) is
'Kind of a saved query by its terms and those of the saved queries among them: text, image (pictures and posts), '
'text_image, or navigation (something is subtracted).';

create or replace function vidpipe.calibrated_cutoff(embedding halfvec, model_id text, kind text)
returns double precision
language sql
stable
as $$
    select s.median + c.deviations * nullif(s.deviation, 0)
    from vidpipe.score_cutoffs as c
    cross join lateral vidpipe.score_spread(calibrated_cutoff.embedding) as s
    where c.model_id = calibrated_cutoff.model_id and c.kind = calibrated_cutoff.kind;
$$;
comment on function vidpipe.calibrated_cutoff(halfvec, text, text) is
'Score from which a result is an answer to a unit vector of that kind of query; null if none was measured for the '
'model, or if most of the corpus scores alike.';

create or replace function vidpipe.cutoff_of(asked vidpipe.saved_queries)
returns double precision
language sql
stable
as $$
    select coalesce(
        asked.cutoff::double precision,
        vidpipe.calibrated_cutoff(l2_normalize(asked.embedding), asked.model_id, vidpipe.query_kind(asked.terms)));
$$;
comment on function vidpipe.cutoff_of(vidpipe.saved_queries) is
'Cut-off of a saved query: its own, else the calibrated one of its kind, else null.';
