-- Reused footage: reading matches from either side, the copies of a post, who posted the same within minutes.

create or replace function vidpipe.verdict_read_back(verdict text)
returns text
language sql
immutable
as $$
    select case verdict when 'clip_of' then 'contains' when 'contains' then 'clip_of' else verdict end;
$$;
comment on function vidpipe.verdict_read_back(text) is
'A verdict of footage_matches, read from the second content to the first.';

create or replace function vidpipe.edits_read_back(edits text[])
returns text[]
language sql
immutable
as $$
    select array(
        select case e.edit when 'faster' then 'slower' when 'slower' then 'faster' else e.edit end
        from unnest(edits) with ordinality as e (edit, place)
        order by e.place
    );
$$;
comment on function vidpipe.edits_read_back(text[]) is
'Edits of footage_matches, read from the second content to the first: what is faster there is slower here.';

create or replace function vidpipe.copies_of(
    video text,
    least_coverage real default 0,
    with_same_account boolean default true,
    verdicts text[] default null
)
returns setof vidpipe.footage_copy
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    known constant text[] := array[
        'identical', 'near_duplicate', 'clip_of', 'contains', 'shares_footage', 'same_scene', 'common_segment', 'static'
    ];
    own vidpipe.videos;
    own_time timestamptz;
begin
    select v.* into own from vidpipe.videos as v where v.video_id = vidpipe.video_id_of(copies_of.video);
    if not found then
        raise exception 'there is no video "%"', copies_of.video using errcode = 'no_data_found';
    end if;
    if not copies_of.verdicts <@ known then
        raise exception 'verdicts are {%}; they must be among %', array_to_string(copies_of.verdicts, ','),
            array_to_string(known, ', ') using errcode = 'invalid_parameter_value';
    end if;
    own_time := vidpipe.believed_time(own.posted_at, own.ingest_date);
    return query
    select
        w.video_id, m.verdict, m.coverage, m.other_coverage, m.matched_s, w.platform, w.account_id, w.account,
        t.posted_at, extract(epoch from t.posted_at - own_time)::double precision,
        w.account_id = own.account_id and w.platform is not distinct from own.platform,
        w.content_sha256, m.offset_s, m.speed, m.is_mirrored, m.edits, m.signals, m.e_value,
        coalesce(s.intervals, '[]')
    from vidpipe.content_matches as m
    inner join vidpipe.videos as w on m.other_content = w.content_sha256
    cross join lateral (select vidpipe.believed_time(w.posted_at, w.ingest_date) as posted_at) as t
    cross join lateral (
        select jsonb_agg(
            jsonb_build_object(
                'start_s', g.start_s, 'end_s', g.end_s,
                'copy_start_s', g.other_start_s, 'copy_end_s', g.other_end_s, 'is_common', g.is_common
            ) order by g.start_s, g.other_start_s
        ) as intervals
        from (
            select f.a_start_s, f.a_end_s, f.b_start_s, f.b_end_s, f.is_common from vidpipe.footage_segments as f
            where f.content_a = m.content_sha256 and f.content_b = m.other_content
            union all
            select f.b_start_s, f.b_end_s, f.a_start_s, f.a_end_s, f.is_common from vidpipe.footage_segments as f
            where f.content_b = m.content_sha256 and f.content_a = m.other_content
        ) as g (start_s, end_s, other_start_s, other_end_s, is_common)
    ) as s
    where m.content_sha256 = own.content_sha256
        and w.video_id <> own.video_id
        and w.removed_at is null
        and case when copies_of.verdicts is null then m.is_copy else m.verdict = any(copies_of.verdicts) end
        and greatest(m.coverage, m.other_coverage) >= copies_of.least_coverage
        and (
            copies_of.with_same_account
            or (w.account_id = own.account_id and w.platform is not distinct from own.platform) is not true
        )
    order by t.posted_at nulls last, w.video_id;
end;
$$;
comment on function vidpipe.copies_of(text, real, boolean, text[]) is
'One row per post that shows footage of the given one (by its id of now or of before), those of the same bytes '
'included, in the order of posting; lag_s is negative for posts before it. least_coverage leaves out pairs of which '
'neither is covered so far; with_same_account => false leaves out what the same account posted. Copies only, unless '
'verdicts names others, as same_scene. Removed posts are left out. UNTRUSTED text in the result.';

create or replace function vidpipe.copied_within(
    span interval, from_time timestamptz default null, to_time timestamptz default null
)
returns setof vidpipe.copied_pair
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    span_s constant double precision := extract(epoch from copied_within.span);
    day_s constant double precision := 86400;
