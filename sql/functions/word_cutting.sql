-- From a text to its words, by Unicode alone: documents and questions are cut alike, in a database of any locale.

create or replace function vidpipe.word_rules()
returns integer
language sql
immutable
parallel safe
as $$
    select 1;
$$;
comment on function vidpipe.word_rules() is
'Number of the rules by which words are cut and formed. Whoever changes them raises it: the next upgrade cuts all '
'stored words again.';

create or replace function vidpipe.prepared_text(input text)
returns text
language sql
immutable
parallel safe
as $$
    -- A text whose bytes are as many as its characters is ASCII. Apostrophes become one; the double quote of Hebrew
    -- acronyms becomes their own sign, and what keeps Persian endings apart a hyphen. What is not seen goes: joiners, soft hyphens, directions, skin tones, variation
    -- selectors. An emoji that is repeated stands once.
    select lower(case
        when octet_length(input) = length(input) then input
        else regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        normalize(
                            translate(input, U&'\2019\2018\201B\02BC\00B4\2032\FF07\055A', repeat('''', 8)), nfkc
                        ) collate "C",
                        '(?<=[\u0600-\u06FF])\u200C(?=[\u0600-\u06FF])', U&'\2010', 'g'),
                    '[\u00AD\u034F\u061C\u180E\u200C-\u200F\u202A-\u202E\u2060-\u2069\uFE00-\uFE0F\uFEFF\u20E3'
                    || '\U0001F3FB-\U0001F3FF\U000E0000-\U000E01EF]', '', 'g'),
                '([\u05D0-\u05EA])"([\u05D0-\u05EA])', U&'\\1\05F4\\2', 'g'),
            '([' || vidpipe.emoji() || '])\1+', '\1', 'g')
    end collate "C");
$$;
comment on function vidpipe.prepared_text(text) is
'The text in one Unicode form (NFKC), ASCII in lower case, without what cannot be seen.';

create or replace function vidpipe.lowered(word text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when octet_length(word) = length(word) then word
        when word collate "C" ~ ('[' || vidpipe.upper_letters() || ']')
            then translate(word, vidpipe.upper_letters(), vidpipe.lower_letters())
        else word
    end;
$$;
comment on function vidpipe.lowered(text) is
'A prepared word in lower case. Capital İ becomes i, and capital I as well: folding makes one of the Turkish four.';

create or replace function vidpipe.word_pattern()
returns text
language sql
immutable
parallel safe
as $$
    -- hyphens, the underscore, apostrophes, the Catalan point and the Hebrew signs join parts of one word
    select '[' || vidpipe.unspaced_letters() || ']+'
        || '|[' || vidpipe.spaced_letters() || ']+(?:[''_·\u002D\u2010\u2011\u2027\u05BE\u05F3\u05F4]'
        || '[' || vidpipe.spaced_letters() || ']+)*'
        || '|[\U0001F1E6-\U0001F1FF]{2}'
        || '|[' || vidpipe.emoji() || ']';
$$;
comment on function vidpipe.word_pattern() is
'A regular expression that matches one run of a prepared text: a word with its joined parts, a run of a script '
'without spaces, a flag, or an emoji.';

create or replace function vidpipe.cut_words(input text)
returns table (run integer, place integer, word text, kind text)
language sql
immutable
parallel safe
rows 50
as $$
    with runs as (
        select m.run::integer as run, m.found[1] as whole,
            m.found[1] ~ ('^[' || vidpipe.unspaced_letters() || ']') as is_unspaced
        from regexp_matches(vidpipe.prepared_text(input) collate "C", vidpipe.word_pattern(), 'g')
            with ordinality as m (found, run)
    ),

    parted as (
        select r.run, r.is_unspaced,
            case
                when r.is_unspaced then array(
                    select substr(r.whole, p.place, 2) from generate_series(1, length(r.whole)) as p (place)
                )
                else string_to_array(
                    vidpipe.lowered(translate(r.whole, U&'''_\00B7-\2010\2011\2027\05BE\05F3\05F4', '          ')), ' '
                )
            end as parts
        from runs as r
    ),

    placed as (
        select p.*, (sum(cardinality(p.parts)) over (order by p.run) - cardinality(p.parts))::integer as places_before
        from parted as p
    )

    select
        p.run,
        p.places_before + case when w.nth > cardinality(p.parts) then 1 else w.nth::integer end,
        left(w.word, 100),  -- nobody asks for longer ones, and PostgreSQL stores none above 2 kB
        case when p.is_unspaced then 'pair' when w.nth > cardinality(p.parts) then 'joined' else 'word' end
    from placed as p
    cross join lateral unnest(
        p.parts || case
            when not p.is_unspaced and cardinality(p.parts) between 2 and 5 then array[array_to_string(p.parts, '')]
        end
    ) with ordinality as w (word, nth);
$$;
comment on function vidpipe.cut_words(text) is
'One row per word of a text, in lower case. run numbers what stands together; place counts words from 1. kind: word; '
'pair, the overlapping pairs of characters of a script without spaces (坦克在街 is 坦克 克在 在街 街); or joined, the '
'parts of a run as one word (T-72B3 is the words t and 72b3, and joined t72b3; l''eau is l, eau and joined leau). Of a '
'word of more than 100 characters these count.';
