-- Contacts before lanes, wherever several people are told of something in one commit.
--
-- A message to somebody holds on to their contact, and a webhook that gives a number or a
-- scoped id to another contact waits until nobody does. Broadcasts and the news of payments
-- went from one person's lane to the next one's contact; that webhook goes from contacts to
-- lanes. So two of them about two people could wait for each other. Lock order: as in 0034,
-- and contacts among themselves by ascending id.

-- ---- what arrives -----------------------------------------------------------------

-- Locks the contacts that these messages are from, each as strongly as is needed: whoever
-- has another number or id now must not be held on to by anybody.
create function lock_senders(p_items jsonb) returns void language plpgsql as $$
declare
  v record;
begin
  for v in
    select c.id, bool_or(c.phone is distinct from coalesce(i.phone, c.phone)
                         or c.bsuid is distinct from coalesce(i.bsuid, c.bsuid)) as moves
      from jsonb_to_recordset(p_items) as i (kind text, phone text, bsuid text)
      join whatsapp_contacts c on c.phone = i.phone or c.bsuid = i.bsuid
     where i.kind = 'message' group by c.id order by c.id
  loop
    if v.moves then
      perform from whatsapp_contacts where id = v.id for update;
    else
      perform from whatsapp_contacts where id = v.id for no key update;
    end if;
  end loop;
end $$;

-- As in 0010, but all contacts are locked before the first one is changed.
create or replace function receive_whatsapp(p_items jsonb, p_origin text)
returns table (job_id uuid, outbox_id bigint, fresh int) language plpgsql as $$
#variable_conflict use_column
declare
  v record;
  v_inbox bigint;
  v_first boolean;
  v_new bigint[] := '{}';
  v_inbound bigint[] := '{}';
  v_sending bigint[] := '{}';
  v_failed uuid[] := '{}';
  v_contact bigint;
  v_now constant timestamptz := clock_timestamp();
begin
  for v in select i.* from jsonb_to_recordset(p_items) as i (key text, kind text, body text, at timestamptz)
            order by i.key
  loop
    -- Nobody writes in the future: a time to come would keep the day open for ever.
    insert into inbox (source, dedup_key, kind, body, sent_at, outcome, outcome_at)
      values ('whatsapp', v.key, v.kind, decode(v.body, 'base64'), least(coalesce(v.at, v_now), v_now),
              case v.kind when 'message' then null when 'status' then 'done' else 'ignored' end,
              case v.kind when 'message' then null else clock_timestamp() end)
      on conflict (source, dedup_key) do update set seen_count = inbox.seen_count + 1
      returning id, seen_count = 1 into v_inbox, v_first;
    if v_first then
      v_new := v_new || v_inbox;
    end if;
  end loop;
  fresh := cardinality(v_new);
  return next;
  perform lock_senders(p_items);

  for v in select i.key, i.phone, i.bsuid, i.wamid, b.sent_at, b.id as inbox_id
             from jsonb_to_recordset(p_items) as i (key text, kind text, phone text, bsuid text, wamid text, at timestamptz)
             join inbox b on b.source = 'whatsapp' and b.dedup_key = i.key and b.id = any (v_new)
            where i.kind = 'message' order by coalesce(i.bsuid, i.phone), b.sent_at, b.id
  loop
    v_contact := whatsapp_contact(v.phone, v.bsuid);
    update inbox set contact_id = v_contact where id = v.inbox_id;
    update whatsapp_contacts set heard_at = v.sent_at, heard_wamid = v.wamid
     where id = v_contact and (heard_at is null or heard_at <= v.sent_at);
    v_inbound := v_inbound || v_contact;
  end loop;

  for v in select i.*, coalesce(o.id, w.id) as row_id, coalesce(o.attempts, w.attempts) as tries
             from jsonb_to_recordset(p_items) as i
                  (key text, kind text, outgoing uuid, wamid text, status text, at timestamptz, code int, error text,
                   class text, wait float, category text, billable boolean, pricing text)
             join inbox b on b.source = 'whatsapp' and b.dedup_key = i.key and b.id = any (v_new)
             left join whatsapp_outgoing o on o.id = i.outgoing
             left join whatsapp_outgoing w on w.wamid = i.wamid
            where i.kind = 'status' order by i.wamid, i.at, i.key
  loop
    -- What was accepted and then failed often enough is not tried for ever.
    if v.status = 'failed' and v.class = 'again' and v.tries >= 8 then
      v.class := 'final';
    end if;
    v_contact := note_status(v.outgoing, v.wamid, v.status, least(coalesce(v.at, v_now), v_now),
                             v.code, v.error, v.class,
                             make_interval(secs => coalesce(v.wait, 0) * 2 ^ least(coalesce(v.tries, 1) - 1, 6)),
                             v.category, v.billable, v.pricing);
    if v_contact is not null then
      v_sending := v_sending || v_contact;
      if v.status = 'failed' and v.class = 'final' then
        v_failed := v_failed || v.row_id;
      end if;
    end if;
  end loop;

  -- What was held while the day was over can go now, with the person's new message.
  update whatsapp_outgoing o set state = 'waiting', due_at = clock_timestamp()
   where o.contact_id = any (v_inbound) and o.state = 'held';
  if found then
    v_sending := v_sending || v_inbound;
  end if;

  for v in select distinct 'wa_inbound' as kind, c from unnest(v_inbound) c
           union select distinct 'wa_send', s.c from unnest(v_sending) s (c)
             where exists (select from whatsapp_outgoing o where o.contact_id = s.c and o.state in ('waiting', 'sending', 'unknown'))
                or exists (select from jobs j where j.kind = 'wa_send' and j.ref = s.c::text and j.state = 'queued')
           order by 1, 2
  loop
    return query select w.job_id, w.outbox_id, 0
      from wake_lane(v.kind, v.c, p_origin, gen_random_uuid()) w;
  end loop;

  -- Wallets last, in an order that is everybody's.
  for v in select distinct r.user_id, o.answer_id from whatsapp_outgoing o
             join reservations r on r.answer_id = o.answer_id
            where o.id = any (v_failed) order by r.user_id, o.answer_id
  loop
    perform refund_answer(v.answer_id, 'not delivered');
  end loop;
