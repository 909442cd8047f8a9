"""Operators' work on the reactor's side: each piece in a thread, in a transaction.

What operators do is written once, for the command line, and waits for PostgreSQL in the
ordinary way. So it must not run on the reactor's thread. There are few operators: a
connection for each piece is cheap, and none lies idle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports.back_office import DeskBusy

T = TypeVar("T")

THREADS: Final = 2
QUEUE: Final = 20
"""Pieces that may wait for a thread."""
SETTINGS: Final = (
    "-c role=zimgpt_app -c statement_timeout=15s -c lock_timeout=2s"
    " -c idle_in_transaction_session_timeout=20s -c client_min_messages=warning"
)


def threads() -> ThreadPool:
    """Threads for operators alone; whoever makes them starts and stops them."""
    return ThreadPool(minthreads=0, maxthreads=THREADS, name="operators")


class Deskwork:
    """Does pieces of work, a few at once."""

    def __init__(
        self, reactor: IReactorFromThreads, threads: ThreadPool, url: str
    ) -> None:
        self._reactor = reactor
        self._threads = threads
        self._url = url
        self._under_way = 0

    async def do(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, committed; whatever it raises rolls back.

        Raises DeskBusy, or Unavailable if the database is not there or takes too long.
        """
        if self._under_way >= THREADS + QUEUE:
            raise DeskBusy
        self._under_way += 1
        try:
            done: Deferred[T] = deferToThreadPool(
                self._reactor, self._threads, self._piece, work
            )
            return await done
        except psycopg2.OperationalError as error:  # also locks and slow statements
            raise Unavailable from error
        finally:
            self._under_way -= 1

    def _piece(self, work: Callable[[Connection], T]) -> T:
        connection = psycopg2.connect(
            self._url, options=SETTINGS, connect_timeout=5, tcp_user_timeout=10_000
        )
        try:
            with connection:
                return work(connection)
        finally:
            connection.close()
