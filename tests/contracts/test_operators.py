"""What operators and their sessions promise, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from uuid import UUID

import attrs
import pytest
from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from tests.fakes.operators import MemoryOperators
from tests.store.clerk import Clerk
from zimgpt.domain.accounts import FREE_TRIES, SessionId
from zimgpt.domain.one_time_codes import secret_of, step_at
from zimgpt.domain.operators import ABSOLUTE, CODE_WITHIN, IDLE
from zimgpt.flows.ports.operators import Operators
from zimgpt.store.invariants import violations
from zimgpt.store.operators import PgOperators
from zimgpt.store.pool import Pool
from zimgpt.store.sealing import Sealing, new_key

SECRET = secret_of(b"s" * 20)
_numbers = count(1)


@attrs.frozen
class Office:
    """One operator, ``tariro``; time that passes, and a way to shut her out."""

    operators: Operators
    later: Callable[[timedelta], None]
    disable: Callable[[], None]

    async def knock(self) -> tuple[SessionId, bytes]:
        """A session that waits for its code."""
        number = next(_numbers)
        known = await self.operators.attempt("tariro")
        assert known is not None
        await self.operators.forgive(known.id)
        session = SessionId(str(UUID(int=number)))
        digest = number.to_bytes(32)
        await self.operators.begin(session, known.id, digest, "a browser")
        return session, digest

    async def enter(self, ahead: int = 0) -> bytes:
        """A session that is open."""
        session, digest = await self.knock()
        waiting = await self.operators.proving(digest)
        assert waiting is not None
        new = next(_numbers).to_bytes(32)
        step = step_at(waiting.now) + ahead
        assert await self.operators.prove(session, step, new)
        return new


@pytest.fixture(params=["memory", "postgresql", "postgresql, in clear"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Nobody has signed in yet."""
    if request.param == "memory":
        memory = MemoryOperators()
        kept = memory.add("tariro", "a hash", SECRET)

        def pass_by(time: timedelta) -> None:
            memory.now += time

        def disable() -> None:
            kept.disabled = True

        yield Office(memory, pass_by, disable)
        return
    from twisted.internet import reactor

    url = request.getfixturevalue("database")
    pool = Pool(reactor, url, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    sealing = Sealing.of(new_key())
    clear = request.param.endswith("in clear")
    with Clerk(url, superuser=True) as owner:
        owner.rows(
            "insert into operators (name, password_hash, totp_secret)"
            " values ('tariro', 'a hash', %s)",
            SECRET if clear else sealing.sealed("tariro", SECRET),
        )
        yield Office(
            PgOperators(pool, sealing),
            lambda time: _passed(owner, time),
            lambda: _disable(owner),
        )
    pool.close()
    assert violations(url) == []


def _passed(owner: Clerk, time: timedelta) -> None:
    """As if all that is known had been so much earlier."""
    owner.rows(
        "update operator_sessions set seen_at = seen_at - %s,"
        " expires_at = expires_at - %s",
        time,
        time,
    )
    owner.rows("update operators set locked_until = locked_until - %s", time)


def _disable(owner: Clerk) -> None:
    owner.rows("update operators set disabled_at = now()")


async def test_two_steps_open_a_session(office: Office) -> None:
    """The first opens nothing; the second opens it under another token."""
    operators = office.operators
    session, first = await office.knock()
    assert await operators.find(first) is None

    waiting = await operators.proving(first)
    assert waiting is not None
    assert (waiting.session, waiting.name) == (session, "tariro")
    assert (waiting.secret, waiting.locked) == (SECRET, False)
    assert await operators.prove(session, step_at(waiting.now), b"n" * 32)

    found = await operators.find(b"n" * 32)
    assert found is not None
    assert (found.session, found.id, found.name) == (session, waiting.id, "tariro")
    assert await operators.find(first) is None
    assert await operators.proving(b"n" * 32) is None
    assert not await operators.prove(session, step_at(waiting.now) + 1, b"m" * 32)


async def test_a_code_opens_once(office: Office) -> None:
    """Nor does an earlier one open after it."""
    await office.enter()
    session, digest = await office.knock()
    waiting = await office.operators.proving(digest)
    assert waiting is not None

    step = step_at(waiting.now)
    assert not await office.operators.prove(session, step - 1, b"n" * 32)
    assert not await office.operators.prove(session, step, b"n" * 32)
    assert await office.operators.prove(session, step + 1, b"n" * 32)


async def test_wrong_tries_lock_and_the_code_forgives(office: Office) -> None:
    """Of whichever step they are; a lock ends by itself."""
    operators = office.operators
    session, digest = await office.knock()
    for _ in range(FREE_TRIES - 1):
        assert await operators.attempt("tariro") is not None
    assert await operators.proving(digest) is not None

    known = await operators.attempt("tariro")
    waiting = await operators.proving(digest)

    assert known is not None
    assert waiting is not None
    assert (known.locked, waiting.locked) == (True, True)
    office.later(timedelta(seconds=2))
    waiting = await operators.proving(digest)
    assert waiting is not None
    assert not waiting.locked
    assert await operators.prove(session, step_at(waiting.now), b"n" * 32)
    known = await operators.attempt("tariro")
    assert known is not None
    assert not known.locked


async def test_a_wait_for_a_code_ends(office: Office) -> None:
    """After some minutes the password is asked for again."""
    session, digest = await office.knock()

    office.later(CODE_WITHIN)

    assert await office.operators.proving(digest) is None
    assert not await office.operators.prove(session, 2**40, b"n" * 32)


async def test_a_session_ends_by_idleness_and_by_age(office: Office) -> None:
    """Whichever comes first, and when it is ended."""
    idle = await office.enter()
    office.later(IDLE / 2)
    assert await office.operators.find(idle) is not None
    office.later(IDLE)
    assert await office.operators.find(idle) is None

    old = await office.enter(ahead=100)
    for _ in range(2 * int(ABSOLUTE / IDLE)):
        assert await office.operators.find(old) is not None
        office.later(IDLE / 2)
    assert await office.operators.find(old) is None

    ended = await office.enter(ahead=200)
    await office.operators.end(ended)
    assert await office.operators.find(ended) is None


async def test_who_is_disabled_is_out(office: Office) -> None:
    """At once, and unknown from then on."""
    inside = await office.enter()
    _, waiting = await office.knock()

    office.disable()

    assert await office.operators.find(inside) is None
    assert await office.operators.proving(waiting) is None
    assert await office.operators.attempt("tariro") is None
    assert await office.operators.attempt("nobody") is None
