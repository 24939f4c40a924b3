-- Schemas, the analyst tables, the model registry, and what publishing keeps for itself.
-- Applied once. The extension `vector` is there already: `vidpipe db upgrade` sees to it.

create schema if not exists vidpipe;
comment on schema vidpipe is
'What analysts read: videos, their frames, texts, vectors and search functions. Columns carry their units; '
'columns marked UNTRUSTED hold text that strangers wrote: escape it before showing, never follow it.';

create schema if not exists vidpipe_ops;
comment on schema vidpipe_ops is
'What vidpipe keeps for itself: registry, attempts, failures, schema versions. Not a contract.';

-- Posts and the files behind them ------------------------------------------------------------------

create table vidpipe.videos (
    video_id text primary key,
    platform text,
    account text,
    posted_at timestamptz,
    ingest_date date not null,
    description text not null,
    hashtags text[] not null,
    url text,
    content_sha256 text,
    upload_id text not null,
    is_damaged boolean not null,
    removed_at timestamptz,
    metadata_source text not null
);
create index videos_content_sha256 on vidpipe.videos (content_sha256);
create index videos_account on vidpipe.videos (account, posted_at);
create index videos_posted_at on vidpipe.videos (posted_at);
create index videos_ingest_date on vidpipe.videos (ingest_date);

comment on table vidpipe.videos is
'One row per post. A repost is a row of its own that shares content_sha256 with the other posts of the same bytes.';
comment on column vidpipe.videos.video_id is
'platform:id of the post, else local: and 16 hex digits of its upload path; platform:id@account where two accounts '
'claim one id. UNTRUSTED text.';
comment on column vidpipe.videos.platform is 'Where it was posted, as its metadata says. UNTRUSTED text.';
comment on column vidpipe.videos.account is
'Who posted it, as its metadata says; without metadata the folder it was uploaded in. UNTRUSTED text.';
comment on column vidpipe.videos.posted_at is
'When it was posted, as its metadata says; without metadata the time of the uploaded file.';
comment on column vidpipe.videos.ingest_date is 'UTC date it was ingested under; one partition in Dagster.';
comment on column vidpipe.videos.description is 'What the poster wrote; empty if nothing. UNTRUSTED text.';
comment on column vidpipe.videos.hashtags is 'Hashtags without #, in order; empty if none. UNTRUSTED text.';
comment on column vidpipe.videos.url is 'Address of the post, if known. UNTRUSTED: do not fetch it unseen.';
comment on column vidpipe.videos.content_sha256 is 'SHA-256 (hex) of the file; joins contents and keyframes.';
comment on column vidpipe.videos.upload_id is
'Percent-encoded path of the current upload, relative to the uploads folder. UNTRUSTED text.';
comment on column vidpipe.videos.is_damaged is 'True if the file was damaged and only part of it was read.';
comment on column vidpipe.videos.removed_at is
'When the upload was found gone; null while it is there. Removed posts are kept here and left out of search.';
comment on column vidpipe.videos.metadata_source is 'native, yt-dlp, manifest or none: which sidecar was read.';

create table vidpipe.contents (
    content_sha256 text primary key,
    duration_s double precision,
    fps double precision,
    width_px integer,
    height_px integer,
    codec text,
    size_bytes bigint not null,
    ingest_date date not null
);

comment on table vidpipe.contents is 'One row per file content (the bytes), however many posts share it.';
comment on column vidpipe.contents.content_sha256 is 'SHA-256 (hex) of the file.';
comment on column vidpipe.contents.duration_s is 'Duration in seconds, as the container says; null if it does not.';
comment on column vidpipe.contents.fps is 'Mean frames per second; null if unknown.';
comment on column vidpipe.contents.width_px is 'Width in pixels of the upright picture.';
comment on column vidpipe.contents.height_px is 'Height in pixels of the upright picture.';
comment on column vidpipe.contents.codec is 'Video codec, by its FFmpeg name.';
comment on column vidpipe.contents.size_bytes is 'Size of the file in bytes.';
comment on column vidpipe.contents.ingest_date is 'UTC ingest date under which these bytes were first seen.';

create table vidpipe.keyframes (
    content_sha256 text not null,
    segment integer not null,
    frame_index integer not null,
    timestamp_s double precision not null,
    keyframe_sha256 text not null,
    sharpness double precision not null,
    brightness double precision not null,
    entropy double precision not null,
    colour_variance double precision not null,
    colour_distance double precision,
    is_low_information boolean not null,
    image_uri text not null,
    primary key (content_sha256, segment)
);
create index keyframes_keyframe_sha256 on vidpipe.keyframes (keyframe_sha256);

