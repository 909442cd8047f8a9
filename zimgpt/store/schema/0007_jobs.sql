-- Jobs that keep failing: told once, mirrored among the broker's dead letters, and in
-- an operator's hands to be tried again or dropped.

alter table jobs add column told_at timestamptz;  -- when the log named this dead job
create index jobs_dead on jobs (finished_at) where state = 'dead';

-- An answer whose question is tried again is paid for by a new hold in the same row;
-- each such round has transfers under keys of its own.
alter table reservations add column round int not null default 1 check (round > 0);

-- What operators did by hand, and why.
create table operator_acts (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default clock_timestamp(),
  who     text not null check (who <> '' and octet_length(who) <= 200),
  act     text not null check (act in ('retry', 'drop')),
  subject text not null,
  reason  text not null check (octet_length(reason) <= 1000));
create index operator_acts_on on operator_acts (subject);
create trigger operator_acts_append_only before update or delete on operator_acts
  for each row execute function append_only();
create trigger operator_acts_no_truncate before truncate on operator_acts
  for each statement execute function append_only();

-- Rounds of upkeep that one node makes for all, each row a kind of round.
create table turns (
  name     text primary key,
  taken_at timestamptz not null);

-- True for one caller in each stretch of that length.
create function take_turn(p_name text, p_every interval) returns boolean language sql as $$
  with taken as (
    insert into turns (name, taken_at) values (p_name, clock_timestamp())
      on conflict (name) do update set taken_at = excluded.taken_at
       where turns.taken_at <= excluded.taken_at - p_every
    returning 1)
  select exists (select from taken)
$$;

-- Notes that the log has named these.
create function dead_told(p_jobs uuid[]) returns void language sql as $$
  update jobs set told_at = clock_timestamp()
   where id = any (p_jobs) and state = 'dead' and told_at is null
$$;

-- The key of a hold's transfer: of its first round as ever, of later ones with their
-- number.
create function hold_key(p_kind text, p_answer uuid, p_round int) returns text language sql immutable as $$
  select p_kind || ':' || p_answer || case when p_round > 1 then ':' || p_round else '' end
$$;

-- As before, under the key of the hold's round.
create or replace function settle(p_answer uuid, p_cost bigint)
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
  perform post_transfer('settle', hold_key('settle', p_answer, v_hold.round),
    array[account_of(v_hold.user_id, 'available'), account_of(v_hold.user_id, 'held'), account_of(null, 'spent')],
    array[v_hold.amount - v_cost, -v_hold.amount, v_cost]);
  update reservations
     set state = case when v_cost = 0 then 'released' else 'settled' end,
         settled = v_cost, closed_at = clock_timestamp()
   where answer_id = p_answer;
  return v_cost;
end $$;

-- As before, and: a job on its last two attempts is taken by a worker only while it
-- has no other such job. A question that kills the process would otherwise take the
-- same neighbours with it each time, up to the limit of their attempts too. And a
-- lease that ran out leaves a word about it.
create or replace function claim_job(p_job uuid, p_worker text, p_lease interval, p_hold_ttl interval)
returns claimed language plpgsql as $$
declare
  v claimed;
  v_job jobs;
  v_answer uuid;
begin
  select * into v_job from jobs where id = p_job and kind in ('essay', 'chat') for update;
  if not found or v_job.state not in ('queued', 'running') or v_job.run_after > clock_timestamp()
     or (v_job.state = 'running' and v_job.lease_until > clock_timestamp()) then
    return null;
  end if;
  if v_job.state = 'running' then
    update jobs set last_error = 'LeaseLost: ' || v_job.lease_owner || ' let its lease run out'
     where id = p_job;
  end if;
  v_answer := v_job.ref::uuid;
  if v_job.attempts >= v_job.max_attempts then
    perform finish_answer(v_answer, a.epoch, '', 'failed', 'gave_up', 'dead', a.model, null, null, null, 0)
       from answers a where a.id = v_answer;
    return null;
  end if;
  if v_job.max_attempts - v_job.attempts <= 2 then
    -- Two claims of one worker at the same moment would not see each other.
    perform pg_advisory_xact_lock(hashtextextended('last attempts of ' || p_worker, 0));
    perform from jobs
      where state = 'running' and lease_owner = p_worker and lease_until > clock_timestamp()
        and max_attempts - attempts < 2 and id <> p_job;
    if found then
      update jobs set state = 'queued', lease_owner = null, lease_until = null,
                      run_after = clock_timestamp() + interval '1 s', published_at = '-infinity'
       where id = p_job;
      return null;
    end if;
  end if;
  update answers set epoch = v_job.attempts + 1, epoch_at = clock_timestamp(), last_seq = 0
   where id = v_answer and epoch < v_job.attempts + 1 and state in ('queued', 'streaming');
  if not found then
    return null;
  end if;
  update reservations set expires_at = greatest(expires_at, clock_timestamp() + p_hold_ttl)
   where answer_id = v_answer and state = 'open';
  if not found then
    raise exception 'answer % is open without a hold', v_answer;
  end if;
  update jobs set state = 'running', attempts = attempts + 1, lease_owner = p_worker,
                  lease_until = clock_timestamp() + p_lease
   where id = p_job;
  select v_job.attempts + 1, a.id, a.user_id, a.conversation_id, q.kind, q.text,
         q.prompt_estimate, q.max_tokens, q.window_from, q.prices, r.amount, a.stop_requested, v_job.origin
    into v
    from answers a join questions q on q.answer_id = a.id join reservations r on r.answer_id = a.id
   where a.id = v_answer;
  return v;
