-- People, their sessions and the double-entry ledger of their tokens.
--
-- All amounts are bigint tokens. A transfer's entries sum to zero; entries and
-- transfers are append-only; a person's balance never goes below zero; only the
-- functions of 0004 write money. The application works as role zimgpt_app, which
-- may read these tables and execute those functions (grants in 0006).

create table users (
  id            bigint generated always as identity primary key,
  phone_e164    text constraint users_phone_unique unique
                check (phone_e164 ~ '^\+[1-9][0-9]{7,14}$'),
  password_hash text,
  failures      int not null default 0,      -- wrong passwords since the last right one
  locked_until  timestamptz,
  created_at    timestamptz not null default now());

create table sessions (
  id           uuid primary key,
  user_id      bigint not null references users (id),
  token_digest bytea not null constraint sessions_digest_unique unique
               check (octet_length(token_digest) = 32),   -- sha-256; the token itself is never stored
  client       text not null,                -- what the person sees in the list: browser, command line
  created_at   timestamptz not null default now(),
  seen_at      timestamptz not null default now(),
  expires_at   timestamptz not null);
create index sessions_of_user on sessions (user_id);
create index sessions_by_end on sessions (expires_at);

create table accounts (
  id      bigint generated always as identity primary key,
  user_id bigint references users (id),
  kind    text not null check (kind in ('available', 'held', 'issued', 'granted', 'spent', 'adjust')),
  balance bigint not null default 0,
  version bigint not null default 0,
  -- Only a person's accounts keep a running balance; the house's are summed from
  -- the entries, so no row is hot.
  check ((user_id is null) = (kind in ('issued', 'granted', 'spent', 'adjust'))),
  constraint accounts_no_overdraft check (user_id is null or balance >= 0));
create unique index accounts_of_user on accounts (user_id, kind) where user_id is not null;
create unique index accounts_of_house on accounts (kind) where user_id is null;
insert into accounts (kind) values ('issued'), ('granted'), ('spent'), ('adjust');

create table transfers (
  id         bigint generated always as identity primary key,
  kind       text not null check (kind in ('purchase', 'grant', 'reserve', 'settle', 'refund', 'adjust')),
  idem_key   text not null constraint transfers_key_unique unique,
  reason     text,
  created_at timestamptz not null default now());

create table entries (
  transfer_id   bigint not null references transfers (id),
  account_id    bigint not null references accounts (id),
  amount        bigint not null check (amount <> 0),
  balance_after bigint,                      -- null for the house's accounts
  version       bigint,                      -- gap-free per person's account
  primary key (transfer_id, account_id),
  unique (account_id, version));

create function entries_balanced() returns trigger language plpgsql as $$
begin
  if (select sum(amount) from entries where transfer_id = new.transfer_id) is distinct from 0 then
    raise exception 'unbalanced transfer %', new.transfer_id
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger entries_balanced after insert on entries
  deferrable initially deferred for each row execute function entries_balanced();

create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger entries_append_only before update or delete on entries
  for each row execute function append_only();
create trigger entries_no_truncate before truncate on entries
  for each statement execute function append_only();
create trigger transfers_append_only before update or delete on transfers
  for each row execute function append_only();
create trigger transfers_no_truncate before truncate on transfers
  for each statement execute function append_only();
create trigger accounts_no_truncate before truncate on accounts
  for each statement execute function append_only();

create table prices (
  id                bigint generated always as identity primary key,
  model             text not null,
  prompt_millis     bigint not null check (prompt_millis >= 0),      -- thousandths of a token per model token
  completion_millis bigint not null check (completion_millis > 0),
  valid_from        timestamptz not null default now());
create index prices_of_model on prices (model, valid_from desc, id desc);
create trigger prices_append_only before update or delete on prices
  for each row execute function append_only();
create trigger prices_no_truncate before truncate on prices
  for each statement execute function append_only();
