-- The life of a question: asked, claimed, written, ended. Each function is one
-- commit; together they are the only writers of answers, chunks and jobs.
--
-- The busy ones are in plpgsql, which plans a statement once for a connection; SQL
-- functions that are not inlined are planned at every call.

create type asked as (
  outcome text,              -- accepted, repeat, differs, insufficient, unknown_conversation
  answer_id uuid, conversation_id uuid, job_id uuid, outbox_id bigint,
  max_tokens int, lowered boolean, hold bigint, available bigint);

-- One commit: conversation (if new), question, answer, hold, job, outbox row.
create function ask_question(
  p_user bigint, p_client_id text, p_kind text, p_channel text, p_text text,
  p_conversation uuid, p_new_conversation uuid, p_title text,
  p_answer uuid, p_job uuid, p_origin text,
  p_prompt_estimate int, p_max_tokens int, p_lowered boolean, p_window_from uuid,
  p_prices jsonb,
  p_hold bigint, p_hold_ttl interval)
returns asked language plpgsql as $$
declare
  v asked;
  v_question questions;
begin
  -- The wallet's lock makes one person's questions take turns, so a repeat sent at
  -- the same moment finds the first one.
  select balance into strict v.available from accounts
   where user_id = p_user and kind = 'available' for update;

  select * into v_question from questions where user_id = p_user and client_id = p_client_id;
  if found then
    v.answer_id := v_question.answer_id;
    v.max_tokens := v_question.max_tokens;
    v.lowered := v_question.lowered;
    select a.conversation_id, r.amount into v.conversation_id, v.hold
      from answers a join reservations r on r.answer_id = a.id where a.id = v.answer_id;
    v.outcome := case when v_question.kind = p_kind and v_question.text = p_text
                      then 'repeat' else 'differs' end;
    return v;
  end if;

  if v.available < p_hold then
    v.outcome := 'insufficient';
    return v;
  end if;

  if p_conversation is null then
    v.conversation_id := p_new_conversation;
    insert into conversations (id, user_id, channel, kind, title)
      values (p_new_conversation, p_user, p_channel, p_kind, p_title);
  else
    update conversations set updated_at = now()
     where id = p_conversation and user_id = p_user and kind = p_kind and deleted_at is null
     returning id into v.conversation_id;
    if not found then
      v.outcome := 'unknown_conversation';
      return v;
    end if;
  end if;

  insert into answers (id, conversation_id, user_id, created_at)
    values (p_answer, v.conversation_id, p_user, clock_timestamp());
  insert into questions (answer_id, user_id, client_id, kind, text, prompt_estimate, max_tokens, lowered,
                         window_from, prices)
    values (p_answer, p_user, p_client_id, p_kind, p_text, p_prompt_estimate, p_max_tokens, p_lowered,
            p_window_from, p_prices);
  if not reserve(p_answer, p_user, p_hold, p_hold_ttl) then
    raise exception 'hold refused for answer %', p_answer;
  end if;
  insert into jobs (id, kind, ref, origin) values (p_job, p_kind, p_answer::text, p_origin);
  insert into outbox (job_id) values (p_job) returning id into v.outbox_id;
  v.outcome := 'accepted';
  v.answer_id := p_answer;
  v.job_id := p_job;
  v.max_tokens := p_max_tokens;
  v.lowered := p_lowered;
  v.hold := p_hold;
  v.available := v.available - p_hold;
  return v;
end $$;

create type ended as (charged bigint, available bigint, last_seq int);

-- Ends an answer: last text, usage, settlement and job in one commit. Null when
-- another attempt has taken over or the answer has ended.
create function finish_answer(
  p_answer uuid, p_epoch int, p_text text, p_state text, p_finish text, p_job_state text,
  p_model text, p_prompt_tokens bigint, p_completion_tokens bigint, p_usage_source text, p_cost bigint)
returns ended language plpgsql as $$
declare
  v ended;
  v_job uuid;
  v_answer answers;
