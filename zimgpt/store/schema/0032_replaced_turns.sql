-- A question that takes the place of a turn of its chat and of all that came after it.
--
-- What was replaced stays as it was: paid for, in the ledger, and there to be read; only
-- the conversation goes on without it. A replacement that brought no answer gives the
-- place back in the commit of its end. Lock order: as before, answers, then the wallet;
-- answers are locked only once they have ended, so no stream waits for this.

alter table answers add column replaced_by uuid; -- the answer whose question took its place
alter table questions add column replaces uuid references answers (id); -- the turn that was asked anew

-- The turn whose place a question takes that replaces this one: a replacement without an
-- answer gave its place back, so what replaces that takes the same place again.
create function first_replaced(p_answer uuid) returns uuid language sql stable as $$
  with recursive back (id, steps) as (
    select p_answer, 0
    union all
    select q.replaces, b.steps + 1
      from back b join questions q on q.answer_id = b.id join answers a on a.id = q.replaces
     where a.replaced_by is null)
  select id from back order by steps desc limit 1
$$;

-- ask_with for a question that replaces a turn. The outcome is also replaced, if another
-- question has taken its place, or open_turn, while something there is being written.
create function ask_instead(
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
    if exists (select from answers a
                where a.conversation_id = p_conversation and a.user_id = p_user
                  and (a.created_at, a.id) >= (v_first.created_at, v_first.id)
                  and a.state in ('queued', 'streaming')) then
      v.outcome := 'open_turn';
      return v;
    end if;
    perform from answers a
      where a.conversation_id = p_conversation and a.user_id = p_user
        and (a.created_at, a.id) >= (v_first.created_at, v_first.id)
      order by a.created_at, a.id for no key update;
    -- Unless what took the place while this one waited was its own repeat.
    if exists (select from answers a where a.id = p_replaces and a.replaced_by is not null)
       and not exists (select from questions where user_id = p_user and client_id = p_client_id) then
      v.outcome := 'replaced';
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

-- What ended without an answer gives the place back to what it replaced.
create function give_place_back() returns trigger language plpgsql as $$
begin
  update answers set replaced_by = null
   where conversation_id = new.conversation_id and user_id = new.user_id
     and replaced_by = new.id;
  return null;
end $$;
create trigger answers_give_place_back after update of finished_at on answers
  for each row when (old.finished_at is null and new.finished_at is not null
                     and (new.state in ('failed', 'refused') or coalesce(new.text, '') = ''))
  execute function give_place_back();

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array['first_replaced', 'ask_instead', 'give_place_back']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function first_replaced, ask_instead to zimgpt_app;
