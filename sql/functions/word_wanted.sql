-- The terms of a question in words, its mistakes, and what becomes of it as a whole.

create or replace function vidpipe.question_terms(question text)
returns table (nth bigint, term text, kind text, is_excluded boolean)
language plpgsql
immutable
parallel safe
as $$
declare
    most_letters constant integer := 1000;
    most_words constant integer := 50;
    parts constant text[] := string_to_array(vidpipe.prepared_text(left(question, most_letters + 1)), '"');
begin
    if length(question) > most_letters then
        raise exception 'a search for words takes % characters at most; these are %', most_letters, length(question)
            using errcode = 'invalid_parameter_value', hint = 'Search for the few words that tell most.';
    end if;
    if cardinality(parts) > 0 and cardinality(parts) % 2 = 0 then
        raise exception 'a quotation is not closed: put " on both sides of words that follow each other'
            using errcode = 'invalid_parameter_value';
    end if;
    if array_to_string(parts, ' ') ~ '\*[^\s]' then
        raise exception '"%": a * can only end a word, as in fire*',
            substring(array_to_string(parts, ' ') from '\S*\*\S+')
            using errcode = 'invalid_parameter_value',
                hint = 'Words of one stem are found without it, and a character that OCR misread, too.';
    end if;
    if (select count(distinct c.run) from vidpipe.cut_words(question) as c) > most_words then
        raise exception 'a search for words takes % words at most; these are %', most_words,
            (select count(distinct c.run) from vidpipe.cut_words(question) as c)
            using errcode = 'invalid_parameter_value', hint = 'Search for the few words that tell most.';
    end if;
    return query
    with said as (
        select p.nth as part, 0::bigint as place, p.part as term, true as is_phrase,
            parts[p.nth::integer - 1] ~ '(^|\s)-$' as is_excluded
        from unnest(parts) with ordinality as p (part, nth)
        where p.nth % 2 = 0
        union all
        select p.nth, t.place, ltrim(t.term, '-'), false, t.term ~ '^-'
        from unnest(parts) with ordinality as p (part, nth)
        cross join lateral regexp_split_to_table(p.part, '\s+') with ordinality as t (term, place)
        where p.nth % 2 = 1
    ),

    worded as (
        select s.*, row_number() over (order by s.part, s.place) as nth
        from said as s
        where exists (select from vidpipe.cut_words(s.term))
    )

    select w.nth, w.term,
        case
            when w.is_phrase then 'phrase'
            when w.term = 'or' and not w.is_excluded and w.nth > 1
                and w.nth < (select count(*) from worded)
                and lag(w.term) over (order by w.nth) <> 'or' then 'or'
            else 'word'
        end,
        w.is_excluded
    from worded as w
    order by w.nth;
end;
$$;
comment on function vidpipe.question_terms(text) is
'One row per term of a question: a word with what is joined to it, a phrase in quotation marks, or or. An error '
'explains a question that is too long, a quotation that is not closed, and a * that does not end a word.';

create or replace function vidpipe.glued_pairs(terms text[], kinds text[], excluded boolean[])
returns text[]
language sql
immutable
parallel safe
as $$
    -- by the place of the first; a pair is two plain words that follow each other
    select array(
        select case
            when kinds[p.place] = 'word' and kinds[p.place + 1] = 'word'
                and not excluded[p.place] and not excluded[p.place + 1]
                then (
                    select string_agg(vidpipe.folded(c.word), '' order by t.nth)
                    from unnest(terms[p.place : p.place + 1]) with ordinality as t (term, nth)
                    cross join lateral vidpipe.cut_words(t.term) as c
                    having count(*) = 2 and bool_and(c.kind = 'word') and sum(length(c.word)) > 3
                        and bool_and(t.term not like '%*')
                )
        end
        from generate_series(1, cardinality(terms)) as p (place)
        order by p.place);
$$;
comment on function vidpipe.glued_pairs(text[], text[], boolean[]) is
'For each term, what it and the next one are without the space that OCR may have lost; null where that cannot be.';

