-- A saved query whose terms change loses its vector, so that a name never answers for its old terms.

create or replace function vidpipe.forget_stale_vector()
returns trigger
language plpgsql
as $$
begin
    if new.terms is distinct from old.terms then
        new.embedding := null;
        new.model_id := null;
        new.embedded_at := null;
        new.embedding_error := null;
    end if;
    if (new.terms, new.cutoff, new.note) is distinct from (old.terms, old.cutoff, old.note) then
        new.updated_at := now();
    end if;
    return new;
end;
$$;
comment on function vidpipe.forget_stale_vector() is
'Trigger of saved_queries: clears the vector when the terms change and notes the time of the change.';

create or replace trigger forget_stale_vector
before update of terms, cutoff, note on vidpipe.saved_queries
for each row execute function vidpipe.forget_stale_vector();

create or replace function vidpipe.problem_of_terms(terms jsonb)
returns text
language plpgsql
immutable
as $$
declare
    term jsonb;
    place integer := 0;
    source text;
begin
    if jsonb_typeof(terms) is distinct from 'array' or terms = '[]' then
        return 'terms must be a list such as [{"text": "destroyed tank"}]';
    end if;
    for term in select t.term from jsonb_array_elements(terms) as t (term) loop
        place := place + 1;
        if jsonb_typeof(term) <> 'object' then
            return format('term %s must be an object such as {"text": "destroyed tank"}', place);
        end if;
        if (select count(*) from jsonb_object_keys(term - 'weight')) <> 1
            or not term ?| array['text', 'video', 'saved', 'image'] then
            return format(
                'term %s must have one of text, video, saved, image, and may have a weight; it has %s', place,
                coalesce((select string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(term) as k (key)), 'nothing'));
        end if;
        select k.key into source from jsonb_object_keys(term - 'weight') as k (key);
        if jsonb_typeof(term -> source) <> 'string' or term ->> source !~ '[^[:space:]]' then
            return format('term %s: %s must be a text that is not empty', place, source);
        end if;
        if length(term ->> source) > 10000 then
            return format('term %s has %s characters, more than 10000', place, length(term ->> source));
        end if;
        if jsonb_typeof(coalesce(term -> 'weight', '1')) <> 'number' or abs((term ->> 'weight')::numeric) > 1e300 then
            return format('term %s: weight must be a number', place);
        end if;
        if (term ->> 'weight')::numeric = 0 then
            return format('term %s: a weight of 0 leaves nothing of it; leave it out', place);
        end if;
    end loop;
    return null;
end;
$$;
comment on function vidpipe.problem_of_terms(jsonb) is
'What is wrong with the terms of a saved query, in a sentence; null if nothing is.';

create or replace function vidpipe.check_terms()
returns trigger
language plpgsql
as $$
declare
    problem constant text := vidpipe.problem_of_terms(new.terms);
begin
    if problem is not null then
        raise exception 'saved query "%" cannot be saved: %', new.name, problem
            using errcode = 'check_violation',
                hint = 'How terms are written stands in the comment on vidpipe.saved_queries.terms.';
    end if;
    return new;
end;
$$;
comment on function vidpipe.check_terms() is
'Trigger of saved_queries: refuses terms that cannot be understood. Rows of before it keep theirs.';

create or replace trigger check_terms
before insert or update of terms on vidpipe.saved_queries
for each row execute function vidpipe.check_terms();
