-- How many answers of one person may be under way at the same time.

create index reservations_open_of_user on reservations (user_id) where state = 'open';

-- ask_question for who has fewer answers under way than that; a repeat passes always.
-- The wallet's lock is taken before they are counted, so however many questions of a
-- person arrive at once, on however many nodes, no more than this are admitted.
create function ask_within(
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
  select balance into strict v.available from accounts
   where user_id = p_user and kind = 'available' for update;
  if not exists (select from questions where user_id = p_user and client_id = p_client_id)
     and (select count(*) from reservations where user_id = p_user and state = 'open') >= p_most_open
  then
    v.outcome := 'too_many';
    return v;
  end if;
  return ask_question(
    p_user, p_client_id, p_kind, p_channel, p_text, p_conversation, p_new_conversation, p_title,
    p_answer, p_job, p_origin, p_prompt_estimate, p_max_tokens, p_lowered, p_window_from,
    p_prices, p_hold, p_hold_ttl);
end $$;

alter function ask_within security definer set search_path = public, pg_temp;
revoke execute on function ask_within from public;
grant execute on function ask_within to zimgpt_app;
