-- What operators give or take by hand because of a payment, as transfers of their own.
--
-- Given is only where nothing is credited by itself any more, and taken only what was
-- credited and is still there, so that a correction and the gateway's word never do the
-- same twice. Lock order: payment, then as in 0004.

create table payment_corrections (
  transfer_id bigint primary key references transfers (id),
  payment_id  uuid not null references payments (id),
  tokens      bigint not null check (tokens <> 0));  -- below zero: taken
create index payment_corrections_of_payment on payment_corrections (payment_id);
create trigger payment_corrections_append_only before update or delete on payment_corrections
  for each row execute function append_only();
create trigger payment_corrections_no_truncate before truncate on payment_corrections
  for each statement execute function append_only();

-- Gives p_tokens to whom a payment is for, or takes them if below zero, once for each
-- key. The outcome is corrected, repeat, differs (the key was used for something else),
-- open (it may still be credited by itself), credited, uncredited, too_much (more than it
-- brought) or spent; and what is available after.
create function correct_payment(p_id uuid, p_key text, p_tokens bigint, p_who text, p_reason text)
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
    when p_tokens < 0 and v.tokens + p_tokens + (
           select coalesce(sum(c.tokens), 0) from payment_corrections c
            where c.payment_id = p_id and c.tokens < 0) < 0 then 'too_much'
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
  foreach v_function in array array['correct_payment']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on payment_corrections to zimgpt_app;
grant execute on function correct_payment to zimgpt_app;
