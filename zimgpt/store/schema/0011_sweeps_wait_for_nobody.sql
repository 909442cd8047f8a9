-- A sweep closes several answers in one commit, and a node stores the text of several
-- in one statement. Locked in different orders they could wait for each other, so a
-- sweep takes only answers that nobody has locked, all before it closes the first.

-- Closes what nobody will finish: holds past their time whose job no live worker has.
-- Several wallets in one commit, so in an order that is everybody's.
create or replace function close_expired(p_limit int)
returns table (answer_id uuid, charged bigint) language plpgsql as $$
declare
  v_one record;
  v_ended ended;
begin
  for v_one in
    with due as materialized (
      select r.answer_id as answer, r.user_id, a.epoch, a.model
        from reservations r
        join jobs j on j.kind in ('essay', 'chat') and j.ref = r.answer_id::text
        join answers a on a.id = r.answer_id
       where r.state = 'open' and r.expires_at < clock_timestamp()
         and (j.state = 'queued' or (j.state = 'running' and j.lease_until < clock_timestamp()))
       order by r.expires_at limit p_limit
       for update of j, a skip locked)
    select due.answer, due.epoch, due.model from due order by due.user_id, due.answer
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

-- Replacing a function opens it again: sealed like all others. Its grant has stayed.
alter function close_expired(int) security definer set search_path = public, pg_temp;
