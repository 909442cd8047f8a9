"""Accounts, in PostgreSQL and in the tests' memory: the same promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg2
import pytest
from pytest_twisted import blockon
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from tests.fakes.people import MemoryAccounts
from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import Accounts, Credentials
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.pool import Pool

PHONE = Phone("+263771234567")
OTHER = Phone("+263772222222")
WELCOME = Tokens(5_000)


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    """Connections to a new database."""
    pool = Pool(reactor, database, 8)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    yield pool
    pool.close()


@pytest.fixture(params=["memory", "postgresql"])
def accounts(request: pytest.FixtureRequest) -> Accounts:
    """One implementation after the other."""
    if request.param == "memory":
        return MemoryAccounts()
    return PgAccounts(request.getfixturevalue("pool"))


async def opened(accounts: Accounts, phone: Phone = PHONE) -> UserId:
    """A new account."""
    user = await accounts.open(phone, "hash", WELCOME)
    assert user is not None
    return user


async def tried(accounts: Accounts) -> Credentials:
    """A counted try."""
    credentials = await accounts.attempt(PHONE)
    assert credentials is not None
    return credentials


@pytest.fixture
def later(
    request: pytest.FixtureRequest, accounts: Accounts
) -> Callable[[float], None]:
    """Lets so many seconds pass, as far as locks go."""

    def pass_by(seconds: float) -> None:
        if isinstance(accounts, MemoryAccounts):
            accounts.now += timedelta(seconds=seconds)
            return
        with Clerk(request.getfixturevalue("database"), superuser=True) as owner:
            owner.rows(
                "update users set locked_until = locked_until - %s",
                timedelta(seconds=seconds),
            )

    return pass_by


async def test_a_number_opens_one_account(accounts: Accounts) -> None:
    """The second time there is no new account, and no second grant."""
    user = await opened(accounts)

    again = await accounts.open(PHONE, "other", WELCOME)

    assert again is None
    assert await accounts.wallet(user) == Wallet(Tokens(5_000), Tokens(0))
    assert (await tried(accounts)).password_hash == "hash"


async def test_an_account_can_begin_with_nothing(accounts: Accounts) -> None:
    """No grant is no transfer."""
    user = await accounts.open(PHONE, "hash", Tokens(0))
    assert user is not None

    assert await accounts.wallet(user) == Wallet(Tokens(0), Tokens(0))


async def test_an_unknown_number_has_no_credentials(accounts: Accounts) -> None:
    """There is nothing to check a password against."""
    await opened(accounts)

    assert await accounts.attempt(OTHER) is None


async def test_the_sixth_try_in_a_row_is_locked_out(
    accounts: Accounts, later: Callable[[float], None]
) -> None:
    """Five are looked at; then none for a while, and then one."""
    await opened(accounts)
    for _ in range(9):  # up to a lock of 16 seconds: real time passes, too
        later(3600)
        await tried(accounts)

    locked = [(await tried(accounts)).locked]
    for seconds in (10, 6, 10):
        later(seconds)
        locked.append((await tried(accounts)).locked)

    assert locked == [True, True, False, True]


async def test_five_tries_in_a_row_are_free(accounts: Accounts) -> None:
    """The sixth and seventh at the same moment are locked out."""
    await opened(accounts)

    locked = [(await tried(accounts)).locked for _ in range(7)]

    assert locked == [False] * 5 + [True] * 2


async def test_success_forgets_the_failures(accounts: Accounts) -> None:
    """After the right password there are five free tries again."""
    user = await opened(accounts)
    for _ in range(5):
        await tried(accounts)

    await accounts.succeeded(user, None)

    assert [(await tried(accounts)).locked for _ in range(6)] == [False] * 5 + [True]


async def test_success_can_renew_the_hash(accounts: Accounts) -> None:
    """A newer hash replaces the older one; without one it stays."""
    user = await opened(accounts)

    await accounts.succeeded(user, "newer")
    await accounts.succeeded(user, None)

    assert (await tried(accounts)).password_hash == "newer"


async def test_a_forgiven_try_does_not_count(accounts: Accounts) -> None:
    """Tries that were not looked at lock nobody out."""
    user = await opened(accounts)
    for _ in range(4):
        await tried(accounts)

    for _ in range(9):
        assert not (await tried(accounts)).locked
        await accounts.forgive(user)

    assert not (await tried(accounts)).locked


async def test_forgiving_never_gives_free_tries(accounts: Accounts) -> None:
    """The count does not go below zero."""
    user = await opened(accounts)

    await accounts.forgive(user)

    assert [(await tried(accounts)).locked for _ in range(6)] == [False] * 5 + [True]


async def test_people_are_counted_apart(accounts: Accounts) -> None:
    """Guessing at one account locks no other."""
    await opened(accounts)
    await opened(accounts, OTHER)
    for _ in range(6):
        await tried(accounts)

    other = await accounts.attempt(OTHER)

    assert other is not None
    assert not other.locked


async def test_tries_at_the_same_moment_are_counted_one_by_one(pool: Pool) -> None:
    """Thirty connections at once find the same five free tries."""
    accounts = PgAccounts(pool)
    await opened(accounts)

    tries = await gatherResults(
        [Deferred.fromCoroutine(tried(accounts)) for _ in range(30)]
    )

    assert [one.locked for one in tries].count(False) == 5


async def test_a_grant_is_given_once_to_a_number(pool: Pool, database: str) -> None:
    """A number whose account is made again gets no second welcome."""
    accounts = PgAccounts(pool)
    user = await opened(accounts)
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("update users set phone_e164 = null where id = %s", (user,))
    connection.close()

    again = await opened(accounts)

    assert again != user
    assert await accounts.wallet(again) == Wallet(Tokens(0), Tokens(0))


async def test_what_is_held_is_not_available(pool: Pool, database: str) -> None:
    """The wallet shows both halves."""
    accounts = PgAccounts(pool)
    user = await opened(accounts)
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select post_transfer('reserve', 'reserve:test',"
            " array[account_of(%(user)s, 'available'), account_of(%(user)s, 'held')],"
            " array[-700, 700])",
            {"user": user},
        )
    connection.close()

    assert await accounts.wallet(user) == Wallet(Tokens(4_300), Tokens(700))


async def test_a_closed_account_is_gone_and_its_number_free(accounts: Accounts) -> None:
    """Nobody signs in to it; the number may begin again, but is not welcomed twice."""
    user = await opened(accounts)

    await accounts.close(user)

    assert await accounts.attempt(PHONE) is None
    again = await accounts.open(PHONE, "other", WELCOME)
    assert again is not None
    assert await accounts.wallet(again) == Wallet(Tokens(0), Tokens(0))
