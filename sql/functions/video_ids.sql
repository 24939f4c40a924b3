-- The ids that videos have, by the ids that people noted once.

create or replace function vidpipe.video_id_of(noted text)
returns text
language sql
stable
as $$
    select coalesce(
        (select v.video_id from vidpipe.videos as v where v.video_id = noted),
        (select f.video_id from vidpipe.former_video_ids as f where f.former_id = noted),
        noted);
$$;
comment on function vidpipe.video_id_of(text) is
'The id that a video has now, by one that it has or had; what no video had comes back as it is. UNTRUSTED text.';
