-- The only writers of money. Each posts one transfer under a key that is its own
-- for ever, so that calling it again changes nothing.
--
-- Lock order everywhere: job, answer, payment, hold (reservations), then accounts
-- by ascending id. ask_question (0005) takes the wallet first and then only
-- inserts rows that nobody else can see, so it closes no cycle.

-- A person's account of this kind, or the house's when there is no person. Two
-- statements, because "is not distinct from" uses no index.
create function account_of(p_user bigint, p_kind text)
returns bigint language plpgsql stable as $$
begin
  if p_user is null then
    return (select id from accounts where kind = p_kind and user_id is null);
  end if;
  return (select id from accounts where user_id = p_user and kind = p_kind);
end $$;

create function post_transfer(
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
  return v_transfer;
end $$;

-- Makes the person, both accounts and the welcome grant. One grant per number,
-- even if the account is made again later.
create function open_account(p_phone text, p_password_hash text, p_welcome bigint)
returns bigint language plpgsql as $$
declare
  v_user bigint;
begin
  insert into users (phone_e164, password_hash) values (p_phone, p_password_hash)
    on conflict (phone_e164) do nothing returning id into v_user;
  if v_user is null then
    return null;                             -- the number has an account
  end if;
  insert into accounts (user_id, kind) values (v_user, 'available'), (v_user, 'held');
  if p_welcome > 0 then
    perform post_transfer('grant', 'welcome:' || p_phone,
      array[account_of(null, 'granted'), account_of(v_user, 'available')],
      array[-p_welcome, p_welcome], 'welcome');
  end if;
  return v_user;
end $$;

-- Gives tokens once for each key; false when the key was used before.
create function grant_tokens(p_phone text, p_key text, p_tokens bigint, p_reason text)
returns boolean language plpgsql as $$
declare
  v_user bigint;
begin
  if p_tokens is null or p_tokens <= 0 then
    raise exception 'a grant is at least one token' using errcode = 'invalid_parameter_value';
  end if;
  select id into strict v_user from users where phone_e164 = p_phone;
  return post_transfer('grant', 'grant:' || p_key,
    array[account_of(null, 'granted'), account_of(v_user, 'available')],
    array[-p_tokens, p_tokens], p_reason) is not null;
end $$;

-- Credits a payment that the gateway calls paid: for its exact amount, once. Returns
-- credited, already, mismatch or unknown.
create function credit_payment(p_payment uuid, p_amount_minor bigint, p_currency text)
returns text language plpgsql as $$
declare
  v_payment payments;
  v_transfer bigint;
begin
  select * into v_payment from payments where id = p_payment for update;
  if not found then
    return 'unknown';
  end if;
  if v_payment.credited_transfer is not null then
    return 'already';
  end if;
  if (v_payment.amount_minor, v_payment.currency::text) is distinct from (p_amount_minor, p_currency) then
    update payments set state = 'mismatch' where id = p_payment;
    return 'mismatch';
  end if;
  v_transfer := post_transfer('purchase', 'purchase:' || p_payment,
    array[account_of(null, 'issued'), account_of(v_payment.user_id, 'available')],
    array[-v_payment.tokens, v_payment.tokens]);
  update payments set state = 'credited', credited_transfer = v_transfer where id = p_payment;
  return 'credited';
end $$;

-- Sets tokens aside for an answer; true exactly while that answer has an open hold
-- of its own owner.
create function reserve(p_answer uuid, p_user bigint, p_amount bigint, p_ttl interval)
returns boolean language plpgsql as $$
declare
  v_balance bigint;
  v_state text;
begin
  select balance into strict v_balance from accounts
   where user_id = p_user and kind = 'available' for update;  -- serialises one wallet
  select state into v_state from reservations where answer_id = p_answer and user_id = p_user;
  if found then
    return v_state = 'open';                 -- a closed hold pays for nothing more
  end if;
  if v_balance < p_amount then
    return false;
  end if;
  insert into reservations (answer_id, user_id, amount, expires_at)
    values (p_answer, p_user, p_amount, clock_timestamp() + p_ttl);
  perform post_transfer('reserve', 'reserve:' || p_answer,
    array[account_of(p_user, 'available'), account_of(p_user, 'held')],
    array[-p_amount, p_amount]);
  return true;
end $$;

-- Closes an answer's hold: the cost is spent, the rest goes back. Never above the
-- hold, never twice; returns what was charged.
create function settle(p_answer uuid, p_cost bigint)
returns bigint language plpgsql as $$
declare
  v_hold reservations;
  v_cost bigint;
begin
  select * into v_hold from reservations where answer_id = p_answer for update;
  if not found then
    raise exception 'no hold for answer %', p_answer using errcode = 'no_data_found';
  end if;
  if v_hold.state <> 'open' then
    return v_hold.settled;
  end if;
  v_cost := least(greatest(p_cost, 0), v_hold.amount);
  perform post_transfer('settle', 'settle:' || p_answer,
    array[account_of(v_hold.user_id, 'available'), account_of(v_hold.user_id, 'held'), account_of(null, 'spent')],
    array[v_hold.amount - v_cost, -v_hold.amount, v_cost]);
  update reservations
     set state = case when v_cost = 0 then 'released' else 'settled' end,
         settled = v_cost, closed_at = clock_timestamp()
   where answer_id = p_answer;
  return v_cost;
end $$;
