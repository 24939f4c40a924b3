-- What readers and analysts may do. Logins become members by `vidpipe db grant-reader` and `grant-analyst`;
-- timeouts are set on each login there, for settings of a group do not reach its members.
-- An owner without the right to create roles gets a notice: somebody who may has to create the two groups.

do $$
declare
    missing text;
begin
    foreach missing in array array['vidpipe_reader', 'vidpipe_analyst'] loop
        if not exists (select from pg_roles where rolname = missing) then
            begin
                execute format('create role %I nologin', missing);
            exception
                when duplicate_object or unique_violation then
                    null;  -- roles belong to the server: another database's upgrade was first
                when insufficient_privilege then
                    raise notice 'group role % is missing and % may not create roles', missing, current_user;
            end;
        end if;
    end loop;

    if exists (select from pg_roles where rolname = 'vidpipe_reader') then
        grant usage on schema vidpipe to vidpipe_reader;
        grant select on all tables in schema vidpipe to vidpipe_reader;
        alter default privileges in schema vidpipe grant select on tables to vidpipe_reader;
    end if;
    if exists (select from pg_roles where rolname = 'vidpipe_analyst') then
        grant usage on schema vidpipe to vidpipe_analyst;
        grant select on all tables in schema vidpipe to vidpipe_analyst;
        alter default privileges in schema vidpipe grant select on tables to vidpipe_analyst;
        grant insert (name, terms, cutoff, note, watch_threshold),
            update (terms, cutoff, note, watch_threshold), delete
            on vidpipe.saved_queries to vidpipe_analyst;
        revoke update, delete on vidpipe.relevance_judgements from vidpipe_analyst;  -- an earlier vidpipe gave both
        grant insert (query_name, video_id, grade) on vidpipe.relevance_judgements to vidpipe_analyst;
        grant insert (date, label, platform, account), update (date, label, platform, account), delete
            on vidpipe.events to vidpipe_analyst;
        grant insert (name, content_sha256, note), update (note), delete
            on vidpipe.watched_footage to vidpipe_analyst;
    end if;
end;
$$;
