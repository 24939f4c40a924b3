-- What people say of search results now.

create or replace view vidpipe.current_judgements as
select distinct on (j.query_name, j.video_id, j.judged_by)
    j.query_name,
    j.video_id,
    j.judged_by,
    j.grade,
    j.judged_at,
    j.judgement_no
from vidpipe.relevance_judgements as j
order by j.query_name asc, j.video_id asc, j.judged_by asc, j.judgement_no desc;

comment on view vidpipe.current_judgements is
'One row per saved query, post and judge: the newest judgement, whether the post answers it.';
comment on column vidpipe.current_judgements.query_name is 'The saved query.';
comment on column vidpipe.current_judgements.video_id is 'The post; joins videos. UNTRUSTED text.';
comment on column vidpipe.current_judgements.judged_by is 'Login of the judge.';
comment on column vidpipe.current_judgements.grade is '0: no answer; 1 to 3: an answer, 3 the best.';
comment on column vidpipe.current_judgements.judged_at is 'When it was judged.';
comment on column vidpipe.current_judgements.judgement_no is 'Number of the judgement.';
