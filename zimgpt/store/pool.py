"""The way to PostgreSQL: a fixed number of connections, and the only begin and commit.

txpostgres makes psycopg2 wait on the reactor; this module adds what it leaves out: a
bounded wait for a free connection, connections that come back after the server did,
queries that outlive a caller who went away, and one kind of error for its absence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from psycopg2.errors import CheckViolation
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from zimgpt.domain.accounts import Banned
from zimgpt.domain.errors import Unavailable
from zimgpt.store.line import LOST, Connection, Line, Params, Row, passing

__all__ = ["Params", "Pool", "Row", "Tx"]

T = TypeVar("T")

PATIENCE = 5.0  # seconds a query waits for a free connection
LONGEST = 8.0  # seconds after which a server that does not answer is given up
RETRY = 0.3  # seconds between tries to connect again
NOT_BANNED = "users_not_banned"

# A statement that takes longer has met a lock or a dead server; both are answered
# by trying again. The role gives up every right that the application does not need.
SETTINGS = (
    "-c role=zimgpt_app -c statement_timeout=5s -c lock_timeout=2s"
    " -c idle_in_transaction_session_timeout=10s -c client_min_messages=warning"
)


class Tx(Protocol):
    """A transaction under way."""

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Rows of one statement; empty for one that returns none."""
        ...


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
        self._idle: deque[Line] = deque()
        self._lines: set[Line] = set()
        self._waiting: deque[Deferred[Line]] = deque()
        self._dialling: set[Connection] = set()
        self._retries: set[IDelayedCall] = set()
        self._open = False
        self._away = False

    @property
    def connected(self) -> int:
        """Connections that are up."""
        return len(self._lines)

    @property
    def size(self) -> int:
        """How many there should be."""
        return self._size

    @property
    def idle(self) -> int:
        """Those that nobody uses just now."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """Callers that wait for one."""
        return len(self._waiting)

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
        # Whoever used one of these is told now, and may well ask at once for another.
        lines, self._lines = self._lines, set()
        self._idle.clear()
        for connection in tuple(self._dialling):
            connection.abandon()
        for line in lines:
            line.close()
        while self._waiting:
            self._waiting.popleft().errback(Unavailable())

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Rows of one statement, committed on its own; raises Unavailable."""
        return await self._shielded(lambda line: line.query(sql, params))

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Runs ``work`` between begin and commit; any exception rolls back.

        No network call but to this database may happen inside.
        """

        async def inside(line: Line) -> T:
            await line.query("begin")
            try:
                result = await work(line)
                await line.commit()
            except BaseException:
                if not line.closed:
                    await line.rollback()
                raise
            return result

        return await self._shielded(inside)

    def _shielded(self, use: Callable[[Line], Awaitable[T]]) -> Deferred[T]:
        # PostgreSQL's protocol cannot be left in the middle: a caller that is
        # cancelled goes away alone and the statement runs to its end.
        outcome: Deferred[T] = Deferred()

        def settle(result: T | Failure) -> None:
            if not outcome.called:
                outcome.callback(result)

        Deferred.fromCoroutine(self._using(use)).addBoth(settle)
        return outcome

    async def _using(self, use: Callable[[Line], Awaitable[T]]) -> T:
        line = self._idle.popleft() if self._idle else await self._wait()
        # A frozen server or a lost network says nothing at all: neither
        # statement_timeout nor TCP ends such a wait.
        frozen = self._reactor.callLater(LONGEST, line.close)
        try:
            return await use(line)
        except LOST as error:
            if not passing(error):
                line.close()
            raise Unavailable from error
        except CancelledError as error:  # txpostgres' word for a statement timeout
            raise Unavailable from error
        except CheckViolation as error:  # whatever the banned were about to do
            if error.diag.constraint_name == NOT_BANNED:
                raise Banned from error
            raise
        finally:
            _cancel(frozen)
            self._release(line)

    def _wait(self) -> Deferred[Line]:
        waiter: Deferred[Line] = Deferred()
        if not self._open:
            waiter.errback(Unavailable())
            return waiter
        self._waiting.append(waiter)
        timer = self._reactor.callLater(PATIENCE, self._give_up, waiter)

        def served(result: Line | Failure) -> Line | Failure:
            _cancel(timer)
            return result

        return waiter.addBoth(served)

    def _give_up(self, waiter: Deferred[Line]) -> None:
        self._waiting.remove(waiter)
        waiter.errback(Unavailable())

    def _release(self, line: Line) -> None:
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
        self._dialling.add(connection)
        # libpq's connect_timeout does not count while the reactor waits.
        silent = self._reactor.callLater(PATIENCE, connection.abandon)
        try:
            await connection.connect(
                self._url, options=SETTINGS, tcp_user_timeout=10_000
            )
        except LOST as error:
            self._missed(error)
            self._dial_later(RETRY)
            return
        finally:
            self._dialling.discard(connection)
            _cancel(silent)
        if not self._open:
            connection.close()
            return
        self._reached()
        line = Line(connection)
        self._lines.add(line)
        connection.on_lost = lambda: self._lost(line)
        self._release(line)

    def _missed(self, error: Exception) -> None:
        if self._open and not self._away:  # once an outage, not once a try
            self._away = True
            silent = isinstance(error, ConnectionDone)
            reason = "it does not answer" if silent else str(error).strip()
            self.log.warn("database not reached: {reason}", reason=reason)

    def _reached(self) -> None:
        if self._away:
            self._away = False
            self.log.info("database reached again")

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

    def _lost(self, line: Line) -> None:
        if line in self._idle:  # one in use is noticed by its query
            self._idle.remove(line)
            line.close()
            self._release(line)


def _cancel(timer: IDelayedCall) -> None:
    if timer.active():
        timer.cancel()
