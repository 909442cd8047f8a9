-- Conversations, questions, answers, their text as it is written, the holds that
-- pay for them and the jobs that write them.
--
-- Text is fenced by epoch (the attempt that writes it) and gap-free by seq.
-- Composite keys tie an answer to its owner's conversation and a hold to its
-- answer's owner, so nobody's wallet can pay for another's question.

create table conversations (
  id         uuid primary key,
  user_id    bigint not null references users (id),
  channel    text not null check (channel in ('web', 'whatsapp')),
  kind       text not null check (kind in ('essay', 'chat')),
  title      text not null check (octet_length(title) <= 400),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  erased_at  timestamptz,
  unique (id, user_id));
create index conversations_of_user on conversations (user_id, updated_at desc, id)
  where deleted_at is null;
create index conversations_to_erase on conversations (deleted_at)
  where deleted_at is not null and erased_at is null;

-- Narrow on purpose: this row is updated at every tick of its stream.
create table answers (
  id                uuid primary key,
  conversation_id   uuid not null,
  user_id           bigint not null,
  epoch             int not null default 0,  -- the attempt that writes; a new one voids older chunks
  epoch_at          timestamptz,             -- when that attempt began
  last_seq          int not null default 0,
  state             text not null default 'queued'
                    check (state in ('queued', 'streaming', 'complete', 'interrupted', 'failed', 'refused')),
  stop_requested    boolean not null default false,
  finish_reason     text,
  model             text,
  prompt_tokens     bigint check (prompt_tokens >= 0),
  completion_tokens bigint check (completion_tokens >= 0),
  usage_source      text check (usage_source in ('upstream', 'estimated')),
  text              text,                    -- the whole answer, set when it ends
  created_at        timestamptz not null default now(),
  finished_at       timestamptz,
  unique (id, user_id),
  foreign key (conversation_id, user_id) references conversations (id, user_id),
  check ((state in ('queued', 'streaming')) = (finished_at is null)),
  check ((epoch = 0) = (epoch_at is null)))
  with (fillfactor = 70);
create index answers_of_conversation on answers (conversation_id, user_id, created_at, id);

create table questions (
  answer_id       uuid primary key,
  user_id         bigint not null references users (id),
  client_id       text not null,             -- made by the client: a repeat finds the first answer
  kind            text not null check (kind in ('essay', 'chat')),
  text            text not null check (octet_length(text) <= 32768),
  prompt_estimate int not null,              -- model tokens the hold allows for the prompt
  max_tokens      int not null check (max_tokens > 0),
  lowered         boolean not null,          -- max_tokens was cut to what the balance covers
  window_from     uuid references answers (id), -- the first remembered turn; null: none
  prices          jsonb not null,            -- of every model that may answer, as they were when it was asked
  foreign key (answer_id, user_id) references answers (id, user_id),
  constraint questions_client_unique unique (user_id, client_id));

-- No foreign key: append_chunks (0005) writes only for rows that it has just updated,
-- and the check would cost it a third of its time. The invariants look instead.
create table answer_chunks (
  answer_id uuid not null,
  epoch     int not null check (epoch > 0),
  seq       int not null check (seq > 0),
  text_part text not null,
  primary key (answer_id, epoch, seq));

create table reservations (
  answer_id  uuid primary key,
  user_id    bigint not null,
  amount     bigint not null check (amount > 0),
  settled    bigint check (settled between 0 and amount),
  state      text not null default 'open' check (state in ('open', 'settled', 'released')),
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  closed_at  timestamptz,
  foreign key (answer_id, user_id) references answers (id, user_id),
  check ((state = 'open') = (closed_at is null)),
  check ((state = 'open') = (settled is null)));
create index reservations_open on reservations (expires_at) where state = 'open';
create trigger reservations_no_truncate before truncate on reservations
  for each statement execute function append_only();

create table inbox (
  id          bigint generated always as identity primary key,
  source      text not null check (source in ('whatsapp', 'paynow')),
  dedup_key   text not null,
  body        bytea not null check (octet_length(body) <= 4194304),
  received_at timestamptz not null default clock_timestamp(),
  seen_count  int not null default 1,
  outcome     text check (outcome in ('done', 'ignored', 'rejected', 'dead')),
  outcome_ref text,
  outcome_at  timestamptz,
  unique (source, dedup_key),
  check ((outcome is null) = (outcome_at is null)));
create index inbox_open on inbox (received_at) where outcome is null;

create table jobs (
  id           uuid primary key,
  kind         text not null check (kind in ('essay', 'chat', 'wa_inbound', 'wa_send', 'payment_poll')),
  ref          text not null,
  origin       text not null,                -- the node that took it: the first to hear of it
  state        text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'dead')),
  attempts     int not null default 0,
  max_attempts int not null default 5,
  lease_owner  text,
  lease_until  timestamptz,
  run_after    timestamptz not null default now(),
  published_at timestamptz not null default now(),  -- when the broker was last given it; long ago for one given back
  last_error   text,
  created_at   timestamptz not null default now(),
  finished_at  timestamptz,
  unique (kind, ref),
  check (attempts <= max_attempts),
  check ((state = 'running') = (lease_until is not null)),
  check ((state = 'running') = (lease_owner is not null)),
  check ((state in ('done', 'failed', 'dead')) = (finished_at is not null)));
create index jobs_open on jobs (published_at) where state in ('queued', 'running');

create table outbox (
  id           bigint generated always as identity primary key,
  job_id       uuid not null references jobs (id),
  created_at   timestamptz not null default now(),
  confirmed_at timestamptz);                 -- set only after the broker confirmed
create unique index outbox_open on outbox (job_id) where confirmed_at is null;
create index outbox_confirmed on outbox (confirmed_at) where confirmed_at is not null;
