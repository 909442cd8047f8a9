-- Secrets of operators' phones are sealed before they come here (zimgpt.store.sealing);
-- those that were kept in clear go on working until `zimgpt operators seal` has been run.

alter table operators drop constraint operators_totp_secret_check;
alter table operators add constraint operators_totp_secret_check
  check (totp_secret ~ '^([A-Z2-7]{32}|gAAAAA[A-Za-z0-9_-]{100,250}={0,2})$');
