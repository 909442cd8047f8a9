-- Buying tokens: what is sold, payments from being agreed to until long after, and the
-- evidence. What is to become of a payment is decided in domain/topups; these functions
-- write the decision if the payment is still as it was when it was decided on, in one
-- commit with the evidence and the ledger. They credit only what the row has agreed to,
-- once, and take it back at most once, whatever they are told.
--
-- Lock order: person, payment, arrival (inbox), then as in 0004.

do $$
begin
  if exists (select from payments) then
    raise exception 'there are payments from before there were any: please ask for help';
  end if;
end $$;
drop function credit_payment(uuid, bigint, text);
drop table payment_events;
drop table payments;

-- ---- what is sold --------------------------------------------------------------

create table packages (
  package    text not null check (package ~ '^[a-z0-9-]{1,32}$'),
  version    int not null check (version > 0),
  tokens     bigint not null check (tokens > 0),
  cents      bigint not null check (cents > 0),      -- US cents
  offered    boolean not null default true,          -- the latest version says whether it is sold
  valid_from timestamptz not null default now(),
  primary key (package, version));
create table rates (
  version          bigint generated always as identity primary key,
  currency         text not null check (currency = 'ZWG'),
  cents_per_dollar bigint not null check (cents_per_dollar > 0),
  valid_from       timestamptz not null default now());
create trigger packages_append_only before update or delete on packages
  for each row execute function append_only();
create trigger packages_no_truncate before truncate on packages
  for each statement execute function append_only();
create trigger rates_append_only before update or delete on rates
  for each row execute function append_only();
create trigger rates_no_truncate before truncate on rates
  for each statement execute function append_only();

insert into packages (package, version, tokens, cents) values
  ('taste', 1, 10000, 50),
  ('small', 1, 21000, 100),
  ('medium', 1, 110000, 500),
  ('large', 1, 230000, 1000),
  ('school', 1, 600000, 2500);

-- ---- payments ------------------------------------------------------------------

create table payments (
  id              uuid primary key,
  user_id         bigint not null references users (id),    -- whose tokens they will be
  payer_id        bigint not null references users (id),    -- who began it
  channel         text not null check (channel in ('web', 'whatsapp')),
  provider        text not null default 'paynow',
  client_key      text not null check (client_key <> ''),
  merchant_ref    text not null constraint payments_reference_unique unique,
  -- What was agreed to: never changed.
  package         text not null,
  package_version int not null,
  rate_version    bigint references rates (version),
  amount_minor    bigint not null check (amount_minor > 0),
  currency        text not null check (currency in ('USD', 'ZWG')),
  tokens          bigint not null check (tokens > 0),
  method          text not null check (method in ('ecocash', 'onemoney', 'innbucks', 'omari', 'web')),
  phone_e164      text check (phone_e164 ~ '^\+[1-9][0-9]{7,14}$'),
  -- Where it stands. Paid is no state: money and tokens come in one commit.
  state           text not null default 'created' check (state in
                  ('created', 'sent', 'unknown', 'pending', 'cancelled', 'failed',
                   'credited', 'disputed', 'refunded', 'review')),
  reason          text,                                     -- why it failed or is in review
  clawed          boolean not null default false,           -- its tokens were taken back
  provider_ref     text,
  poll_url        text,                                     -- as the gateway gave it in its own answer
  code_url        text,
  prompt          jsonb,                                    -- what the person is to do
  version         int not null default 1,                   -- counts changes; who decides must have seen the last
  created_at      timestamptz not null default clock_timestamp(),
  sent_at         timestamptz,
  credited_at     timestamptz,
  -- When the gateway is asked.
  polls           int not null default 0,
  absents         int not null default 0,                   -- traces that found nothing
  misses          int not null default 0,                   -- questions without an answer since the last one
  hinted_at       timestamptz,                              -- when there were last said to be news
  looked_at       timestamptz,
  next_poll_at    timestamptz,                              -- null: never by itself
  credited_transfer   bigint references transfers (id),
  clawback_transfer   bigint references transfers (id),
  reinstated_transfer bigint references transfers (id),
  reclaimed_transfer  bigint references transfers (id),
  constraint payments_client_unique unique (payer_id, client_key),
  foreign key (package, package_version) references packages (package, version),
  check ((currency = 'USD') = (rate_version is null)),
  check (method = 'web' or phone_e164 is not null),
  check ((state = 'created') = (sent_at is null)),
  check (state not in ('created', 'sent', 'unknown') or poll_url is null),
  check (state <> 'pending' or poll_url is not null),
  check (not clawed or state in ('disputed', 'refunded')),
  check ((state = 'credited' or clawed) = (credited_transfer is not null)),
  check ((credited_transfer is null) = (credited_at is null)),
  check (clawback_transfer is null or credited_transfer is not null),
  check (reinstated_transfer is null or clawback_transfer is not null),
  check (reclaimed_transfer is null or reinstated_transfer is not null));
