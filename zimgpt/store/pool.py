"""The way to PostgreSQL: a fixed number of connections, and the only begin and commit.

txpostgres makes psycopg2 wait on the reactor; this module adds what it leaves out: a
bounded wait for a free connection, connections that come back after the server did,
queries that outlive a caller who went away, and one kind of error for its absence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

import psycopg2
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from txpostgres import txpostgres

from zimgpt.domain.errors import Unavailable

T = TypeVar("T")
Row: TypeAlias = tuple[Any, ...]
Params: TypeAlias = Sequence[Any] | Mapping[str, Any]

PATIENCE = 5.0  # seconds a query waits for a free connection
RETRY = 0.3  # seconds between tries to connect again

# A statement that takes longer has met a lock or a dead server; both are answered
# by trying again. The role gives up every right that the application does not need.
SETTINGS = (
    "-c role=zimgpt_app -c statement_timeout=5s -c lock_timeout=2s"
    " -c idle_in_transaction_session_timeout=10s -c client_min_messages=warning"
)

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Tx(Protocol):
    """A transaction under way."""

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Rows of one statement; empty for one that returns none."""
        ...


class Connection(txpostgres.Connection):
    """A connection that says so, instead of logging, when it dies while idle."""

    on_lost: Callable[[], None] | None = None

    def doRead(self) -> None:
        """What the reactor calls when bytes, or the end, have come."""
        try:
            super().doRead()
        except psycopg2.Error:
            if self.on_lost is not None:
                self.on_lost()


class _Line:
    """One connection, used by one caller at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        cursor = self._connection.cursor()
        try:
            await cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()

    async def rollback(self) -> None:
        try:
            await self.query("rollback")
        except psycopg2.Error:
            self.close()

    @property
    def closed(self) -> bool:
        return bool(self._connection.pollable().closed)

    def close(self) -> None:
        self._connection.close()


class Pool:
    """``size`` connections to the database at ``url``."""

    log = Logger()

    def __init__(
        self,
        reactor: IReactorTime,
        url: str,
        size: int,
        *,
        connect: Callable[[], Connection] | None = None,
    ) -> None:
        self._reactor = reactor
        self._url = url
        self._size = size
        self._connect = connect or (lambda: Connection(reactor))
        self._idle: deque[_Line] = deque()
        self._lines: set[_Line] = set()
        self._waiting: deque[Deferred[_Line]] = deque()
        self._retries: set[Any] = set()
        self._open = False

    @property
    def connected(self) -> int:
        """Connections that are up."""
        return len(self._lines)

    async def start(self) -> None:
        """Connects; what cannot yet be reached is tried again until ``close``."""
        self._open = True
        for attempt in [
            Deferred.fromCoroutine(self._dial()) for _ in range(self._size)
        ]:
            await attempt

    def close(self) -> None:
        """Ends every connection and fails who still waits for one."""
        self._open = False
        for retry in self._retries:
            retry.cancel()
        self._retries.clear()
        while self._waiting:
            self._waiting.popleft().errback(Unavailable())
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._idle.clear()

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Rows of one statement, committed on its own; raises Unavailable."""
        return await self._shielded(lambda line: line.query(sql, params))

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Runs ``work`` between begin and commit; any exception rolls back.

        No network call but to this database may happen inside.
        """

        async def inside(line: _Line) -> T:
            await line.query("begin")
            try:
                result = await work(line)
            except BaseException:
                await line.rollback()
                raise
            await line.query("commit")
            return result

        return await self._shielded(inside)

    def _shielded(self, use: Callable[[_Line], Awaitable[T]]) -> Deferred[T]:
        # PostgreSQL's protocol cannot be left in the middle: a caller that is
        # cancelled goes away alone and the statement runs to its end.
        outcome: Deferred[T] = Deferred()

        def settle(result: T | Failure) -> None:
            if not outcome.called:
                outcome.callback(result)

        Deferred.fromCoroutine(self._using(use)).addBoth(settle)
        return outcome

    async def _using(self, use: Callable[[_Line], Awaitable[T]]) -> T:
        line = self._idle.popleft() if self._idle else await self._wait()
        try:
            return await use(line)
        except LOST as error:
            line.close()
            raise Unavailable from error
        except CancelledError as error:  # txpostgres' word for a statement timeout
            raise Unavailable from error
        finally:
            self._release(line)

    def _wait(self) -> Deferred[_Line]:
        waiter: Deferred[_Line] = Deferred()
        if not self._open:
            waiter.errback(Unavailable())
            return waiter
        self._waiting.append(waiter)
        timer = self._reactor.callLater(PATIENCE, self._give_up, waiter)

        def served(result: _Line | Failure) -> _Line | Failure:
            if timer.active():
                timer.cancel()
            return result

        return waiter.addBoth(served)

    def _give_up(self, waiter: Deferred[_Line]) -> None:
        self._waiting.remove(waiter)
        waiter.errback(Unavailable())

    def _release(self, line: _Line) -> None:
        if line.closed:
            if line in self._lines:
                self._lines.discard(line)
                self._dial_later(0)
        elif self._waiting:
            self._waiting.popleft().callback(line)
        else:
            self._idle.append(line)

    async def _dial(self) -> None:
        connection = self._connect()
        try:
            await connection.connect(
                self._url, options=SETTINGS, tcp_user_timeout=10_000
            )
        except LOST as error:
            self.log.warn("database not reached: {reason}", reason=str(error).strip())
            self._dial_later(RETRY)
            return
        if not self._open:
            connection.close()
            return
        line = _Line(connection)
        self._lines.add(line)
        connection.on_lost = lambda: self._lost(line)
        self._release(line)

    def _dial_later(self, delay: float) -> None:
        if not self._open:
            return

        def dial() -> None:
            self._retries.discard(call)
            Deferred.fromCoroutine(self._dial()).addErrback(
                lambda failure: self.log.failure("dialling broke", failure)
            )

        call = self._reactor.callLater(delay, dial)
        self._retries.add(call)

    def _lost(self, line: _Line) -> None:
        if line in self._idle:  # one in use is noticed by its query
            self._idle.remove(line)
            line.close()
            self._release(line)