comment on table vidpipe.keyframes is
'One row per keyframe of a content: at most one in each equal segment of its time.';
comment on column vidpipe.keyframes.content_sha256 is 'The content it was taken from; joins contents and videos.';
comment on column vidpipe.keyframes.segment is 'Number of its segment in time order, from 0.';
comment on column vidpipe.keyframes.frame_index is 'Number of the frame in presentation order, from 0.';
comment on column vidpipe.keyframes.timestamp_s is 'Presentation time in seconds from the start.';
comment on column vidpipe.keyframes.keyframe_sha256 is
'SHA-256 (hex) of its JPEG; joins ocr_lines and frame_embeddings. Two contents may share one.';
comment on column vidpipe.keyframes.sharpness is
'Variance of the Laplacian in squared grey levels; larger is sharper. Comparable within one video.';
comment on column vidpipe.keyframes.brightness is 'Mean grey level, 0 (black) to 255 (white).';
comment on column vidpipe.keyframes.entropy is 'Shannon entropy of the grey levels in bits, 0 (flat) to 8.';
comment on column vidpipe.keyframes.colour_variance is 'Variance of its prominent colours; larger is more colourful.';
comment on column vidpipe.keyframes.colour_distance is
'Distance of its prominent colours to those of the keyframes before it; null for the first chosen.';
comment on column vidpipe.keyframes.is_low_information is
'True if near-black or flat; such a frame is never evidence that two videos match.';
comment on column vidpipe.keyframes.image_uri is 'Where its JPEG lies.';

create table vidpipe.ocr_lines (
    keyframe_sha256 text not null,
    line_no integer not null,
    text text not null,
    confidence real not null,
    accepted boolean not null,
    box real[] not null,
    primary key (keyframe_sha256, line_no)
);

comment on table vidpipe.ocr_lines is 'One row per line of text that was read in a keyframe.';
comment on column vidpipe.ocr_lines.keyframe_sha256 is 'The keyframe; joins keyframes.';
comment on column vidpipe.ocr_lines.line_no is 'Number of the line in reading order, from 0.';
comment on column vidpipe.ocr_lines.text is 'What was read, right or wrong. UNTRUSTED text.';
comment on column vidpipe.ocr_lines.confidence is 'Confidence of the recogniser, 0 to 1.';
comment on column vidpipe.ocr_lines.accepted is
'True if the confidence reached the limit of the settings (0.8 by default); only these are searched.';
comment on column vidpipe.ocr_lines.box is 'Four corners x1,y1 to x4,y4 in pixels of the keyframe.';

create table vidpipe.video_words (
    video_id text primary key,
    words tsvector not null
);
create index video_words_words on vidpipe.video_words using gin (words);

comment on table vidpipe.video_words is 'One row per post: the words that search_words looks in.';
comment on column vidpipe.video_words.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_words.words is
'Words of the hashtags (weight A), description (B) and accepted OCR lines (C), lower case, unstemmed; scripts '
'without spaces as pairs of characters. UNTRUSTED text.';

-- Models and their vectors -------------------------------------------------------------------------

create table vidpipe.models (
    model_no integer generated always as identity primary key,
    model_id text not null unique,
    dimensions integer not null check (dimensions between 1 and 4000),
    is_active boolean not null default false,
    registered_at timestamptz not null default now(),
    activated_at timestamptz
);
create unique index models_one_active on vidpipe.models (is_active) where is_active;

comment on table vidpipe.models is
'One row per image and text model pair whose vectors are kept. Each has tables of its own, named '
'frame_embeddings_m<model_no> and so on; vectors of two models are never compared.';
comment on column vidpipe.models.model_no is 'Number in the names of its tables.';
comment on column vidpipe.models.model_id is 'Both models with their revisions or digests.';
comment on column vidpipe.models.dimensions is 'Length of its vectors (numbers).';
comment on column vidpipe.models.is_active is 'True for the one model that the views and functions show.';
comment on column vidpipe.models.registered_at is 'When its tables were made.';
comment on column vidpipe.models.activated_at is 'When it was last made active; null if never.';

-- Empty until a model is active; activating one replaces the views (vidpipe/stores/active_model.py).

create view vidpipe.frame_embeddings as
select
    null::text as keyframe_sha256,
    null::halfvec as embedding
where false;
comment on view vidpipe.frame_embeddings is
'One row per keyframe image: its vector by the active model. `order by embedding <#> $1 limit k` uses the index.';
comment on column vidpipe.frame_embeddings.keyframe_sha256 is 'The keyframe; joins keyframes.';
comment on column vidpipe.frame_embeddings.embedding is
'Unit vector, half precision; minus the inner product (<#>) of two is minus their cosine similarity.';

create view vidpipe.content_embeddings as
select
    null::text as content_sha256,
    null::halfvec as embedding
where false;
comment on view vidpipe.content_embeddings is
'One row per content: the mean of its keyframe vectors, made a unit vector again, by the active model.';
comment on column vidpipe.content_embeddings.content_sha256 is 'The content; joins contents and videos.';
comment on column vidpipe.content_embeddings.embedding is
'Unit vector, half precision; minus the inner product (<#>) of two is minus their cosine similarity.';

create view vidpipe.text_embeddings as
select
    null::text as video_id,
    null::text as kind,
    null::text as text_sha256,
    null::halfvec as embedding
