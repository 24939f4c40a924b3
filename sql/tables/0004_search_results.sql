-- What searches return, one row per result: types, because a function cannot have a filter and a column of one name.

create type vidpipe.video_hit as (
    rank integer,
    video_id text,
    score double precision,
    platform text,
    account text,
    posted_at timestamptz,
    ingest_date date,
    description text,
    content_sha256 text,
    segment integer,
    timestamp_s double precision,
    keyframe_sha256 text,
    image_uri text
);
comment on type vidpipe.video_hit is 'One row per post found by search_videos_by_vector, with its best frame.';
comment on column vidpipe.video_hit.rank is 'Place in the result, from 1 (best).';
comment on column vidpipe.video_hit.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_hit.score is 'Cosine similarity of the vector and the frame, -1 to 1.';
comment on column vidpipe.video_hit.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.video_hit.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.video_hit.posted_at is 'When it was posted.';
comment on column vidpipe.video_hit.ingest_date is 'UTC ingest date.';
comment on column vidpipe.video_hit.description is 'What the poster wrote. UNTRUSTED text.';
comment on column vidpipe.video_hit.content_sha256 is 'The file; joins contents and keyframes.';
comment on column vidpipe.video_hit.segment is 'Segment of the matching keyframe.';
comment on column vidpipe.video_hit.timestamp_s is 'Time of the matching keyframe in seconds.';
comment on column vidpipe.video_hit.keyframe_sha256 is 'The matching keyframe; joins ocr_lines and frame_embeddings.';
comment on column vidpipe.video_hit.image_uri is 'Where its JPEG lies.';

create type vidpipe.frame_hit as (
    rank integer,
    content_sha256 text,
    segment integer,
    timestamp_s double precision,
    score double precision,
    keyframe_sha256 text,
    image_uri text,
    is_low_information boolean,
    video_id text,
    platform text,
    account text,
    posted_at timestamptz,
    posts bigint
);
comment on type vidpipe.frame_hit is
'One row per keyframe found by search_frames, with the earliest post that shows it.';
comment on column vidpipe.frame_hit.rank is 'Place in the result, from 1 (best).';
comment on column vidpipe.frame_hit.content_sha256 is 'The file; joins contents and keyframes.';
comment on column vidpipe.frame_hit.segment is 'Segment of the matching keyframe.';
comment on column vidpipe.frame_hit.timestamp_s is 'Time of the matching keyframe in seconds.';
comment on column vidpipe.frame_hit.score is 'Cosine similarity of the vector and the frame, -1 to 1.';
comment on column vidpipe.frame_hit.keyframe_sha256 is 'The matching keyframe; joins ocr_lines and frame_embeddings.';
comment on column vidpipe.frame_hit.image_uri is 'Where its JPEG lies.';
comment on column vidpipe.frame_hit.is_low_information is 'True if the frame is near-black or flat: weak evidence.';
comment on column vidpipe.frame_hit.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.frame_hit.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.frame_hit.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.frame_hit.posted_at is 'When it was posted.';
comment on column vidpipe.frame_hit.posts is 'Number of posts that pass the filters and show this frame.';

create type vidpipe.similar_hit as (
    rank integer,
    video_id text,
    score double precision,
    platform text,
    account text,
    posted_at timestamptz,
    ingest_date date,
    description text,
    content_sha256 text,
    own_segment integer,
    segment integer,
    timestamp_s double precision,
    keyframe_sha256 text,
    image_uri text
);
comment on type vidpipe.similar_hit is
'One row per post found by similar_videos, with the pair of frames that match best.';
comment on column vidpipe.similar_hit.rank is 'Place in the result, from 1 (best).';
comment on column vidpipe.similar_hit.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.similar_hit.score is 'Cosine similarity of the two frames that match best, -1 to 1.';
comment on column vidpipe.similar_hit.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.similar_hit.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.similar_hit.posted_at is 'When it was posted.';
comment on column vidpipe.similar_hit.ingest_date is 'UTC ingest date.';
comment on column vidpipe.similar_hit.description is 'What the poster wrote. UNTRUSTED text.';
comment on column vidpipe.similar_hit.content_sha256 is 'The file; joins contents and keyframes.';
comment on column vidpipe.similar_hit.own_segment is 'Segment of the matching keyframe of the given post.';
comment on column vidpipe.similar_hit.segment is 'Segment of the matching keyframe.';
comment on column vidpipe.similar_hit.timestamp_s is 'Time of the matching keyframe in seconds.';
comment on column vidpipe.similar_hit.keyframe_sha256 is
'The matching keyframe; joins ocr_lines and frame_embeddings.';
comment on column vidpipe.similar_hit.image_uri is 'Where its JPEG lies.';

create type vidpipe.word_hit as (
    rank integer,
    video_id text,
    score real,
    matched_in text [],
    platform text,
    account text,
    posted_at timestamptz,
    ingest_date date,
    description text,
    content_sha256 text
);
comment on type vidpipe.word_hit is 'One row per post found by search_words.';
comment on column vidpipe.word_hit.rank is 'Place in the result, from 1 (best).';
comment on column vidpipe.word_hit.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.word_hit.score is
'Full-text rank; no unit, larger is better, comparable within one search.';
comment on column vidpipe.word_hit.matched_in is 'Where words were found: hashtags, description, ocr.';
comment on column vidpipe.word_hit.platform is 'Where it was posted. UNTRUSTED text.';
comment on column vidpipe.word_hit.account is 'Who posted it. UNTRUSTED text.';
comment on column vidpipe.word_hit.posted_at is 'When it was posted.';
comment on column vidpipe.word_hit.ingest_date is 'UTC ingest date.';
comment on column vidpipe.word_hit.description is 'What the poster wrote. UNTRUSTED text.';
comment on column vidpipe.word_hit.content_sha256 is 'The file; joins contents and keyframes.';
