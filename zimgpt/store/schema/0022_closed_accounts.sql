-- Accounts that their owners have closed: their words are erased, their numbers free.
--
-- The ledger is kept, and with it the key of the welcome grant: a number is welcomed once
-- in its life. Lock order: proof, contact, then as in 0004.

alter table users add column closed_at timestamptz;

-- Closes an account and returns the sessions that ended with it. Conversations are
-- hidden at once and erased by the sweep that erases deleted ones; answers under way
-- end, and what they took is paid.
create function close_account(p_user bigint) returns setof uuid language plpgsql as $$
begin
  update phone_proofs set used_at = clock_timestamp()
   where used_at is null
     and (user_id = p_user or contact_id in (select id from whatsapp_contacts where user_id = p_user));
  update whatsapp_contacts set before_link = null where before_link = p_user;
  update whatsapp_contacts set user_id = null where user_id = p_user;
  update users
     set closed_at = clock_timestamp(), phone_e164 = null, password_hash = null,
         failures = 0, locked_until = null
   where id = p_user and closed_at is null;
  if not found then
    return;
  end if;
  update answers set stop_requested = true
   where user_id = p_user and state in ('queued', 'streaming');
  update conversations set deleted_at = clock_timestamp()
   where user_id = p_user and deleted_at is null;
  return query delete from sessions where user_id = p_user returning id;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array['close_account']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function close_account to zimgpt_app;
