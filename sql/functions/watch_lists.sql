-- Saved queries held against new posts.

create or replace function vidpipe.note_watching()
returns trigger
language plpgsql
as $$
begin
    if tg_op = 'UPDATE' then
        if old.watch_threshold is distinct from new.watch_threshold and old.watch_threshold is not null
            and coalesce(old.watched_by, old.created_by) <> session_user and not vidpipe.is_owner(tg_relid) then
            raise exception 'saved query "%" is watched by "%": nobody else can change that', old.name,
                coalesce(old.watched_by, old.created_by)
                using errcode = 'insufficient_privilege', hint = 'Save a query of your own, and watch that.';
        end if;
    end if;
    if new.watch_threshold is null then
        new.watched_since := null;
        new.watched_by := null;
    elsif new.watched_since is null then
        new.watched_since := clock_timestamp();
        new.watched_by := session_user;
    end if;
    return new;
end;
$$;
comment on function vidpipe.note_watching() is
'Trigger of saved_queries: notes by whom and since when a query is watched, and lets nobody else change that.';

create or replace trigger note_watching
before insert or update of watch_threshold on vidpipe.saved_queries
for each row execute function vidpipe.note_watching();

create or replace function vidpipe_ops.look_for_watched(
    run_id text, only_days date[] default null, only_queries text[] default null
)
returns setof vidpipe.watch_hits
language plpgsql
as $$
#variable_conflict use_column
begin
    insert into vidpipe_ops.seen_videos (video_id, seen_at)
    select v.video_id, clock_timestamp() from vidpipe.videos as v
    where only_days is null or v.ingest_date = any(only_days)
    on conflict do nothing;
    return query
    insert into vidpipe.watch_hits (query_name, video_id, content_sha256, segment, score, ingest_date, run_id)
    select distinct on (s.name, v.video_id)
        s.name, v.video_id, v.content_sha256, k.segment, -(f.embedding <#> s.embedding), v.ingest_date,
        look_for_watched.run_id
    from vidpipe.saved_queries as s
    inner join vidpipe.models as m on s.model_id = m.model_id and m.is_active
    inner join vidpipe_ops.seen_videos as o on s.watched_since <= o.seen_at
    inner join vidpipe.videos as v on o.video_id = v.video_id
    inner join vidpipe.keyframes as k on v.content_sha256 = k.content_sha256
    inner join vidpipe.frame_embeddings as f on k.keyframe_sha256 = f.keyframe_sha256
    where s.watch_threshold is not null and v.removed_at is null
        and (only_days is null or v.ingest_date = any(only_days))
        and (only_queries is null or s.name = any(only_queries))
        and -(f.embedding <#> s.embedding) >= s.watch_threshold
    order by s.name, v.video_id, f.embedding <#> s.embedding, k.segment
    on conflict do nothing
    returning *;
end;
$$;
comment on function vidpipe_ops.look_for_watched(text, date[], text[]) is
'New hits of watched queries among posts that came in since each is watched, of the given ingest dates and queries or '
'of all. A post is a hit of a query once.';
