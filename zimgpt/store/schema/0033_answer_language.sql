-- The language in which somebody's answers are written, whatever that of their pages is.

alter table users
  add column answer_language text check (answer_language in ('en', 'sn', 'nd')); -- null: that of the question

grant update (answer_language) on users to zimgpt_app;
