-- Topics: what videos are about, found anew every week, with ids that survive.

create table vidpipe.topic_runs (
    run_no integer generated always as identity primary key,
    week date not null check (extract(isodow from week) = 1),
    made_at timestamptz not null default now(),
    is_current boolean not null default false,
    model_id text not null,
    inputs_digest text not null,
    videos integer not null,
    contents integer not null,
    topics integer not null,
    account_topics integer not null,
    outlier_share real not null,
    settings jsonb not null,
    candidates jsonb not null,
    notes text[] not null,
    report_uri text,
    dagster_run_id text
);
create unique index topic_runs_one_current on vidpipe.topic_runs (is_current) where is_current;

comment on table vidpipe.topic_runs is
'One row per clustering of everything that was ingested before the end of a week; views show the current one.';
comment on column vidpipe.topic_runs.run_no is 'Number of the run, in time order.';
comment on column vidpipe.topic_runs.week is 'Monday (UTC) of the last week that it has read.';
comment on column vidpipe.topic_runs.made_at is 'When it was made.';
comment on column vidpipe.topic_runs.is_current is
'True for the one run that the views show; vidpipe.promote_topic_run(run_no) makes another one current.';
comment on column vidpipe.topic_runs.model_id is 'The model that made the vectors.';
comment on column vidpipe.topic_runs.inputs_digest is
'Digest of everything read and of the settings: a run with the same one is not repeated.';
comment on column vidpipe.topic_runs.videos is 'Posts that it has read.';
comment on column vidpipe.topic_runs.contents is 'Different files among them: what was clustered.';
comment on column vidpipe.topic_runs.topics is 'Topics of the whole corpus.';
comment on column vidpipe.topic_runs.account_topics is 'Topics within accounts.';
comment on column vidpipe.topic_runs.outlier_share is 'Share of the contents in no topic of the whole corpus, 0 to 1.';
comment on column vidpipe.topic_runs.settings is 'Settings that were used, the threshold among them.';
comment on column vidpipe.topic_runs.candidates is
'Thresholds that were compared for the whole corpus: groups, share of outliers (0 to 1), silhouette (-1 to 1) and its '
'standard error, stability (at most 1), and the product of silhouette and stability (score): the largest threshold '
'whose score is within a standard error of the best was taken. Empty where one was set.';
comment on column vidpipe.topic_runs.notes is 'What was missing or wrong in what was read. UNTRUSTED text.';
comment on column vidpipe.topic_runs.report_uri is 'Where its HTML report lies; null if none was made.';
comment on column vidpipe.topic_runs.dagster_run_id is 'Dagster run that made it; null if none did.';

create table vidpipe.topics (
    run_no integer not null references vidpipe.topic_runs (run_no) on delete cascade,
    topic_id bigint not null,
    scope text not null check (scope in ('global', 'account')),
    platform text,
    account text,
    label text not null,
    words text[] not null,
    contents integer not null,
    videos integer not null,
    medoid_video_id text not null,
    keyframes text[] not null,
    embedding halfvec not null,
    primary key (run_no, topic_id),
    check ((scope = 'account') = (account is not null))
);
comment on table vidpipe.topics is
'One row per run and topic. A topic_id means the same topic in every run; current_topics shows the current ones.';
comment on column vidpipe.topics.run_no is 'The run; joins topic_runs.';
comment on column vidpipe.topics.topic_id is 'Number of the topic, kept from run to run (topic_lineage says how).';
comment on column vidpipe.topics.scope is 'global: of the whole corpus; account: of one account''s posts.';
comment on column vidpipe.topics.platform is 'Platform of the account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topics.account is 'The account; null for global topics. UNTRUSTED text.';
comment on column vidpipe.topics.label is 'Its first words, or its number where there are none. UNTRUSTED text.';
comment on column vidpipe.topics.words is
'Words that set it apart from the other topics of its scope (c-TF-IDF), the most telling first. UNTRUSTED text.';
comment on column vidpipe.topics.contents is 'Different files whose main topic it is.';
comment on column vidpipe.topics.videos is 'Posts whose main topic it is.';
comment on column vidpipe.topics.medoid_video_id is 'The post nearest to its centre; joins videos. UNTRUSTED text.';
comment on column vidpipe.topics.keyframes is 'Keyframes nearest to its centre, of different videos; join keyframes.';
comment on column vidpipe.topics.embedding is
'Mean vector of its contents by the run''s model, unit length, half precision: search_videos_by_vector takes it.';

