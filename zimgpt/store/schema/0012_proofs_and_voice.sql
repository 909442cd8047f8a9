-- Phrases that prove whose number it is, for signing in, linking and new passwords; and
-- voice notes, whose listening is paid for.
--
-- Lock order: proof, contact, then as in 0004.

alter table phone_proofs drop constraint phone_proofs_purpose_check;
alter table phone_proofs add constraint phone_proofs_purpose_check
  check (purpose in ('sign_in', 'link', 'password'));
alter table phone_proofs add column created_at timestamptz not null default clock_timestamp();
alter table whatsapp_contacts
  add column before_link bigint references users (id),  -- whose wallet they used before a browser linked them
  add column linked_at   timestamptz,
  add column guesses     int not null default 0,        -- phrases of theirs that nobody waits for, within the hour
  add column guessed_at  timestamptz;

-- Keeps a phrase until p_ends from now; false when too many wait already, of everybody
-- or of the person who is signed in.
create function begin_proof(
  p_id uuid, p_phrase text, p_purpose text, p_user bigint, p_secret bytea, p_ends interval, p_most int, p_most_each int)
returns boolean language plpgsql as $$
begin
  -- Whoever counts must not count at the same time as others.
  perform pg_advisory_xact_lock(hashtext('phone_proofs'));
  if (select count(*) from phone_proofs where used_at is null and expires_at > clock_timestamp()) >= p_most
     or (select count(*) from phone_proofs
          where user_id = p_user and used_at is null and expires_at > clock_timestamp()) >= p_most_each then
    return false;
  end if;
  insert into phone_proofs (id, phrase, purpose, user_id, secret, expires_at)
    values (p_id, p_phrase, p_purpose, p_user, p_secret, clock_timestamp() + p_ends);
  return true;
end $$;

-- A phrase that came in a signed message proves whose number it came from. The outcome
-- is proved, unknown, expired or taken: the number has a life of its own that a link
-- would hide. Who guesses is not listened to for a while.
create or replace function prove_phone(p_phrase text, p_contact bigint)
returns table (outcome text, purpose text) language plpgsql as $$
declare
  v phone_proofs;
  v_contact whatsapp_contacts;
begin
  select * into v from phone_proofs where phrase = p_phrase for update;
  select * into strict v_contact from whatsapp_contacts where id = p_contact for update;
  if v_contact.guessed_at < clock_timestamp() - interval '1 hour' then
    v_contact.guesses := 0;
  end if;
  if v.id is null or v_contact.guesses >= 10 then
    update whatsapp_contacts set guesses = v_contact.guesses + 1, guessed_at = clock_timestamp()
     where id = p_contact;
    outcome := 'unknown';
    return next;
    return;
  end if;
  purpose := v.purpose;
  if v.expires_at < clock_timestamp() or v.contact_id <> p_contact
     or (v.used_at is not null and v.contact_id is null) then
    outcome := 'expired';
  elsif v.contact_id is not null then
    outcome := 'proved';                         -- said twice
  elsif v.purpose = 'link' and v_contact.user_id <> v.user_id and exists (
          select from users u where u.id = v_contact.user_id
             and (u.password_hash is not null
                  or exists (select from payments p where p.user_id = u.id and p.credited_transfer is not null))) then
    outcome := 'taken';
  else
    update phone_proofs set contact_id = p_contact, proved_at = clock_timestamp() where id = v.id;
    if v.purpose = 'link' and v_contact.user_id is distinct from v.user_id then
      update whatsapp_contacts set before_link = user_id, linked_at = clock_timestamp(), user_id = v.user_id
       where id = p_contact;
    end if;
    outcome := 'proved';
  end if;
  return next;
end $$;

-- Where a browser's phrase stands: waiting, proved or over; whose it is once proved.
-- With p_use it is used up by this, which happens once.
create function look_at_proof(p_id uuid, p_secret bytea, p_use boolean)
returns table (state text, purpose text, user_id bigint, phone text) language plpgsql as $$
#variable_conflict use_column
declare
  v phone_proofs;
begin
  select * into v from phone_proofs p where p.id = p_id and p.secret = p_secret for update;
  if not found then
    return;
  end if;
  purpose := v.purpose;
  if v.used_at is not null or v.expires_at < clock_timestamp() then
    state := 'over';
  elsif v.proved_at is null then
    state := 'waiting';
  else
    state := 'proved';
    select c.user_id, u.phone_e164 into user_id, phone
      from whatsapp_contacts c join users u on u.id = c.user_id where c.id = v.contact_id;
    if p_use then
      update phone_proofs p set used_at = clock_timestamp() where p.id = v.id;
    end if;
  end if;
  return next;
