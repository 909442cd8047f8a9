"""No statement on the way of a question reads a table from end to end."""

from __future__ import annotations

from tests.store.clerk import Clerk
from zimgpt.store.answers import PROGRESS, READ
from zimgpt.store.drafts import REMEMBERED
from zimgpt.store.questions import PROSPECT
from zimgpt.store.upkeep import FORGET

SCANNED = """
select relname from pg_stat_xact_user_tables where seq_scan > 0 order by relname
"""


def test_there_is_an_index_for_every_statement(owner: Clerk) -> None:
    """With scans forbidden wherever there is another way, none is left."""
    user = owner.person(5_000)
    talk = owner.answered(user).conversation
    owner.rows("set enable_seqscan = off; begin")

    for _ in range(8):  # functions keep a general plan after a few calls
        _one_life(owner, user, talk)

    assert owner.rows(SCANNED) == []
    owner.rows("commit")


def test_a_scan_would_be_noticed(owner: Clerk) -> None:
    """A condition that no index serves shows in the count."""
    owner.rows("set enable_seqscan = off; begin")

    owner.rows("select id from accounts where user_id is not distinct from 1")

    assert owner.rows(SCANNED) == [("accounts",)]
    owner.rows("commit")


def _one_life(owner: Clerk, user: int, talk: str) -> None:
    phone = owner.value("select phone_e164 from users where id = %s", user)
    owner.rows("select grant_tokens(%s, gen_random_uuid()::text, 9, 'r')", phone)
    first = owner.value(
        "select min(id::text) from answers where conversation_id = %s and epoch > 0"
        " and replaced_by is null",
        talk,
    )
    prospect = {"user": user, "conversation": talk, "models": ["m"], "limit": 40}
    owner.rows(PROSPECT, **prospect, replaces=None)
    owner.rows(PROSPECT, **prospect, replaces=first)
    owner.rows(
        "select ask_instead(%s, null, false, 99, %s, gen_random_uuid()::text,"
        " 'chat', 'web', 'x', %s, null, '', gen_random_uuid(), gen_random_uuid(),"
        " 'here', 1, 9, false, null, '[]', 1, '1 s')",
        first,
        user,
        talk,
    )
    asked = owner.ask(user, conversation=talk, client_id=None)
    owner.ask(user, client_id="again")
    owner.claim(asked.job)
    answer = asked.answer
    owner.rows(REMEMBERED, answer=answer, window_from=answer, fold=True, most=40)
    owner.append(answer, 1, 1)
    owner.rows(READ, user=user, answer=answer, epoch=1, seq=0)
    owner.rows(PROGRESS, [answer])
    owner.rows("select request_stop(%s, %s)", answer, user)
    owner.rows("select renew_leases('here', %s::uuid[], '1 s')", [asked.job])
    owner.rows("select retry_job(%s, 'here', 'x', '0')", asked.job)
    owner.rows("select release_leases('here')")
    owner.rows("select jobs_to_publish('0', 10)")
    update = "update outbox set confirmed_at = now() where id = any (%s)"
    owner.rows(update, [asked.outbox])
    owner.claim(asked.job)
    owner.finish(answer, 2)
    owner.rows("select close_expired(10)")
    owner.rows("select erase_deleted(10)")
    owner.rows(FORGET)
