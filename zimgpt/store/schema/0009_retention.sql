-- What is kept for how long. The ledger stays for ever; of an answer that has ended,
-- pieces become one text; of what arrived, the body goes and the key stays.

-- Where each piece ended in the text, in characters: set when the pieces themselves are
-- dropped, so that a reader who has some of them still gets exactly the rest.
alter table answers add column ends int[];
create index answers_to_fold on answers (finished_at) where finished_at is not null and ends is null;
create index inbox_to_blank on inbox (received_at) where outcome is not null and body <> '';

-- An answer that is erased or tried again has no such text any more.
create function unfold_answer() returns trigger language plpgsql as $$
begin
  new.ends := null;
  return new;
end $$;
create trigger answers_unfold before update of epoch, text on answers
  for each row when (old.ends is not null and (new.epoch <> old.epoch or new.text is null))
  execute function unfold_answer();

-- Drops the pieces of answers that ended so long ago, once their text is seen to be
-- the same. One that differs keeps them, and is told. What is being asked, deleted or
-- erased at this moment is left for the next time, so this waits for nobody and,
-- holding the conversation, meets no eraser half-way.
create function fold_answers(p_after interval, p_limit int)
returns table (answer_id uuid, same boolean) language plpgsql as $$
#variable_conflict use_column
declare
  v answers;
  v_text text;
  v_ends int[];
begin
  for v in
    select a.* from answers a join conversations c on c.id = a.conversation_id
     where a.finished_at < clock_timestamp() - p_after and a.ends is null
       and (c.deleted_at is null or c.erased_at is not null)
     order by a.finished_at limit p_limit
       for no key update of a skip locked for share of c skip locked
  loop
    select string_agg(k.text_part, '' order by k.seq),
           coalesce(array_agg(k.ending order by k.seq), '{}')
      into v_text, v_ends
      from (select c.seq, c.text_part,
                   sum(char_length(c.text_part)) over (order by c.seq)::int as ending
              from answer_chunks c where c.answer_id = v.id and c.epoch = v.epoch) k;
    answer_id := v.id;
    same := v.text is not distinct from v_text and cardinality(v_ends) = v.last_seq;
    if same then
      update answers set ends = v_ends where id = v.id;
      delete from answer_chunks c where c.answer_id = v.id;
    end if;
    return next;
  end loop;
end $$;

-- Forgets what arrivals said that have had their effect so long ago. Their keys stay:
-- what comes again is still known.
create function blank_arrivals(p_after interval, p_limit int) returns int language sql as $$
  with due as (
    select id from inbox
     where outcome is not null and body <> '' and received_at < clock_timestamp() - p_after
     order by received_at limit p_limit for no key update skip locked),
  blanked as (
    update inbox i set body = '' from due where i.id = due.id returning 1)
  select count(*)::int from blanked
$$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array
    array['unfold_answer()', 'fold_answers(interval, int)', 'blank_arrivals(interval, int)']::regprocedure[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function fold_answers, blank_arrivals to zimgpt_app;
