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