-- Partial, so that writing them locks no row as if its key changed.
create unique index payments_credited on payments (credited_transfer) where credited_transfer is not null;
create index payments_of_payer on payments (payer_id, created_at desc, id);
create index payments_of_user on payments (user_id, created_at desc, id);
create index payments_due on payments (next_poll_at) where next_poll_at is not null;
create index payments_unsettled on payments (state, created_at)
  where state in ('created', 'sent', 'unknown', 'pending', 'review', 'disputed');
create trigger payments_no_truncate before truncate on payments
  for each statement execute function append_only();

create table payment_events (
  id           bigint generated always as identity primary key,
  payment_id   uuid references payments (id),
  inbox_id     bigint references inbox (id),         -- the body as it came, while it is kept
  source       text not null check (source in
               ('callback', 'answer', 'poll', 'trace', 'code', 'operator', 'us')),
  status       text not null,                        -- the gateway's word, or ours for what happened
  amount_minor bigint,
  provider_ref  text,
  hash_ok      boolean not null,
  matched      boolean not null default false,       -- of this payment, and exactly what was agreed to
  note         text,
  at           timestamptz not null default clock_timestamp());
create index payment_events_of_payment on payment_events (payment_id, id);
create trigger payment_events_append_only before update or delete on payment_events
  for each row execute function append_only();
create trigger payment_events_no_truncate before truncate on payment_events
  for each statement execute function append_only();

-- ---- the ledger may go below zero, by a clawback alone ---------------------------

-- Whatever kinds there are, these two more.
do $$
declare
  v_check text;
