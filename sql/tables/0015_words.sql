-- Words by Unicode, with folded and inflected forms, in place of those of the built-in parser. The functions are made
-- anew with other arguments; words of before are cut again after them, in batches.

drop function if exists vidpipe.search_words(
    text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean
);
drop function if exists vidpipe.search_hybrid(
    text, halfvec, text, integer, text, text, text, timestamptz, timestamptz, date, date, boolean, boolean, boolean
);
drop function if exists vidpipe.posts_with_words(tsquery, vidpipe.video_filter, boolean);
drop function if exists vidpipe.matched_in(tsvector, tsquery);
drop function if exists vidpipe.words_of_version(text, text);
drop function if exists vidpipe.words_query(text);
drop function if exists vidpipe.words_of(text);
drop function if exists vidpipe.plain_words(text);
drop function if exists vidpipe.split_scripts(text);

alter table vidpipe.video_words add column cut_by integer not null default 0;
create index video_words_cut_by on vidpipe.video_words (cut_by);
comment on column vidpipe.video_words.cut_by is
'Number of the rules by which the words were cut (vidpipe.word_rules); an upgrade cuts those of older rules again.';
comment on column vidpipe.video_words.words is
'Words of the hashtags (weight A), description (B) and accepted OCR lines (C) in several forms: as written in lower '
'case; ~folded (no accents, letter variants, joined parts); =stem or =language:stem; ^pieces of Korean words and of '
'long OCR words; <, > and - parts of OCR words; !without look-alikes. Scripts without spaces as pairs of characters. '
'UNTRUSTED text.';

create type vidpipe.wanted_words as (
    exact tsquery,
    folded tsquery,
    inflected tsquery,
    candidates tsquery,
    inside tsquery,
    any_word tsquery,
    asked_words text [],
    asked_forms tsquery [],
    inside_words text []
);
comment on type vidpipe.wanted_words is 'One question for words, as a query on stored words for each way to match.';
comment on column vidpipe.wanted_words.exact is 'The words as they are written, but for case.';
comment on column vidpipe.wanted_words.folded is 'As exact, or without accents and letter variants, or joined.';
comment on column vidpipe.wanted_words.inflected is 'As folded, or of the same stem.';
comment on column vidpipe.wanted_words.candidates is
'What may hold the words inside glued OCR words, or with one character misread: more than really does.';
comment on column vidpipe.wanted_words.inside is
'As inflected, or found by vidpipe.read_inside, whose answers are added to the stored words first.';
comment on column vidpipe.wanted_words.any_word is 'As inflected, but any of the words is enough.';
comment on column vidpipe.wanted_words.asked_words is 'The words and phrases that are asked for, as they were cut.';
comment on column vidpipe.wanted_words.asked_forms is 'For each of asked_words, how it is found, inside included.';
comment on column vidpipe.wanted_words.inside_words is 'Words to look for inside OCR words; null if there are none.';

alter type vidpipe.word_hit add attribute matched_as text;
comment on column vidpipe.word_hit.matched_as is
'How all the words are found: exact; folded (other accents or letter variants); inflected (of the same stem); inside '
'(inside a longer OCR word, or with one misread character). All of a better way come before all of a worse.';
comment on column vidpipe.word_hit.score is
'4 for exact, 3 for folded, 2 for inflected, 1 for inside, plus the full-text rank from 0 to 1; larger is better.';
alter type vidpipe.hybrid_hit add attribute matched_as text;
comment on column vidpipe.hybrid_hit.matched_as is 'How the words are found, as in word_hit; null if they are not.';

create type vidpipe.word_place as (
    field text,
    matched_words text [],
    text text,
    segment integer,
    timestamp_s double precision,
    keyframe_sha256 text,
    image_uri text,
    line_no integer,
    confidence real,
    box real []
);
comment on type vidpipe.word_place is 'One row per text of a post in which words that were asked for stand.';
comment on column vidpipe.word_place.field is 'hashtags, description or ocr.';
comment on column vidpipe.word_place.matched_words is 'Which of the words and phrases stand in this text.';
comment on column vidpipe.word_place.text is 'The hashtag, the description or the line. UNTRUSTED text.';
comment on column vidpipe.word_place.segment is 'Segment of the keyframe; null unless field is ocr, as all below.';
comment on column vidpipe.word_place.timestamp_s is 'Time of the keyframe in seconds.';
comment on column vidpipe.word_place.keyframe_sha256 is 'The keyframe; joins ocr_lines and frame_embeddings.';
comment on column vidpipe.word_place.image_uri is 'Where its JPEG lies.';
comment on column vidpipe.word_place.line_no is 'Number of the line; joins ocr_lines.';
comment on column vidpipe.word_place.confidence is 'Confidence of the line, 0 to 1.';
comment on column vidpipe.word_place.box is 'Four corners x1,y1 to x4,y4 of the line in pixels of the keyframe.';