begin
  select id into v_job from jobs
   where kind in ('essay', 'chat') and ref = p_answer::text for update;
  select * into v_answer from answers where id = p_answer for update;
  if not found or v_answer.epoch <> p_epoch or v_answer.state not in ('queued', 'streaming') then
    return null;
  end if;
  v.last_seq := v_answer.last_seq;
  if p_text <> '' then
    v.last_seq := v.last_seq + 1;
    insert into answer_chunks (answer_id, epoch, seq, text_part)
      values (p_answer, p_epoch, v.last_seq, p_text);
  end if;
  update answers
     set state = p_state, finish_reason = p_finish, model = p_model, last_seq = v.last_seq,
         prompt_tokens = p_prompt_tokens, completion_tokens = p_completion_tokens,
         usage_source = p_usage_source, finished_at = clock_timestamp(),
         text = (select string_agg(c.text_part, '' order by c.seq) from answer_chunks c
                  where c.answer_id = p_answer and c.epoch = p_epoch)
   where id = p_answer;
  v.charged := settle(p_answer, p_cost);
  update jobs set state = p_job_state, lease_owner = null, lease_until = null, finished_at = clock_timestamp()
   where id = v_job;
  select balance into v.available from accounts where user_id = v_answer.user_id and kind = 'available';
  return v;
end $$;

create type claimed as (
  attempt int, answer_id uuid, user_id bigint, conversation_id uuid, kind text, question text,
  prompt_estimate int, max_tokens int, window_from uuid, prices jsonb, hold bigint, stop_requested boolean, origin text);

-- Takes a job for one attempt under a lease. Counts the attempt, raises the epoch
-- (upward only, so a worker whose lease ran out can write nothing more) and makes
-- sure the hold outlives the attempt. At the attempt limit the job is dead, its
-- answer failed and its hold released, in the same commit. Null: nothing to do.
create function claim_job(p_job uuid, p_worker text, p_lease interval, p_hold_ttl interval)
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
  v_answer := v_job.ref::uuid;
  if v_job.attempts >= v_job.max_attempts then
    perform finish_answer(v_answer, a.epoch, '', 'failed', 'gave_up', 'dead', a.model, null, null, null, 0)
       from answers a where a.id = v_answer;
    return null;
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

-- Appends the pieces of all of a node's streams in one statement; returns the
-- answers that took theirs, now or in an earlier call whose commit went unheard. A
-- stale epoch, a gap or an ended answer takes nothing.
create function append_chunks(p_answers uuid[], p_epochs int[], p_seqs int[], p_texts text[])
returns setof uuid language plpgsql as $$
begin
  return query
  with piece as (
    select * from unnest(p_answers, p_epochs, p_seqs, p_texts) as u (answer_id, epoch, seq, text_part)),
  moved as (
    update answers a set last_seq = p.seq, state = 'streaming'
      from piece p
     where a.id = p.answer_id and a.epoch = p.epoch and a.epoch > 0 and a.last_seq = p.seq - 1
       and a.state in ('queued', 'streaming')
    returning a.id),
  stored as (
    insert into answer_chunks (answer_id, epoch, seq, text_part)
      select p.answer_id, p.epoch, p.seq, p.text_part
        from piece p join moved m on m.id = p.answer_id
    returning answer_chunks.answer_id)
  select s.answer_id from stored s
  union all
  select p.answer_id from piece p join answers a on a.id = p.answer_id
   where a.epoch = p.epoch and a.last_seq = p.seq and a.state = 'streaming';
end $$;

create function renew_leases(p_worker text, p_jobs uuid[], p_lease interval)
returns setof uuid language sql as $$
  with mine as (
    select id from jobs
     where id = any (p_jobs) and lease_owner = p_worker and state = 'running'
       and lease_until > clock_timestamp()
     order by id for update)
  update jobs j set lease_until = clock_timestamp() + p_lease from mine where j.id = mine.id
  returning j.id
$$;

-- Gives a job back after an attempt that went wrong through no fault of the model;
-- true if it will be tried again.
create function retry_job(p_job uuid, p_worker text, p_error text, p_delay interval)
returns boolean language plpgsql as $$
declare
  v_job jobs;
begin
  select * into v_job from jobs where id = p_job and lease_owner = p_worker for update;
  if not found then
    return false;
  end if;
  update jobs set last_error = left(p_error, 2000) where id = p_job;
  if v_job.attempts >= v_job.max_attempts then
    perform finish_answer(a.id, a.epoch, '', 'failed', 'gave_up', 'dead', a.model, null, null, null, 0)
       from answers a where a.id = v_job.ref::uuid;
    return false;
  end if;
  update jobs set state = 'queued', lease_owner = null, lease_until = null,
                  run_after = clock_timestamp() + p_delay, published_at = '-infinity'
   where id = p_job;
  return true;
