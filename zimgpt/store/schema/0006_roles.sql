-- The role the application works as. It reads everything, writes plain rows of its
-- own, and reaches money, answers and jobs through the functions alone.

do $$
begin
  create role zimgpt_app nologin;
exception
  when duplicate_object or unique_violation then null;  -- roles belong to the server, not to one database
end $$;
-- Whoever migrates may also run the application: it steps down to this role.
do $$
begin
  execute format('grant zimgpt_app to %I', current_user);
exception
  when invalid_grant_operation or insufficient_privilege or unique_violation then null;
end $$;

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

grant usage on schema public to zimgpt_app;
grant select on all tables in schema public to zimgpt_app;
grant insert, update, delete on sessions to zimgpt_app;
grant update (password_hash, failures, locked_until) on users to zimgpt_app;
grant update (title, deleted_at) on conversations to zimgpt_app;
grant update (confirmed_at), delete on outbox to zimgpt_app;
grant insert on prices to zimgpt_app;
grant execute on function
  open_account, grant_tokens, credit_payment,
  ask_question, claim_job, append_chunks, finish_answer, renew_leases, retry_job,
  release_leases, request_stop, jobs_to_publish, close_expired, erase_deleted
  to zimgpt_app;