begin
    if span_s is null or span_s <= 0 then
        raise exception 'the span is %; it must be longer than nothing, as interval ''10 minutes''',
            coalesce(copied_within.span::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    return query
    with posts as materialized (
        select
            v.video_id, v.platform, v.account_id, v.account, v.posted_at, v.content_sha256,
            floor(extract(epoch from v.posted_at)::double precision / span_s)::bigint as slot
        from vidpipe.videos as v
        where v.removed_at is null and v.account_id is not null and v.content_sha256 is not null
            and vidpipe.believed_time(v.posted_at, v.ingest_date) is not null
            and case v.posted_at_precision when 'file' then false when 'day' then span_s >= day_s else true end
            and (copied_within.from_time is null or v.posted_at >= copied_within.from_time)
            and (copied_within.to_time is null or v.posted_at < copied_within.to_time)
    ),
    grouped as materialized (  -- posts of the same bytes, and posts of one cluster
        select p.content_sha256 as footage, false as is_cluster, p.* from posts as p
        union all
        select c.cluster_id::text, true, p.* from posts as p
        inner join vidpipe.cluster_members as c on p.content_sha256 = c.content_sha256
    ),
    pairs as materialized (  -- slots as wide as the span: a pair lies in one or in two that follow each other
        select distinct a.video_id, b.video_id as copy_video_id
        from grouped as a
        inner join (
            select g.*, g.slot - n.back as earlier_slot from grouped as g cross join (values (0), (1)) as n (back)
        ) as b on a.footage = b.footage and a.slot = b.earlier_slot
        where (a.posted_at, a.video_id) < (b.posted_at, b.video_id)
            and extract(epoch from b.posted_at - a.posted_at) <= span_s
            and (a.platform is distinct from b.platform or a.account_id <> b.account_id)
            and not (a.is_cluster and a.content_sha256 = b.content_sha256)
    )
    select
        a.video_id, b.video_id, extract(epoch from b.posted_at - a.posted_at)::double precision, m.verdict,
        a.platform, a.account_id, a.account, a.posted_at, a.content_sha256,
        b.platform, b.account_id, b.account, b.posted_at, b.content_sha256
    from pairs as p
    inner join posts as a on p.video_id = a.video_id
    inner join posts as b on p.copy_video_id = b.video_id
    left join vidpipe.content_matches as m
        on a.content_sha256 = m.content_sha256 and b.content_sha256 = m.other_content and m.is_copy
    order by a.posted_at, a.video_id, b.posted_at, b.video_id;
end;
$$;
comment on function vidpipe.copied_within(interval, timestamptz, timestamptz) is
'One row per pair of posts by different accounts that show the same footage, the later at most so long after the '
'earlier, in the order of posting; the same bytes included. from_time is inclusive and to_time exclusive, and both '
'posts lie between. Left out: removed posts, posts without an account, and those whose time is not known well enough '
'(the time of the file; the day alone where the span is shorter than a day). UNTRUSTED text in the result.';

create or replace function vidpipe_ops.look_for_watched_footage(run_id text, seen_since timestamptz default null)
returns setof vidpipe.footage_watch_hits
language plpgsql
as $$
#variable_conflict use_column
begin
    insert into vidpipe_ops.seen_videos (video_id, seen_at)
    select v.video_id, clock_timestamp() from vidpipe.videos as v
    on conflict do nothing;
    return query
    insert into vidpipe.footage_watch_hits (
        name, video_id, content_sha256, verdict, coverage, copy_coverage, ingest_date, run_id
    )
    select
        f.name, v.video_id, v.content_sha256, m.verdict, m.coverage, m.other_coverage, v.ingest_date,
        look_for_watched_footage.run_id
    from vidpipe.watched_footage as f
    inner join vidpipe.content_matches as m on f.content_sha256 = m.content_sha256
    inner join vidpipe.videos as v on m.other_content = v.content_sha256
    inner join vidpipe_ops.seen_videos as o on v.video_id = o.video_id
    where m.is_copy and v.removed_at is null and o.seen_at >= f.watched_since
        and (look_for_watched_footage.seen_since is null or o.seen_at >= look_for_watched_footage.seen_since)
    on conflict do nothing
    returning *;
end;
$$;
comment on function vidpipe_ops.look_for_watched_footage(text, timestamptz) is
'New hits of watched footage among posts that came in since it is watched, and since a time if one is given: posts of '
'the same bytes, and copies. A post is a hit of a watched footage once.';
