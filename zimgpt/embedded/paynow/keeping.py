"""What outlives the process: every payment, with what is still to become of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import attrs
import msgspec

from zimgpt.embedded.paynow.transactions import Transaction


class Shelf(Protocol):
    """Where payments are kept."""

    def save(self, transaction: Transaction) -> None:
        """Keeps it as it stands."""
        ...

    def load(self) -> list[Transaction]:
        """All of them, oldest first."""
        ...


class Nowhere:
    """For tests: nothing outlives them."""

    def save(self, transaction: Transaction) -> None:
        """Keeps nothing."""

    def load(self) -> list[Transaction]:
        """There is nothing."""
        return []


@attrs.frozen
class File:
    """One SQLite file; each change is written before anybody is told of it."""

    _connection: sqlite3.Connection

    @classmethod
    def open(cls, path: Path) -> File:
        """The file, made if it is not there."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        connection.execute(
            "pragma synchronous = normal"
        )  # a crash of ours loses nothing
        connection.execute(
            "create table if not exists transactions"
            " (number integer primary key, body blob not null)"
        )
        return cls(connection)

    def save(self, transaction: Transaction) -> None:
        """Keeps it as it stands."""
        self._connection.execute(
            "insert into transactions values (?, ?)"
            " on conflict (number) do update set body = excluded.body",
            (transaction.number, msgspec.json.encode(transaction)),
        )

    def load(self) -> list[Transaction]:
        """All of them, oldest first."""
        rows = self._connection.execute("select body from transactions order by number")
        return [msgspec.json.decode(body, type=Transaction) for (body,) in rows]

    def close(self) -> None:
        """Ends it."""
        self._connection.close()
