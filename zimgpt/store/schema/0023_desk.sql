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
