"""Files that become words: reading is paid for once, and given back once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg2.errors import CheckViolation

from tests.store.clerk import Clerk

CHARGE = "select charge_reading(%s, %s, 'voice', %s)"
REFUND = "select refund_reading(%s)"
KEEP = "select keep_reading(%s, %s)"
FORGET = "select forget_readings_and_proofs('1 day', 10)"


def test_a_file_is_charged_once(clerk: Clerk) -> None:
    """However often it is begun."""
    user = clerk.person(100)

    assert clerk.value(CHARGE, user, "a", 30)
    assert clerk.value(CHARGE, user, "a", 30)
    assert clerk.wallet(user) == (70, 0)


def test_what_the_balance_does_not_cover_is_refused(clerk: Clerk) -> None:
    """And nothing is charged."""
    user = clerk.person(20)

    assert not clerk.value(CHARGE, user, "a", 30)
    assert clerk.wallet(user) == (20, 0)
    assert clerk.value("select count(*) from readings") == 0


def test_what_was_not_read_is_given_back_once(clerk: Clerk) -> None:
    """A second try is charged again."""
    user = clerk.person(100)
    clerk.value(CHARGE, user, "a", 30)

    assert clerk.value(REFUND, "a")
    assert not clerk.value(REFUND, "a")
    assert clerk.wallet(user) == (100, 0)

    assert clerk.value(CHARGE, user, "a", 40)
    assert clerk.wallet(user) == (60, 0)
    assert clerk.value(REFUND, "a")
    assert clerk.wallet(user) == (100, 0)


def test_what_was_read_is_not_given_back(clerk: Clerk) -> None:
    """And stays what it was when it is read again."""
    user = clerk.person(100)
    clerk.value(CHARGE, user, "a", 30)

    assert clerk.value(KEEP, "a", "Mhoro") == "Mhoro"
    assert clerk.value(KEEP, "a", "Moro") == "Mhoro"
    assert not clerk.value(REFUND, "a")
    assert clerk.wallet(user) == (70, 0)


def test_many_files_at_once_stay_within_the_balance(
    clerk: Clerk, database: str
) -> None:
    """One wallet's charges take turns."""
    user = clerk.person(100)

    def charge(number: int) -> bool:
        with Clerk(database) as other:
            return bool(other.value(CHARGE, user, f"n{number}", 30))

    with ThreadPoolExecutor(8) as pool:
        charged = list(pool.map(charge, range(8)))

    assert sum(charged) == 3
    assert clerk.wallet(user) == (10, 0)


def test_the_words_are_forgotten(clerk: Clerk, owner: Clerk) -> None:
    """After a day; what it cost is not."""
    user = clerk.person(100)
    for key in ("old", "new"):
        clerk.value(CHARGE, user, key, 10)
        clerk.value(KEEP, key, "Mhoro")
    owner.rows(
        "update readings set read_at = now() - interval '25 h' where key = 'old'"
    )

    assert clerk.value(FORGET) == 1
    assert clerk.value(FORGET) == 0
    kept = dict(clerk.rows("select key, text from readings"))
    assert kept == {"old": "", "new": "Mhoro"}
    assert not clerk.value(REFUND, "old")


def test_what_nobody_came_to_read_is_given_back(clerk: Clerk, owner: Clerk) -> None:
    """A node that died between the charge and the words cost nobody anything, and
    whoever comes later is charged, and reads, as if for the first time."""
    user = clerk.person(100)
    for key in ("lost", "read", "new"):
        clerk.value(CHARGE, user, key, 10)
    clerk.value(KEEP, "read", "Mhoro")
    owner.rows(
        "update readings set read_at = now() - interval '2 h' where key <> 'new'"
    )

    assert clerk.value("select refund_unread('1 hour', 10)") == 1
    assert clerk.value("select refund_unread('1 hour', 10)") == 0
    assert clerk.wallet(user) == (80, 0)
    assert clerk.value(KEEP, "lost", "too late") is None

    assert clerk.value(CHARGE, user, "lost", 10)
    assert clerk.value(KEEP, "lost", "in time") == "in time"
    assert clerk.wallet(user) == (70, 0)


def test_a_question_for_nothing_gives_its_reading_back(
    clerk: Clerk, owner: Clerk
) -> None:
    """Who was not answered, or never got the answer, has not paid for being heard
    either; and hears no second time what it cost."""
    user = clerk.person(100)
    for key in ("free", "lost", "good"):
        clerk.value(CHARGE, user, key, 10)
        clerk.value(KEEP, key, "Why?")
    free = clerk.ask(user, client_id="free", hold=20, channel="whatsapp")
    clerk.claim(free.job)
    clerk.finish(free.answer, 1, cost=0, state="failed", finish="busy")
    lost = clerk.answered(user, client_id="lost", hold=20, cost=5, channel="whatsapp")
    clerk.answered(user, client_id="good", hold=20, cost=5, channel="whatsapp")

    for _ in range(2):
        owner.value("select refund_answer(%s, 'not delivered')", lost.answer)

    assert clerk.wallet(user) == (85, 0)
    assert clerk.value(CHARGE, user, "free", 10)
    assert clerk.value(KEEP, "free", "") == "Why?"
    assert clerk.wallet(user) == (85, 0)


def test_a_question_on_the_web_gives_nothing_back(clerk: Clerk) -> None:
    """Its id is its client's own choice."""
    user = clerk.person(100)
    clerk.value(CHARGE, user, "mine", 10)
    asked = clerk.ask(user, client_id="mine", hold=20)
    clerk.claim(asked.job)

    clerk.finish(asked.answer, 1, cost=0, state="failed", finish="busy")

    assert clerk.wallet(user) == (90, 0)


def test_a_picture_has_a_kind_of_its_own(clerk: Clerk, owner: Clerk) -> None:
    """In the ledger and for whoever looks at a statement."""
    user = clerk.person(100)
    clerk.value("select charge_reading(%s, 'p', 'picture', 30)", user)
    clerk.value(REFUND, "p")

    kinds = owner.rows("select kind, idem_key from transfers order by id desc limit 2")

    assert kinds == [("refund", "picture-refund:p:1"), ("picture", "picture:p:1")]


def test_whoever_is_banned_is_not_listened_to(owner: Clerk) -> None:
    """Nothing is charged, on no try; what was never read is given back in time."""
    user = owner.person(100)
    owner.value(CHARGE, user, "before", 30)
    owner.rows("select ban_user(%s, 'w', 'r')", user)

    for key in ("before", "after"):
        with pytest.raises(CheckViolation, match="banned"):
            owner.value(CHARGE, user, key, 30)

    assert owner.wallet(user) == (70, 0)
    owner.rows("update readings set read_at = read_at - interval '2 h'")
    assert owner.value("select refund_unread('1 h', 10)") == 1
    assert owner.wallet(user) == (100, 0)
