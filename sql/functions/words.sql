-- Words of posts as they are stored, and which posts hold the words of a question, and where.

create or replace function vidpipe.words_of_posts(only_posts text[])
returns table (video_id text, words tsvector)
language sql
stable
as $$
    with posts as materialized (
        select v.video_id, v.content_sha256, v.hashtags, v.description, v.language
        from vidpipe.videos as v
        where v.video_id = any(only_posts)
    ),

    read as materialized (
        select k.content_sha256, string_agg(l.text, E'\n' order by k.segment, l.line_no) as ocr_text
        from vidpipe.keyframes as k
        inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
        where l.accepted and k.content_sha256 in (select p.content_sha256 from posts as p)
        group by k.content_sha256
    )

    select
        p.video_id,
        setweight(vidpipe.words_of(array_to_string(p.hashtags, E'\n'), p.language, 1000), 'A')
        || setweight(vidpipe.words_of(p.description, p.language), 'B')
        || setweight(vidpipe.words_read(r.ocr_text, p.language), 'C')
    from posts as p
    left join read as r on p.content_sha256 = r.content_sha256;
$$;
comment on function vidpipe.words_of_posts(text[]) is
'One row per given post: the words that vidpipe.video_words should hold for it.';

create or replace function vidpipe.words_of_version(description text, content text, language text)
returns tsvector
language sql
stable
as $$
    select setweight(vidpipe.words_of(words_of_version.description, words_of_version.language), 'B')
        || setweight(
            vidpipe.words_read(
                string_agg(l.text, E'\n' order by k.segment, l.line_no), words_of_version.language),
            'C')
    from vidpipe.keyframes as k
    inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
    where l.accepted and k.content_sha256 = content;
$$;
comment on function vidpipe.words_of_version(text, text, text) is
'The words of an earlier version of a video, by what the poster had written then and the content. They are cut when '
'they are asked for: few videos have any.';

create or replace function vidpipe.stands_inside(word text, run text)
returns boolean
language sql
immutable
parallel safe
as $$
    -- a single letter beside it is a part of the same word: rain is in train by chance
    select case
        when length(word) < 4 then length(run) >= 12
        else length(run) >= 7 or word = run
    end and run collate "C" ~ ('(^|[0-9]|..)' || word || '($|[0-9]|..)');
$$;
comment on function vidpipe.stands_inside(text, text) is
'Whether a folded word is one of those that a longer OCR word seems to be made of.';

create or replace function vidpipe.may_be_misread(word text, run text)
returns boolean
language sql
immutable
parallel safe
as $$
    -- put in place of the call: nearly all pairs end here
    select length(word) >= 6
        and abs(length(word) - length(run)) <= 1
        and (left(word, 3) = left(run, 3) or right(word, 3) = right(run, 3))
        and vidpipe.without_look_alikes(left(word, 1)) = vidpipe.without_look_alikes(left(run, 1))
        and word collate "C" !~ '[0-9]';
$$;
comment on function vidpipe.may_be_misread(text, text) is
'Whether it is worth looking if an OCR word is a folded word of six letters or more with one character misread. The '
'first letter counts only where letters look alike, for cattle is not battle.';

create or replace function vidpipe.is_misread(word text, run text)
returns boolean
language sql
immutable
parallel safe
as $$
    -- of words at distance 1, beginnings and ends that are equal make all of the longer but one letter
    select (
        select count(*) filter (where left(word, p.n) = left(run, p.n))
            + count(*) filter (where right(word, p.n) = right(run, p.n))
        from generate_series(1, least(length(word), length(run))) as p (n)
    ) >= greatest(length(word), length(run)) - 1;
$$;
comment on function vidpipe.is_misread(text, text) is
'Whether a word is another with at most one character replaced, lost or added.';

create or replace function vidpipe.read_inside(words tsvector, wanted text[])
returns tsvector
language sql
immutable
parallel safe
as $$
    select words || array_to_tsvector(array(
        select distinct '^^' || w.word
        from (
            select vidpipe.folded(s.lexeme) as run
            from unnest(words) as s (lexeme, positions, weights)
            where 'C' = any(s.weights) and length(s.lexeme) >= 6 and s.lexeme collate "C" !~ '^[~=]'
        ) as r
        cross join unnest(wanted) as w (word)
        where (strpos(r.run, w.word) > 0 and vidpipe.stands_inside(w.word, r.run))
            or (vidpipe.may_be_misread(w.word, r.run) and vidpipe.is_misread(w.word, r.run))
    ));
