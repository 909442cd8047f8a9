-- Who may use the admin pages, and their sessions: not people with wallets, and never
-- in one table with them.
--
-- The application reads neither table. It signs in, counts tries and takes codes by
-- these functions alone, so that no query that was got to say more gives secrets away.
-- Operators are made at the command line, by whoever owns the database.

create table operators (
  id            bigint generated always as identity primary key,
  name          text not null unique check (name ~ '^[a-z][a-z0-9._-]{0,31}$'),
  password_hash text not null,
  totp_secret   text not null check (totp_secret ~ '^[A-Z2-7]{32}$'),
  totp_step     bigint not null default 0,     -- the latest whose code was taken: none is taken twice
  failures      int not null default 0,        -- wrong passwords and codes in a row
  locked_until  timestamptz,
  made_at       timestamptz not null default clock_timestamp(),
  disabled_at   timestamptz);

create table operator_sessions (
  id           uuid primary key,
  operator_id  bigint not null references operators (id),
  token_digest bytea not null unique check (octet_length(token_digest) = 32),
  client       text not null check (octet_length(client) <= 400),
  proved       boolean not null,               -- false while the code is waited for
  opened_at    timestamptz not null default clock_timestamp(),
  seen_at      timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null);
create index operator_sessions_of on operator_sessions (operator_id);

-- What signing in is checked against, with the row locked until the commit; nothing for
-- an unknown name or one that is disabled. ``now`` is the clock that locks go by.
create function operator_to_try(p_name text)
returns table (id bigint, password_hash text, failures int, locked boolean, now timestamptz)
language sql as $$
  select o.id, o.password_hash, o.failures,
         coalesce(o.locked_until > clock_timestamp(), false), clock_timestamp()
    from operators o where o.name = p_name and o.disabled_at is null for update
$$;

-- The same for a session that waits for its code, with the secret and the latest step.
create function operator_to_prove(p_digest bytea)
returns table (session uuid, id bigint, name text, totp_secret text, totp_step bigint,
               failures int, locked boolean, now timestamptz)
language sql as $$
  select s.id, o.id, o.name, o.totp_secret, o.totp_step, o.failures,
         coalesce(o.locked_until > clock_timestamp(), false), clock_timestamp()
    from operator_sessions s join operators o on o.id = s.operator_id
   where s.token_digest = p_digest and not s.proved and s.expires_at > clock_timestamp()
     and o.disabled_at is null
     for update of o
$$;

create function count_operator_try(p_operator bigint, p_failures int, p_until timestamptz)
returns void language sql as $$
  update operators set failures = p_failures, locked_until = p_until where id = p_operator
$$;

-- Takes back one count: the password was right, or was not looked at.
create function forgive_operator(p_operator bigint)
returns void language sql as $$
  update operators set failures = greatest(failures - 1, 0), locked_until = null
   where id = p_operator
$$;

-- A session that waits for its code. What has ended is swept up on the way.
create function begin_operator_session(
  p_id uuid, p_operator bigint, p_digest bytea, p_client text, p_lasts interval)
returns void language sql as $$
  delete from operator_sessions where expires_at < clock_timestamp();
  insert into operator_sessions (id, operator_id, token_digest, client, proved, expires_at)
    select p_id, o.id, p_digest, p_client, false, clock_timestamp() + p_lasts
      from operators o where o.id = p_operator and o.disabled_at is null
$$;

-- Takes a code's step and gives the session its new secret; false if that step, or a
-- later one, was taken before, or the session is gone. Locks: operator, session.
create function prove_operator(
  p_session uuid, p_step bigint, p_digest bytea, p_lasts interval)
returns boolean language plpgsql as $$
declare
  v operators;
begin
  select o.* into v from operators o
   where o.id = (select operator_id from operator_sessions where id = p_session)
     and o.disabled_at is null
     for update;
  if not found or v.totp_step >= p_step then
    return false;
  end if;
  update operator_sessions
     set token_digest = p_digest, proved = true, seen_at = clock_timestamp(),
         expires_at = clock_timestamp() + p_lasts
   where id = p_session and not proved and expires_at > clock_timestamp();
  if not found then
    return false;
  end if;
  update operators set totp_step = p_step, failures = 0, locked_until = null where id = v.id;
  perform note_act(v.name, 'sign_in', 'operator ' || v.name,
                   (select client from operator_sessions where id = p_session));
  return true;
end $$;

-- The proved session of a secret; notes that it was seen, once in p_every.
create function operator_session(p_digest bytea, p_idle interval, p_every interval)
returns table (session uuid, id bigint, name text) language plpgsql as $$
begin
  return query
    select s.id, o.id, o.name from operator_sessions s join operators o on o.id = s.operator_id
     where s.token_digest = p_digest and s.proved and s.expires_at > clock_timestamp()
       and s.seen_at > clock_timestamp() - p_idle and o.disabled_at is null;
  if found then
    update operator_sessions s set seen_at = clock_timestamp()
     where s.token_digest = p_digest and s.seen_at < clock_timestamp() - p_every;
  end if;
end $$;

create function end_operator_session(p_digest bytea)
returns void language sql as $$
  delete from operator_sessions where token_digest = p_digest
$$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'operator_to_try', 'operator_to_prove', 'count_operator_try', 'forgive_operator',
    'begin_operator_session', 'prove_operator', 'operator_session', 'end_operator_session']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function
  operator_to_try, operator_to_prove, count_operator_try, forgive_operator,
  begin_operator_session, prove_operator, operator_session, end_operator_session
  to zimgpt_app;
