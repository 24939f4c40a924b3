-- Judgements are of posts that exist, and rows that one person wrote are not changed by another.

create or replace function vidpipe.check_judgement()
returns trigger
language plpgsql
as $$
begin
    new.video_id := vidpipe.video_id_of(new.video_id);
    if not exists (select from vidpipe.videos as v where v.video_id = new.video_id) then
        raise exception 'there is no video "%": it cannot be judged', new.video_id
            using errcode = 'foreign_key_violation', hint = 'select video_id from vidpipe.videos lists them.';
    end if;
    return new;
end;
$$;
comment on function vidpipe.check_judgement() is
'Trigger of relevance_judgements: refuses posts that do not exist, and notes the present id of one that had another.';

create or replace trigger check_judgement
before insert on vidpipe.relevance_judgements
for each row execute function vidpipe.check_judgement();

create or replace function vidpipe.is_owner(relation regclass)
returns boolean
language sql
stable
as $$
    select pg_has_role(session_user, c.relowner, 'usage') from pg_class as c where c.oid = relation;
$$;
comment on function vidpipe.is_owner(regclass) is
'Whether this session is that of a login which owns a table, as vidpipe does.';

create or replace function vidpipe.refuse_to_others()
returns trigger
language plpgsql
as $$
begin
    if old.created_by <> session_user and not vidpipe.is_owner(tg_relid) then
        raise exception 'this row of % was written by "%": nobody else can change or delete it',
            tg_relid::regclass, old.created_by
            using errcode = 'insufficient_privilege', hint = 'Write one of your own, or ask them.';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end;
$$;
comment on function vidpipe.refuse_to_others() is
'Trigger of saved_queries, events and watched_footage: rows are changed by the login that wrote them, or by the owner.';

create or replace trigger refuse_to_others
before delete or update of name, terms, cutoff, note on vidpipe.saved_queries
for each row execute function vidpipe.refuse_to_others();

create or replace trigger refuse_to_others
before delete or update on vidpipe.events
for each row execute function vidpipe.refuse_to_others();

create or replace trigger refuse_to_others
before delete or update on vidpipe.watched_footage
for each row execute function vidpipe.refuse_to_others();

create or replace function vidpipe.uses_by_others(query_name text)
returns text[]
language sql
stable
as $$
    select array_agg(u.sentence order by u.place, u.sentence)
    from (
        select 1 as place, format('"%s" watches it', coalesce(s.watched_by, s.created_by)) as sentence
        from vidpipe.saved_queries as s
        where s.name = uses_by_others.query_name and s.watch_threshold is not null
            and coalesce(s.watched_by, s.created_by) <> session_user
        union all
        select 2, format('"%s" judged its results (%s times)', j.judged_by, count(*))
        from vidpipe.relevance_judgements as j
        where j.query_name = uses_by_others.query_name and j.judged_by <> session_user
        group by j.judged_by
        union all
        select 3, format('saved query "%s" of "%s" is made of it', s.name, s.created_by)
        from vidpipe.saved_queries as s
        where s.terms @> jsonb_build_array(jsonb_build_object('saved', uses_by_others.query_name))
            and s.created_by <> session_user and s.name <> uses_by_others.query_name
    ) as u;
$$;
comment on function vidpipe.uses_by_others(text) is
'What other logins than this one use a saved query for, a sentence each; null if nothing. UNTRUSTED text.';

create or replace function vidpipe.refuse_if_used()
returns trigger
language plpgsql
as $$
declare
    uses constant text[] := vidpipe.uses_by_others(old.name);
begin
    if uses is not null and not (tg_op = 'UPDATE' and vidpipe.is_owner(tg_relid)) then
        raise exception 'saved query "%" is used by others: %', old.name, array_to_string(uses, '; ')
            using errcode = 'dependent_objects_still_exist',
                hint = 'Save another query under another name, and leave this one to them.';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end;
$$;
comment on function vidpipe.refuse_if_used() is
'Trigger of saved_queries: a query that others use is not deleted and asks the same as before.';

create or replace trigger refuse_if_used
before delete on vidpipe.saved_queries
for each row execute function vidpipe.refuse_if_used();

create or replace trigger refuse_changed_terms_if_used
before update of terms on vidpipe.saved_queries
for each row
when (new.terms is distinct from old.terms)
execute function vidpipe.refuse_if_used();
