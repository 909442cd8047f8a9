"""Voice notes in the ledger: listening is paid for once, and given back once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.store.clerk import Clerk

CHARGE = "select charge_voice(%s, %s, %s)"
REFUND = "select refund_voice(%s)"
KEEP = "select keep_voice(%s, %s)"


def test_a_note_is_charged_once(clerk: Clerk) -> None:
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
    assert clerk.value("select count(*) from voice_notes") == 0


def test_what_was_not_heard_is_given_back_once(clerk: Clerk) -> None:
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


def test_what_was_heard_is_not_given_back(clerk: Clerk) -> None:
    """And stays what it was when it is heard again."""
    user = clerk.person(100)
    clerk.value(CHARGE, user, "a", 30)

    assert clerk.value(KEEP, "a", "Mhoro") == "Mhoro"
    assert clerk.value(KEEP, "a", "Moro") == "Mhoro"
    assert not clerk.value(REFUND, "a")
    assert clerk.wallet(user) == (70, 0)


def test_many_notes_at_once_stay_within_the_balance(
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


def test_what_was_said_is_forgotten(clerk: Clerk, owner: Clerk) -> None:
    """After a day; what it cost is not."""
    user = clerk.person(100)
    for key in ("old", "new"):
        clerk.value(CHARGE, user, key, 10)
        clerk.value(KEEP, key, "Mhoro")
    owner.rows(
        "update voice_notes set heard_at = now() - interval '25 h' where key = 'old'"
    )

    assert clerk.value("select forget_voice_and_proofs('1 day', 10)") == 1
    assert clerk.value("select forget_voice_and_proofs('1 day', 10)") == 0
    kept = dict(clerk.rows("select key, text from voice_notes"))
    assert kept == {"old": "", "new": "Mhoro"}
    assert not clerk.value(REFUND, "old")
