-- A refund by hand and the gateway's own are one: whatever an operator has taken for a
-- payment is not taken again when its money goes back. Then the wallet gives the rest
-- alone, and what was taken goes on from adjust to issued, so that issued tokens are
-- still those that were paid for; a payment that is reinstated gives back as much.

-- Of what was taken by hand, how much this payment's clawbacks have counted in.
create function counted_in(p payments) returns bigint language sql stable as $$
  select coalesce(-sum(e.amount), 0)::bigint
    from entries e join accounts a on a.id = e.account_id
   where e.transfer_id in (p.clawback_transfer, p.reinstated_transfer, p.reclaimed_transfer)
     and a.kind = 'adjust'
$$;

-- What was taken by hand for this payment and is not counted in yet. Its caller has the
-- payment's lock, as has who takes.
create function taken_by_hand(p payments) returns bigint language sql stable as $$
  select coalesce(-sum(c.tokens), 0)::bigint - counted_in(p)
    from payment_corrections c where c.payment_id = p.id and c.tokens < 0
$$;

-- As before, but for that.
create or replace function apply_payment(
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
  v_by_hand bigint;
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
  if p_state is distinct from v.state and p_state not in ('created', 'sent') then
    perform tell_of_payment(v, v.credited_transfer is not null or coalesce(p_credit in ('purchase', 'manual'), false));
  end if;
  if p_credit in ('purchase', 'manual') and v.credited_transfer is null then
    n.credited_transfer := post_transfer('purchase', p_credit || ':' || p_id,
      array[account_of(null, 'issued'), account_of(v.user_id, 'available')],
      array[-v.tokens, v.tokens], p_note);
    n.credited_at := clock_timestamp();
  elsif p_credit = 'reinstate' and v.reinstated_transfer is null then
    v_by_hand := counted_in(v);
    n.reinstated_transfer := post_transfer('reinstate', 'reinstate:' || p_id,
      array[account_of(null, 'issued'), account_of(null, 'adjust'), account_of(v.user_id, 'available')],
      array[-v.tokens, v_by_hand, v.tokens - v_by_hand], p_note);
  end if;
  if (p_clawback = 'clawback' and v.clawback_transfer is null)
     or (p_clawback = 'reclaim' and v.reclaimed_transfer is null) then
    v_by_hand := taken_by_hand(v);
    v_transfer := post_transfer('clawback', p_clawback || ':' || p_id,
      array[account_of(v.user_id, 'available'), account_of(null, 'adjust'), account_of(null, 'issued')],
      array[v_by_hand - v.tokens, -v_by_hand, v.tokens], p_note);
    if p_clawback = 'clawback' then
      n.clawback_transfer := v_transfer;
    else
      n.reclaimed_transfer := v_transfer;
    end if;
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

create or replace function correct_payment(p_id uuid, p_key text, p_tokens bigint, p_who text, p_reason text)
returns table (outcome text, available bigint) language plpgsql as $$
declare
  v payments;
  v_transfer bigint;
  v_same boolean;
begin
  select * into strict v from payments p where p.id = p_id for no key update;
  select a.balance into strict available from accounts a
   where a.id = account_of(v.user_id, 'available') for update;
  select c.payment_id = p_id and c.tokens = p_tokens into v_same
    from transfers t join payment_corrections c on c.transfer_id = t.id
   where t.idem_key = 'correct:' || p_key;
  outcome := case
    when v_same then 'repeat'
    when not v_same then 'differs'
    when p_tokens > 0 and v.state = 'credited' then 'credited'
    when p_tokens > 0 and v.state not in ('review', 'disputed', 'refunded') then 'open'
    when p_tokens < 0 and v.state <> 'credited' then 'uncredited'
    when p_tokens < 0 and v.tokens + p_tokens - taken_by_hand(v) < 0 then 'too_much'
    when available + p_tokens < 0 and p_tokens < 0 then 'spent'
    else 'corrected' end;
  if outcome <> 'corrected' then
    return next;
    return;
  end if;
  v_transfer := post_transfer('adjust', 'correct:' || p_key,
    array[account_of(null, 'adjust'), account_of(v.user_id, 'available')],
    array[-p_tokens, p_tokens], p_reason);
  if v_transfer is null then                 -- the same key at this moment, for another payment
    outcome := 'differs';
    return next;
    return;
  end if;
  insert into payment_corrections (transfer_id, payment_id, tokens) values (v_transfer, p_id, p_tokens);
  perform note_act(p_who, case when p_tokens > 0 then 'credit_payment' else 'refund_payment' end,
                   'payment ' || p_id, p_reason);
  available := available + p_tokens;
  return next;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'counted_in', 'taken_by_hand', 'apply_payment', 'correct_payment']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function apply_payment, correct_payment to zimgpt_app;
