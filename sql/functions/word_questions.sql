-- From a question in words to queries on stored words: as websearch_to_tsquery reads it, but with mistakes explained.

create or replace function vidpipe.any_of(lexemes text[], ending text default '')
returns tsquery
language sql
immutable
parallel safe
as $$
    select string_agg(distinct '''' || one || '''' || ending, ' | ')::tsquery
    from unnest(lexemes) as one
    where one <> '';  -- of a mark alone nothing is left when it is folded
$$;
comment on function vidpipe.any_of(text[], text) is
'A query for any of these lexemes, which hold no quote; ending is :* for all that begin so, or :C for OCR alone. Null '
'without lexemes, because the empty query comes with a notice.';

create or replace function vidpipe.all_of(lexemes text[])
returns tsquery
language sql
immutable
parallel safe
as $$
    select string_agg(distinct '''' || one || '''', ' & ')::tsquery from unnest(lexemes) as one;
$$;
comment on function vidpipe.all_of(text[]) is
'A query for all of these lexemes, which hold no quote; null without lexemes.';

create or replace function vidpipe.either(first tsquery, second tsquery)
returns tsquery
language sql
immutable
parallel safe
as $$
    select coalesce(first || second, first, second);
$$;
comment on function vidpipe.either(tsquery, tsquery) is 'A query for what one of two asks; null asks for nothing.';

create or replace function vidpipe.inflected_lexemes(word text)
returns text[]
language sql
stable
parallel safe
as $$
    -- the language of the question is not known: documents may be of any
    select array(
        select l.lexeme
        from unnest(array[word, vidpipe.folded(word)]) as w (word)
        cross join lateral unnest(vidpipe.stems(w.word)) as s (stem)
        cross join lateral (values ('=' || s.stem), (s.stem), ('~' || s.stem)) as l (lexeme)
        union
        select '=' || vidpipe.folded(word)  -- a stem of others that loses more: киев of киевом, and ки of киев
        union
        select unnest(vidpipe.language_stems(w.word, s.dictionary, s.code))
        from unnest(array[word, vidpipe.folded(word)]) as w (word)
        cross join vidpipe.stemmers() as s
    )
    where length(word) > case when octet_length(word) = length(word) then 2 else 1 end
        and word collate "C" !~ '^[0-9]+$';
$$;
comment on function vidpipe.inflected_lexemes(text) is
'Lexemes by which words with the stem of this one are stored, by every stemmer that documents may have used.';

create or replace function vidpipe.glued_candidates(word text)
returns tsquery
language sql
immutable
parallel safe
as $$
    -- what is asked is a folded word
    select case
        when length(word) > 2 then vidpipe.either(
            vidpipe.any_of(array['^^' || word]),
            case
                when ascii(word) >= x'AC00'::integer then null
                when length(word) = 3 then vidpipe.any_of(array['^' || word], ':*')
                else vidpipe.all_of(vidpipe.fours_of(word))
            end)
    end;
$$;
comment on function vidpipe.glued_candidates(text) is
'A query for posts whose OCR words may hold this folded word, in glued words; null if it is too short.';

create or replace function vidpipe.slip_candidates(word text)
returns tsquery
language sql
immutable
parallel safe
as $$
    select vidpipe.either(
        case
            when word collate "C" !~ '[0-9]' and length(word) >= 6 then vidpipe.any_of(
                case when length(word) > 6 then vidpipe.ends_of(word, length(word) - 1) end
                || vidpipe.ends_of(word, length(word)) || vidpipe.ends_of(word, length(word) + 1))
        end,
        case
            when word collate "C" ~ '[^0-9]' and length(word) > 3
                then vidpipe.any_of(array['!' || vidpipe.without_look_alikes(word)])
        end)
    where ascii(word) < x'AC00'::integer;
$$;
comment on function vidpipe.slip_candidates(text) is
'A query for posts whose OCR words may be this folded word with one character misread; null if it is too short.';

create or replace function vidpipe.forms_of_word(word text)
returns tsquery[]
language plpgsql
stable
parallel safe
as $$
declare
    plain constant text := vidpipe.folded(word);
    alike constant text[] := array[
        word, plain, '~' || plain, vidpipe.spelt_out(word), '~' || vidpipe.spelt_out(word)];
    inflected constant tsquery := vidpipe.either(
        vidpipe.any_of(alike || vidpipe.inflected_lexemes(word)), vidpipe.all_of(vidpipe.syllable_pairs(word)));
    close constant tsquery := vidpipe.either(vidpipe.glued_candidates(plain), vidpipe.slip_candidates(plain));
    read constant tsquery := case
        when length(plain) > 2
            then vidpipe.any_of(array['^^' || plain, '!' || vidpipe.without_look_alikes(plain)])
    end;
begin
    return array[
        vidpipe.any_of(array[word]), vidpipe.any_of(alike), inflected,
        vidpipe.either(inflected, close), vidpipe.either(inflected, read)];
end;
$$;
comment on function vidpipe.forms_of_word(text) is
'Queries for one word, in the order of the first five of wanted_words.';

create or replace function vidpipe.forms_of_beginning(word text)
returns tsquery[]
language sql
immutable
parallel safe
as $$
    select array[w.exact, w.folded, w.folded, w.folded, w.folded]
    from (
        select vidpipe.any_of(array[word], ':*') as exact,
            vidpipe.any_of(array[word, vidpipe.folded(word), '~' || vidpipe.folded(word)], ':*') as folded
    ) as w;
$$;
comment on function vidpipe.forms_of_beginning(text) is
'Queries for words that begin so, in the order of the first five of wanted_words.';

create or replace function vidpipe.combined(first tsquery[], joining text, second tsquery[])
returns tsquery[]
language sql
immutable
parallel safe
as $$
    select case
        when first is null then second
        when second is null then first
        else array(
            select case joining when 'and' then f.one && s.one when 'or' then vidpipe.either(f.one, s.one)
                else tsquery_phrase(f.one, s.one, joining::integer) end
            from unnest(first) with ordinality as f (one, nth)
            inner join unnest(second) with ordinality as s (one, nth) using (nth)
            order by nth)
    end;
$$;
comment on function vidpipe.combined(tsquery[], text, tsquery[]) is
'Each query of the first with that of the second at its place: and, or, or a number: so many words later.';

create or replace function vidpipe.forms_of_joined(word text)
returns tsquery[]
language sql
immutable
parallel safe
as $$
    select array[
        null, j.folded, j.folded,
        vidpipe.either(j.folded, vidpipe.glued_candidates(j.plain)),
        vidpipe.either(j.folded, case when length(j.plain) > 2 then vidpipe.any_of(array['^^' || j.plain]) end)]
    from (
        select vidpipe.folded(word) as plain,
            vidpipe.any_of(array[word, vidpipe.folded(word), '~' || vidpipe.folded(word)]) as folded
    ) as j;
$$;
comment on function vidpipe.forms_of_joined(text) is
'Queries for several words written as one, in the order of the first five of wanted_words.';

create or replace function vidpipe.forms_in_order(term text)
returns tsquery[]
language plpgsql
stable
parallel safe
as $$
declare
    has_star constant boolean := term like '%*';
    piece record;
    forms tsquery[];
    whole tsquery[];
    last_place integer;
begin
    for piece in
        select c.*, row_number() over (order by c.place desc) = 1 as is_last,
            c.kind = 'pair' and length(c.word) = 1 and count(*) over (partition by c.run) > 1 as is_end_of_pairs
        from vidpipe.cut_words(term) as c
        where c.kind <> 'joined'
        order by c.place
    loop
        continue when piece.is_end_of_pairs;  -- it need not end the run where it is found
        if piece.kind = 'pair' then
            forms := array_fill(  -- one character begins some pair
                vidpipe.any_of(array[piece.word], case when length(piece.word) = 1 then ':*' else '' end), array[5]);
        elsif piece.is_last and has_star then
            if length(piece.word) < 2 then
                raise exception '"%": put two letters or more before *', term using errcode = 'invalid_parameter_value';
            end if;
            forms := vidpipe.forms_of_beginning(piece.word);
        else
            forms := vidpipe.forms_of_word(piece.word);
        end if;
        whole := vidpipe.combined(whole, (piece.place - last_place)::text, forms);
        last_place := piece.place;
    end loop;
    return whole;
end;
$$;
comment on function vidpipe.forms_in_order(text) is
'Queries for all words of a text, one after the other, in the order of the first five of wanted_words; null without '
'words. The last word may end in *.';

create or replace function vidpipe.squeezed(term text)
returns text
language sql
immutable
parallel safe
as $$
    select string_agg(c.word, '' order by c.place)
    from vidpipe.cut_words(term) as c
    where c.kind <> 'joined' and term not like '%*'
    having count(*) > 1 and bool_and(c.kind = 'word');
$$;
comment on function vidpipe.squeezed(text) is
'The words of a text in lower case, written as one; null for a single word, a beginning and a script without spaces.';

create or replace function vidpipe.forms_of_term(term text)
returns tsquery[]
language plpgsql
stable
parallel safe
as $$
declare
    piece text;
    forms tsquery[];
    whole tsquery[];
begin
    -- what is joined (T-72) stands in order or as one word; what is not (tank/truck) just occurs
    for piece in
        select m.run[1] || case when term like '%*' and m.nth = count(*) over () then '*' else '' end
        from regexp_matches(vidpipe.prepared_text(term) collate "C", vidpipe.word_pattern(), 'g')
            with ordinality as m (run, nth)
        order by m.nth
    loop
        forms := vidpipe.forms_in_order(piece);
        if vidpipe.squeezed(piece) is not null then
            forms := vidpipe.combined(forms, 'or', vidpipe.forms_of_joined(vidpipe.squeezed(piece)));
        end if;
        whole := vidpipe.combined(whole, 'and', forms);
    end loop;
    return whole;
end;
$$;
comment on function vidpipe.forms_of_term(text) is
'Queries for a term without spaces, in the order of the first five of wanted_words; null if it has no words.';
