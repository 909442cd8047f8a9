-- One order of locks for wallets and lanes. The news of a payment were queued after its
-- tokens had been posted: wallet, then lane. An answer that ends, and a webhook that
-- tells of what could not be delivered, go the other way; so two of them about one
-- person could wait for each other. Lanes come first everywhere now.
--
-- Lock order: a question's job, its answer, person, payment, arrival (inbox), contact,
-- outgoing, lanes (wa_inbound before wa_send, each by contact), hold (reservations), then
-- wallets by ascending id. A commit that ends several answers, or gives back several,
-- has all its lanes before its first wallet.

-- Where a job stands in the order: questions first, then lanes by kind and contact.
create function lane_order(p_kind text, p_ref text) returns bigint[] language sql immutable as $$
  select case p_kind when 'wa_inbound' then array[1, p_ref::bigint]
                     when 'wa_send' then array[2, p_ref::bigint]
                     else array[0, 0] end
$$;

-- ---- payments -----------------------------------------------------------------

drop trigger whatsapp_payment_changed on payments;
drop function whatsapp_payment_changed();

-- Tells in the chat how a payment stands now: whoever pays there; and, of one that was
-- credited, whoever has its tokens from somebody else, wherever that one paid. What the
-- row says when it is read is told, so a person hears of a payment once however quickly
-- it changes.
create function tell_of_payment(p_payment payments, p_credited boolean)
returns void language plpgsql as $$
declare
  v_contact bigint;
begin
  for v_contact in
    select c.id from (
        select p_payment.payer_id as person where p_payment.channel = 'whatsapp'
        union select p_payment.user_id where p_payment.user_id <> p_payment.payer_id and p_credited) told
      cross join lateral (
        select w.id from whatsapp_contacts w where w.user_id = told.person
         order by w.heard_at desc nulls last, w.id limit 1) c
     order by c.id
  loop
    insert into whatsapp_outgoing (id, contact_id, payment_id) values (gen_random_uuid(), v_contact, p_payment.id);
    perform wake_lane('wa_send', v_contact, '', gen_random_uuid());
  end loop;
end $$;

-- As in 0014, but whoever is told in a chat is told before tokens are posted.
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

-- ---- answers ------------------------------------------------------------------

-- Wakes the lanes of everybody who waits for one of these answers, in the order of all.
create function wake_lanes_of(p_answers uuid[])
returns void language plpgsql as $$
declare
  v record;
begin
  for v in
    select k.kind, o.contact
      from (select distinct contact_id as contact from whatsapp_outgoing
             where answer_id = any (p_answers) and message is null) o
      cross join unnest(array['wa_inbound', 'wa_send']) k (kind)
     order by k.kind, o.contact
  loop
    perform wake_lane(v.kind, v.contact, '', gen_random_uuid());
  end loop;
end $$;

create or replace function whatsapp_answer_ended() returns trigger language plpgsql as $$
begin
  perform wake_lanes_of(array[new.id]);
  return null;
end $$;

-- As in 0011, but all lanes are woken before the first wallet is settled.
create or replace function close_expired(p_limit int)
returns table (answer_id uuid, charged bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v_due uuid[];
  v_one record;
  v_ended ended;
begin
  with due as materialized (
    select r.answer_id as answer
      from reservations r
      join jobs j on j.kind in ('essay', 'chat') and j.ref = r.answer_id::text
      join answers a on a.id = r.answer_id
     where r.state = 'open' and r.expires_at < clock_timestamp()
       and (j.state = 'queued' or (j.state = 'running' and j.lease_until < clock_timestamp()))
     order by r.expires_at limit p_limit
     for update of j, a skip locked)
  select array_agg(due.answer) into v_due from due;
  perform wake_lanes_of(v_due);
  for v_one in
    select a.id as answer, a.epoch, a.model from answers a where a.id = any (v_due) order by a.user_id, a.id
  loop
    v_ended := finish_answer(
      v_one.answer, v_one.epoch, '', 'failed', 'expired', 'failed', v_one.model, null, null, null, 0);
    if v_ended.charged is not null then
      answer_id := v_one.answer;
      charged := v_ended.charged;
      return next;
    end if;
  end loop;
end $$;

-- ---- leases -------------------------------------------------------------------

-- As before, but in that order: a worker has questions and lanes, and an answer of its
-- own that ends wakes a lane of its own.
create or replace function renew_leases(p_worker text, p_jobs uuid[], p_lease interval)
returns setof uuid language sql as $$
  with mine as (
    select id from jobs
     where id = any (p_jobs) and lease_owner = p_worker and state = 'running'
       and lease_until > clock_timestamp()
     order by lane_order(kind, ref), id for update)
  update jobs j set lease_until = clock_timestamp() + p_lease from mine where j.id = mine.id
  returning j.id
$$;

create or replace function release_leases(p_worker text) returns setof uuid language sql as $$
  with mine as (
    select id from jobs where lease_owner = p_worker and state = 'running'
     order by lane_order(kind, ref), id for update)
  update jobs j set state = 'queued', lease_owner = null, lease_until = null,
                    run_after = clock_timestamp(), published_at = '-infinity',
                    last_error = 'LeaseLost: ' || p_worker || ' gave it back or began again'
    from mine where j.id = mine.id
  returning j.id
$$;

-- ---- vouchers -----------------------------------------------------------------

-- Forgets wrong codes that count no more: the limits look back an hour.
create function forget_voucher_tries(p_after interval, p_limit int) returns int language sql as $$
  with gone as (
    delete from voucher_tries
     where id in (select id from voucher_tries where at < clock_timestamp() - greatest(p_after, interval '1 hour')
                   order by id limit p_limit for update skip locked)
    returning 1)
  select count(*)::int from gone
$$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'lane_order', 'tell_of_payment', 'apply_payment', 'wake_lanes_of', 'whatsapp_answer_ended', 'close_expired',
    'renew_leases', 'release_leases', 'forget_voucher_tries']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function
  apply_payment, close_expired, renew_leases, release_leases, forget_voucher_tries to zimgpt_app;
