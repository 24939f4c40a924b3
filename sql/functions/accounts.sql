-- Accounts go by ids and are called by handles and names, which change: from one to the other.

create or replace function vidpipe.accounts_called(named text)
returns table (platform text, account_id text)
language sql
stable
as $$
    select distinct o.platform, o.account_id
    from vidpipe.video_versions as o
    where o.account_id is not null
        and (
            o.account_id = any(array[named, ltrim(named, '@'), '@' || ltrim(named, '@')])
            or o.account = any(array[named, ltrim(named, '@'), '@' || ltrim(named, '@')])
            or o.account_name = any(array[named, ltrim(named, '@'), '@' || ltrim(named, '@')])
        );
$$;
comment on function vidpipe.accounts_called(text) is
'One row per account that has that id, or has or had that handle or name; with or without @. UNTRUSTED text.';

create or replace function vidpipe.is_called(platform text, account_id text, named text)
returns boolean
language sql
stable
as $$
    select exists (
        select from vidpipe.accounts_called(named) as c
        where c.account_id = is_called.account_id and c.platform is not distinct from is_called.platform
    );
$$;
comment on function vidpipe.is_called(text, text, text) is
'Whether an account has that id, or has or had that handle or name; with or without @.';

create or replace function vidpipe.handle_of(platform text, account_id text)
returns text
language sql
stable
as $$
    select o.account
    from vidpipe.video_versions as o
    where o.account_id = handle_of.account_id and o.platform is not distinct from handle_of.platform
    order by o.first_seen_at desc, o.account
    limit 1;
$$;
comment on function vidpipe.handle_of(text, text) is
'The latest handle of an account, as vidpipe.accounts shows it; null if nothing of it is published. UNTRUSTED text.';
