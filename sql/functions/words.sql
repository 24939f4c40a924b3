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

create or replace function vidpipe.checked_k(k integer)
returns integer
language plpgsql
immutable
parallel safe
as $$
begin
    if k is null or k < 1 or k > 1000 then
        raise exception 'k is %; it must be between 1 and 1000', coalesce(k::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    return k;
end;
$$;
comment on function vidpipe.checked_k(integer) is 'The number of results asked for; an error unless it is 1 to 1000.';

create or replace function vidpipe.search_words(
    words text,
    k integer default 10,
    platform text default null,
    account text default null,
    posted_from timestamptz default null,
    posted_until timestamptz default null,
    ingested_from date default null,
    ingested_until date default null,
    include_removed boolean default false
)
returns setof vidpipe.word_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    wanted constant tsquery := vidpipe.words_query(search_words.words);
    k constant integer := vidpipe.checked_k(search_words.k);
begin
    if numnode(wanted) = 0 then
        return;
    end if;
    return query
    select
        (row_number() over (order by h.score desc, h.posted_at desc nulls last, h.video_id))::integer,
        h.video_id, h.score,
        array_remove(array[
            case when ts_filter(h.words, '{a}') @@ h.any_word then 'hashtags' end,
            case when ts_filter(h.words, '{b}') @@ h.any_word then 'description' end,
            case when ts_filter(h.words, '{c}') @@ h.any_word then 'ocr' end], null),
        h.platform, h.account, h.posted_at, h.ingest_date, h.description, h.content_sha256
    from (
        select
            v.*, w.words, ts_rank(w.words, wanted) as score,
            replace(wanted::text, ' & ', ' | ')::tsquery as any_word
        from vidpipe.video_words as w
        inner join vidpipe.videos as v using (video_id)
        where w.words @@ wanted
            and (search_words.include_removed or v.removed_at is null)
            and (search_words.platform is null or v.platform = search_words.platform)
            and (search_words.account is null or v.account = search_words.account)
            and (search_words.posted_from is null or v.posted_at >= search_words.posted_from)
            and (search_words.posted_until is null or v.posted_at < search_words.posted_until)
            and (search_words.ingested_from is null or v.ingest_date >= search_words.ingested_from)
            and (search_words.ingested_until is null or v.ingest_date <= search_words.ingested_until)
        order by score desc, v.posted_at desc nulls last, v.video_id
        limit k
    ) as h;
end;
$$;
comment on function vidpipe.search_words(
    text, integer, text, text, timestamptz, timestamptz, date, date, boolean
) is
'One row per post that holds all the words, in any script, in its hashtags, description or accepted OCR lines; best '
'first. score is the full-text rank (no unit, larger is better); matched_in says where a word was found. posted_until '
'is exclusive, ingested_until inclusive. Removed posts are left out. UNTRUSTED text in the result.';