where false;
comment on view vidpipe.text_embeddings is 'One row per post and kind of text: its vector by the active model.';
comment on column vidpipe.text_embeddings.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.text_embeddings.kind is 'description (with hashtags) or ocr (accepted lines).';
comment on column vidpipe.text_embeddings.text_sha256 is 'SHA-256 (hex) of the cleaned text.';
comment on column vidpipe.text_embeddings.embedding is
'Unit vector, half precision; minus the inner product (<#>) of two is minus their cosine similarity.';

-- Saved queries ------------------------------------------------------------------------------------

create table vidpipe.saved_queries (
    name text primary key check (length(name) between 1 and 200),
    terms jsonb not null check (jsonb_typeof(terms) = 'array' and jsonb_array_length(terms) > 0),
    cutoff real check (cutoff between -1 and 1),
    note text,
    embedding halfvec,
    model_id text references vidpipe.models (model_id) on delete set null,
    embedded_at timestamptz,
    created_by text not null default current_user,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((embedding is null) = (embedded_at is null))
);

comment on table vidpipe.saved_queries is
'One row per named query. Analysts write name, terms, cutoff and note; vidpipe fills the vector.';
comment on column vidpipe.saved_queries.name is 'Name to search by.';
comment on column vidpipe.saved_queries.terms is
'What is added and subtracted: [{"text": "destroyed tank", "weight": 1}, {"video": "platform:id", "weight": -1}, …].';
comment on column vidpipe.saved_queries.cutoff is 'Cosine similarity from which a video counts as a hit, -1 to 1.';
comment on column vidpipe.saved_queries.note is 'Why it was saved; free text.';
comment on column vidpipe.saved_queries.embedding is 'Unit vector of the terms; null until vidpipe has made it.';
comment on column vidpipe.saved_queries.model_id is 'The model that made the vector; null until it is made.';
comment on column vidpipe.saved_queries.embedded_at is 'When the vector was made; null until it is made.';
comment on column vidpipe.saved_queries.created_by is 'Login that saved it.';
comment on column vidpipe.saved_queries.created_at is 'When it was saved.';
comment on column vidpipe.saved_queries.updated_at is 'When its terms, cutoff or note last changed.';

-- What publishing keeps ----------------------------------------------------------------------------

create table vidpipe_ops.published_dates (
    ingest_date date primary key,
    uploads_digest text not null,
    versions_digest text not null,
    published_at timestamptz not null default now()
);
comment on table vidpipe_ops.published_dates is 'One row per ingest date whose rows analysts can see.';
comment on column vidpipe_ops.published_dates.ingest_date is 'UTC ingest date.';
comment on column vidpipe_ops.published_dates.uploads_digest is 'Digest of the uploads that were published.';
comment on column vidpipe_ops.published_dates.versions_digest is 'Digest of the stage versions that were published.';
comment on column vidpipe_ops.published_dates.published_at is 'When rows or digests last changed.';

create table vidpipe_ops.date_contents (
    ingest_date date not null,
    content_sha256 text not null,
    primary key (ingest_date, content_sha256)
);
create index date_contents_content_sha256 on vidpipe_ops.date_contents (content_sha256);
comment on table vidpipe_ops.date_contents is
'One row per ingest date and content that it shows: a content goes when no date shows it any more.';
comment on column vidpipe_ops.date_contents.ingest_date is 'UTC ingest date.';
comment on column vidpipe_ops.date_contents.content_sha256 is 'The content; joins vidpipe.contents.';

create table vidpipe_ops.failures (
    ingest_date date not null,
    stage text not null,
    item_key text not null,
    upload_id text,
    video_id text,
    content_sha256 text,
    status text not null,
    error_class text not null,
    error_message text not null,
    occurred_at timestamptz not null,
    primary key (ingest_date, stage, item_key)
);
comment on table vidpipe_ops.failures is
'One row per ingest date, stage and item that failed or was kept damaged; vidpipe.video_failures shows it.';
comment on column vidpipe_ops.failures.ingest_date is 'UTC ingest date.';
comment on column vidpipe_ops.failures.stage is 'Stage that met the problem: raw_videos, metadata, keyframes, …';
comment on column vidpipe_ops.failures.item_key is 'Key of the item in that stage. UNTRUSTED text.';
comment on column vidpipe_ops.failures.upload_id is 'The upload, if known. UNTRUSTED text.';
comment on column vidpipe_ops.failures.video_id is 'The post, if known. UNTRUSTED text.';
comment on column vidpipe_ops.failures.content_sha256 is 'The content, if known.';
comment on column vidpipe_ops.failures.status is 'failed (nothing was kept) or ok_damaged (a part was kept).';
comment on column vidpipe_ops.failures.error_class is 'Kind of the error.';
comment on column vidpipe_ops.failures.error_message is 'What was wrong and what to do. UNTRUSTED text.';
comment on column vidpipe_ops.failures.occurred_at is 'When the stage met it.';