end $$;

-- ---- what is sent -----------------------------------------------------------------

-- As in 0010, but the contact is held on to before its message is locked.
create or replace function put_into_parts(p_outgoing uuid, p_messages jsonb)
returns boolean language plpgsql as $$
declare
  v whatsapp_outgoing;
begin
  perform from whatsapp_contacts
    where id = (select contact_id from whatsapp_outgoing where id = p_outgoing) for key share;
  update whatsapp_outgoing set state = 'replaced', ended_at = clock_timestamp()
   where id = p_outgoing and message is null and state in ('waiting', 'held') returning * into v;
  if not found then
    return false;
  end if;
  insert into whatsapp_outgoing (id, contact_id, message, answer_id, reply_to)
    select m.id, v.contact_id, m.message, v.answer_id, case when m.nr = 1 then v.reply_to end
      from rows from (jsonb_to_recordset(p_messages) as (id uuid, message jsonb))
           with ordinality as m (id, message, nr)
     order by m.nr;
  return true;
end $$;

-- As in 0034, but all that are told are held on to before the first lane is woken.
create or replace function tell_of_payment(p_payment payments, p_credited boolean)
returns void language plpgsql as $$
declare
  v_told bigint[];
  v_contact bigint;
begin
  select array_agg(c.id order by c.id) into v_told
    from (select p_payment.payer_id as person where p_payment.channel = 'whatsapp'
          union select p_payment.user_id where p_payment.user_id <> p_payment.payer_id and p_credited) told
      cross join lateral (
        select w.id from whatsapp_contacts w where w.user_id = told.person
         order by w.heard_at desc nulls last, w.id limit 1) c;
  insert into whatsapp_outgoing (id, contact_id, payment_id)
    select gen_random_uuid(), t.id, p_payment.id from unnest(v_told) t (id) order by t.id;
  foreach v_contact in array coalesce(v_told, '{}') loop
    perform wake_lane('wa_send', v_contact, '', gen_random_uuid());
  end loop;
end $$;

-- As in 0018, but in that order.
create or replace function broadcast_some(p_id text, p_limit int)
returns int language plpgsql as $$
declare
  v broadcasts;
  v_told bigint[];
  v_contact bigint;
begin
  select * into strict v from broadcasts where id = p_id for update;  -- one at a time
  if not v.whatsapp or v.until < clock_timestamp() then
    return 0;
  end if;
  with told as (
    insert into broadcast_people (broadcast_id, contact_id)
      select p_id, w.id from broadcast_waiting(p_id) w order by w.id limit p_limit
    returning contact_id)
  select coalesce(array_agg(contact_id order by contact_id), '{}') into v_told from told;
  insert into whatsapp_outgoing (id, contact_id, message)
    select gen_random_uuid(), c.id, coalesce(v.texts -> c.language, v.texts -> 'en')
      from whatsapp_contacts c where c.id = any (v_told) order by c.id;
  foreach v_contact in array v_told loop
    perform wake_lane('wa_send', v_contact, '', gen_random_uuid());
  end loop;
  return cardinality(v_told);
end $$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'lock_senders', 'receive_whatsapp', 'put_into_parts', 'tell_of_payment', 'broadcast_some']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant execute on function receive_whatsapp, put_into_parts, broadcast_some to zimgpt_app;
