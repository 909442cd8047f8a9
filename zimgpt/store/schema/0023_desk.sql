-- Payments in a messenger's chat, whose news are queued in the commit that makes them,
-- and payments for somebody else.
--
-- Lock order: as in 0014, then outgoing and lanes; nothing above a payment is locked here.

alter table whatsapp_outgoing
  add column payment_id uuid references payments (id);  -- its news, put into words when they are sent
create index whatsapp_outgoing_of_payment on whatsapp_outgoing (payment_id, contact_id)
  where payment_id is not null;

-- Who is told in a chat how a payment stands now: whoever pays there; and whoever got its
-- tokens from somebody else, wherever that one paid. What the row says when it is read is
-- told, so the person hears of a payment once however quickly it changes.
create function whatsapp_payment_changed() returns trigger language plpgsql as $$
declare
  v_contact bigint;
begin
  for v_contact in
    select c.id from (
        select new.payer_id as person where new.channel = 'whatsapp'
        union select new.user_id where new.user_id <> new.payer_id and new.credited_transfer is not null) told
      cross join lateral (
        select w.id from whatsapp_contacts w where w.user_id = told.person
         order by w.heard_at desc nulls last, w.id limit 1) c
     order by c.id
  loop
    insert into whatsapp_outgoing (id, contact_id, payment_id) values (gen_random_uuid(), v_contact, new.id);
    perform wake_lane('wa_send', v_contact, '', gen_random_uuid());
  end loop;
  return null;
end $$;
create trigger whatsapp_payment_changed after update of version, state on payments
  for each row when (old.state is distinct from new.state and new.state not in ('created', 'sent'))
  execute function whatsapp_payment_changed();

-- ---- tokens for somebody else -----------------------------------------------------

-- Whose wallet a number's gift goes to: whoever writes from it, for that is proved; else
-- whoever registered it; else an account without a password, to which only the phone
-- itself leads. An unpaid gift leaves such an account behind, which does no harm.
create function account_for_gift(p_phone text, p_welcome bigint)
returns bigint language plpgsql as $$
declare
  v_user bigint;
begin
  select c.user_id into v_user from whatsapp_contacts c where c.phone = p_phone and c.user_id is not null;
  if v_user is null then
    v_user := open_account(p_phone, null, p_welcome);
  end if;
  if v_user is null then
    select u.id into strict v_user from users u where u.phone_e164 = p_phone;
  end if;
  return v_user;
end $$;

-- As before, but an account that nobody can sign in to was not made on the web; and gifts
-- that came before their owner are told of.
create or replace function whatsapp_account(p_contact bigint, p_welcome bigint)
returns table (account bigint, made boolean, known boolean) language plpgsql as $$
declare
  v whatsapp_contacts;
begin
  select * into strict v from whatsapp_contacts where id = p_contact for update;
  account := v.user_id;
  made := false;
  known := false;
  if account is null and v.phone is not null and not v.reused then
    select u.id, u.password_hash is not null into account, known from users u where u.phone_e164 = v.phone;
    known := coalesce(known, false);
    if account is null then
      account := open_account(v.phone, null, p_welcome);
      made := account is not null;
      if account is null then                    -- made at this very moment
        select u.id, u.password_hash is not null into strict account, known from users u
         where u.phone_e164 = v.phone;
      end if;
    end if;
  elsif account is null then
    insert into users (phone_e164) values (null) returning id into account;
    insert into accounts (user_id, kind) values (account, 'available'), (account, 'held');
    if p_welcome > 0 and v.bsuid is not null and not v.reused then
      perform post_transfer('grant', 'welcome:' || v.bsuid,
        array[account_of(null, 'granted'), account_of(account, 'available')],
        array[-p_welcome, p_welcome], 'welcome');
    end if;
    made := true;
  end if;
  if v.user_id is null then
    update whatsapp_contacts set user_id = account, web_told = case when known then false else web_told end
     where id = p_contact;
    insert into whatsapp_outgoing (id, contact_id, payment_id)
      select gen_random_uuid(), p_contact, p.id from payments p
       where p.user_id = account and p.payer_id <> account and p.credited_transfer is not null
         and not exists (select from whatsapp_outgoing o where o.payment_id = p.id and o.contact_id = p_contact)
       order by p.credited_at, p.id limit 20;
  end if;
  return next;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array['whatsapp_payment_changed', 'account_for_gift', 'whatsapp_account']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function account_for_gift, whatsapp_account to zimgpt_app;

-- ---- vouchers -----------------------------------------------------------------------

do $$
declare
  v_check text;