$$;
comment on function vidpipe.read_inside(tsvector, text[]) is
'The stored words of a post, with those wanted ones (as ^^word) that stand inside its OCR words or are one of them '
'with one character misread.';

create or replace function vidpipe.match_score(words tsvector, wanted vidpipe.wanted_words)
returns double precision
language sql
immutable
parallel safe
as $$
    select case
        when words @@ wanted.exact then 4 + least(ts_rank(words, wanted.exact), 0.999)
        when words @@ wanted.folded then 3 + least(ts_rank(words, wanted.folded), 0.999)
        when words @@ wanted.inflected then 2 + least(ts_rank(words, wanted.inflected), 0.999)
        when wanted.inside_words is null then 0
        when vidpipe.read_inside(words, wanted.inside_words) @@ wanted.inside
            then 1 + least(ts_rank(words, wanted.inflected), 0.999)
        else 0
    end;
$$;
comment on function vidpipe.match_score(tsvector, vidpipe.wanted_words) is
'How stored words answer a question: 4 exact, 3 folded, 2 inflected, 1 inside, 0 not; plus the full-text rank, less '
'than 1.';

create or replace function vidpipe.matched_in(words tsvector, wanted vidpipe.wanted_words, kind integer)
returns text[]
language sql
immutable
parallel safe
as $$
    select array_remove(array[
        case when ts_filter(words, '{a}') @@ wanted.any_word then 'hashtags' end,
        case when ts_filter(words, '{b}') @@ wanted.any_word then 'description' end,
        case when kind = 1 or ts_filter(words, '{c}') @@ wanted.any_word then 'ocr' end], null);
$$;
comment on function vidpipe.matched_in(tsvector, vidpipe.wanted_words, integer) is
'Where any of the wanted words stands in the stored words of a post: hashtags, description, ocr.';

create or replace function vidpipe.posts_with_words(
    candidates tsquery, wanted vidpipe.wanted_words, filter vidpipe.video_filter, all_posts boolean
)
returns table (
    video_id text,
    score double precision,
    posts bigint,
    place bigint,
    content_sha256 text,
    version integer
)
language sql
stable
as $$
    with holding as materialized (  -- without the words, or much would be copied
        select v.video_id, v.posted_at, v.content_sha256, null::integer as version,
            vidpipe.match_score(w.words, wanted) as score
        from vidpipe.video_words as w
        inner join vidpipe.videos as v on w.video_id = v.video_id
        where w.words @@ candidates and vidpipe.passes(v, filter)
        union all
        select (e.video).video_id, (e.video).posted_at, e.content_sha256, e.version,
            vidpipe.match_score(o.words, wanted)
        from vidpipe.earlier_versions(filter) as e
        cross join lateral vidpipe.words_of_version(
            e.description, e.content_sha256, (e.video).language) as o (words)
        where o.words @@ candidates
    ),

    found as (
        select
            h.*,
            count(*) over (partition by h.content_sha256) as posts,
            row_number() over (
                partition by h.content_sha256
                order by h.score desc, h.posted_at nulls last, h.video_id
            ) as nth
        from holding as h
        where h.score > 0
    )

    select
        f.video_id, f.score, f.posts,
        row_number() over (
            order by f.score desc, f.posted_at desc nulls last, f.video_id, f.version nulls first
        ) as place,
        f.content_sha256, f.version
    from found as f
    where all_posts or f.nth = 1;
$$;
comment on function vidpipe.posts_with_words(
    tsquery, vidpipe.wanted_words, vidpipe.video_filter, boolean
) is
'One row per content of which a post holds the words and passes the filter: the post that holds them best; or one row '
'per such post. Posts are looked for by candidates, and kept where match_score is above 0. place counts from 1 (best). '
'version as in earlier_versions.';

create or replace function vidpipe.words_of_found(found_video text, content text, found_version integer)
returns tsvector
language sql
stable
as $$
    select case
        when found_version is null
            then (select w.words from vidpipe.video_words as w where w.video_id = found_video)
        else (
            select vidpipe.words_of_version(o.description, content, v.language)
            from vidpipe.video_versions as o
            inner join vidpipe.videos as v on o.video_id = v.video_id
            where o.video_id = found_video and o.version = found_version
        )
    end;
