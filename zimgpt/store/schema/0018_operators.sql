-- What operators do to people and say to them: bans, broadcasts, and a note of every act.
--
-- A ban is kept by triggers, so that no door needs to think of it: whoever is banned
-- asks nothing, has nothing read for them and begins no session, in whichever way.

alter table users
  add column banned_at  timestamptz,
  add column ban_reason text check (octet_length(ban_reason) <= 1000),
  add check ((banned_at is null) = (ban_reason is null));

-- Acts have their names from the commands; a list here would have to know them all.
alter table operator_acts drop constraint if exists operator_acts_act_check;
alter table operator_acts add constraint operator_acts_act_check check (act ~ '^[a-z_]{1,40}$');

create function refuse_the_banned() returns trigger language plpgsql as $$
begin
  if exists (select from users where id = new.user_id and banned_at is not null) then
    raise exception 'this account is banned'
      using errcode = 'check_violation', constraint = 'users_not_banned';
  end if;
  return new;
end $$;
create trigger questions_of_the_banned before insert on questions
  for each row execute function refuse_the_banned();
create trigger sessions_of_the_banned before insert on sessions
  for each row execute function refuse_the_banned();

-- Notes an act, in the commit of what was done.
create function note_act(p_who text, p_act text, p_subject text, p_reason text)
returns void language sql as $$
  insert into operator_acts (who, act, subject, reason) values (p_who, p_act, p_subject, p_reason)
$$;

-- Bans a person and ends their sessions; nodes notice ended sessions within a minute.
-- The outcome is banned, already or unknown.
create function ban_user(p_user bigint, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v_user users;
begin
  select * into v_user from users where id = p_user for update;
  if not found then
    return 'unknown';
  end if;
  if v_user.banned_at is not null then
    return 'already';
  end if;
  update users set banned_at = clock_timestamp(), ban_reason = p_reason where id = p_user;
  delete from sessions where user_id = p_user;
  perform note_act(p_who, 'ban', 'user ' || p_user, p_reason);
  return 'banned';
end $$;

-- Takes a ban back. The outcome is unbanned, already or unknown.
create function unban_user(p_user bigint, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v_user users;
begin
  select * into v_user from users where id = p_user for update;
  if not found then
    return 'unknown';
  end if;
  if v_user.banned_at is null then
    return 'already';
  end if;
  update users set banned_at = null, ban_reason = null where id = p_user;
  perform note_act(p_who, 'unban', 'user ' || p_user, p_reason);
  return 'unbanned';
end $$;

-- ---- words to everybody ----------------------------------------------------------

create table broadcasts (
  id       text primary key check (id ~ '^[A-Za-z0-9._-]{1,64}$'),
  texts    jsonb not null check (texts ? 'en'),  -- by language; en where another is missing
  whatsapp boolean not null,
  web      boolean not null,
  made_at  timestamptz not null default clock_timestamp(),
  until    timestamptz not null,                 -- how long the web shows it, and a try to send it makes sense
  check (whatsapp or web));
create index broadcasts_shown on broadcasts (until) where web;

create table broadcast_people (                  -- to whom one was sent; at most once each
  broadcast_id text not null references broadcasts (id),
  contact_id   bigint not null references whatsapp_contacts (id),
  at           timestamptz not null default clock_timestamp(),
  primary key (broadcast_id, contact_id));

-- Begins a broadcast, once for each id; the outcome is begun, known (the same was begun
-- before, and is gone on with) or differs.
create function begin_broadcast(
  p_id text, p_texts jsonb, p_whatsapp boolean, p_web boolean, p_ends interval, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v broadcasts;
begin
  insert into broadcasts (id, texts, whatsapp, web, until)
    values (p_id, p_texts, p_whatsapp, p_web, clock_timestamp() + p_ends)
    on conflict (id) do nothing;
  if found then
    perform note_act(p_who, 'broadcast', 'broadcast ' || p_id, p_reason);
    return 'begun';
  end if;
  select * into strict v from broadcasts where id = p_id;
  if (v.texts, v.whatsapp, v.web) is distinct from (p_texts, p_whatsapp, p_web) then
    return 'differs';
  end if;
  return 'known';
end $$;

-- How many may still be written to: they wrote within the last day (ten minutes are left
-- for the sending), have not said STOP, are not banned, and have not had it.
create function broadcast_waiting(p_id text)
returns setof whatsapp_contacts language sql stable as $$
  select c.* from whatsapp_contacts c left join users u on u.id = c.user_id
   where c.heard_at > clock_timestamp() - interval '23 hours 50 minutes'
     and c.opted_out_at is null and u.banned_at is null
     and not exists (select from broadcast_people p where p.broadcast_id = p_id and p.contact_id = c.id)
$$;

-- Gives the next so many people theirs, each in their language; returns to how many.
create function broadcast_some(p_id text, p_limit int)
returns int language plpgsql as $$
declare
  v broadcasts;
  v_contact whatsapp_contacts;
  v_count int := 0;
begin
  select * into strict v from broadcasts where id = p_id for update;  -- one at a time
  if not v.whatsapp or v.until < clock_timestamp() then
    return 0;
  end if;
  for v_contact in select * from broadcast_waiting(p_id) order by id limit p_limit loop
    insert into broadcast_people (broadcast_id, contact_id) values (p_id, v_contact.id);
    insert into whatsapp_outgoing (id, contact_id, message)
      values (gen_random_uuid(), v_contact.id, coalesce(v.texts -> v_contact.language, v.texts -> 'en'));
    perform wake_lane('wa_send', v_contact.id, '', gen_random_uuid());
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'refuse_the_banned', 'note_act', 'ban_user', 'unban_user',
    'begin_broadcast', 'broadcast_waiting', 'broadcast_some']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on broadcasts, broadcast_people to zimgpt_app;
grant execute on function
  note_act, ban_user, unban_user, begin_broadcast, broadcast_waiting, broadcast_some
  to zimgpt_app;
