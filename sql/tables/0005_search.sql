-- Filters as one value, and results that show the posts of equal bytes once. The functions of search change their
-- arguments, so the old ones go; the functions folder makes the new ones.

drop function if exists vidpipe.search_videos_by_vector(
    halfvec, text, integer, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.search_frames(
    halfvec, text, integer, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.similar_videos(
    text, integer, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.search_words(
    text, integer, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.near_frames(
    halfvec, integer, text, text, timestamptz, timestamptz, date, date, boolean
);
drop function if exists vidpipe.filter_sql(text, text, timestamptz, timestamptz, date, date, boolean);

create type vidpipe.video_filter as (
    platform text,
    account text,
    hashtag text,
    posted_from timestamptz,
    posted_until timestamptz,
    ingested_from date,
    ingested_until date,
    include_removed boolean
);
comment on type vidpipe.video_filter is 'What a post must satisfy to be found; null asks for nothing.';
comment on column vidpipe.video_filter.platform is 'Where it was posted.';
comment on column vidpipe.video_filter.account is 'Who posted it.';
comment on column vidpipe.video_filter.hashtag is 'One of its hashtags, with or without #, in any case.';
comment on column vidpipe.video_filter.posted_from is 'Posted at this time or later.';
comment on column vidpipe.video_filter.posted_until is 'Posted before this time.';
comment on column vidpipe.video_filter.ingested_from is 'Ingested on this UTC date or later.';
comment on column vidpipe.video_filter.ingested_until is 'Ingested on this UTC date or earlier.';
comment on column vidpipe.video_filter.include_removed is 'True to find removed posts, too.';

alter type vidpipe.video_hit add attribute posts bigint;
alter type vidpipe.similar_hit add attribute posts bigint;
alter type vidpipe.word_hit add attribute posts bigint;
comment on column vidpipe.video_hit.posts is
'Posts of the same bytes that pass the filters; the one shown is the earliest, unless all are asked for.';
comment on column vidpipe.similar_hit.posts is
'Posts of the same bytes that pass the filters; the one shown is the earliest, unless all are asked for.';
comment on column vidpipe.word_hit.posts is
'Found posts of the same bytes; the one shown is the best, unless all are asked for.';

create type vidpipe.hybrid_hit as (
    rank integer,
    video_id text,
    score double precision,
    looks_rank integer,
    looks_score double precision,
    words_rank integer,
    matched_in text [],
    platform text,
    account text,
    posted_at timestamptz,
    ingest_date date,
    description text,
    content_sha256 text,
    segment integer,
    timestamp_s double precision,
    keyframe_sha256 text,
    image_uri text,
    posts bigint
);
comment on type vidpipe.hybrid_hit is 'One row per content found by search_hybrid, by its looks, its words or both.';
comment on column vidpipe.hybrid_hit.rank is 'Place in the result, from 1 (best).';
comment on column vidpipe.hybrid_hit.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.hybrid_hit.score is
'Sum over the two lists of 1 / (60 + place in it): no unit, larger is better, at most 2/61.';
comment on column vidpipe.hybrid_hit.looks_rank is 'Place by the vector; null if not among those compared.';
comment on column vidpipe.hybrid_hit.looks_score is 'Cosine similarity of the vector and the frame, -1 to 1.';
comment on column vidpipe.hybrid_hit.words_rank is 'Place by the words; null if they do not occur.';
comment on column vidpipe.hybrid_hit.matched_in is 'Where words were found: hashtags, description, ocr.';
comment on column vidpipe.hybrid_hit.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.hybrid_hit.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.hybrid_hit.posted_at is 'When it was posted.';
comment on column vidpipe.hybrid_hit.ingest_date is 'UTC ingest date.';
comment on column vidpipe.hybrid_hit.description is 'What the poster wrote. UNTRUSTED text.';
comment on column vidpipe.hybrid_hit.content_sha256 is 'The file; joins contents and keyframes.';
comment on column vidpipe.hybrid_hit.segment is 'Segment of the matching keyframe; null if only words matched.';
comment on column vidpipe.hybrid_hit.timestamp_s is 'Time of the matching keyframe in seconds.';
comment on column vidpipe.hybrid_hit.keyframe_sha256 is
'The matching keyframe; joins ocr_lines and frame_embeddings.';
comment on column vidpipe.hybrid_hit.image_uri is 'Where its JPEG lies.';
comment on column vidpipe.hybrid_hit.posts is 'Posts of the same bytes that pass the filters.';

-- Saved queries whose terms cannot become a vector say why.

alter table vidpipe.saved_queries add column embedding_error text;
comment on column vidpipe.saved_queries.embedding_error is
'Why the vector could not be made; null if it was made or is still to be made. Changing the terms clears it.';

-- How well labelled queries were answered, over time.

create table vidpipe.search_quality_runs (
    run_no integer generated always as identity primary key,
    measured_at timestamptz not null default now(),
    query_set_sha256 text not null,
    model_id text not null,
    queries integer not null,
    mrr_at_5 real,
    map_at_5 real,
    recall_at_5 real,
    share_of_stretches_shown real,
    figures jsonb not null
);
create index search_quality_runs_query_set on vidpipe.search_quality_runs (query_set_sha256, run_no);

comment on table vidpipe.search_quality_runs is 'One row per evaluation of a set of labelled queries.';
comment on column vidpipe.search_quality_runs.run_no is 'Number of the run, in time order.';
comment on column vidpipe.search_quality_runs.measured_at is 'When it was measured.';
comment on column vidpipe.search_quality_runs.query_set_sha256 is
'SHA-256 (hex) of the file of queries: only runs of the same file can be compared.';
comment on column vidpipe.search_quality_runs.model_id is 'The model that made the vectors.';
comment on column vidpipe.search_quality_runs.queries is 'Visible queries that have a right answer in the index.';
comment on column vidpipe.search_quality_runs.mrr_at_5 is
'Mean over the queries of 1 / rank of the first right answer among 5, 0 to 1; null without queries.';
comment on column vidpipe.search_quality_runs.map_at_5 is
'Mean average precision among 5, 0 to 1: the sum of the precisions at right answers, divided by min(right answers, 5).';
comment on column vidpipe.search_quality_runs.recall_at_5 is
'Mean share of the right answers that are among 5, 0 to 1.';
comment on column vidpipe.search_quality_runs.share_of_stretches_shown is
'Share of the stretches that answer a query in which a keyframe lies, 0 to 1.';
comment on column vidpipe.search_quality_runs.figures is
'All figures with 95 % intervals, overall, by kind of query and by language, as vidpipe evaluate --json prints them.';

-- Watch-lists: saved queries that are looked for in new posts.

alter table vidpipe.saved_queries add column watch_threshold real check (watch_threshold between -1 and 1);
alter table vidpipe.saved_queries add column watched_since timestamptz;
comment on column vidpipe.saved_queries.watch_threshold is
'Cosine similarity from which a new post is a hit, -1 to 1; null if the query is not watched.';
comment on column vidpipe.saved_queries.watched_since is
'When watching began: posts that came in before are no hits; null if the query is not watched.';

create table vidpipe.watch_hits (
    query_name text not null references vidpipe.saved_queries (name) on update cascade on delete cascade,
    video_id text not null,
    content_sha256 text not null,
    segment integer not null,
    score real not null,
    ingest_date date not null,
    found_at timestamptz not null default now(),
    run_id text,
    notified_at timestamptz,
    primary key (query_name, video_id)
);
create index watch_hits_run_id on vidpipe.watch_hits (run_id);
comment on table vidpipe.watch_hits is 'One row per watched query and new post that reached its threshold.';
comment on column vidpipe.watch_hits.query_name is 'The saved query.';
comment on column vidpipe.watch_hits.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.watch_hits.content_sha256 is 'Its file; joins contents and keyframes.';
comment on column vidpipe.watch_hits.segment is 'Segment of its keyframe nearest to the query.';
comment on column vidpipe.watch_hits.score is 'Cosine similarity of that keyframe and the query, -1 to 1.';
comment on column vidpipe.watch_hits.ingest_date is 'UTC date that the post was ingested under.';
comment on column vidpipe.watch_hits.found_at is 'When it was found.';
comment on column vidpipe.watch_hits.run_id is 'Dagster run that found it.';
comment on column vidpipe.watch_hits.notified_at is
'When it was handed to the alert address, which happens once at most; null if there is none or not yet.';

create table vidpipe_ops.seen_videos (
    video_id text primary key,
    seen_at timestamptz not null default now()
);
comment on table vidpipe_ops.seen_videos is 'One row per post that watch-lists have been held against.';
comment on column vidpipe_ops.seen_videos.video_id is 'The post; joins vidpipe.videos. UNTRUSTED text.';
comment on column vidpipe_ops.seen_videos.seen_at is 'When it was first published.';
insert into vidpipe_ops.seen_videos (video_id) select video_id from vidpipe.videos;

-- What people said of search results.

create table vidpipe.relevance_judgements (
    query_name text not null references vidpipe.saved_queries (name) on update cascade on delete cascade,
    video_id text not null,
    grade smallint not null check (grade between 0 and 3),
    judged_by text not null default current_user,
    judged_at timestamptz not null default now(),
    primary key (query_name, video_id, judged_by)
);
comment on table vidpipe.relevance_judgements is
'One row per saved query, post and judge: whether the post answers it.';
comment on column vidpipe.relevance_judgements.query_name is 'The saved query.';
comment on column vidpipe.relevance_judgements.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.relevance_judgements.grade is '0: no answer; 1 to 3: an answer, 3 the best.';
comment on column vidpipe.relevance_judgements.judged_by is 'Login of the judge.';
comment on column vidpipe.relevance_judgements.judged_at is 'When it was judged.';
