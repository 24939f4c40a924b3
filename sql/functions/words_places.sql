-- Where the words of a question stand in a post.

create or replace function vidpipe.words_standing_in(words tsvector, wanted vidpipe.wanted_words)
returns text[]
language sql
immutable
parallel safe
as $$
    select array(
        select a.word
        from unnest(wanted.asked_words, wanted.asked_forms) with ordinality as a (word, forms, nth)
        where vidpipe.read_inside(words, wanted.inside_words) @@ a.forms
        order by a.nth);
$$;
comment on function vidpipe.words_standing_in(tsvector, vidpipe.wanted_words) is
'Which of the words and phrases of a question stand in these words.';

create or replace function vidpipe.word_places(video_id text, words text, content_sha256 text default null)
returns setof vidpipe.word_place
language plpgsql
stable
rows 10
as $$
#variable_conflict use_column
declare
    wanted constant vidpipe.wanted_words := vidpipe.words_wanted(word_places.words);
    own vidpipe.videos;
begin
    select v.* into own from vidpipe.videos as v where v.video_id = vidpipe.video_id_of(word_places.video_id);
    if not found then
        raise exception 'there is no video "%"', word_places.video_id using errcode = 'no_data_found';
    end if;
    if wanted.any_word is null then
        return;
    end if;
    return query
    with lines as (
        select k.segment, k.timestamp_s, k.keyframe_sha256, k.image_uri, l.line_no, l.confidence, l.box, l.text
        from vidpipe.keyframes as k
        inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
        where k.content_sha256 = coalesce(word_places.content_sha256, own.content_sha256) and l.accepted
    ),

    texts as (
        select 'hashtags' as field, h.hashtag as text, vidpipe.words_of(h.hashtag, own.language) as words
        from (select distinct unnest(own.hashtags)) as h (hashtag)
        union all
        select 'description', own.description, vidpipe.words_of(own.description, own.language)
        union all
        select 'ocr', l.text, setweight(vidpipe.words_read(l.text, own.language), 'C')
        from (select distinct o.text from lines as o) as l
    ),

    standing as materialized (
        select t.field, t.text, vidpipe.words_standing_in(t.words, wanted) as matched_words from texts as t
    )

    select
        s.field, s.matched_words, s.text, l.segment, l.timestamp_s, l.keyframe_sha256, l.image_uri, l.line_no,
        l.confidence, l.box
    from standing as s
    left join lines as l on s.field = 'ocr' and s.text = l.text
    where s.matched_words <> '{}'
    order by array_position(array['hashtags', 'description', 'ocr'], s.field), s.text, l.segment, l.line_no;
end;
$$;
comment on function vidpipe.word_places(text, text, text) is
'One row per hashtag, description and accepted OCR line of a post in which words of a question (as in search_words) '
'stand, with the keyframe, its time and the box of the line. content_sha256 is that of a found version; null for the '
'current one. UNTRUSTED text in the result.';