begin
  select pg_get_constraintdef(oid) into strict v_check from pg_constraint where conname = 'transfers_kind_check';
  alter table transfers drop constraint transfers_kind_check;
  execute 'alter table transfers add constraint transfers_kind_check '
    || replace(v_check, '''purchase''::text', '''purchase''::text, ''clawback''::text, ''reinstate''::text');
end $$;
alter table accounts drop constraint accounts_no_overdraft;
alter table accounts add constraint accounts_no_overdraft
  check (user_id is null or kind = 'available' or balance >= 0);

create or replace function post_transfer(
  p_kind text, p_key text, p_accounts bigint[], p_amounts bigint[], p_reason text default null)
returns bigint language plpgsql as $$
declare
  v_transfer bigint;
  v_lines int;
begin
  insert into transfers (kind, idem_key, reason) values (p_kind, p_key, p_reason)
    on conflict (idem_key) do nothing returning id into v_transfer;
  if v_transfer is null then
    return null;                             -- posted before: nothing to do again
  end if;
  perform from accounts where id = any (p_accounts) and user_id is not null
    order by id for update;                  -- the lock order, whatever plan is next
  with line as (
    select account, amount from unnest(p_accounts, p_amounts) as u (account, amount)
     where amount is distinct from 0),
  moved as (
    update accounts a set balance = a.balance + line.amount, version = a.version + 1
      from line
     where a.id = line.account and a.user_id is not null
    returning a.id, a.balance, a.version)
  insert into entries (transfer_id, account_id, amount, balance_after, version)
    select v_transfer, line.account, line.amount, moved.balance, moved.version
      from line left join moved on moved.id = line.account;
  get diagnostics v_lines = row_count;
  if v_lines < 2 then
    raise exception 'transfer % moves nothing', p_key
      using errcode = 'integrity_constraint_violation';
  end if;
  if p_kind <> 'clawback' and exists (
       select from entries where transfer_id = v_transfer and amount < 0 and balance_after < 0) then
    raise exception 'transfer % takes more than there is', p_key
      using errcode = 'check_violation', constraint = 'accounts_no_overdraft';
  end if;
  return v_transfer;
end $$;

-- ---- the steps -------------------------------------------------------------------

-- Keeps what somebody agreed to, before anybody is asked for money. Returns opened,
-- repeat for what the same person began under the same key, differs, or too_many while
-- p_most of theirs wait.
create function open_payment(
  p_id uuid, p_user bigint, p_payer bigint, p_channel text, p_client_key text, p_reference text,
  p_package text, p_package_version int, p_rate bigint, p_amount bigint, p_currency text, p_tokens bigint,
  p_method text, p_phone text, p_most int)
returns table (outcome text, id uuid) language plpgsql as $$
#variable_conflict use_column
declare
  v payments;
begin
  perform from users u where u.id = p_payer for no key update;  -- who counts must not count at the same time
  select * into v from payments p where p.payer_id = p_payer and p.client_key = p_client_key;
  if found then
    outcome := case
      when (v.user_id, v.package, v.currency, v.method, v.phone_e164)
           is not distinct from (p_user, p_package, p_currency, p_method, p_phone)
      then 'repeat' else 'differs' end;
    id := v.id;
    return next;
    return;
  end if;
  if (select count(*) from payments p
       where p.payer_id = p_payer and p.state in ('created', 'sent', 'unknown', 'pending')
         and p.created_at > clock_timestamp() - interval '10 minutes') >= p_most then
    outcome := 'too_many';
    return next;
    return;
  end if;
  if not exists (
       select from packages k left join rates r on r.version = p_rate
        where k.package = p_package and k.version = p_package_version and k.tokens = p_tokens
          and p_amount = case when p_rate is null then k.cents
                              else (k.cents * r.cents_per_dollar + 99) / 100 end) then
    raise exception 'this is not what is sold' using errcode = 'check_violation';
  end if;
  insert into payments (id, user_id, payer_id, channel, client_key, merchant_ref, package, package_version,
                        rate_version, amount_minor, currency, tokens, method, phone_e164, next_poll_at)
    values (p_id, p_user, p_payer, p_channel, p_client_key, p_reference, p_package, p_package_version,
            p_rate, p_amount, p_currency, p_tokens, p_method, p_phone, clock_timestamp() + interval '60 s');
  outcome := 'opened';
  id := p_id;
  return next;
end $$;

-- A body as it came, kept once however often it comes.
create function keep_arrival(p_body bytea, p_outcome text)
returns bigint language sql as $$
  insert into inbox (source, dedup_key, body, outcome, outcome_at)
    values ('paynow', encode(sha256(p_body), 'hex'), p_body, p_outcome, clock_timestamp())
    on conflict (source, dedup_key) do update set seen_count = inbox.seen_count + 1
  returning id
$$;

-- Writes one decision on a payment that is still at p_version, in one commit with its
-- evidence and transfers; null if the payment has moved on, and then nothing is
-- written. p_credit is purchase, manual or reinstate, p_clawback clawback or reclaim.
-- p_look: an answer to a question of ours (1) or the lack of one (-1). p_next: until the
-- next question; null: none.
create function apply_payment(
  p_id uuid, p_version int,
  p_state text, p_reason text, p_clawed boolean,
  p_provider_ref text, p_poll_url text, p_code_url text, p_prompt jsonb,
  p_credit text, p_clawback text, p_look int, p_absents int, p_next interval,
  p_source text, p_status text, p_amount bigint, p_seen_ref text, p_hash_ok boolean, p_matched boolean,
  p_body bytea, p_note text)
returns int language plpgsql as $$
declare
  v payments;
  n payments;
  v_transfer bigint;
begin
  select * into v from payments where id = p_id for no key update;
  if not found or v.version <> p_version then
    return null;
  end if;
  n := v;
  n.state := p_state;
  n.reason := p_reason;
  n.clawed := p_clawed;
  n.provider_ref := p_provider_ref;
  n.poll_url := p_poll_url;
  n.code_url := p_code_url;
  n.prompt := p_prompt;
  if v.state = 'created' and p_state <> 'created' then
    n.sent_at := clock_timestamp();
  end if;
  if p_source is not null then
    insert into payment_events
        (payment_id, inbox_id, source, status, amount_minor, provider_ref, hash_ok, matched, note)
      values (p_id, case when p_body <> '' then keep_arrival(p_body, 'done') end,
              p_source, p_status, p_amount, p_seen_ref, p_hash_ok, p_matched, p_note);
  end if;
  if p_credit in ('purchase', 'manual') and v.credited_transfer is null then
    n.credited_transfer := post_transfer('purchase', p_credit || ':' || p_id,
      array[account_of(null, 'issued'), account_of(v.user_id, 'available')],
      array[-v.tokens, v.tokens], p_note);
    n.credited_at := clock_timestamp();
  elsif p_credit = 'reinstate' and v.reinstated_transfer is null then
    n.reinstated_transfer := post_transfer('reinstate', 'reinstate:' || p_id,
      array[account_of(null, 'issued'), account_of(v.user_id, 'available')],
      array[-v.tokens, v.tokens], p_note);
  end if;
  if p_clawback = 'clawback' and v.clawback_transfer is null then
    n.clawback_transfer := post_transfer('clawback', 'clawback:' || p_id,
      array[account_of(v.user_id, 'available'), account_of(null, 'issued')],
      array[-v.tokens, v.tokens], p_note);
  elsif p_clawback = 'reclaim' and v.reclaimed_transfer is null then
    n.reclaimed_transfer := post_transfer('clawback', 'reclaim:' || p_id,
      array[account_of(v.user_id, 'available'), account_of(null, 'issued')],
      array[-v.tokens, v.tokens], p_note);
  end if;
  if n is distinct from v then
    n.version := v.version + 1;
  end if;
  update payments set
    state = n.state, reason = n.reason, clawed = n.clawed, provider_ref = n.provider_ref,
    poll_url = n.poll_url, code_url = n.code_url, prompt = n.prompt, version = n.version,
    sent_at = n.sent_at, credited_at = n.credited_at,
    credited_transfer = n.credited_transfer, clawback_transfer = n.clawback_transfer,
    reinstated_transfer = n.reinstated_transfer, reclaimed_transfer = n.reclaimed_transfer,
    polls = v.polls + case when p_look <> 0 then 1 else 0 end,
    misses = case p_look when 1 then 0 when -1 then v.misses + 1 else v.misses end,
    absents = p_absents,
    -- News that were told of while the gateway was asked may not have been in its answer.
    next_poll_at = case when v.hinted_at > v.looked_at
      then least(clock_timestamp() + p_next, clock_timestamp() + interval '2 s')
      else clock_timestamp() + p_next end
   where id = p_id;
  return n.version;
end $$;

-- Payments that are to be asked about, each to one caller, who has p_lease for it.
create function due_payments(p_limit int, p_lease interval)
returns table (id uuid) language sql as $$
  with due as (
    select p.id from payments p where p.next_poll_at <= clock_timestamp()
     order by p.next_poll_at limit p_limit for no key update skip locked)
  update payments p set next_poll_at = clock_timestamp() + p_lease, looked_at = clock_timestamp()
    from due where p.id = due.id
  returning p.id
$$;

-- Whether the caller may ask about this payment now, and has p_lease for it; false if
-- somebody has just done so, or is asking for the money at this moment: then it is
-- asked about soon. Of what is settled there is less to hear.
create function take_look(p_id uuid, p_lease interval)
returns boolean language plpgsql as $$
declare
  v payments;
  v_gap interval;
  v_may boolean;
begin
  select * into v from payments where id = p_id for no key update;
  if not found or v.state in ('created', 'refunded') then
    return false;
  end if;
  v_gap := case when v.state in ('credited', 'disputed', 'review') then interval '30 s' else interval '2 s' end;
  v_may := (v.looked_at is null or v.looked_at < clock_timestamp() - v_gap)
           and (v.state <> 'sent' or v.sent_at < clock_timestamp() - interval '45 s');
  update payments
     set hinted_at = clock_timestamp(),
         looked_at = case when v_may then clock_timestamp() else v.looked_at end,
         next_poll_at = case
           when v_may then clock_timestamp() + p_lease
           when v.state = 'sent' then v.next_poll_at
           else least(v.next_poll_at, v.looked_at + v_gap) end
   where id = p_id;
  return v_may;
end $$;

-- What was posted at a payment's own address: kept, and with a good signature a reason
-- to ask. Returns unknown if there is no such payment, ask if the caller is to do so
-- now, else later. Of what others can make up or send again only so much is kept.
create function hear_callback(
  p_id uuid, p_currency text, p_hash_ok boolean, p_status text, p_amount bigint, p_body bytea, p_lease interval)
returns text language plpgsql as $$
begin
  perform from payments where id = p_id and currency = p_currency for no key update;
  if not found then
    return 'unknown';
  end if;
  if (select count(*) from payment_events e
       where e.payment_id = p_id and e.source = 'callback' and e.hash_ok = p_hash_ok) < 50 then
    insert into payment_events (payment_id, inbox_id, source, status, amount_minor, hash_ok)
      values (p_id, keep_arrival(p_body, case when p_hash_ok then 'done' else 'rejected' end),
              'callback', p_status, p_amount, p_hash_ok);
  end if;
  return case when p_hash_ok and take_look(p_id, p_lease) then 'ask' else 'later' end;
end $$;

do $$
declare
  v_function regproc;
begin
  foreach v_function in array array[
    'post_transfer', 'open_payment', 'keep_arrival', 'apply_payment', 'due_payments',
    'take_look', 'hear_callback']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on packages, rates, payments, payment_events to zimgpt_app;
grant insert on packages, rates to zimgpt_app;
grant execute on function
  open_payment, apply_payment, due_payments, take_look, hear_callback
  to zimgpt_app;
