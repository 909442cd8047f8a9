-- Essays by a brief, which are written in several answers of a model under one hold;
-- and what a chat remembers beyond its window.

alter table questions
  add column brief jsonb,                    -- what an essay shall be; null: a plain question
  add column fold boolean not null default false; -- earlier turns are to be put into the memory first
alter table answers
  add column words int check (words >= 0),   -- of an essay by a brief, as they were counted
  add column memory bigint check (memory >= 0), -- what the memory cost, as a part of the whole
  add column prompts text;                   -- the version of what the model was told

-- What was said in a conversation up to the answer that it covers, in short.
create table memories (
  conversation_id uuid primary key references conversations (id),
  covers          uuid not null references answers (id),
  text            text not null check (octet_length(text) <= 32768),
  prompts         text not null,
  made_at         timestamptz not null default clock_timestamp());

-- ask_within for a question with more to it than its text. A repeat is one only if
-- that is the same, too.
create function ask_with(
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
begin
  v := ask_within(
    p_most_open, p_user, p_client_id, p_kind, p_channel, p_text, p_conversation,
    p_new_conversation, p_title, p_answer, p_job, p_origin, p_prompt_estimate, p_max_tokens,
    p_lowered, p_window_from, p_prices, p_hold, p_hold_ttl);
  if v.outcome = 'accepted' and (p_brief is not null or p_fold) then
    update questions set brief = p_brief, fold = p_fold where answer_id = v.answer_id;
  elsif v.outcome = 'repeat' then
    perform from questions where answer_id = v.answer_id and brief is not distinct from p_brief;
    if not found then
      v.outcome := 'differs';
    end if;
  end if;
  return v;
end $$;

-- finish_answer for an answer of which more is known; all of it in one commit.
create function finish_with(
  p_words int, p_memory bigint, p_prompts text,
  p_answer uuid, p_epoch int, p_text text, p_state text, p_finish text, p_job_state text,
  p_model text, p_prompt_tokens bigint, p_completion_tokens bigint, p_usage_source text, p_cost bigint)
returns ended language plpgsql as $$
declare
  v ended;
begin
  v := finish_answer(
    p_answer, p_epoch, p_text, p_state, p_finish, p_job_state,
    p_model, p_prompt_tokens, p_completion_tokens, p_usage_source, p_cost);
  if v.charged is not null then
    update answers set words = p_words, prompts = p_prompts, memory = least(p_memory, v.charged)
     where id = p_answer;
  end if;
  return v;
end $$;

-- Keeps a conversation's memory if it reaches further than the one there is, is made by
-- the attempt that the answer belongs to, and nobody has deleted the conversation.
create function remember(p_answer uuid, p_epoch int, p_covers uuid, p_text text, p_prompts text)
returns boolean language plpgsql as $$
declare
  v_conversation uuid;
begin
  select a.conversation_id into v_conversation
    from answers a join conversations c on c.id = a.conversation_id
   where a.id = p_answer and a.epoch = p_epoch and a.state in ('queued', 'streaming')
     and c.deleted_at is null
     for share of c;
  if not found then
    return false;
  end if;
  insert into memories as m (conversation_id, covers, text, prompts)
    select v_conversation, covered.id, p_text, p_prompts
      from answers covered where covered.id = p_covers and covered.conversation_id = v_conversation
    on conflict (conversation_id) do update
      set covers = excluded.covers, text = excluded.text, prompts = excluded.prompts,
          made_at = clock_timestamp()
      where (select (a.created_at, a.id) from answers a where a.id = m.covers)
          < (select (a.created_at, a.id) from answers a where a.id = excluded.covers);
  return found;
end $$;

-- A deleted conversation is forgotten with what was remembered of it, at once.
create function forget_memory() returns trigger language plpgsql as $$
begin
  delete from memories where conversation_id = new.id;
  return new;
end $$;
create trigger conversations_forget_memory after update of deleted_at on conversations
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function forget_memory();

-- As before, and the brief and the memory are words, too.
create or replace function erase_deleted(p_limit int) returns int language plpgsql as $$
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
    update questions q set text = '', brief = null from answers a
     where a.id = q.answer_id and a.conversation_id = v_id;
    delete from memories where conversation_id = v_id;
    update conversations set title = '', erased_at = clock_timestamp() where id = v_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid from pg_proc p
     where p.pronamespace = 'public'::regnamespace
       and p.proname in ('ask_with', 'finish_with', 'remember', 'forget_memory', 'erase_deleted')
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on memories to zimgpt_app;
grant execute on function ask_with, finish_with, remember, erase_deleted to zimgpt_app;
