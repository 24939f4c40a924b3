-- Full text with no extension: the `simple` configuration, plus pairs of characters for scripts without spaces.

create or replace function vidpipe.split_scripts(input text)
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
comment on function vidpipe.split_scripts(text) is
'The text with every run of a script without spaces turned into overlapping pairs of characters: 坦克在街 becomes '
'坦克 克在 在街 街. Without this, full text does not find 坦克 inside 坦克在街上.';

create or replace function vidpipe.plain_words(input text)
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
comment on function vidpipe.plain_words(text) is
'The text in one Unicode form, with ASCII punctuation turned into spaces: tank/truck is two words and not a path.';

create or replace function vidpipe.words_of(input text)
returns tsvector
language sql
immutable
parallel safe
as $$
    select to_tsvector('pg_catalog.simple', vidpipe.split_scripts(vidpipe.plain_words(input)));
$$;
comment on function vidpipe.words_of(text) is
'The words of a text as they are stored for search_words: lower case, unstemmed, with pairs of characters.';

create or replace function vidpipe.words_query(input text)
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
    foreach term in array regexp_split_to_array(trim(vidpipe.plain_words(input)), '\s+') loop
        if term = '' then
            continue;
        end if;
        if length(term) = 1 and vidpipe.split_scripts(term || term) <> term || term then
            part := (quote_literal(term) || ':*')::tsquery;  -- one character begins some pair
        else
            -- the last "pair" of a run is its lone last character: it need not end the run where it is found
            part := phraseto_tsquery('pg_catalog.simple',
                regexp_replace(vidpipe.split_scripts(term), '(\S\S) \S$', '\1'));
        end if;
        if numnode(part) > 0 then
            whole := case when numnode(whole) = 0 then part else whole && part end;
        end if;
    end loop;
    return whole;
end;
$$;
comment on function vidpipe.words_query(text) is
'All words of a text as a query on stored words; a word in a script without spaces must occur as a whole.';

create or replace function vidpipe.words_of_posts(only_posts text[])
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
        setweight(vidpipe.words_of(array_to_string(p.hashtags, ' ')), 'A')
        || setweight(vidpipe.words_of(p.description), 'B')
        || setweight(vidpipe.words_of(r.ocr_text), 'C')
    from posts as p
    left join read as r on p.content_sha256 = r.content_sha256;
$$;
comment on function vidpipe.words_of_posts(text[]) is
'One row per given post: the words that vidpipe.video_words should hold for it.';

create or replace function vidpipe.matched_in(words tsvector, wanted tsquery)
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
comment on function vidpipe.matched_in(tsvector, tsquery) is
'Where any of the wanted words stands in the stored words of a post: hashtags, description, ocr.';

create or replace function vidpipe.words_of_version(description text, content text)
returns tsvector
language sql
stable
as $$
    select setweight(vidpipe.words_of(words_of_version.description), 'B')
        || setweight(vidpipe.words_of(string_agg(l.text, ' ' order by k.segment, l.line_no)), 'C')
    from vidpipe.keyframes as k
    inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
    where l.accepted and k.content_sha256 = content;
$$;
comment on function vidpipe.words_of_version(text, text) is
'The words of an earlier version of a video, by what the poster had written then and the content. They are cut when '
'they are asked for: few videos have any.';

create or replace function vidpipe.posts_with_words(wanted tsquery, filter vidpipe.video_filter, all_posts boolean)
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
        from vidpipe.video_words as w
        inner join vidpipe.videos as v on w.video_id = v.video_id
        where w.words @@ wanted and vidpipe.passes(v, filter)
        union all
        select e.video, o.words, e.content_sha256, e.version
        from vidpipe.earlier_versions(filter) as e
        cross join lateral vidpipe.words_of_version(e.description, e.content_sha256) as o (words)
        where o.words @@ wanted
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
        f.video, f.score, vidpipe.matched_in(f.words, wanted), f.posts,
        row_number() over (
            order by f.score desc, (f.video).posted_at desc nulls last, (f.video).video_id, f.version nulls first
        ) as place,
        f.content_sha256, f.version
    from found as f
    where all_posts or f.nth = 1;
$$;
comment on function vidpipe.posts_with_words(tsquery, vidpipe.video_filter, boolean) is
'One row per content of which a post holds the words and passes the filter: the post that holds them best; or one row '
'per such post. place counts from 1 (best). version as in earlier_versions.';

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
    wanted constant tsquery := vidpipe.words_query(search_words.words);
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
    from vidpipe.posts_with_words(wanted, filter, search_words.all_posts) as p
    order by p.place
    limit places;
end;
$$;
comment on function vidpipe.search_words(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean
) is
'One row per content of which a post holds all the words, in any script, in its hashtags, description or accepted OCR '
'lines; best first, with the post that holds them best; with all_posts one row per post. score is the full-text rank '
'(no unit, larger is better); matched_in says where a word was found. posted_until is exclusive, ingested_until '
'inclusive. Removed posts are left out; with include_versions earlier files of videos are found, too, by what was '
'written beside them and read in them. UNTRUSTED text in the result.';

alter function vidpipe.search_words set plan_cache_mode = 'force_custom_plan';
