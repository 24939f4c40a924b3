-- Models beside the active one: how much they cover, and ranking by their own vectors, to compare them.

create or replace function vidpipe.model_coverage(model_no integer)
returns table (contents bigint, covered bigint)
language plpgsql
stable
as $$
begin
    return query execute format(
        'select count(*), count(e.content_sha256)'
        ' from (select distinct k.content_sha256 from vidpipe.keyframes as k) as shown'
        ' left join vidpipe.%I as e on shown.content_sha256 = e.content_sha256',
        'content_embeddings_m' || model_no);
end;
$$;
comment on function vidpipe.model_coverage(integer) is
'One row: contents that have keyframes, and how many of these have a vector by the model of that number.';

create or replace function vidpipe.rank_exactly(embedding halfvec, model_no integer, k integer)
returns table (content_sha256 text, score double precision)
language plpgsql
stable
as $$
begin
    return query execute format(
        'select k.content_sha256, max(-(f.embedding <#> $1)) as score'
        ' from vidpipe.%I as f inner join vidpipe.keyframes as k using (keyframe_sha256)'
        ' where exists (select from vidpipe.videos as v'
        ' where v.content_sha256 = k.content_sha256 and v.removed_at is null)'
        ' group by k.content_sha256 order by 2 desc, 1 limit $2',
        'frame_embeddings_m' || model_no)
    using rank_exactly.embedding, vidpipe.checked_k(rank_exactly.k);
end;
$$;
comment on function vidpipe.rank_exactly(halfvec, integer, integer) is
'One row per content that a post shows, best first: its best frame compared with a unit vector of any registered '
'model, active or not, by all of that model''s vectors and no index. It compares models; searches use the active one.';