create or replace function vidpipe.glued(pair text)
returns tsquery[]
language sql
immutable
parallel safe
as $$
    select case
        when pair is not null then array[
            null, null, null,
            vidpipe.either(vidpipe.any_of(array[pair], ':C'), vidpipe.glued_candidates(pair)),
            vidpipe.either(vidpipe.any_of(array[pair], ':C'), vidpipe.any_of(array['^^' || pair]))]
    end;
$$;
comment on function vidpipe.glued(text) is
'Queries for two words that OCR read as one, in the order of the first five of wanted_words.';

create or replace function vidpipe.words_wanted(question text)
returns vidpipe.wanted_words
language plpgsql
stable
parallel safe
as $$
declare
    terms text[];
    kinds text[];
    excluded boolean[];
    pairs text[];
    forms tsquery[];
    without tsquery[];
    together tsquery[];
    whole tsquery[];
    wanted vidpipe.wanted_words;
begin
    select array_agg(t.term order by t.nth), array_agg(t.kind order by t.nth), array_agg(t.is_excluded order by t.nth)
    into terms, kinds, excluded
    from vidpipe.question_terms(question) as t;
    if terms is null then
        return null;
    end if;
    pairs := vidpipe.glued_pairs(terms, kinds, excluded);
    for place in 1..cardinality(terms) loop
        if kinds[place] = 'or' then
            if together is null then
                raise exception 'one side of "or" only excludes words: say what to find there'
                    using errcode = 'invalid_parameter_value';
            end if;
            whole := vidpipe.combined(whole, 'or', vidpipe.combined(together, 'and', without));
            together := null;
            without := null;
            continue;
        end if;
        if kinds[place] = 'phrase' then
            forms := vidpipe.forms_in_order(terms[place]);
            if vidpipe.squeezed(terms[place]) is not null then
                forms := vidpipe.combined(forms, 'or', vidpipe.forms_of_joined(vidpipe.squeezed(terms[place])));
            end if;
        else
            forms := vidpipe.forms_of_term(terms[place]);
        end if;
        if excluded[place] then
            without := vidpipe.combined(without, 'and', array_fill(!! forms[3], array[5]));
            continue;
        end if;
        if place > 1 then
            forms := vidpipe.combined(forms, 'or', vidpipe.glued(pairs[place - 1]));
        end if;
        forms := vidpipe.combined(forms, 'or', vidpipe.glued(pairs[place]));
        together := vidpipe.combined(together, 'and', forms);
        wanted.any_word := vidpipe.either(wanted.any_word, forms[3]);
        wanted.asked_words := wanted.asked_words || terms[place];
        wanted.asked_forms := wanted.asked_forms || forms[5];
    end loop;
    if together is null then
        raise exception 'the question only excludes words: say what to find, too'
            using errcode = 'invalid_parameter_value', hint = 'As in: tank -toy';
    end if;
    whole := vidpipe.combined(whole, 'or', vidpipe.combined(together, 'and', without));
    wanted.exact := whole[1];
    wanted.folded := whole[2];
    wanted.inflected := whole[3];
    wanted.candidates := whole[4];
    wanted.inside := whole[5];
    wanted.inside_words := array(
        select distinct substr(m.found[1], 3)
        from regexp_matches(whole[5]::text, '''(\^\^[^'']{3,})''', 'g') as m (found)
    );
    return wanted;
end;
$$;
comment on function vidpipe.words_wanted(text) is
'What a question in words asks of stored words; null if it has no words. All words must occur, "quoted ones" in this '
'order, or between two stands for either side, -word excludes, and word* is a beginning. At most 1,000 characters and '
'50 words.';

-- It is many small steps, whose plans need not be made anew for every question, whoever asks.
alter function vidpipe.words_wanted set plan_cache_mode = 'auto';

create or replace function vidpipe.words_query(question text)
returns tsquery
language sql
stable
parallel safe
as $$
    select (vidpipe.words_wanted(question)).inflected;
$$;
comment on function vidpipe.words_query(text) is
'A question in words as a query on video_words.words for whole words, inflected ones included; null without words.';
