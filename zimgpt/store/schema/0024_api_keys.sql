-- Keys with which programs ask, in OpenAI's form, and pay from their owner's wallet.
--
-- A key is known by its SHA-256 alone. What its answers hold or have cost is counted in
-- the commits that hold and settle. Lock order: as before, and a key after the wallet.

create table api_keys (
  id         uuid primary key,
  user_id    bigint not null references users (id),
  name       text not null check (octet_length(name) between 1 and 400),
  digest     bytea not null unique check (octet_length(digest) = 32),
  hint       text not null,                   -- its last letters, for its owner to know it by
  budget     bigint check (budget >= 0),      -- tokens that it may take in its life; null: no limit of its own
  taken      bigint not null default 0 check (taken >= 0),
  per_minute int not null check (per_minute between 1 and 100000),
  full_at    timestamptz not null default now(), -- when its bucket of requests is full again
  created_at timestamptz not null default clock_timestamp(),
  used_at    timestamptz,
  revoked_at timestamptz,
  unique (id, user_id));
create index api_keys_of_user on api_keys (user_id, created_at) where revoked_at is null;

create table api_uses (                       -- a question that came by a key
  answer_id   uuid primary key,
  user_id     bigint not null,
  key_id      uuid not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32), -- of the request, byte for byte
  at          timestamptz not null default clock_timestamp(),
  foreign key (answer_id, user_id) references answers (id, user_id),
  foreign key (key_id, user_id) references api_keys (id, user_id));
create index api_uses_alike on api_uses (key_id, fingerprint, at);

alter table conversations drop constraint conversations_channel_check;
alter table conversations add constraint conversations_channel_check
  check (channel in ('web', 'whatsapp', 'api'));
create index conversations_of_programs on conversations (updated_at)
  where channel = 'api' and deleted_at is null;
alter table questions add column raw boolean not null default false; -- the text is a list of messages

-- A new key, for who has fewer live ones than that; made or too_many.
create function make_api_key(
  p_id uuid, p_user bigint, p_name text, p_digest bytea, p_hint text,
  p_budget bigint, p_per_minute int, p_most int)
returns text language plpgsql as $$
begin
  perform from users where id = p_user for update;  -- one at a time
  if exists (select from api_keys where id = p_id) then  -- a commit whose answer was lost
    return 'made';
  end if;
  if (select count(*) from api_keys where user_id = p_user and revoked_at is null) >= p_most then
    return 'too_many';
  end if;
  insert into api_keys (id, user_id, name, digest, hint, budget, per_minute)
    values (p_id, p_user, p_name, p_digest, p_hint, p_budget, p_per_minute);
  return 'made';
end $$;

-- One request by a key: the seconds until it may be made, 0 for now; null if there is
-- no such live key. The bucket is one for all nodes.
create function use_api_key(p_digest bytea) returns double precision language plpgsql as $$
declare
  v_key api_keys;
  v_full timestamptz;
  v_wait double precision;
begin
  select k.* into v_key from api_keys k join users u on u.id = k.user_id
   where k.digest = p_digest and k.revoked_at is null and u.closed_at is null
     for update of k;
  if not found then
    return null;
  end if;
  v_full := greatest(v_key.full_at, clock_timestamp()) + interval '60 s' / v_key.per_minute;
  v_wait := extract(epoch from v_full - clock_timestamp() - interval '60 s');
  if v_wait > 0 then
    return v_wait;
  end if;
  update api_keys set full_at = v_full, used_at = clock_timestamp() where id = v_key.id;
  return 0;
end $$;

-- ask_with for a question that is a list of messages and came by a key. The outcome is
-- also over_budget, or revoked. A repeat passes whatever the budget says.
create function ask_by_key(
  p_key uuid, p_fingerprint bytea,
  p_most_open int,
  p_user bigint, p_client_id text, p_kind text, p_channel text, p_text text,
  p_new_conversation uuid, p_title text,
  p_answer uuid, p_job uuid, p_origin text,
  p_prompt_estimate int, p_max_tokens int, p_lowered boolean,
  p_prices jsonb,
  p_hold bigint, p_hold_ttl interval)
returns asked language plpgsql as $$
declare
  v asked;
  v_key api_keys;
begin
  perform from accounts where user_id = p_user and kind = 'available' for update;
  select * into v_key from api_keys
   where id = p_key and user_id = p_user and revoked_at is null for update;
  if not found then
    v.outcome := 'revoked';
    return v;
  end if;
  if p_hold > v_key.budget - v_key.taken
     and not exists (select from questions where user_id = p_user and client_id = p_client_id)
  then
    v.outcome := 'over_budget';
    return v;
  end if;
  v := ask_with(
    null, false, p_most_open, p_user, p_client_id, p_kind, p_channel, p_text, null,
    p_new_conversation, p_title, p_answer, p_job, p_origin, p_prompt_estimate, p_max_tokens,
    p_lowered, null, p_prices, p_hold, p_hold_ttl);
  if v.outcome = 'accepted' then
    update questions set raw = true where answer_id = v.answer_id;
    insert into api_uses (answer_id, user_id, key_id, fingerprint)
      values (v.answer_id, p_user, p_key, p_fingerprint);
    update api_keys set taken = taken + p_hold where id = p_key;
  end if;
  return v;
end $$;

-- A hold that is closed, or opened again, counts for its key as what it is now.
create function count_api_use() returns trigger language plpgsql as $$
begin
  update api_keys k
     set taken = k.taken + case new.state when 'open' then new.amount else new.settled end
                         - case old.state when 'open' then old.amount else old.settled end
    from api_uses u
   where u.answer_id = new.answer_id and k.id = u.key_id;
  return null;
end $$;
create trigger reservations_count_api_use after update of state on reservations
  for each row when (old.state is distinct from new.state)
  execute function count_api_use();

-- As before; and what programs asked more than a day ago is forgotten as if deleted:
-- they keep their own conversations.
create or replace function erase_deleted(p_limit int) returns int language plpgsql as $$
declare
  v_id uuid;
  v_count int := 0;
begin
  with old as (
    select c.id from conversations c
     where c.channel = 'api' and c.deleted_at is null
       and c.updated_at < clock_timestamp() - interval '1 day'
     order by c.updated_at limit p_limit for update skip locked)
  update conversations c set deleted_at = clock_timestamp() from old where c.id = old.id;
  for v_id in
    select c.id from conversations c
     where c.deleted_at is not null and c.erased_at is null
       and not exists (select from answers a where a.conversation_id = c.id and a.state in ('queued', 'streaming'))
     order by c.deleted_at limit p_limit for update skip locked
  loop
    delete from answer_chunks k using answers a where a.id = k.answer_id and a.conversation_id = v_id;
    update answers set text = null, last_seq = 0 where conversation_id = v_id;
    update questions q set text = '', brief = null from answers a
     where a.id = q.answer_id and a.conversation_id = v_id;
    delete from memories where conversation_id = v_id;
    update conversations set title = '', erased_at = clock_timestamp() where id = v_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'make_api_key', 'use_api_key', 'ask_by_key', 'count_api_use', 'erase_deleted']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on api_keys, api_uses to zimgpt_app;
grant update (name, budget, per_minute, revoked_at) on api_keys to zimgpt_app;
grant execute on function make_api_key, use_api_key, ask_by_key, erase_deleted to zimgpt_app;
