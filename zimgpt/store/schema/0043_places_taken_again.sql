-- A question that replaced a turn, got no answer and is tried again takes its place again.
-- It had given the place back (0032), and then stood beside what it was to replace.
--
-- Where the conversation has gone on meanwhile, it is not tried again: what was said after
-- that turn came back would go with it, or its answer would be shown to nobody and paid
-- for all the same. Lock order: as in 0032, answers in the order of their turns, then hold.

-- Whether a turn of a chat from one on, but for p_but, is being written.
create function turn_open(p_first uuid, p_but uuid) returns boolean language sql stable as $$
  select exists (
    select from answers f join answers a on a.conversation_id = f.conversation_id and a.user_id = f.user_id
     where f.id = p_first and (a.created_at, a.id) >= (f.created_at, f.id)
       and a.id is distinct from p_but and a.state in ('queued', 'streaming'))
$$;

-- Locks all of them; false if one is being written: before, so that no stream waits for
-- this, or once whoever had locked them is done.
create function lock_turns(p_first uuid, p_but uuid) returns boolean language plpgsql as $$
begin
  if turn_open(p_first, p_but) then
    return false;
  end if;
  perform from answers f join answers a on a.conversation_id = f.conversation_id and a.user_id = f.user_id
    where f.id = p_first and (a.created_at, a.id) >= (f.created_at, f.id)
    order by a.created_at, a.id for no key update of a;
  return not turn_open(p_first, p_but);
end $$;

-- As in 0032, but an answer that was reopened while this waited for it is not replaced.
create or replace function ask_instead(
  p_replaces uuid,
  p_brief jsonb, p_fold boolean,
  p_most_open int,
  p_user bigint, p_client_id text, p_kind text, p_channel text, p_text text,
  p_conversation uuid, p_new_conversation uuid, p_title text,
  p_answer uuid, p_job uuid, p_origin text,
  p_prompt_estimate int, p_max_tokens int, p_lowered boolean, p_window_from uuid,
  p_prices jsonb,
  p_hold bigint, p_hold_ttl interval)
returns asked language plpgsql as $$
declare
  v asked;
  v_first answers;
begin
  if p_replaces is not null
     and not exists (select from questions where user_id = p_user and client_id = p_client_id) then
    select a.* into v_first from answers a
     where a.id = first_replaced(p_replaces) and a.user_id = p_user
       and a.conversation_id = p_conversation;
    if not found then
      v.outcome := 'unknown_conversation';
      return v;
    end if;
    v.outcome := case
      when not lock_turns(v_first.id, null) then 'open_turn'
      when exists (select from answers where id = p_replaces and replaced_by is not null) then 'replaced'
      end;
    -- Unless what took the place while this one waited was its own repeat.
    if v.outcome is not null
       and not exists (select from questions where user_id = p_user and client_id = p_client_id) then
      return v;
    end if;
  end if;
  v := ask_with(
    p_brief, p_fold, p_most_open, p_user, p_client_id, p_kind, p_channel, p_text,
    p_conversation, p_new_conversation, p_title, p_answer, p_job, p_origin,
    p_prompt_estimate, p_max_tokens, p_lowered, p_window_from, p_prices, p_hold, p_hold_ttl);
  if v.outcome = 'repeat' then
    perform from questions where answer_id = v.answer_id and replaces is not distinct from p_replaces;
    if not found then
      v.outcome := 'differs';
    end if;
  elsif v.outcome = 'accepted' and p_replaces is not null then
    update questions set replaces = p_replaces where answer_id = v.answer_id;
    update answers a set replaced_by = v.answer_id
     where a.conversation_id = p_conversation and a.user_id = p_user and a.replaced_by is null
       and a.id <> v.answer_id and (a.created_at, a.id) >= (v_first.created_at, v_first.id);
    delete from memories m using answers covered
     where m.conversation_id = p_conversation and covered.id = m.covers
       and (covered.created_at, covered.id) >= (v_first.created_at, v_first.id);
  end if;
  return v;
end $$;

-- Locks the turns in whose place this answer stands; false if the conversation has gone
-- on since it gave the place back.
create function lock_place(p_answer uuid) returns boolean language plpgsql as $$
declare
  v_first constant uuid := first_replaced(p_answer);
begin
  if v_first = p_answer then
    return true;
  end if;
  if not lock_turns(v_first, p_answer) then
    return false;
  end if;
  perform from answers v join answers a on a.conversation_id = v.conversation_id and a.user_id = v.user_id
    where v.id = p_answer and (a.created_at, a.id) > (v.created_at, v.id) and coalesce(a.text, '') <> '';
  return not found;
end $$;

-- Takes the place of the turn that this answer's question replaces, and of all up to it;
-- of a question that replaces none, nothing.
create function take_place(p_answer uuid) returns void language plpgsql as $$
declare
  v answers;
  v_first answers;
begin
  select * into strict v from answers where id = p_answer;
  select * into v_first from answers where id = first_replaced(p_answer) and id <> p_answer;
  if not found then
    return;
  end if;
  update answers a set replaced_by = p_answer
   where a.conversation_id = v.conversation_id and a.user_id = v.user_id and a.replaced_by is null
     and (a.created_at, a.id) >= (v_first.created_at, v_first.id)
     and (a.created_at, a.id) < (v.created_at, v.id);
  delete from memories m using answers covered
   where m.conversation_id = v.conversation_id and covered.id = m.covers
     and (covered.created_at, covered.id) >= (v_first.created_at, v_first.id);
end $$;

-- As in 0007, but together with its place.
create or replace function reopen_answer(p_answer uuid, p_hold_ttl interval)
returns text language plpgsql as $$
declare
  v_answer answers;
  v_hold reservations;
  v_balance bigint;
begin
  if not lock_place(p_answer) then
    return 'gone_on';
  end if;
  select * into strict v_answer from answers where id = p_answer for update;
  if v_answer.replaced_by is not null then
    return 'replaced';
  end if;
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
  perform take_place(p_answer);
  return 'reopened';
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'turn_open', 'lock_turns', 'ask_instead', 'lock_place', 'take_place', 'reopen_answer']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function ask_instead to zimgpt_app;