$$;
comment on function vidpipe.words_of_found(text, text, integer) is
'The words by which a post was found, or an earlier version of it.';

create or replace function vidpipe.best_posts_with_words(
    wanted vidpipe.wanted_words, filter vidpipe.video_filter, all_posts boolean, places integer, enough integer
)
returns table (
    video_id text,
    matched_as text,
    score real,
    matched_in text[],
    posts bigint,
    place integer,
    content_sha256 text,
    version integer
)
language plpgsql
stable
rows 20
as $$
#variable_conflict use_column
declare
    -- Planned for these very values, as a plan for all filters would carry every condition and use no index on posts.
    search constant text := '
        select
            p.video_id, (array[''inside'', ''inflected'', ''folded'', ''exact''])[floor(p.score)::integer],
            p.score::real,
            vidpipe.matched_in(
                vidpipe.words_of_found(p.video_id, p.content_sha256, p.version), $2, floor(p.score)::integer),
            p.posts, p.place::integer, p.content_sha256, p.version
        from (
            select w.video_id, w.score, w.posts, w.content_sha256, w.version,
                $5 + row_number() over (order by w.place) as place
            from vidpipe.posts_with_words($1, $2, $3, $4) as w
            where $4 or not w.content_sha256 = any($7)
            order by w.place
            limit $6
        ) as p
        order by p.place';
    of_whole_words vidpipe.wanted_words := wanted;
    found_posts integer;
    contents text[];
begin
    of_whole_words.inside_words := null;
    return query execute search
        using wanted.inflected, of_whole_words, filter, all_posts, 0, places, array[]::text[];
    get diagnostics found_posts = row_count;
    if found_posts < enough and wanted.inside_words is not null then
        contents := array(
            select w.content_sha256
            from vidpipe.posts_with_words(wanted.inflected, of_whole_words, filter, false) as w
        );
        return query execute search
            using wanted.candidates && !! wanted.inflected, wanted, filter, all_posts, found_posts,
            places - found_posts, contents;
    end if;
end;
$$;
comment on function vidpipe.best_posts_with_words(
    vidpipe.wanted_words, vidpipe.video_filter, boolean, integer, integer
) is
'The first rows of posts_with_words, as many as places: those of whole words, and then, if these are not enough, those '
'of words that stand inside OCR words or were misread there, which rank below. matched_as says which.';

create or replace function vidpipe.search_words(
    words text,
    k integer default 10,
    platform text default null,
    account text default null,
    hashtag text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false,
    all_posts boolean default false,
    include_versions boolean default false
)
returns setof vidpipe.word_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    wanted constant vidpipe.wanted_words := vidpipe.words_wanted(search_words.words);
    places constant integer := vidpipe.checked_k(search_words.k);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_words.platform, search_words.account, search_words.hashtag,
        search_words.posted_from, search_words.posted_until,
        search_words.ingested_from, search_words.ingested_until,
        search_words.include_removed, search_words.include_versions);
begin
    if wanted.any_word is null then
        return;
    end if;
    return query
    select
        p.place, v.video_id, p.score, p.matched_in, v.platform, v.account, v.posted_at, v.ingest_date, v.description,
        p.content_sha256, p.posts, p.version, p.matched_as
    from vidpipe.best_posts_with_words(wanted, filter, search_words.all_posts, places, places) as p
    inner join vidpipe.videos as v on p.video_id = v.video_id
    order by p.place;
end;
$$;
comment on function vidpipe.search_words(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean
) is
'One row per content of which a post holds all the words, in any script, in its hashtags, description or accepted OCR '
'lines; best first, with the post that holds them best; with all_posts one row per post. A question is written as for '
'websearch_to_tsquery: "these words in this order", this or that, -not_this, beginn*; at most 1,000 characters and 50 '
'words, and a mistake is an error. matched_as says how the words were found: exact above folded (accents, letter '
'variants), inflected (of the same stem), and inside (in a glued OCR word, or one character misread). matched_in says '
'in which fields; word_places where exactly. posted_until is exclusive, ingested_until inclusive. Removed posts are '
'left out; with include_versions earlier files of videos are found, too, by what was written beside them and read in '
'them. UNTRUSTED text in the result.';

-- Whoever calls it may ask for custom plans, which would be made anew for every call of a small function in it.
alter function vidpipe.best_posts_with_words set plan_cache_mode = 'auto';
