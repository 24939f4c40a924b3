-- Word search of before, with PostgreSQL's own parser: what benchmarks.word_search compares with.
create schema plain;
create table plain.video_words (video_id text primary key, words tsvector not null);
create index video_words_words on plain.video_words using gin (words);
create type plain.word_hit as (
    rank integer, video_id text, score real, matched_in text [], platform text, account text, posted_at timestamptz,
    ingest_date date, description text, content_sha256 text, posts bigint, version integer
);
create type plain.hybrid_hit as (
    rank integer, video_id text, score double precision, looks_rank integer, looks_score double precision,
    words_rank integer, matched_in text [], platform text, account text, posted_at timestamptz, ingest_date date,
    description text, content_sha256 text, segment integer, timestamp_s double precision, keyframe_sha256 text,
    image_uri text, posts bigint, version integer
);

create or replace function plain.split_scripts(input text)
returns text
language plpgsql
immutable
parallel safe
as $$
declare
    -- Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han: words are not separated there
    unspaced constant text := '\u0E00-\u0FFF\u1000-\u109F\u1780-\u17FF\u3005-\u30FF\u3400-\u9FFF\uF900-\uFAFF'
        || '\U00020000-\U0003FFFF';
begin
    if input is null or input !~ ('[' || unspaced || ']') then
        return input;
    end if;
    return (
        select string_agg(
            case
                when run[1] !~ ('^[' || unspaced || ']') then run[1]
                else (select string_agg(substr(run[1], place, 2), ' ' order by place)
                      from generate_series(1, length(run[1])) as place)
            end,
            ' ' order by run_no)
        from regexp_matches(input, '[' || unspaced || ']+|[^' || unspaced || ']+', 'g')
            with ordinality as found (run, run_no)
    );
end;
$$;
create or replace function plain.plain_words(input text)
returns text
language sql
immutable
parallel safe
as $$
    -- all ASCII punctuation; a text whose bytes are as many as its characters is in that form already
    select regexp_replace(
        case when octet_length(input) = length(input) then input else normalize(coalesce(input, ''), nfkc) end,
        '[!-/:-@[-`{-~]', ' ', 'g'
    );
$$;
create or replace function plain.words_of(input text)
returns tsvector
language sql
immutable
parallel safe
as $$
    select to_tsvector('pg_catalog.simple', plain.split_scripts(plain.plain_words(input)));
$$;
create or replace function plain.words_query(input text)
returns tsquery
language plpgsql
immutable
parallel safe
as $$
declare
    term text;
    part tsquery;
    whole tsquery := ''::tsquery;
begin
    foreach term in array regexp_split_to_array(trim(plain.plain_words(input)), '\s+') loop
        if term = '' then
            continue;
        end if;
        if length(term) = 1 and plain.split_scripts(term || term) <> term || term then
            part := (quote_literal(term) || ':*')::tsquery;  -- one character begins some pair
        else
            -- the last "pair" of a run is its lone last character: it need not end the run where it is found
            part := phraseto_tsquery('pg_catalog.simple',
                regexp_replace(plain.split_scripts(term), '(\S\S) \S$', '\1'));
        end if;
        if numnode(part) > 0 then
            whole := case when numnode(whole) = 0 then part else whole && part end;
        end if;
    end loop;
    return whole;
end;
$$;
create or replace function plain.words_of_posts(only_posts text[])
returns table (video_id text, words tsvector)
language sql
stable
as $$
    with posts as (
        select v.video_id, v.content_sha256, v.hashtags, v.description
        from vidpipe.videos as v
        where v.video_id = any(only_posts)
    ),
    read as (
        select k.content_sha256, string_agg(l.text, ' ' order by k.segment, l.line_no) as ocr_text
        from vidpipe.keyframes as k
        inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
        where l.accepted and k.content_sha256 in (select p.content_sha256 from posts as p)
        group by k.content_sha256
    )
    select
        p.video_id,
        setweight(plain.words_of(array_to_string(p.hashtags, ' ')), 'A')
        || setweight(plain.words_of(p.description), 'B')
        || setweight(plain.words_of(r.ocr_text), 'C')
    from posts as p
    left join read as r on p.content_sha256 = r.content_sha256;
$$;
create or replace function plain.matched_in(words tsvector, wanted tsquery)
returns text[]
language sql
immutable
parallel safe
as $$
    select array_remove(array[
        case when ts_filter(words, '{a}') @@ q.any_word then 'hashtags' end,
        case when ts_filter(words, '{b}') @@ q.any_word then 'description' end,
        case when ts_filter(words, '{c}') @@ q.any_word then 'ocr' end], null)
    from (select replace(wanted::text, ' & ', ' | ')::tsquery as any_word) as q;
