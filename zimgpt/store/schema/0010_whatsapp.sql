-- WhatsApp: people as the messenger knows them, what they sent, what we send them,
-- and the phrases by which a browser learns whose number is whose.
--
-- One lane a person: a job of kind wa_inbound or wa_send whose ref is the contact, which
-- does everything that waits for that contact, in order, and then rests until it is
-- woken. Lock order: job, inbox, contact, outgoing, then as in 0004.

create table whatsapp_contacts (
  id            bigint generated always as identity primary key,
  user_id       bigint references users (id),   -- null until their first message was understood
  phone         text constraint whatsapp_contacts_phone_unique unique
                check (phone ~ '^\+[1-9][0-9]{5,14}$'),
  bsuid         text constraint whatsapp_contacts_bsuid_unique unique
                check (bsuid ~ '^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$'),
  reused        boolean not null default false, -- the number was another person's before: its account is not theirs
  language      text not null default 'en',
  dialogue      jsonb not null default '{}',    -- where the conversation stands
  greeted_at    timestamptz,
  opted_out_at  timestamptz,
  web_told      boolean,                        -- false: the number had an account on the web, and they must be told; true: they were
  excused_at    timestamptz,                    -- last time we said that a kind of message cannot be read
  heard_at      timestamptz,                    -- the messenger lets us write for a day after this
  heard_wamid   text,
  paused_until  timestamptz,                    -- the messenger asked us to slow down with this person
  pauses        int not null default 0,
  created_at    timestamptz not null default clock_timestamp(),
  check (phone is not null or bsuid is not null));
create index whatsapp_contacts_of_user on whatsapp_contacts (user_id);

alter table inbox
  add column kind text not null default 'callback',  -- message, status or notice; callback of a gateway
  add column contact_id bigint references whatsapp_contacts (id),
  add column sent_at timestamptz,                -- when the person sent it, as the messenger says
  add column failures int not null default 0;    -- times that understanding it went wrong
create index inbox_of_contact on inbox (contact_id, sent_at, id) where outcome is null and contact_id is not null;

create table whatsapp_outgoing (
  id          uuid primary key,                  -- travels with the message and comes back with its news
  contact_id  bigint not null references whatsapp_contacts (id),
  place       bigint generated always as identity, -- the order in which a contact gets them
  message     jsonb,                             -- null: the answer, before it is put into parts
  answer_id   uuid references answers (id),
  reply_to    text,                              -- the wamid that is quoted
  state       text not null default 'waiting' check (state in
              ('waiting', 'sending', 'unknown', 'held', 'sent', 'delivered', 'read', 'failed', 'replaced')),
  attempts    int not null default 0,
  due_at      timestamptz not null default clock_timestamp(),
  wamid       text constraint whatsapp_outgoing_wamid_unique unique,
  lost_wamid  text,                              -- of the last try that failed: its news means nothing any more
  error_code  int,
  error       text,
  category    text,                              -- what the messenger charges it as
  billable    boolean,
  pricing     text,
  created_at  timestamptz not null default clock_timestamp(),
  sent_at     timestamptz,
  ended_at    timestamptz);
create index whatsapp_outgoing_open on whatsapp_outgoing (contact_id, place)
  where state in ('waiting', 'sending', 'unknown', 'held');
create index whatsapp_outgoing_of_answer on whatsapp_outgoing (answer_id) where answer_id is not null;
create index whatsapp_outgoing_pace on whatsapp_outgoing (contact_id, sent_at) where sent_at is not null;

-- One row a business number: sending stops for all of it when the messenger says so.
create table whatsapp_numbers (
  phone_id     text primary key,
  paused_until timestamptz,
  stopped_at   timestamptz,                      -- until a person starts it again
  reason       text);

create table whatsapp_prices_seen (              -- what the messenger charged, by day, kept when messages are forgotten
  day      date not null,
  category text not null,
  billable boolean not null,
  messages bigint not null default 0,
  primary key (day, category, billable));