begin
  select pg_get_constraintdef(oid) into strict v_check from pg_constraint where conname = 'transfers_kind_check';
  if v_check not like '%''voucher''%' then
    alter table transfers drop constraint transfers_kind_check;
    execute 'alter table transfers add constraint transfers_kind_check '
      || replace(v_check, '''purchase''::text', '''purchase''::text, ''voucher''::text');
  end if;
end $$;

create table voucher_batches (
  batch      text primary key check (batch ~ '^[A-Za-z0-9._-]{1,64}$'),
  tokens     bigint not null check (tokens > 0),     -- of each voucher
  expires_at timestamptz not null,
  made_at    timestamptz not null default clock_timestamp(),
  revoked_at timestamptz);
create table vouchers (
  id          bigint generated always as identity primary key,
  batch       text not null references voucher_batches (batch),
  digest      bytea not null constraint vouchers_digest_unique unique check (octet_length(digest) = 32),
  user_id     bigint references users (id),          -- who had it
  transfer_id bigint references transfers (id),
  redeemed_at timestamptz,
  check ((user_id is null) = (transfer_id is null)),
  check ((user_id is null) = (redeemed_at is null)));
create unique index vouchers_transfer on vouchers (transfer_id) where transfer_id is not null;
create index vouchers_of_batch on vouchers (batch);
create table voucher_tries (                          -- codes that were not good
  id      bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  address text,                                       -- null: over a messenger
  at      timestamptz not null default clock_timestamp());
create index voucher_tries_of_user on voucher_tries (user_id, at);
create index voucher_tries_of_address on voucher_tries (address, at) where address is not null;
create trigger vouchers_no_truncate before truncate on vouchers
  for each statement execute function append_only();

-- Makes a batch of the SHA-256s of its codes; false if there is one of that name.
create function make_vouchers(
  p_batch text, p_tokens bigint, p_digests bytea[], p_ends interval, p_who text, p_reason text)
returns boolean language plpgsql as $$
begin
  insert into voucher_batches (batch, tokens, expires_at) values (p_batch, p_tokens, clock_timestamp() + p_ends)
    on conflict (batch) do nothing;
  if not found then
    return false;
  end if;
  insert into vouchers (batch, digest) select p_batch, d from unnest(p_digests) d;
  perform note_act(p_who, 'vouchers', 'vouchers ' || p_batch, p_reason);
  return true;
end $$;

-- Nobody redeems what is left of a batch. The outcome is revoked, already or unknown.
create function revoke_vouchers(p_batch text, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v voucher_batches;
begin
  select * into v from voucher_batches where batch = p_batch for update;
  if not found then
    return 'unknown';
  end if;
  if v.revoked_at is not null then
    return 'already';
  end if;
  update voucher_batches set revoked_at = clock_timestamp() where batch = p_batch;
  perform note_act(p_who, 'revoke_vouchers', 'vouchers ' || p_batch, p_reason);
  return 'revoked';
end $$;

-- Puts a voucher's tokens into somebody's wallet, once for the voucher; repeat for whoever
-- had it. Who tries too many that are not good waits: each person and each address.
-- Lock order: person, batch, voucher, then as in 0004.
create function redeem_voucher(p_user bigint, p_address text, p_digest bytea, p_most int, p_most_there int)
returns table (outcome text, tokens bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v vouchers;
  b voucher_batches;
  v_transfer bigint;
  v_hour constant timestamptz := clock_timestamp() - interval '1 hour';
begin
  perform from users u where u.id = p_user for no key update;  -- tries are counted one after the other
  select k.* into b from vouchers w join voucher_batches k on k.batch = w.batch
   where w.digest = p_digest for share of k;
  select * into v from vouchers w where w.digest = p_digest for no key update;
  tokens := b.tokens;
  if v.user_id = p_user then
    outcome := 'repeat';
  elsif (select count(*) from voucher_tries t where t.user_id = p_user and t.at > v_hour) >= p_most
     or (select count(*) from voucher_tries t where t.address = p_address and t.at > v_hour) >= p_most_there then
    outcome := 'too_many';
  else
    outcome := case when v.id is null then 'unknown' when v.user_id is not null then 'used'
                    when b.revoked_at is not null then 'revoked'
                    when b.expires_at <= clock_timestamp() then 'expired' else 'redeemed' end;
    if outcome <> 'redeemed' then
      insert into voucher_tries (user_id, address) values (p_user, p_address);
    else
      v_transfer := post_transfer('voucher', 'voucher:' || v.id,
        array[account_of(null, 'issued'), account_of(p_user, 'available')],
        array[-b.tokens, b.tokens], b.batch);
      update vouchers set user_id = p_user, transfer_id = v_transfer, redeemed_at = clock_timestamp() where id = v.id;
    end if;
  end if;
  return next;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array['make_vouchers', 'revoke_vouchers', 'redeem_voucher']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on voucher_batches, vouchers to zimgpt_app;
grant execute on function make_vouchers, revoke_vouchers, redeem_voucher to zimgpt_app;
