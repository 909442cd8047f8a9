"""One connection to PostgreSQL: one caller at a time, and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReactorTime
from txpostgres import txpostgres

Row: TypeAlias = tuple[Any, ...]
Params: TypeAlias = Sequence[Any] | Mapping[str, Any]

# ConnectionDone is txpostgres' word for a query whose connection we closed ourselves.
LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, ConnectionDone)

# Classes of errors that are about the moment and leave the connection whole: full,
# a deadlock, a lock not had in time.
PASSING = ("53", "40", "55")


def passing(error: BaseException) -> bool:
    """Whether the connection may be used again after this error."""
    return (getattr(error, "pgcode", None) or "").startswith(PASSING)


class Connection(txpostgres.Connection):
    """A connection that says so, instead of logging, when it dies while idle."""

    on_lost: Callable[[], None]
    """Set by its pool as soon as the connection is made."""

    def __init__(self, reactor: IReactorTime) -> None:
        super().__init__(reactor)

    def doRead(self) -> None:
        """What the reactor calls when bytes, or the end, have come."""
        try:
            super().doRead()
        except (psycopg2.Error, ValueError):  # ValueError: libpq has closed the socket
            self.on_lost()

    def abandon(self) -> None:
        """Ends it if it is still being made."""
        if self._pollingD is not None:
            self.close()


class Line:
    """A connection in use; the pool gives it to one caller at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Rows of one statement; empty for one that returns none."""
        cursor = self._connection.cursor()
        try:
            await cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()

    async def commit(self) -> None:
        """Commits; what a failed statement has spoiled is an error, not a commit."""
        if self._connection.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            raise psycopg2.errors.InFailedSqlTransaction("a failure was overlooked")
        await self.query("commit")

    async def rollback(self) -> None:
        """Rolls back, or closes what cannot be."""
        try:
            await self.query("rollback")
        except (psycopg2.Error, ConnectionDone, CancelledError):
            self.close()

    @property
    def closed(self) -> bool:
        """By us, or by a server that is known to be gone."""
        return bool(self._connection.pollable().closed)

    def close(self) -> None:
        """Ends it; a query under way fails with ConnectionDone."""
        self._connection.close()
