"""Password hashes: parameters, threads and the bounded queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import attrs
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.threadpool import ThreadPool

from zimgpt.flows.ports import PasswordsBusy
from zimgpt.store.passwords import (
    QUEUE,
    THREADS,
    Argon2Passwords,
    hasher,
    threads,
)

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@attrs.define
class Line:
    """Threads that work when they are told to."""

    waiting: list[Callable[[], object]] = attrs.Factory(list)

    def callInThreadWithCallback(
        self, onResult: object, func: Callable[..., object], *args: object
    ) -> object:
        """Puts the call into the line."""
        assert callable(onResult)
        self.waiting.append(lambda: onResult(True, func(*args)))
        return None

    def work(self) -> None:
        """Does everything that waits."""
        while self.waiting:
            self.waiting.pop(0)()


@attrs.define
class Now:
    """A reactor that is always in its own thread."""

    def callFromThread(self, call: Callable[..., object], *args: object) -> None:
        """Calls at once."""
        call(*args)


def off(line: object) -> tuple[IReactorFromThreads, ThreadPool]:
    """A reactor that is always in its own thread, and these threads."""
    return cast(IReactorFromThreads, Now()), cast(ThreadPool, line)


def passwords(line: Line) -> Argon2Passwords:
    """Quick ones, in that line."""
    return Argon2Passwords(*off(line), argon2=QUICK)


def test_the_parameters_are_those_of_owasp() -> None:
    """argon2id with 19 MiB, two passes, one lane, 16 bytes of salt and 32 of tag."""
    made = hasher().hash("anything")

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert extract_parameters(made).salt_len == 16
    assert extract_parameters(made).hash_len == 32


async def test_the_real_thing_in_real_threads() -> None:
    """A password matches its own hash, no other, and nobody's never."""
    pool = threads()
    pool.start()
    try:
        real = Argon2Passwords(cast(IReactorFromThreads, reactor), pool)
        made = await real.hash("mukanda wangu")
        answers = await gatherResults(
            [
                Deferred.fromCoroutine(real.verify(made, "mukanda wangu")),
                Deferred.fromCoroutine(real.verify(made, "mukanda wako")),
                Deferred.fromCoroutine(real.verify(None, "mukanda wangu")),
                Deferred.fromCoroutine(real.verify(None, "nobody has this password")),
            ]
        )
    finally:
        pool.stop()

    assert answers == [True, False, False, False]
    assert not real.outdated(made)


async def test_a_hash_with_other_parameters_is_outdated() -> None:
    """What was made more cheaply is to be made again."""
    line = Line()
    making = Deferred.fromCoroutine(passwords(line).hash("mukanda wangu"))
    line.work()
    made = await making

    assert not passwords(line).outdated(made)
    assert Argon2Passwords(*off(line)).outdated(made)


async def test_a_nobody_takes_as_long() -> None:
    """An unknown number is one verification in the line, like any other."""
    line = Line()
    checking = Deferred.fromCoroutine(passwords(line).verify(None, "guess"))

    assert len(line.waiting) == 1
    line.work()
    assert await checking is False


async def test_a_full_line_turns_away() -> None:
    """Two at work, fifty waiting; one more is asked to come back, and can later."""
    line = Line()
    crowd = passwords(line)
    most = [
        Deferred.fromCoroutine(crowd.verify(None, "guess"))
        for _ in range(THREADS + QUEUE)
    ]

    with pytest.raises(PasswordsBusy):
        await crowd.verify(None, "guess")
    with pytest.raises(PasswordsBusy):
        await crowd.hash("password")
    line.work()
    later = Deferred.fromCoroutine(crowd.hash("password"))
    line.work()

    assert await gatherResults(most) == [False] * 52
    assert (await later).startswith("$argon2id$")


async def test_a_broken_hash_is_not_a_wrong_password() -> None:
    """A row that is no hash at all is a fault of ours, and is raised as one."""
    pool = threads()
    pool.start()
    try:
        broken = Argon2Passwords(cast(IReactorFromThreads, reactor), pool, argon2=QUICK)
        with pytest.raises(InvalidHashError):
            await broken.verify("v1:plain", "plain")
    finally:
        pool.stop()
