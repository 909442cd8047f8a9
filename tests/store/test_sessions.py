"""Sessions, in PostgreSQL and in the tests' memory: the same promises."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import psycopg2
import pytest
from pytest_twisted import blockon
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from tests.fakes.people import MemoryAccounts, MemorySessions
from zimgpt.domain.accounts import Session, SessionId, UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import Accounts, Sessions
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.pool import Pool
from zimgpt.store.sessions import PgSessions

PHONE = Phone("+263771234567")
OTHER = Phone("+263772222222")
FIRST = SessionId("00000000-0000-4000-8000-000000000001")
SECOND = SessionId("00000000-0000-4000-8000-000000000002")
THIRD = SessionId("00000000-0000-4000-8000-000000000003")
NOBODYS = SessionId("00000000-0000-4000-8000-00000000000f")


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    """Connections to a new database."""
    pool = Pool(reactor, database, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    yield pool
    pool.close()


@attrs.frozen
class World:
    """Two people and where they are signed in: the first twice, the other once."""

    sessions: Sessions
    user: UserId
    other: UserId


async def begun(accounts: Accounts, sessions: Sessions) -> World:
    """Opens the accounts and sessions."""
    user = await accounts.open(PHONE, "hash", Tokens(0))
    other = await accounts.open(OTHER, "hash", Tokens(0))
    assert user is not None
    assert other is not None
    await sessions.open(FIRST, user, digest(1), "a browser")
    await sessions.open(SECOND, user, digest(2), "a phone")
    await sessions.open(THIRD, other, digest(3), "")
    return World(sessions, user, other)


def digest(number: int) -> bytes:
    """32 bytes."""
    return bytes([number]) * 32


@pytest.fixture(params=["memory", "postgresql"])
def world(request: pytest.FixtureRequest) -> World:
    """One implementation after the other."""
    if request.param == "memory":
        memory = MemoryAccounts()
        work = begun(memory, MemorySessions(memory))
    else:
        pool = request.getfixturevalue("pool")
        work = begun(PgAccounts(pool), PgSessions(pool))
    made: World = blockon(Deferred.fromCoroutine(work))  # type: ignore[no-untyped-call]
    return made


def change(database: str, sql: str) -> None:
    """Does as the owner what the application may not."""
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


async def test_a_token_finds_its_session(world: World) -> None:
    """Whose it is, and which; no other token finds any."""
    assert await world.sessions.find(digest(1)) == Session(FIRST, world.user, PHONE)
    assert await world.sessions.find(digest(3)) == Session(THIRD, world.other, OTHER)
    assert await world.sessions.find(digest(9)) is None


async def test_people_see_their_own_sessions(world: World) -> None:
    """Latest first, with what they are known by."""
    mine = await world.sessions.list(world.user)

    assert [(one.id, one.client) for one in mine] == [
        (SECOND, "a phone"),
        (FIRST, "a browser"),
    ]
    assert all(one.seen_at.tzinfo for one in mine)


async def test_a_revoked_session_is_over(world: World) -> None:
    """Its token finds nothing, it is not listed, and it cannot be revoked again."""
    assert await world.sessions.revoke(world.user, FIRST)

    assert await world.sessions.find(digest(1)) is None
    assert [one.id for one in await world.sessions.list(world.user)] == [SECOND]
    assert not await world.sessions.revoke(world.user, FIRST)


async def test_nobody_revokes_anothers(world: World) -> None:
    """Another's session stays."""
    assert not await world.sessions.revoke(world.user, THIRD)

    assert await world.sessions.find(digest(3)) is not None


async def test_all_of_a_persons_sessions_end_at_once(world: World) -> None:
    """And nobody else's."""
    ended = await world.sessions.revoke_all(world.user)

    assert {*ended} == {FIRST, SECOND}
    assert await world.sessions.list(world.user) == ()
    assert await world.sessions.find(digest(3)) is not None


async def test_which_of_many_are_live(world: World) -> None:
    """Ended ones and those that never were are left out."""
    await world.sessions.revoke(world.user, FIRST)

    live = await world.sessions.live([FIRST, SECOND, THIRD, NOBODYS])

    assert live == {SECOND, THIRD}
    assert await world.sessions.live([]) == frozenset()


@pytest.mark.parametrize(
    "change_made",
    [
        "update sessions set expires_at = now()",
        "update sessions set seen_at = now() - interval '14 days 1 second'",
    ],
)
async def test_a_session_ends_by_itself(
    pool: Pool, database: str, change_made: str
) -> None:
    """After thirty days, or fourteen without being seen."""
    world = await begun(PgAccounts(pool), PgSessions(pool))
    change(database, change_made)

    assert await world.sessions.find(digest(1)) is None
    assert await world.sessions.list(world.user) == ()
    assert await world.sessions.live([FIRST]) == frozenset()


async def test_a_session_lasts_thirty_days(pool: Pool) -> None:
    """And is given that time once, not again at each sight."""
    world = await begun(PgAccounts(pool), PgSessions(pool))
    await world.sessions.find(digest(1))

    [(lasts,)] = await pool.query(
        "select extract(epoch from expires_at - created_at)::int from sessions"
        " where id = %s",
        (FIRST,),
    )
    assert lasts == 30 * 86_400


async def test_being_seen_is_noted_once_a_minute(pool: Pool, database: str) -> None:
    """A busy session is not a write at every request."""
    world = await begun(PgAccounts(pool), PgSessions(pool))
    seen = "select xmin::text, now() - seen_at < '1 minute' from sessions where id = %s"
    change(database, "update sessions set seen_at = now() - interval '2 minutes'")
    await world.sessions.find(digest(1))
    [(noted, recently)] = await pool.query(seen, (FIRST,))

    await world.sessions.find(digest(1))

    [(again, _)] = await pool.query(seen, (FIRST,))
    assert recently
    assert again == noted