create table vidpipe.video_topics (
    run_no integer not null,
    video_id text not null,
    topic_id bigint not null,
    share real not null check (share between 0 and 1),
    is_main boolean not null,
    is_provisional boolean not null default false,
    primary key (run_no, video_id, topic_id),
    foreign key (run_no, topic_id) references vidpipe.topics (run_no, topic_id) on delete cascade
);
create index video_topics_topic on vidpipe.video_topics (run_no, topic_id);
comment on table vidpipe.video_topics is
'One row per run, post and topic that it shows; a post without a row is in no topic.';
comment on column vidpipe.video_topics.run_no is 'The run; joins topic_runs.';
comment on column vidpipe.video_topics.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.video_topics.topic_id is 'The topic; joins topics on run_no and topic_id.';
comment on column vidpipe.video_topics.share is 'Share of its clear keyframes that show the topic, 0 to 1.';
comment on column vidpipe.video_topics.is_main is
'True for the topic that the post as a whole belongs to: one at most in each scope.';
comment on column vidpipe.video_topics.is_provisional is
'True if the post came after the run and was given the nearest topic that it lies in.';

create table vidpipe.topic_lineage (
    run_no integer not null references vidpipe.topic_runs (run_no) on delete cascade,
    previous_run_no integer not null,
    event text not null check (event in ('kept', 'new', 'split', 'merged', 'gone')),
    topic_id bigint,
    previous_topic_id bigint,
    overlap real not null,
    contents integer not null,
    unique nulls not distinct (run_no, topic_id, previous_topic_id)
);
comment on table vidpipe.topic_lineage is
'One row per run and step from the topics of the run that was current before to its own.';
comment on column vidpipe.topic_lineage.run_no is 'The run; joins topic_runs.';
comment on column vidpipe.topic_lineage.previous_run_no is 'The run that was current before.';
comment on column vidpipe.topic_lineage.event is
'kept: the same topic; new: without a forerunner; split: part of one that goes on, or fell apart; merged: went into '
'another one; gone: its posts are in no one topic any more.';
comment on column vidpipe.topic_lineage.topic_id is 'The topic in this run; null if gone.';
comment on column vidpipe.topic_lineage.previous_topic_id is 'The topic in the run before; null if new.';
comment on column vidpipe.topic_lineage.overlap is
'Contents of both ÷ contents of either, among those that both runs have read, 0 to 1.';
comment on column vidpipe.topic_lineage.contents is 'Contents of both; of new and gone ones, all.';

create table vidpipe.events (
    event_id integer generated always as identity primary key,
    date date not null,
    label text not null check (length(label) between 1 and 200),
    platform text,
    account text,
    created_by text not null default current_user,
    created_at timestamptz not null default now()
);
comment on table vidpipe.events is
'One row per dated event that people hold timelines against; analysts write it.';
comment on column vidpipe.events.event_id is 'Number of the event.';
comment on column vidpipe.events.date is 'UTC date.';
comment on column vidpipe.events.label is 'What happened, in a few words.';
comment on column vidpipe.events.platform is 'Platform of the account that it concerns; null for all.';
comment on column vidpipe.events.account is 'Account that it concerns; null for all.';
comment on column vidpipe.events.created_by is 'Login that wrote it.';
comment on column vidpipe.events.created_at is 'When it was written.';

create table vidpipe_ops.topic_spaces (
    run_no integer primary key references vidpipe.topic_runs (run_no) on delete cascade,
    fitted bytea not null
);
comment on table vidpipe_ops.topic_spaces is
'One row per run: what is needed to give later posts the nearest global topic.';
comment on column vidpipe_ops.topic_spaces.run_no is 'The run; joins vidpipe.topic_runs.';
comment on column vidpipe_ops.topic_spaces.fitted is 'A numpy archive (npz), as vidpipe.topics.provisional writes it.';
