"""A private PostgreSQL for tests, drills and measurements.

    with PostgreSQL() as server:
        with server.database() as url: ...

It is the program's own embedded server, in a temporary folder, without the waits that
make data survive a power cut; `durable=True` keeps those, for measurements.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg2

from zimgpt.embedded.postgres import FAST, IMMEDIATE, Postgres, find_programs
from zimgpt.store import migrations

# Commits still reach the kernel, so they survive a crash of the server alone.
HASTY = {"fsync": "off", "full_page_writes": "off"}
TEMPLATE = "migrated"


class PostgreSQL:
    """A server that runs from ``with`` to its end; it may be restarted within."""

    def __init__(self, *, durable: bool = False) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="zimgpt-pg-"))
        self._place.chmod(0o755)  # the server may run as another user
        self._names = (f"test{number}" for number in count(1))
        self._migrated = False
        self._server = Postgres(
            self._place / "data",
            log=self._place / "log",
            programs=find_programs(),
            settings={} if durable else HASTY,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop(IMMEDIATE)
        shutil.rmtree(self._place)

    @property
    def admin(self) -> str:
        """The URL of an empty database, for its superuser."""
        return self._server.url()

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._server.child.process.pid

    def start(self) -> None:
        """Returns when it answers."""
        self._server.start()

    def stop(self, *, immediate: bool = False) -> None:
        """Ends it; `immediate` as a crash would, without writing anything down."""
        self._server.stop(IMMEDIATE if immediate else FAST)

    def restart(self, *, immediate: bool = False) -> None:
        """Ends it, drops every connection, and starts it again."""
        self.stop(immediate=immediate)
        self.start()

    def execute(self, statement: str) -> None:
        """Runs one statement as superuser, outside a transaction."""
        connection = psycopg2.connect(self.admin)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, migrated database, which is dropped afterwards."""
        if not self._migrated:
            self.execute(f"drop database if exists {TEMPLATE}")
            self.execute(f"create database {TEMPLATE}")
            migrations.migrate(self._server.url(TEMPLATE))
            self._migrated = True
        name = next(self._names)
        # Not by PostgreSQL's quicker way, whose sequences repeat themselves after a
        # crash: their pages are copied with numbers that only the template has logged.
        self.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        try:
            yield self._server.url(name)
        finally:
            self.execute(f"drop database if exists {name} with (force)")
