-- Pictures are looked at as voice notes are listened to: both become words before they
-- are a question. What that cost is given back together with the question's own price,
-- and when nobody came to read it.
--
-- Lock order: as in 0004, and a reading after its wallet.

do $$
declare
  v_check text;                                  -- one kind more than whatever there are
begin
  select pg_get_constraintdef(oid) into strict v_check from pg_constraint where conname = 'transfers_kind_check';
  alter table transfers drop constraint transfers_kind_check;
  execute 'alter table transfers add constraint transfers_kind_check '
    || replace(v_check, '''voice''::text', '''voice''::text, ''picture''::text');
end $$;

drop function charge_voice(bigint, text, bigint), keep_voice(text, text), refund_voice(text),
  forget_voice_and_proofs(interval, int);
alter table voice_notes rename to readings;
alter table readings rename constraint voice_notes_pkey to readings_pkey;
alter table readings rename column heard_at to read_at;
alter table readings add column kind text not null default 'voice' check (kind in ('voice', 'picture'));
alter table readings alter column kind drop default;
drop index voice_notes_to_forget;
create index readings_to_forget on readings (read_at) where text <> '';
create index readings_never_read on readings (read_at) where text is null and not refunded;

-- Pays for reading a file, once for each; false: the balance does not cover it. One that
-- was given back unread is charged again.
create function charge_reading(p_user bigint, p_key text, p_kind text, p_tokens bigint)
returns boolean language plpgsql as $$
declare
  v_balance bigint;
  v readings;
begin
  select balance into strict v_balance from accounts
   where user_id = p_user and kind = 'available' for update;  -- serialises one wallet
  select * into v from readings where key = p_key;
  if found and (not v.refunded or v.text is not null) then
    return true;
  end if;
  if v_balance < p_tokens then
    return false;
  end if;
  insert into readings (key, user_id, kind, tokens) values (p_key, p_user, p_kind, p_tokens)
    on conflict (key) do update
      set round = readings.round + 1, refunded = false, tokens = p_tokens, read_at = clock_timestamp()
    returning * into v;
  perform post_transfer(v.kind, format('%s:%s:%s', v.kind, p_key, v.round),
    array[account_of(v.user_id, 'available'), account_of(null, 'spent')],
    array[-p_tokens, p_tokens]);
  return true;
end $$;

-- What was read, so that a second try reads the same; null if it was given back unread.
create function keep_reading(p_key text, p_text text) returns text language sql as $$
  update readings set text = coalesce(text, p_text)
   where key = p_key and (text is not null or not refunded) returning text
$$;

-- Gives back what a reading cost, once; one that gave words only where they were in vain.
create function give_back(p_key text, p_in_vain boolean, p_reason text)
returns boolean language plpgsql as $$
declare
  v readings;
begin
  select * into v from readings where key = p_key and not refunded;
  if not found then
    return false;
  end if;
  perform from accounts where user_id = v.user_id and kind = 'available' for update;
  update readings set refunded = true
   where key = p_key and not refunded and (p_in_vain or text is null) returning * into v;
  if not found then
    return false;
  end if;
  perform post_transfer('refund', format('%s-refund:%s:%s', v.kind, p_key, v.round),
    array[account_of(null, 'spent'), account_of(v.user_id, 'available')],
    array[-v.tokens, v.tokens], p_reason);
  return true;
end $$;

create function refund_reading(p_key text) returns boolean language sql as $$
  select give_back(p_key, false, 'not read')
$$;

-- A question that was free in the end, or was given back, makes what led to it free, too.
create function reading_in_vain() returns trigger language plpgsql as $$
begin
  perform give_back(q.client_id, true, 'not answered')
     from answers a join questions q on q.answer_id = a.id join conversations c on c.id = a.conversation_id
    where a.id = new.answer_id and c.channel = 'whatsapp';
  return null;
end $$;
create trigger reading_in_vain after update of state, refunded on reservations
  for each row when ((new.state = 'released' and old.state = 'open')
                     or (new.refunded is not null and old.refunded is null))
  execute function reading_in_vain();

-- Gives back what was charged so long ago and never read: whoever was to read it is gone.
create function refund_unread(p_after interval, p_limit int) returns int language plpgsql as $$
declare
  v_key text;
  v_count int := 0;
begin
  for v_key in select key from readings
                where text is null and not refunded and read_at < clock_timestamp() - p_after
                order by user_id, read_at limit p_limit loop
    v_count := v_count + give_back(v_key, false, 'never read')::int;
  end loop;
  return v_count;
end $$;

-- Forgets what files said, and phrases that are over, after so long.
create function forget_readings_and_proofs(p_after interval, p_limit int) returns int language sql as $$
  with forgotten as (
    update readings set text = ''
     where key in (select key from readings
                    where read_at < clock_timestamp() - p_after and text <> ''
                    order by read_at limit p_limit for no key update skip locked)
    returning 1),
  gone as (
    delete from phone_proofs
     where id in (select id from phone_proofs where expires_at < clock_timestamp() - p_after
                   order by expires_at limit p_limit for update skip locked)
    returning 1)
  select ((select count(*) from forgotten) + (select count(*) from gone))::int
$$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'charge_reading', 'keep_reading', 'give_back', 'refund_reading', 'reading_in_vain', 'refund_unread',
    'forget_readings_and_proofs']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function
  charge_reading, keep_reading, refund_reading, refund_unread, forget_readings_and_proofs to zimgpt_app;