end $$;

-- As before, with a word about whose lease it was.
create or replace function release_leases(p_worker text) returns setof uuid language sql as $$
  with mine as (
    select id from jobs where lease_owner = p_worker and state = 'running'
     order by id for update)
  update jobs j set state = 'queued', lease_owner = null, lease_until = null,
                    run_after = clock_timestamp(), published_at = '-infinity',
                    last_error = 'LeaseLost: ' || p_worker || ' gave it back or began again'
    from mine where j.id = mine.id
  returning j.id
$$;

-- A job that has died or failed is to be tried again, by an operator, with five more
-- attempts. An answer needs a hold: the amount that was held before is taken from the
-- same wallet once more. Its epoch stays where it is, so that the next attempt's is
-- above all that readers have seen. Returns retried, unknown, not_ended, dropped,
-- paid, erased or insufficient.
create function retry_ended_job(p_job uuid, p_hold_ttl interval, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v_job jobs;
  v_outcome text;
begin
  select * into v_job from jobs where id = p_job for update;
  if not found then
    return 'unknown';
  end if;
  if v_job.state not in ('dead', 'failed') then
    return 'not_ended';
  end if;
  perform from operator_acts where subject = p_job::text and act = 'drop';
  if found then
    return 'dropped';
  end if;
  if v_job.kind in ('essay', 'chat') then
    v_outcome := reopen_answer(v_job.ref::uuid, p_hold_ttl);
    if v_outcome <> 'reopened' then
      return v_outcome;
    end if;
  end if;
  update jobs set state = 'queued', max_attempts = attempts + 5, finished_at = null, told_at = null,
                  run_after = clock_timestamp(), published_at = '-infinity'
   where id = p_job;
  insert into operator_acts (who, act, subject, reason) values (p_who, 'retry', p_job::text, p_reason);
  return 'retried';
end $$;

-- An answer that failed, free of charge, is to be written after all.
create function reopen_answer(p_answer uuid, p_hold_ttl interval)
returns text language plpgsql as $$
declare
  v_answer answers;
  v_hold reservations;
  v_balance bigint;
begin
  select * into strict v_answer from answers where id = p_answer for update;
  select * into strict v_hold from reservations where answer_id = p_answer for update;
  if v_answer.state <> 'failed' or v_hold.state <> 'released' then
    return 'paid';
  end if;
  perform from conversations where id = v_answer.conversation_id and deleted_at is null;
  if not found then
    return 'erased';
  end if;
  select balance into strict v_balance from accounts
   where user_id = v_answer.user_id and kind = 'available' for update;
  if v_balance < v_hold.amount then
    return 'insufficient';
  end if;
  update reservations set state = 'open', round = round + 1, settled = null, closed_at = null,
                          expires_at = clock_timestamp() + p_hold_ttl
   where answer_id = p_answer;
  perform post_transfer('reserve', hold_key('reserve', p_answer, v_hold.round + 1),
    array[account_of(v_answer.user_id, 'available'), account_of(v_answer.user_id, 'held')],
    array[-v_hold.amount, v_hold.amount]);
  -- Its pieces stay, for its readers, until the next attempt voids them.
  update answers set state = 'queued', finish_reason = null, finished_at = null, text = null,
                     stop_requested = false,
                     last_seq = (select coalesce(max(c.seq), 0) from answer_chunks c
                                  where c.answer_id = p_answer and c.epoch = v_answer.epoch)
   where id = p_answer;
  return 'reopened';
end $$;

-- Ends a job for good that waits or has died; an answer's hold is released. Returns
-- dropped, unknown, running or ended.
create function drop_job(p_job uuid, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v_job jobs;
begin
  select * into v_job from jobs where id = p_job for update;
  if not found then
    return 'unknown';
  end if;
  if v_job.state = 'running' then
    return 'running';
  end if;
  if v_job.state not in ('queued', 'dead') then
    return 'ended';
  end if;
  if v_job.state = 'queued' and v_job.kind in ('essay', 'chat') then
    perform finish_answer(a.id, a.epoch, '', 'failed', 'gave_up', 'failed', a.model, null, null, null, 0)
       from answers a where a.id = v_job.ref::uuid;
  end if;
  update jobs set state = 'failed', finished_at = coalesce(finished_at, clock_timestamp()) where id = p_job;
  insert into operator_acts (who, act, subject, reason) values (p_who, 'drop', p_job::text, p_reason);
  return 'dropped';
end $$;

-- Sealed like all others: they run as their owner, and are nobody's by default.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;

grant select on operator_acts, turns to zimgpt_app;
grant execute on function take_turn, dead_told, hold_key, retry_ended_job, drop_job to zimgpt_app;
