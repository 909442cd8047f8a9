"""Vouchers in the database: once each, for whoever was first, and not by guessing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.store.clerk import Clerk
from zimgpt.store.pool import Pool
from zimgpt.store.retention import PgRetention

DAY = timedelta(days=1)
GOOD, OTHER = b"g" * 32, b"o" * 32
WRONG = b"w" * 32


def make(
    clerk: Clerk, batch: str = "b1", *digests: bytes, ends: timedelta = DAY
) -> None:
    """A batch of vouchers of a thousand."""
    made = "select make_vouchers(%s, 1000, %s::bytea[], %s, 'tariro', 'for shops')"
    assert clerk.value(made, batch, list(digests or (GOOD,)), ends)


def redeem(
    clerk: Clerk, user: int, digest: bytes = GOOD, there: str = "1.2.3.4"
) -> str:
    """What became of it."""
    outcome, _ = clerk.row(
        "select outcome, tokens from redeem_voucher(%s, %s, %s, 3, 5)",
        *(user, there, digest),
    )
    return str(outcome)


def balance(clerk: Clerk, user: int) -> int:
    """What they can spend."""
    sql = "select balance from accounts where user_id = %s and kind = 'available'"
    return int(clerk.value(sql, user))


def test_a_voucher_is_good_once(clerk: Clerk) -> None:
    """Repeated by the same person it is said to be theirs; others had it not."""
    make(clerk)
    one, two = clerk.person(0), clerk.person(0)

    assert [redeem(clerk, one), redeem(clerk, one)] == ["redeemed", "repeat"]
    assert redeem(clerk, two) == "used"
    assert (balance(clerk, one), balance(clerk, two)) == (1000, 0)


def test_fifty_at_once_are_one(clerk: Clerk, database: str) -> None:
    """Of fifty redemptions at the same moment one gives tokens."""
    make(clerk)
    people = [clerk.person(0) for _ in range(5)]

    def one(number: int) -> str:
        with Clerk(database) as other:
            return redeem(other, people[number % 5], there=str(number))

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(one, range(50)))

    assert outcomes.count("redeemed") == 1
    assert sum(balance(clerk, person) for person in people) == 1000


def test_revoked_and_expired_ones_give_nothing(clerk: Clerk) -> None:
    """And what was redeemed before stays."""
    make(clerk, "old", OTHER, ends=timedelta(seconds=-1))
    make(clerk)
    user = clerk.person(0)
    revoke = "select revoke_vouchers('b1', 'tariro', 'stolen')"

    assert redeem(clerk, user, OTHER) == "expired"
    assert [clerk.value(revoke), clerk.value(revoke)] == ["revoked", "already"]
    assert redeem(clerk, user) == "revoked"
    assert balance(clerk, user) == 0


def test_nobody_guesses(clerk: Clerk) -> None:
    """After a few that are not good, even a good one must wait: by person, and by
    address."""
    make(clerk)
    one, two = clerk.person(0), clerk.person(0)

    assert [redeem(clerk, one, WRONG) for _ in range(4)] == ["unknown"] * 3 + [
        "too_many"
    ]
    assert redeem(clerk, one) == "too_many"
    assert [redeem(clerk, two, WRONG) for _ in range(2)] == ["unknown"] * 2
    assert redeem(clerk, two) == "too_many"
    assert redeem(clerk, two, there="there") == "redeemed"


def test_wrong_codes_are_forgotten_in_time(owner: Clerk) -> None:
    """Not before they have ceased to count, and in commits of a bounded size."""
    user = owner.person(0)
    for hours in (0, 0.5, 2, 30, 40, 50):
        owner.rows(
            "insert into voucher_tries (user_id, at) values (%s, now() - %s)",
            *(user, timedelta(hours=hours)),
        )
    forget = "select forget_voucher_tries(%s, 2)"

    assert [owner.value(forget, DAY) for _ in range(3)] == [2, 1, 0]
    assert owner.value(forget, timedelta(0)) == 1
    assert owner.rows("select count(*) from voucher_tries") == [(2,)]


async def test_forgetting_wrong_codes_is_the_applications(
    clerk: Clerk, pool: Pool
) -> None:
    """Its role may call what forgets them."""
    make(clerk)
    redeem(clerk, clerk.person(0), WRONG)

    assert await PgRetention(pool).forget_tries(DAY, 10) == 0
