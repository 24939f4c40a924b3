-- Choosing which topic run the views show.

create or replace function vidpipe.promote_topic_run(run_no integer)
returns void
language plpgsql
as $$
#variable_conflict use_variable
begin
    perform pg_advisory_xact_lock(hashtext('vidpipe.topic_runs'));
    if not exists (select from vidpipe.topic_runs as r where r.run_no = promote_topic_run.run_no) then
        raise exception 'there is no topic run %', run_no using errcode = 'no_data_found';
    end if;
    update vidpipe.topic_runs as r set is_current = false where r.is_current;
    update vidpipe.topic_runs as r set is_current = true where r.run_no = promote_topic_run.run_no;
end;
$$;
comment on function vidpipe.promote_topic_run(integer) is
'Makes the views show another topic run, a newer or an older one. For the owner of the tables.';

create or replace function vidpipe.wilson_interval(
    hits bigint, trials bigint, out low double precision, out high double precision
)
language sql
immutable
as $$
    select
        (p + z * z / (2 * n) - z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n),
        (p + z * z / (2 * n) + z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    from (
        select
            hits::double precision / trials as p,
            trials::double precision as n,
            1.959964::double precision as z
        where trials > 0
    ) as given;
$$;
comment on function vidpipe.wilson_interval(bigint, bigint) is
'95 % interval of a share, hits of trials, by Wilson''s score (1927); nulls without trials.';

create or replace function vidpipe.burst_limit(counts bigint[], days integer)
returns double precision
language sql
immutable
as $$
    with daily as (
        select c.posts::double precision as posts from unnest(counts) as c (posts)
        union all
        select 0 from generate_series(1, days - cardinality(counts))
    ),

    middle as (
        select percentile_cont(0.5) within group (order by d.posts) as median from daily as d
    )

    select greatest(2, m.median + 3 * 1.4826 * percentile_cont(0.5) within group (order by abs(d.posts - m.median)))
    from middle as m
    cross join daily as d
    group by m.median;
$$;
comment on function vidpipe.burst_limit(bigint[], integer) is
'A day with more posts than this is a burst: the median of all days plus three standard deviations, estimated as '
'1.4826 times the median absolute deviation, and at least two. Takes the posts of the days with some, and the number '
'of all days.';

create or replace function vidpipe.days_spanned(days date[])
returns integer
language sql
immutable
as $$
    select 1 + coalesce(sum(least(g.days, 7)), 0)::integer
    from (select u.day - lag(u.day) over (order by u.day) as days from unnest(days_spanned.days) as u (day)) as g
    where g.days is not null;
$$;
comment on function vidpipe.days_spanned(date[]) is
'Number of days from the first to the last of these, of a pause 7 at most: one wrong date adds a week, not decades.';

create or replace function vidpipe.believed_time(posted_at timestamptz, ingest_date date)
returns timestamptz
language sql
immutable
as $$
    select case when (posted_at at time zone 'UTC')::date <= ingest_date + 1 then posted_at end;
$$;
comment on function vidpipe.believed_time(timestamptz, date) is
'The time of posting; null if it is from after the day that followed the ingest date, and so cannot be true.';