end $$;

-- A node that starts again under its own name knows that what it was doing has died.
create function release_leases(p_worker text) returns setof uuid language sql as $$
  with mine as (
    select id from jobs where lease_owner = p_worker and state = 'running'
     order by id for update)
  update jobs j set state = 'queued', lease_owner = null, lease_until = null,
                    run_after = clock_timestamp(), published_at = '-infinity'
    from mine where j.id = mine.id
  returning j.id
$$;

-- The person's stop: remembered for a job that has not begun, and the name of the
-- node that writes the answer, if one does. No row: not theirs, or ended. The job is
-- read after the answer is locked, so that a claim made at the same moment either sees
-- the stop or is seen here.
create function request_stop(p_answer uuid, p_user bigint)
returns setof text language plpgsql as $$
begin
  update answers set stop_requested = true
   where id = p_answer and user_id = p_user and state in ('queued', 'streaming');
  if found then
    return query select coalesce(lease_owner, '') from jobs
      where kind in ('essay', 'chat') and ref = p_answer::text;
  end if;
end $$;

-- Jobs that the broker ought to be given (again): running past their lease, begun
-- once and given back, never confirmed, or queued and due for so long that the broker may have lost them. Marks
-- them as given now, so that two sweeping nodes take different ones; the node that
-- marks may die before it gives, so what the broker surely lacks is due again soon. The outbox is
-- asked job by job: after an outage statistics know nothing of the many that wait, and
-- a join planned for few compares each with each.
create function jobs_to_publish(p_patience interval, p_limit int)
returns table (job_id uuid, origin text, outbox_id bigint) language sql as $$
  with due as (
    select j.id from jobs j
     where j.state in ('queued', 'running')
       and j.published_at < now() - least(p_patience, interval '5 s')
       and case j.state
             when 'running' then j.lease_until < clock_timestamp()
             else j.run_after <= clock_timestamp()
                  and (j.attempts > 0 or j.published_at < now() - p_patience
                       or exists (select from outbox o
                                   where o.job_id = j.id and o.confirmed_at is null)) end
     order by j.published_at limit p_limit for update of j skip locked)
  update jobs j set published_at = clock_timestamp() from due d where j.id = d.id
  returning j.id, j.origin,
            (select o.id from outbox o where o.job_id = j.id and o.confirmed_at is null)
$$;

-- Closes what nobody will finish: holds past their time whose job no live worker has.
-- Several wallets in one commit, so in an order that is everybody's.
create function close_expired(p_limit int)
returns table (answer_id uuid, charged bigint) language plpgsql as $$
declare
  v_one record;
  v_ended ended;
begin
  for v_one in
    with due as materialized (
      select r.answer_id as answer, r.user_id from reservations r
        join jobs j on j.kind in ('essay', 'chat') and j.ref = r.answer_id::text
       where r.state = 'open' and r.expires_at < clock_timestamp()
         and (j.state = 'queued' or (j.state = 'running' and j.lease_until < clock_timestamp()))
       order by r.expires_at limit p_limit
       for update of j skip locked)
    select due.answer, a.epoch, a.model from due join answers a on a.id = due.answer
     order by due.user_id, due.answer
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

-- Forgets the words of deleted conversations, once nothing in them is being written.
create function erase_deleted(p_limit int) returns int language plpgsql as $$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in
    select c.id from conversations c
     where c.deleted_at is not null and c.erased_at is null
       and not exists (select from answers a where a.conversation_id = c.id and a.state in ('queued', 'streaming'))
     order by c.deleted_at limit p_limit for update skip locked
  loop
    delete from answer_chunks k using answers a where a.id = k.answer_id and a.conversation_id = v_id;
    update answers set text = null, last_seq = 0 where conversation_id = v_id;
    update questions q set text = '' from answers a where a.id = q.answer_id and a.conversation_id = v_id;
    update conversations set title = '', erased_at = clock_timestamp() where id = v_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;