$$;
create or replace function plain.posts_with_words(wanted tsquery, filter vidpipe.video_filter, all_posts boolean)
returns table (
    video vidpipe.videos,
    score real,
    matched_in text[],
    posts bigint,
    place bigint,
    content_sha256 text,
    version integer
)
language sql
stable
as $$
    with holding as (
        select v as video, w.words, v.content_sha256, null::integer as version
        from plain.video_words as w
        inner join vidpipe.videos as v on w.video_id = v.video_id
        where w.words @@ wanted and vidpipe.passes(v, filter)
    ),

    found as (
        select
            h.*, ts_rank(h.words, wanted) as score,
            count(*) over (partition by h.content_sha256) as posts,
            row_number() over (
                partition by h.content_sha256
                order by ts_rank(h.words, wanted) desc, (h.video).posted_at nulls last, (h.video).video_id
            ) as nth
        from holding as h
    )
    select
        f.video, f.score, plain.matched_in(f.words, wanted), f.posts,
        row_number() over (
            order by f.score desc, (f.video).posted_at desc nulls last, (f.video).video_id, f.version nulls first
        ) as place,
        f.content_sha256, f.version
    from found as f
    where all_posts or f.nth = 1;
$$;
create or replace function plain.search_words(
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
returns setof plain.word_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    wanted constant tsquery := plain.words_query(search_words.words);
    places constant integer := vidpipe.checked_k(search_words.k);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_words.platform, search_words.account, search_words.hashtag,
        search_words.posted_from, search_words.posted_until,
        search_words.ingested_from, search_words.ingested_until,
        search_words.include_removed, search_words.include_versions);
begin
    if numnode(wanted) = 0 then
        return;
    end if;
    return query
    select
        p.place::integer, (p.video).video_id, p.score, p.matched_in, (p.video).platform, (p.video).account,
        (p.video).posted_at, (p.video).ingest_date, (p.video).description, p.content_sha256, p.posts, p.version
    from plain.posts_with_words(wanted, filter, search_words.all_posts) as p
    order by p.place
    limit places;
end;
$$;
alter function plain.search_words set plan_cache_mode = 'force_custom_plan';

create or replace function plain.search_hybrid(
    words text,
    embedding halfvec,
    model_id text,
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
returns setof plain.hybrid_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    smoothing constant double precision := 60;  -- Cormack, Clarke and Buettcher, SIGIR 2009
    -- Something always looks nearest, but words are found only where they stand.
    words_weight constant double precision := 2;
    this constant halfvec := vidpipe.query_vector(search_hybrid.embedding, search_hybrid.model_id);
    wanted constant tsquery := plain.words_query(search_hybrid.words);
    places constant integer := vidpipe.checked_k(search_hybrid.k);
    depth constant integer := greatest(100, 4 * places);
    filter constant vidpipe.video_filter := vidpipe.filter_of(
        search_hybrid.platform, search_hybrid.account, search_hybrid.hashtag,
        search_hybrid.posted_from, search_hybrid.posted_until,
        search_hybrid.ingested_from, search_hybrid.ingested_until,
        search_hybrid.include_removed, search_hybrid.include_versions);
begin
    return query
    with looks as (
        select n.*, row_number() over (order by n.distance, n.content_sha256) as place
        from vidpipe.near_contents(this, depth, filter) as n
    ),
    said as (
        select w.content_sha256, w.matched_in, w.place
        from plain.posts_with_words(wanted, filter, false) as w
        where numnode(wanted) > 0 and w.place <= depth
    ),
    fused as (
        select
            content_sha256, l.place as looks_place, -l.distance as looks_score, l.segment, s.place as words_place,
            s.matched_in,
            coalesce(1 / (smoothing + l.place), 0) + coalesce(words_weight / (smoothing + s.place), 0) as score
        from looks as l
        full join said as s using (content_sha256)
        order by score desc, content_sha256
        limit places
    )
    select
        (row_number() over (order by h.score desc, h.content_sha256, (p.video).posted_at, (p.video).video_id))::integer,
        (p.video).video_id, h.score, h.looks_place::integer, h.looks_score, h.words_place::integer, h.matched_in,
        (p.video).platform, (p.video).account, (p.video).posted_at, (p.video).ingest_date, (p.video).description,
        h.content_sha256, h.segment, f.timestamp_s, f.keyframe_sha256, f.image_uri, p.posts, p.version
    from fused as h
    cross join lateral vidpipe.posts_of(h.content_sha256, filter, search_hybrid.all_posts) as p
    left join vidpipe.keyframes as f on h.content_sha256 = f.content_sha256 and h.segment = f.segment
    order by 1
    limit places;
end;
$$;
alter function plain.search_hybrid set plan_cache_mode = 'force_custom_plan';