end $$;
drop function use_proof(uuid, bytea);

-- LOCK: whose sessions are to end. What a browser linked within the last day is
-- unlinked, and what one may still be waiting for is over.
create function lock_contact(p_contact bigint)
returns bigint language plpgsql as $$
declare
  v whatsapp_contacts;
begin
  update phone_proofs set used_at = clock_timestamp() where contact_id = p_contact and used_at is null;
  select * into strict v from whatsapp_contacts where id = p_contact for update;
  if v.linked_at > clock_timestamp() - interval '1 day' then
    update whatsapp_contacts set user_id = before_link, before_link = null, linked_at = null where id = p_contact;
  end if;
  return v.user_id;
end $$;

-- ---- voice notes ---------------------------------------------------------------

alter table transfers drop constraint transfers_kind_check;
alter table transfers add constraint transfers_kind_check
  check (kind in ('purchase', 'grant', 'reserve', 'settle', 'refund', 'adjust', 'voice'));

create table voice_notes (
  key      text primary key,                     -- made of the message's id
  user_id  bigint not null references users (id),
  tokens   bigint not null check (tokens > 0),   -- what listening costs
  round    int not null default 1,               -- times it was charged
  refunded boolean not null default false,       -- and the last of them given back
  text     text,                                 -- what was said, until it is forgotten
  heard_at timestamptz not null default clock_timestamp());
create index voice_notes_to_forget on voice_notes (heard_at) where text is not null;

-- Pays for listening, once for each note; false: the balance does not cover it. One
-- that was given back is charged again.
create function charge_voice(p_user bigint, p_key text, p_tokens bigint)
returns boolean language plpgsql as $$
declare
  v_balance bigint;
  v voice_notes;
begin
  select balance into strict v_balance from accounts
   where user_id = p_user and kind = 'available' for update;  -- serialises one wallet
  select * into v from voice_notes where key = p_key;
  if found and not v.refunded then
    return true;
  end if;
  if v_balance < p_tokens then
    return false;
  end if;
  insert into voice_notes (key, user_id, tokens) values (p_key, p_user, p_tokens)
    on conflict (key) do update set round = voice_notes.round + 1, refunded = false, tokens = p_tokens
    returning * into v;
  perform post_transfer('voice', format('voice:%s:%s', p_key, v.round),
    array[account_of(v.user_id, 'available'), account_of(null, 'spent')],
    array[-p_tokens, p_tokens]);
  return true;
end $$;

-- What was said, so that a second try hears the same.
create function keep_voice(p_key text, p_text text) returns text language sql as $$
  update voice_notes set text = coalesce(text, p_text) where key = p_key and not refunded returning text
$$;

-- Gives back what listening cost, when nothing could be heard; once.
create function refund_voice(p_key text)
returns boolean language plpgsql as $$
declare
  v voice_notes;
begin
  update voice_notes set refunded = true where key = p_key and not refunded and text is null returning * into v;
  if not found then
    return false;
  end if;
  perform post_transfer('refund', format('voice-refund:%s:%s', p_key, v.round),
    array[account_of(null, 'spent'), account_of(v.user_id, 'available')],
    array[-v.tokens, v.tokens], 'not heard');
  return true;
end $$;

-- Forgets what voice notes said, and phrases that are over, after so long.
create function forget_voice_and_proofs(p_after interval, p_limit int) returns int language sql as $$
  with forgotten as (
    update voice_notes set text = ''
     where key in (select key from voice_notes
                    where heard_at < clock_timestamp() - p_after and text <> ''
                    order by heard_at limit p_limit for no key update skip locked)
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
    'begin_proof', 'prove_phone', 'look_at_proof', 'lock_contact',
    'charge_voice', 'keep_voice', 'refund_voice', 'forget_voice_and_proofs']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on voice_notes to zimgpt_app;
revoke insert, delete on phone_proofs from zimgpt_app;
grant execute on function
  begin_proof, prove_phone, look_at_proof, lock_contact,
  charge_voice, keep_voice, refund_voice, forget_voice_and_proofs
  to zimgpt_app;
