-- What operators see drawn: questions, tokens, money, messages and waiting, each summed
-- over equal stretches of time. And what models cost whoever runs them, without which
-- nobody knows whether anything is earned.
--
-- Times are those of the rows themselves, so a stretch that is over keeps its figures.
-- Each function reads by an index no more than what lies between its two moments.

-- When the first text of an answer was kept, which is when it was shown; whatever became
-- of the attempt that wrote it. A trigger, for several functions write last_seq, and its
-- condition alone is looked at with every piece but one.
alter table answers add column first_at timestamptz;
create function note_first_text() returns trigger language plpgsql as $$
begin
  new.first_at := coalesce(new.finished_at, clock_timestamp());
  return new;
end $$;
create trigger answers_first_text before update of last_seq on answers
  for each row when (new.first_at is null and new.last_seq > 0)
  execute function note_first_text();

create index answers_by_time on answers (created_at);
-- Transfers are never changed, so they lie in the order of their times.
create index transfers_by_time on transfers using brin (created_at) with (pages_per_range = 16);
-- The house's accounts alone have no running balance.
create index entries_of_house on entries (transfer_id) include (account_id, amount)
  where balance_after is null;
create index whatsapp_outgoing_charged on whatsapp_outgoing ((coalesce(sent_at, created_at)))
  where category is not null;

-- What a model's maker asks of us, in millionths of a US dollar for a million of its
-- tokens, so that a price such as $0.075 is a whole number.
create table model_costs (
  id                bigint generated always as identity primary key,
  model             text not null,
  prompt_micros     bigint not null check (prompt_micros between 0 and 1000000000000),
  completion_micros bigint not null check (completion_micros between 0 and 1000000000000),
  valid_from        timestamptz not null default clock_timestamp());
create index model_costs_of_model on model_costs (model, valid_from desc, id desc);
create trigger model_costs_append_only before update or delete on model_costs
  for each row execute function append_only();
create trigger model_costs_no_truncate before truncate on model_costs
  for each statement execute function append_only();

-- Questions by the time they were asked; what their answers took of the model, by the
-- cost in force at that time, in millionths of a millionth of a dollar; and how many
-- answers took something of a model whose cost nobody has told us.
create function questions_over_time(p_begins timestamptz, p_ends timestamptz, p_step interval)
returns table (
  at timestamptz, kind text, channel text, questions bigint, failed bigint,
  prompt_tokens bigint, completion_tokens bigint, cost_picos numeric, uncosted bigint)
language plpgsql stable as $$
begin
  return query
  with cost as materialized (
    select c.model, c.prompt_micros, c.completion_micros, c.valid_from,
           lead(c.valid_from, 1, 'infinity') over (partition by c.model order by c.valid_from, c.id) as valid_to
      from model_costs c)
  select date_bin(p_step, a.created_at, p_begins), c.kind, c.channel,
         count(*), count(*) filter (where a.state = 'failed'),
         coalesce(sum(a.prompt_tokens), 0)::bigint, coalesce(sum(a.completion_tokens), 0)::bigint,
         coalesce(sum(a.prompt_tokens::numeric * k.prompt_micros
                      + a.completion_tokens::numeric * k.completion_micros), 0),
         count(*) filter (where a.prompt_tokens + a.completion_tokens > 0 and k.model is null)
    from answers a
    join conversations c on c.id = a.conversation_id
    left join cost k on k.model = a.model and a.created_at >= k.valid_from and a.created_at < k.valid_to
   where a.created_at >= p_begins and a.created_at < p_ends
   group by 1, 2, 3;
end $$;

-- How long people waited, in milliseconds, for the first text and for a whole answer:
-- what half of them had by then, and what nineteen of twenty had.
create function waits_over_time(p_begins timestamptz, p_ends timestamptz, p_step interval)
returns table (
  at timestamptz, answers bigint, first_half bigint, first_most bigint, whole_half bigint, whole_most bigint)
