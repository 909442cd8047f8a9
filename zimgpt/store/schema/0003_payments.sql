-- Payments by mobile money and the evidence for each of them.
--
-- The price is frozen on the row before the gateway is called. payment_events is
-- the evidence of every callback and poll, forged ones too, and is append-only.

create table payments (
  id                uuid primary key,
  user_id           bigint not null references users (id),
  provider          text not null default 'paynow',
  client_key        text not null,
  merchant_ref      text not null unique,
  provider_ref      text unique,
  poll_url          text,                    -- as returned by the gateway; never taken from a callback
  amount_minor      bigint not null check (amount_minor > 0),
  currency          char(3) not null,
  tokens            bigint not null check (tokens > 0),
  state             text not null default 'created' check (state in
                    ('created', 'sent', 'paid', 'credited', 'cancelled', 'failed', 'disputed', 'refunded', 'mismatch')),
  created_at        timestamptz not null default now(),
  next_poll_at      timestamptz,
  polls             int not null default 0,
  credited_transfer bigint unique references transfers (id),
  unique (user_id, client_key),
  check ((state in ('credited', 'disputed', 'refunded')) = (credited_transfer is not null)));

create table payment_events (
  id           bigint generated always as identity primary key,
  payment_id   uuid references payments (id),
  inbox_id     bigint references inbox (id),
  source       text not null check (source in ('callback', 'poll', 'operator')),
  status       text not null,
  amount_minor bigint,
  hash_ok      boolean not null,
  at           timestamptz not null default clock_timestamp());
create trigger payment_events_append_only before update or delete on payment_events
  for each row execute function append_only();
create trigger payment_events_no_truncate before truncate on payment_events
  for each statement execute function append_only();
create trigger payments_no_truncate before truncate on payments
  for each statement execute function append_only();
