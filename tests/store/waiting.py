"""Waiting for what a pool does, in real time and in time of our own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from zimgpt.store.line import Connection
from zimgpt.store.pool import Pool

ADD = "insert into notes (text) values (%s)"
SLOW = "select pg_sleep(30)"
MINE = "select pg_backend_pid()"


def task(work: Awaitable[Any]) -> Deferred[Any]:
    """Begins something that goes on by itself."""

    async def run() -> object:
        return await work

    return Deferred.fromCoroutine(run())


async def until(happened: Callable[[], object], seconds: float = 40.0) -> None:
    """Waits for the real world."""
    for _ in range(int(seconds / 0.01)):
        if happened():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("it did not happen")


async def opened(url: str, size: int, clock: Clock | None = None) -> Pool:
    """A pool whose connections are real, and whose time may not be."""
    pool = Pool(clock or reactor, url, size, connect=lambda: Connection(reactor))
    await pool.start()
    return pool
