-- The forms by which a word is found: folded, by its stem, and in pieces.

create or replace function vidpipe.folded(word text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when octet_length(word) = length(word) then word
        when word collate "C" ~ '[\u0400-\u052F]'  -- taken apart, й would become и
            then regexp_replace(
                translate(word, 'ёѐѝїґўќѓ', 'ееиігукг') collate "C", '[\u0300-\u036F\u0483-\u0487]', '', 'g')
        else normalize(
            regexp_replace(
                translate(
                    replace(replace(replace(replace(
                        regexp_replace(
                            normalize(word, nfd) collate "C",
                            -- accents; Hebrew points; Arabic vowels, hamzas and the tatweel; nuktas
                            '[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u08D3-\u08FF'
                            || '\u093C\u0A3C\u0ABC\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF]', '', 'g'),
                        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
                    'øđłıħðŋŧɓɗƙƴəς' || U&'\0671\0649\06CC\06D0\0629\06A9\06C1\06BE\06D5\06C3\0901\0981'
                    || U&'\05DA\05DD\05DF\05E3\05E5'
                    || '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯',
                    'odlihdntbdkyeσ' || U&'\0627\064A\064A\064A\0647\0643\0647\0647\0647\0647\0902\0982'
                    || U&'\05DB\05DE\05E0\05E4\05E6'
                    || '0123456789012345678901234567890123456789'
                ) collate "C",
                '[\u0919\u091E\u0923\u0928\u092E]\u094D(?=[\u0915-\u0939])', U&'\0902', 'g'),  -- हिन्दी is हिंदी
            nfc)
    end;
$$;
comment on function vidpipe.folded(text) is
'A word in lower case without what people leave out or write in two ways: accents, ß and ss, the Turkish dotless ı, '
'Hebrew points and final letters, Arabic vowels, tatweel and variants of alef, ya, ta marbuta and kaf, the Devanagari '
'nukta and nasals, digits of other scripts.';

create or replace function vidpipe.spelt_out(word text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when octet_length(word) > length(word) and word collate "C" ~ '[äöüåø]' then vidpipe.folded(
            replace(replace(replace(replace(replace(word, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'å', 'aa'), 'ø', 'oe'))
    end;
$$;
comment on function vidpipe.spelt_out(text) is
'A word with umlauts as two letters each (münchen: muenchen); null for other words.';

create or replace function vidpipe.stemmed_twice(word text, dictionary regdictionary)
returns text[]
language sql
immutable
parallel safe
as $$
    select s.stems || case
        when length(s.stems[1]) > 3
            and dictionary <> all(array['pg_catalog.english_stem', 'pg_catalog.russian_stem']::regdictionary[])
            then ts_lexize(dictionary, s.stems[1])
    end
    from (select ts_lexize(dictionary, word) as stems) as s;
$$;
comment on function vidpipe.stemmed_twice(text, regdictionary) is
'The stem of a word and, but in English and Russian, the stem of that: some stemmers take one ending at a time, and '
'the stem of a plural is the word itself, which has a stem, too.';

create or replace function vidpipe.stems(word text)
returns text[]
language plpgsql
immutable
parallel safe
as $$
declare
    code constant integer := ascii(word);
    dictionary regdictionary;
    written text := word;
    ending text;
begin
    if code < x'370'::integer then
        dictionary := 'pg_catalog.english_stem';
    elsif code < x'400'::integer or code between x'1F00'::integer and x'1FFF'::integer then
        dictionary := 'pg_catalog.greek_stem';
    elsif code < x'530'::integer then
        dictionary := 'pg_catalog.russian_stem';  -- Ukrainian in Russian letters has nearly Russian endings
        written := translate(regexp_replace(word, 'ів$', 'ев'), 'іїєґ', 'еиег');
    elsif code < x'590'::integer then
        dictionary := 'pg_catalog.armenian_stem';  -- which leaves plurals
        written := regexp_replace(word, '(?<=...)(ն?եր(ում|ից|ին|ի|ը)?|ը)$', '');
    elsif code < x'600'::integer then
        written := vidpipe.folded(word);  -- Hebrew: whether the first letter is a prefix cannot be seen
        return array(
            select distinct regexp_replace(w.begun, '(?<=...)(ימ|ות|ית|יה|ה|י)$', '')
            from unnest(array[written, regexp_replace(written, '^ו?[ובהכלמש](?=...)', '')]) as w (begun));
    elsif code < x'780'::integer then
        dictionary := 'pg_catalog.arabic_stem';  -- which leaves some articles, and Persian and Urdu endings
        written := regexp_replace(
            regexp_replace(word, '(?<=...)(هایی|های|وں|یں)$', ''), '^([وفبك]?ال|لل)(?=...)', '');
    elsif code between x'900'::integer and x'97F'::integer then
        dictionary := 'pg_catalog.hindi_stem';
        written := vidpipe.folded(word);
    elsif code between x'B80'::integer and x'BFF'::integer then
        dictionary := 'pg_catalog.tamil_stem';
    else
        ending := case
            when code between x'980'::integer and x'9FF'::integer
                then '(গুলোর|গুলোকে|গুলো|গুলি|দের|টির|টার|টিতে|টি|টা|কে|ের|েরা|রা|তে|র|ে)'
            when code between x'A00'::integer and x'A7F'::integer then '(ਾਂ|ਿਆਂ|ੀਆਂ|ਆਂ|ੇ|ਾ|ੀ|ਾਂ)'
            when code between x'A80'::integer and x'AFF'::integer
                then '(ઓમાં|ોમાં|ઓની|ઓના|ઓનો|ઓને|માં|થી|ની|ના|નો|નું|ને|ઓ|ો|ે)'
            when code between x'C00'::integer and x'C7F'::integer
                then '(లలో|లను|లకు|ులు|లు|లో|కు|ను|ని|కి|ు)'
            when code between x'C80'::integer and x'CFF'::integer
                then '(ಗಳಲ್ಲಿ|ಗಳನ್ನು|ಗಳು|ನ್ನು|ಲ್ಲಿ|ಕ್ಕೆ|ದ|ು)'
            when code between x'D00'::integer and x'D7F'::integer then '(കളിൽ|കളുടെ|കൾ|ങ്ങൾ|ത്തിൽ|ിൽ|ിന്റെ|ന്റെ|്)'
            when code between x'10A0'::integer and x'10FF'::integer
                then '(ებისთვის|ებისგან|ებიდან|ებით|ებში|ებზე|ების|ებს|ებმა|ები|ისთვის|იდან|ით|ის|ში|ზე|მა|ს|ი|ა)'
            when code between x'AC00'::integer and x'D7A3'::integer
                then '(으로부터|에서는|에서도|에서|에게|으로|부터|까지|들은|들이|들을|들의|들|은|는|이|가|을|를|의|에|와|과|도|만|로)'
        end;
        return case
            when ending is not null
                then array[regexp_replace(
                    vidpipe.folded(word), case when code < x'AC00'::integer then '(?<=...)' else '(?<=..)' end
                    || ending || '$', '')]
        end;
    end if;
    return array(
        select distinct vidpipe.folded(s.stem) from unnest(vidpipe.stemmed_twice(written, dictionary)) as s (stem));
end;
$$;
comment on function vidpipe.stems(text) is
'Stems of a word in lower case by its script: PostgreSQL''s own English stemmer for Latin, the Russian one for '
'Cyrillic, those for Greek, Armenian, Arabic, Hindi (Devanagari) and Tamil; for Hebrew, Korean, Georgian, Bengali, '
'Gurmukhi, Gujarati, Telugu, Kannada and Malayalam a list of common endings. Null or empty for other scripts and for '
'words that only join others.';

create or replace function vidpipe.stemmers()
returns table (code text, language text, dictionary regdictionary)
language sql
immutable
parallel safe
rows 20
as $$
    values
    ('da', 'da', 'pg_catalog.danish_stem'::regdictionary), ('nl', 'nl', 'pg_catalog.dutch_stem'),
    ('fi', 'fi', 'pg_catalog.finnish_stem'), ('fr', 'fr', 'pg_catalog.french_stem'),
    ('de', 'de', 'pg_catalog.german_stem'), ('hu', 'hu', 'pg_catalog.hungarian_stem'),
    ('id', 'id', 'pg_catalog.indonesian_stem'), ('id', 'ms', 'pg_catalog.indonesian_stem'),
    ('id', 'in', 'pg_catalog.indonesian_stem'), ('ga', 'ga', 'pg_catalog.irish_stem'),
    ('it', 'it', 'pg_catalog.italian_stem'), ('lt', 'lt', 'pg_catalog.lithuanian_stem'),
    ('no', 'no', 'pg_catalog.norwegian_stem'), ('no', 'nb', 'pg_catalog.norwegian_stem'),
    ('no', 'nn', 'pg_catalog.norwegian_stem'), ('pt', 'pt', 'pg_catalog.portuguese_stem'),
    ('ro', 'ro', 'pg_catalog.romanian_stem'), ('es', 'es', 'pg_catalog.spanish_stem'),
    ('sv', 'sv', 'pg_catalog.swedish_stem'), ('tr', 'tr', 'pg_catalog.turkish_stem'),
    ('eu', 'eu', 'pg_catalog.basque_stem'), ('ca', 'ca', 'pg_catalog.catalan_stem');
$$;
comment on function vidpipe.stemmers() is
'One row per language in Latin letters that has a stemmer beside the English one. language is how posts say it (the '
'first part of BCP 47), code how stored words do.';

create or replace function vidpipe.language_stems(word text, dictionary regdictionary, code text)
returns text[]
language sql
immutable
parallel safe
as $$
    select array(
        select distinct '=' || code || ':' || vidpipe.folded(s.stem)
        from unnest(vidpipe.stemmed_twice(word, dictionary)) as s (stem))
    where ascii(word) between 97 and x'36F'::integer;
$$;
comment on function vidpipe.language_stems(text, regdictionary, text) is
'Stems of a word in Latin letters as they are stored; null for words in other letters, none for words that only join '
'others.';

create or replace function vidpipe.syllable_pairs(word text)
returns text[]
language sql
immutable
parallel safe
as $$
    select case
        when ascii(word) between x'AC00'::integer and x'D7A3'::integer
            then array(select '^' || substr(word, p.place, 2) from generate_series(1, length(word) - 1) as p (place))
    end;
$$;
comment on function vidpipe.syllable_pairs(text) is
'Pairs of syllables of a Korean word as they are stored, because words are often written together; null for others.';

create or replace function vidpipe.word_forms(word text)
returns text[]
language plpgsql
immutable
parallel safe
as $$
declare
    forms text[] := array[word];
    folded constant text := vidpipe.folded(word);
    stem text;
begin
    if folded <> word then
        forms := forms || ('~' || folded);
        if vidpipe.spelt_out(word) is not null then
            forms := forms || ('~' || vidpipe.spelt_out(word));
        end if;
    end if;
    if length(word) < 3 or word collate "C" ~ '^[0-9]+$' then
        return forms;
    end if;
    foreach stem in array coalesce(vidpipe.stems(word), '{}') loop
        if stem <> folded then
            forms := forms || ('=' || stem);
        end if;
    end loop;
    return forms || vidpipe.syllable_pairs(word);
end;
$$;
comment on function vidpipe.word_forms(text) is
'The forms of a word that are stored, as the comment on video_words.words lists them.';

create or replace function vidpipe.ascii_forms(word text)
returns text[]
language sql
immutable
parallel safe
as $$
    -- put in place of the call: most words are of this kind
    select case
        when length(word) < 3 or word ~ '^[0-9]+$' then array[word]
        else array[word, '=' || nullif((ts_lexize('pg_catalog.english_stem', word))[1], word)]
    end;
$$;
comment on function vidpipe.ascii_forms(text) is 'As word_forms, for a word in ASCII; the second may be null.';

create or replace function vidpipe.without_look_alikes(word text)
returns text
language sql
immutable
parallel safe
as $$
    select translate(word, 'oilsbz', '011582');
$$;
comment on function vidpipe.without_look_alikes(text) is
'A folded word with digits in place of letters that look alike.';

create or replace function vidpipe.ends_of(word text, letters integer)
returns text[]
language sql
immutable
parallel safe
as $$
    select array[
        '<' || letters || ':' || left(word, letters / 2) || right(word, 1),
        '>' || letters || ':' || vidpipe.without_look_alikes(left(word, 1)) || right(word, letters / 2),
        '-' || letters || ':' || left(word, letters - 1)];
$$;
comment on function vidpipe.ends_of(text, integer) is
'A word as it is stored for an OCR word of so many letters, but for its second half, its first half, or its last '
'letter. If two words differ by one letter, and not in how the first one looks, one of the three is the same.';

create or replace function vidpipe.fours_of(word text)
returns text[]
language sql
immutable
parallel safe
as $$
    select array(select '^' || substr(word, p.place, 4) from generate_series(1, length(word) - 3) as p (place));
$$;
comment on function vidpipe.fours_of(text) is 'Runs of four letters of a word as they are stored for long OCR words.';

create or replace function vidpipe.words_of(input text, language text default null, most integer default 6000)
returns tsvector
language sql
stable
parallel safe
as $$
    with words as (
        select c.word, c.kind, string_agg(c.place::text, ',' order by c.place) as places
        from vidpipe.cut_words(input) as c
        where c.place <= most
        group by c.word, c.kind
    )

    select coalesce(string_agg('''' || f.form || ''':' || w.places, ' '), '')::tsvector
    from words as w
    cross join lateral unnest(
        case w.kind
            when 'word' then case
                when octet_length(w.word) = length(w.word) then vidpipe.ascii_forms(w.word)
                else vidpipe.word_forms(w.word)
            end || case
                when words_of.language is not null and length(w.word) > 2 then array(
                    select unnest(vidpipe.language_stems(w.word, s.dictionary, s.code))
                    from vidpipe.stemmers() as s
                    where s.language = lower(split_part(words_of.language, '-', 1) collate "C")
                )
            end
            when 'joined' then array['~' || vidpipe.folded(w.word)]
            else array[w.word]
        end) as f (form)
    where f.form is not null;
$$;
comment on function vidpipe.words_of(text, text, integer) is
'The words of a text as they are stored for search_words, in their forms: the first ones of very many, for PostgreSQL '
'stores 1 MB of them in a row. language is that of the post (BCP 47).';

create or replace function vidpipe.read_forms(words tsvector)
returns text[]
language sql
immutable
parallel safe
as $$
    with folded as (
        select distinct left(
            case when l.lexeme like '~%' then substr(l.lexeme, 2) else vidpipe.folded(l.lexeme) end, 100) as word
        from unnest(words) as l (lexeme)
        where l.lexeme collate "C" !~ '^[=^]' and length(l.lexeme) > 3
    ),

    wanted as (
        select f.word, length(f.word) as letters, f.word collate "C" ~ '[0-9]' as has_digits
        from folded as f
        where length(f.word) > 3
            and ascii(f.word) < x'AC00'::integer
            and f.word collate "C" !~ '^[0-9]*[^0-9]?[0-9]*$'
    )

    -- words of less than seven letters are seldom several
    select array(
        select '^' || substr(w.word, p.place, 4)
        from wanted as w
        cross join lateral generate_series(1, w.letters - 3) as p (place)
        where w.letters >= 7
        union
        select '^' || right(w.word, 3) from wanted as w where w.letters >= 7
        union
        select unnest(vidpipe.ends_of(w.word, w.letters)) from wanted as w where w.letters >= 6
        union
        select '!' || vidpipe.without_look_alikes(w.word) from wanted as w where w.has_digits
        union
        select '^^' || trim(w.word, '0123456789')
        from wanted as w
        where w.has_digits and w.word collate "C" ~ '^[0-9]*[^0-9]{3,}[0-9]*$');
$$;
comment on function vidpipe.read_forms(tsvector) is
'Further forms of the words of a text that OCR read, by which they are found when spaces were lost or a character was '
'misread: pieces of long words, parts of words of six letters or more, words with digits without look-alikes.';

create or replace function vidpipe.words_read(input text, language text default null)
returns tsvector
language sql
stable
parallel safe
as $$
    select w.words || array_to_tsvector(vidpipe.read_forms(w.words))
    from (select vidpipe.words_of(input, language, 3000) as words offset 0) as w;
$$;
comment on function vidpipe.words_read(text, text) is
'As words_of, for a text that OCR read: with pieces of its words, because OCR loses spaces and misreads characters.';