language plpgsql stable as $$
begin
  return query
  select w.bin, w.number, w.firsts[1], w.firsts[2], w.wholes[1], w.wholes[2]
    from (select x.bin, count(*) as number,
                 percentile_disc(array[0.5, 0.95]) within group (order by x.first) as firsts,
                 percentile_disc(array[0.5, 0.95]) within group (order by x.whole) as wholes
            from (select date_bin(p_step, a.created_at, p_begins) as bin,
                         (extract(epoch from a.first_at - a.created_at) * 1000)::bigint as first,
                         case when a.state = 'complete'
                              then (extract(epoch from a.finished_at - a.created_at) * 1000)::bigint end as whole
                    from answers a
                   where a.created_at >= p_begins and a.created_at < p_ends and a.first_at is not null) x
           group by x.bin) w;
end $$;

-- What the ledger's house accounts gave and took, by account, as its entries say; below
-- zero what went to people. And what was paid or went back, by currency: the money as it
-- was agreed to, and the same by the price of its package in US cents.
create function ledger_over_time(p_begins timestamptz, p_ends timestamptz, p_step interval)
returns table (at timestamptz, account text, tokens bigint)
language plpgsql stable as $$
declare
  v_first bigint;
  v_last bigint;
begin
  with bounded as materialized (                 -- or the ledger would be read from its beginning
    select t.id from transfers t where t.created_at >= p_begins and t.created_at < p_ends)
  select min(s.id), max(s.id) into v_first, v_last from bounded s;
  return query
  select date_bin(p_step, t.created_at, p_begins), h.kind, sum(e.amount)::bigint
    from transfers t
    join entries e on e.transfer_id = t.id and e.balance_after is null
     and e.transfer_id between v_first and v_last
    join accounts h on h.id = e.account_id and h.user_id is null
   where t.created_at >= p_begins and t.created_at < p_ends and t.id between v_first and v_last
     and t.kind <> 'reserve'
   group by 1, 2;
end $$;

create function money_over_time(p_begins timestamptz, p_ends timestamptz, p_step interval)
returns table (at timestamptz, currency text, payments bigint, paid bigint, returned bigint, cents bigint)
language plpgsql stable as $$
begin
  return query
  select date_bin(p_step, t.created_at, p_begins), p.currency,
         count(*) filter (where t.kind = 'purchase'),
         coalesce(sum(p.amount_minor) filter (where t.kind <> 'clawback'), 0)::bigint,
         coalesce(sum(p.amount_minor) filter (where t.kind = 'clawback'), 0)::bigint,
         sum(case t.kind when 'clawback' then -k.cents else k.cents end)::bigint
    from transfers t
    join payments p on p.id = split_part(t.idem_key, ':', 2)::uuid
    join packages k on k.package = p.package and k.version = p.package_version
   where t.created_at >= p_begins and t.created_at < p_ends
     and t.kind in ('purchase', 'clawback', 'reinstate')
   group by 1, 2;
end $$;

-- What the messenger counted, by its category, and whether it charges for it.
create function messages_over_time(p_begins timestamptz, p_ends timestamptz, p_step interval)
returns table (at timestamptz, category text, billable boolean, messages bigint)
language plpgsql stable as $$
begin
  return query
  select date_bin(p_step, coalesce(o.sent_at, o.created_at), p_begins), o.category,
         coalesce(o.billable, true), count(*)
    from whatsapp_outgoing o
   where o.category is not null
     and coalesce(o.sent_at, o.created_at) >= p_begins and coalesce(o.sent_at, o.created_at) < p_ends
   group by 1, 2, 3;
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'note_first_text', 'questions_over_time', 'waits_over_time', 'ledger_over_time', 'money_over_time',
    'messages_over_time']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on model_costs to zimgpt_app;
grant insert on model_costs to zimgpt_app;
grant execute on function
  questions_over_time, waits_over_time, ledger_over_time, money_over_time, messages_over_time to zimgpt_app;