-- A phrase that a browser shows and a person sends us proves their number to it.
create table phone_proofs (
  id          uuid primary key,
  phrase      text not null constraint phone_proofs_phrase_unique unique,  -- its sha-256, hexadecimal
  purpose     text not null check (purpose in ('sign_in', 'link')),
  user_id     bigint references users (id),      -- who is signed in already, for a link
  secret      bytea not null check (octet_length(secret) = 32),  -- sha-256 of what only that browser has
  expires_at  timestamptz not null,
  contact_id  bigint references whatsapp_contacts (id),
  proved_at   timestamptz,
  used_at     timestamptz,
  check ((purpose = 'link') = (user_id is not null)),
  check ((proved_at is null) = (contact_id is null)));
create index phone_proofs_by_end on phone_proofs (expires_at);

alter table jobs add column again boolean not null default false;  -- woken while it ran

-- Wakes a lane: its job is there and queued, or will look once more when it is done.
-- The outbox row, if the broker is to be given the job now.
create function wake_lane(p_kind text, p_contact bigint, p_origin text, p_new_job uuid)
returns table (job_id uuid, outbox_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v_job jobs;
begin
  insert into jobs (id, kind, ref, origin, max_attempts) values (p_new_job, p_kind, p_contact::text, p_origin, 20)
    on conflict (kind, ref) do nothing;
  if not found then
    select * into v_job from jobs where kind = p_kind and ref = p_contact::text for update;
    if v_job.state = 'running' then
      update jobs set again = true where id = v_job.id;
      return;
    elsif v_job.state = 'queued' then
      -- What it waited for may have come; if not, it rests again.
      update jobs set run_after = least(run_after, clock_timestamp()), published_at = clock_timestamp()
       where id = v_job.id;
    else
      update jobs set state = 'queued', attempts = 0, finished_at = null, last_error = null, origin = p_origin,
                      run_after = clock_timestamp(), published_at = clock_timestamp()
       where id = v_job.id;
    end if;
  end if;
  job_id := coalesce(v_job.id, p_new_job);
  insert into outbox (job_id) values (wake_lane.job_id)
    on conflict (job_id) where confirmed_at is null do nothing returning id into outbox_id;
  return next;
end $$;

-- The contact with this number or scoped id, made if there is none. A scoped id is
-- stronger than a number: the messenger gives a new one when a number changes hands.
create function whatsapp_contact(p_phone text, p_bsuid text)
returns bigint language plpgsql as $$
declare
  v_by_id whatsapp_contacts;
  v_by_phone whatsapp_contacts;
  v_id bigint;
begin
  select * into v_by_id from whatsapp_contacts where bsuid = p_bsuid;
  select * into v_by_phone from whatsapp_contacts where phone = p_phone;
  if v_by_id.id is not null then
    if v_by_phone.id is null and p_phone is not null and v_by_id.phone is null then
      update whatsapp_contacts set phone = p_phone where id = v_by_id.id and phone is null;
    end if;
    return v_by_id.id;
  end if;
  if v_by_phone.id is not null then
    if p_bsuid is null or v_by_phone.bsuid is null then
      update whatsapp_contacts set bsuid = coalesce(bsuid, p_bsuid) where id = v_by_phone.id;
      return v_by_phone.id;
    end if;
    -- The number has another holder now. The wallet stays with the one before.
    update whatsapp_contacts set phone = null where id = v_by_phone.id;
  end if;
  insert into whatsapp_contacts (phone, bsuid, reused)
    values (p_phone, p_bsuid, v_by_phone.id is not null)
    on conflict do nothing returning id into v_id;
  if v_id is null then                           -- made at this very moment by another delivery
    select id into strict v_id from whatsapp_contacts
     where bsuid = p_bsuid or phone = p_phone order by (bsuid = p_bsuid) desc nulls last limit 1;
  end if;
  return v_id;
end $$;

-- News of a message that we sent moves it forward only; failed is the end unless it
-- has arrived. p_class says what a failure means: final, window, again (p_wait later).
create function note_status(
  p_outgoing uuid, p_wamid text, p_status text, p_at timestamptz, p_code int, p_error text, p_class text,
  p_wait interval, p_category text, p_billable boolean, p_pricing text)
returns bigint language plpgsql as $$
declare
  v_rank constant text[] := '{waiting,sending,held,unknown,sent,delivered,read}';
  v whatsapp_outgoing;
begin
  select * into v from whatsapp_outgoing where id = p_outgoing or wamid = p_wamid
   order by (id = p_outgoing) desc nulls last limit 1 for update;
  if not found or (p_wamid = v.lost_wamid and p_wamid is distinct from v.wamid) then
    return null;
  end if;
  if p_category is not null and v.category is null then
    update whatsapp_outgoing set category = p_category, billable = p_billable, pricing = p_pricing where id = v.id;
    insert into whatsapp_prices_seen values ((p_at at time zone 'UTC')::date, p_category, coalesce(p_billable, true), 1)
      on conflict (day, category, billable) do update set messages = whatsapp_prices_seen.messages + 1;
  end if;
  if p_status = 'failed' then
    if v.state in ('delivered', 'read', 'failed', 'replaced') then
      return null;
    end if;
    update whatsapp_outgoing
       set state = case p_class when 'window' then 'held' when 'again' then 'waiting' else 'failed' end,
           due_at = clock_timestamp() + p_wait, error_code = p_code, error = left(p_error, 500),
           wamid = case when p_class in ('window', 'again') then null else coalesce(wamid, p_wamid) end,
           lost_wamid = coalesce(p_wamid, v.wamid, lost_wamid),
           ended_at = case when p_class in ('window', 'again') then null else clock_timestamp() end
     where id = v.id;
    return v.contact_id;
  end if;
  if v.state in ('failed', 'replaced')
     or coalesce(array_position(v_rank, p_status), 0) <= array_position(v_rank, v.state) then
    return null;
  end if;
  update whatsapp_outgoing
     set state = p_status, wamid = coalesce(wamid, p_wamid), sent_at = coalesce(sent_at, p_at),
         ended_at = coalesce(ended_at, clock_timestamp())
   where id = v.id;
  return v.contact_id;
end $$;

-- One delivery of the webhook in one commit: every item once by its key, its news
-- applied, and the lanes woken that have something to do. Items are objects with key,
-- kind (message, status, notice) and body (base64); a message has phone, bsuid, wamid
-- and at; a status what note_status wants. Keys come sorted, so that two deliveries of
-- the same items wait for each other instead of crossing. The first row says only how
-- many items were new.
create function receive_whatsapp(p_items jsonb, p_origin text)
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

-- A refusal that came with the call itself; what the answer cost is given back when it
-- can never be delivered. Returns that.
create function fail_send(p_outgoing uuid, p_code int, p_error text, p_class text, p_wait interval)
returns bigint language plpgsql as $$
declare
  v_answer uuid;
begin
  perform note_status(p_outgoing, null, 'failed', clock_timestamp(), p_code, p_error, p_class, p_wait, null, null, null);
  if p_class <> 'final' then
    return 0;
  end if;
  select answer_id into v_answer from whatsapp_outgoing where id = p_outgoing and state = 'failed';
  return case when v_answer is null then 0 else refund_answer(v_answer, 'not delivered') end;
end $$;

create type lane as (kind text, contact_id bigint, attempt int, put_aside text);

-- Takes a lane for one attempt under a lease; null: nothing to do. An attempt that broke
-- weighs as much as four that were cut short, for a power cut is nobody's fault. After
-- five that broke, or twenty cut short, what stands first in the lane is put aside, and
-- the rest goes on: a lane itself never dies.
create function claim_lane(p_job uuid, p_worker text, p_lease interval)
returns lane language plpgsql as $$
declare
  v lane;
  v_job jobs;
  v_answer uuid;
begin
  select * into v_job from jobs where id = p_job and kind in ('wa_inbound', 'wa_send') for update;
  if not found or v_job.state not in ('queued', 'running') or v_job.run_after > clock_timestamp()
     or (v_job.state = 'running' and v_job.lease_until > clock_timestamp()) then
    return null;
  end if;
  if v_job.attempts >= v_job.max_attempts then
    if v_job.kind = 'wa_inbound' then
      update inbox set outcome = 'dead', outcome_at = clock_timestamp(), outcome_ref = 'gave_up'
       where id = (select id from inbox where contact_id = v_job.ref::bigint and outcome is null
                    order by sent_at, id limit 1 for update skip locked)
      returning 'arrival ' || id into v.put_aside;
    else
      update whatsapp_outgoing set state = 'failed', ended_at = clock_timestamp(), error = 'gave_up'
       where id = (select id from whatsapp_outgoing
                    where contact_id = v_job.ref::bigint and state in ('waiting', 'sending', 'unknown')
                    order by place limit 1 for update skip locked)
      returning 'message ' || id, answer_id into v.put_aside, v_answer;
      if v_answer is not null then
        perform refund_answer(v_answer, 'not delivered');
      end if;
    end if;
    v_job.attempts := 0;
  end if;
  update jobs set state = 'running', attempts = v_job.attempts + 1, again = false, lease_owner = p_worker,
                  lease_until = clock_timestamp() + p_lease
   where id = p_job;
  v.kind := v_job.kind;
  v.contact_id := v_job.ref::bigint;
  v.attempt := v_job.attempts + 1;
  return v;
end $$;

-- What a lane does next: true when it was woken meanwhile and must look once more.
-- Otherwise it rests: for p_wait, or until it is woken when that is null.
create function finish_lane(p_job uuid, p_worker text, p_wait interval)
returns boolean language plpgsql as $$
declare
  v_job jobs;
begin
  select * into v_job from jobs where id = p_job and lease_owner = p_worker for update;
  if not found then
    return false;                                -- another has taken over
  end if;
  if v_job.again then
    update jobs set again = false, attempts = 1 where id = p_job;
    return true;
  end if;
  update jobs set state = case when p_wait is null then 'done' else 'queued' end, attempts = 0,
                  lease_owner = null, lease_until = null, last_error = null,
                  run_after = clock_timestamp() + coalesce(p_wait, interval '0'),
                  published_at = '-infinity',
                  finished_at = case when p_wait is null then clock_timestamp() end
   where id = p_job;
  return false;
end $$;

-- Gives a lane back after an attempt that broke, or that something of ours which was
-- away has cut short: then it does not count.
create function retry_lane(p_job uuid, p_worker text, p_error text, p_delay interval, p_counts boolean)
returns void language sql as $$
  update jobs set state = 'queued', lease_owner = null, lease_until = null, last_error = left(p_error, 2000),
                  attempts = case when p_counts then least(attempts + 3, max_attempts) else greatest(attempts - 1, 0) end,
                  run_after = clock_timestamp() + p_delay, published_at = '-infinity'
   where id = p_job and lease_owner = p_worker
$$;

-- The account of a contact, made with the first message that was understood. A number
-- that is known from the web is the same account, unless it changed hands.
create function whatsapp_account(p_contact bigint, p_welcome bigint)
returns table (account bigint, made boolean, known boolean) language plpgsql as $$
declare
  v whatsapp_contacts;
begin
  select * into strict v from whatsapp_contacts where id = p_contact for update;
  account := v.user_id;
  made := false;
  known := false;
  if account is null and v.phone is not null and not v.reused then
    select u.id into account from users u where u.phone_e164 = v.phone;
    known := account is not null;
    if account is null then
      account := open_account(v.phone, null, p_welcome);
      made := account is not null;
      if account is null then                    -- made on the web at this very moment
        select u.id into strict account from users u where u.phone_e164 = v.phone;
        known := true;
      end if;
    end if;
  elsif account is null then
    insert into users (phone_e164) values (null) returning id into account;
    insert into accounts (user_id, kind) values (account, 'available'), (account, 'held');
    if p_welcome > 0 and v.bsuid is not null and not v.reused then
      perform post_transfer('grant', 'welcome:' || v.bsuid,
        array[account_of(null, 'granted'), account_of(account, 'available')],
        array[-p_welcome, p_welcome], 'welcome');
    end if;
    made := true;
  end if;
  update whatsapp_contacts set user_id = account, web_told = case when known then false else web_told end
   where id = p_contact and user_id is null;
  return next;
end $$;

-- One step of a dialogue in one commit: what was heard is done with, where the dialogue
-- stands now, and what is said. Each message is {id, message} or {id, answer}. Null
-- parameters leave things as they are. No row and nothing done if any of the arrivals
-- was dealt with already.
create function take_step(
  p_contact bigint, p_inbox bigint[], p_outcome text, p_ref text, p_dialogue jsonb, p_language text,
  p_greeted boolean, p_opted_out boolean, p_excused boolean, p_web_told boolean,
  p_messages jsonb, p_reply_to text, p_origin text)
returns table (taken boolean, job_id uuid, outbox_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v record;
  v_open int;
begin
  perform from inbox where id = any (p_inbox) and outcome is null order by id for update;
  get diagnostics v_open = row_count;
  taken := v_open = cardinality(p_inbox);
  return next;
  if not taken then
    return;
  end if;
  update inbox set outcome = p_outcome, outcome_ref = p_ref, outcome_at = clock_timestamp() where id = any (p_inbox);
  update whatsapp_contacts
     set dialogue = coalesce(p_dialogue, dialogue), language = coalesce(p_language, language),
         greeted_at = case when p_greeted then coalesce(greeted_at, clock_timestamp()) else greeted_at end,
         opted_out_at = case p_opted_out when true then coalesce(opted_out_at, clock_timestamp())
                                         when false then null else opted_out_at end,
         excused_at = case when p_excused then clock_timestamp() else excused_at end,
         web_told = case when p_web_told then true else web_told end
   where id = p_contact;
  for v in select m.* from rows from (jsonb_to_recordset(p_messages) as (id uuid, message jsonb, answer uuid))
                           with ordinality as m (id, message, answer, nr)
            order by m.nr
  loop
    insert into whatsapp_outgoing (id, contact_id, message, answer_id, reply_to)
      values (v.id, p_contact, v.message, v.answer, p_reply_to);
  end loop;
  if jsonb_array_length(p_messages) > 0 then
    return query select true, w.job_id, w.outbox_id from wake_lane('wa_send', p_contact, p_origin, gen_random_uuid()) w;
  end if;
end $$;

-- Puts an answer that has ended into the messages that carry it; false if that was done.
create function put_into_parts(p_outgoing uuid, p_messages jsonb)
returns boolean language plpgsql as $$
declare
  v whatsapp_outgoing;
begin
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

-- Notes, before it is tried, that a message is being sent: after a crash nobody knows
-- whether it went, and it is not sent again before there was time for its news.
create function begin_send(p_outgoing uuid)
returns boolean language sql as $$
  with begun as (
    update whatsapp_outgoing set state = 'sending', attempts = attempts + 1,
                                 due_at = clock_timestamp() + interval '60 s'
     where id = p_outgoing and state in ('waiting', 'sending', 'unknown') and due_at <= clock_timestamp()
    returning 1)
  select exists (select from begun)
$$;

-- The messenger has stopped us for a while, or until a person looks.
create function pause_number(p_phone_id text, p_wait interval, p_reason text)
returns void language sql as $$
  insert into whatsapp_numbers (phone_id, paused_until, stopped_at, reason)
    values (p_phone_id, clock_timestamp() + p_wait, case when p_wait is null then clock_timestamp() end, p_reason)
  on conflict (phone_id) do update
    set paused_until = greatest(whatsapp_numbers.paused_until, excluded.paused_until),
        stopped_at = coalesce(whatsapp_numbers.stopped_at, excluded.stopped_at), reason = excluded.reason
$$;

-- A person has looked: sending goes on.
create function resume_number(p_phone_id text)
returns boolean language sql as $$
  with gone as (delete from whatsapp_numbers where phone_id = p_phone_id returning 1)
  select exists (select from gone)
$$;

create function pause_contact(p_contact bigint, p_wait interval)
returns void language sql as $$
  update whatsapp_contacts set paused_until = clock_timestamp() + p_wait,
                               pauses = case when p_wait is null then 0 else pauses + 1 end
   where id = p_contact
$$;

-- Gives back what an answer cost that could never be delivered; once.
alter table reservations add column refunded bigint check (refunded between 1 and settled);
create function refund_answer(p_answer uuid, p_reason text)
returns bigint language plpgsql as $$
declare
  v reservations;
begin
  select * into v from reservations where answer_id = p_answer for update;
  if not found or v.state <> 'settled' or v.refunded is not null then
    return 0;
  end if;
  perform post_transfer('refund', 'refund:' || p_answer,
    array[account_of(null, 'spent'), account_of(v.user_id, 'available')],
    array[-v.settled, v.settled], p_reason);
  update reservations set refunded = settled where answer_id = p_answer;
  return v.settled;
end $$;

-- Nobody signs in by the password any more that somebody gave this number on the web.
-- Its sessions are ended by whoever calls this, who must tell their sockets, too.
create function void_password(p_user bigint)
returns void language sql as $$
  update users set password_hash = null where id = p_user
$$;

-- As before, but a lane is nobody's to drop: it ends by itself when nothing waits in it.
create or replace function drop_job(p_job uuid, p_who text, p_reason text)
returns text language plpgsql as $$
declare
  v_job jobs;
begin
  select * into v_job from jobs where id = p_job for update;
  if not found then
    return 'unknown';
  end if;
  if v_job.kind in ('wa_inbound', 'wa_send') then
    return 'lane';
  end if;
  if v_job.state = 'running' then
    return 'running';
  end if;
  if v_job.state not in ('queued', 'dead') then
    return 'ended';
  end if;
  if v_job.state = 'queued' and v_job.kind in ('essay', 'chat') then
    perform finish_answer(a.id, a.epoch, '', 'failed', 'gave_up', 'failed', a.model, null, null, null, 0)
       from answers a where a.id = v_job.ref::uuid;
  end if;
  update jobs set state = 'failed', finished_at = coalesce(finished_at, clock_timestamp()) where id = p_job;
  insert into operator_acts (who, act, subject, reason) values (p_who, 'drop', p_job::text, p_reason);
  return 'dropped';
end $$;

-- An answer that ended wakes its person's lanes in the same commit.
create function whatsapp_answer_ended() returns trigger language plpgsql as $$
declare
  v_contact bigint;
begin
  for v_contact in select distinct contact_id from whatsapp_outgoing where answer_id = new.id and message is null loop
    perform wake_lane('wa_inbound', v_contact, '', gen_random_uuid());
    perform wake_lane('wa_send', v_contact, '', gen_random_uuid());
  end loop;
  return null;
end $$;
create trigger whatsapp_answer_ended after update of finished_at on answers
  for each row when (old.finished_at is null and new.finished_at is not null)
  execute function whatsapp_answer_ended();

-- A phrase that came in a signed message proves whose number it came from. The outcome
-- is proved, unknown or expired.
create function prove_phone(p_phrase text, p_contact bigint)
returns table (outcome text, purpose text) language plpgsql as $$
declare
  v phone_proofs;
begin
  select * into v from phone_proofs where phrase = p_phrase for update;
  if not found then
    outcome := 'unknown';
  elsif v.expires_at < clock_timestamp() or (v.proved_at is not null and v.contact_id <> p_contact) then
    outcome := 'expired';
  else
    update phone_proofs set contact_id = p_contact, proved_at = coalesce(proved_at, clock_timestamp()) where id = v.id;
    if v.purpose = 'link' then
      update whatsapp_contacts set user_id = v.user_id where id = p_contact;
    end if;
    outcome := 'proved';
  end if;
  purpose := v.purpose;
  return next;
end $$;

-- What a browser learns of its phrase, once: who it is now. Null: not yet, or never.
create function use_proof(p_id uuid, p_secret bytea)
returns bigint language sql as $$
  with used as (
    update phone_proofs p set used_at = clock_timestamp()
      from whatsapp_contacts c
     where p.id = p_id and p.secret = p_secret and c.id = p.contact_id and p.proved_at is not null
       and p.used_at is null and p.expires_at > clock_timestamp()
    returning c.user_id)
  select user_id from used
$$;

do $$
declare
  v_function regprocedure;
begin
  foreach v_function in array array[
    'wake_lane', 'whatsapp_contact', 'note_status', 'receive_whatsapp', 'claim_lane', 'finish_lane', 'retry_lane',
    'whatsapp_account', 'take_step', 'put_into_parts', 'begin_send', 'pause_number', 'pause_contact',
    'refund_answer', 'whatsapp_answer_ended', 'fail_send', 'resume_number', 'void_password', 'drop_job', 'prove_phone', 'use_proof']::regproc[]
  loop
    execute format('alter function %s security definer set search_path = public, pg_temp', v_function);
    execute format('revoke execute on function %s from public', v_function);
  end loop;
end $$;
grant select on whatsapp_contacts, whatsapp_outgoing, whatsapp_numbers, whatsapp_prices_seen, phone_proofs to zimgpt_app;
grant insert, delete on phone_proofs to zimgpt_app;
grant execute on function
  wake_lane, note_status, receive_whatsapp, claim_lane, finish_lane, retry_lane, whatsapp_account, take_step,
  put_into_parts, begin_send, pause_number, pause_contact, prove_phone, use_proof,
  fail_send, resume_number, void_password
  to zimgpt_app;
