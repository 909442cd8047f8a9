"""A dump that was restored is the same database, and its books are in order."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.store.clerk import Clerk
from zimgpt.embedded.postgres import find_programs
from zimgpt.store.invariants import violations

DEPLOY = Path(__file__).parents[2] / "deploy"
TABLES = ("users", "transfers", "entries", "answers", "reservations", "jobs", "prices")


@pytest.fixture
def tools(database: str) -> dict[str, str]:
    """The environment in which PostgreSQL's own programs find the tests' server."""
    url = urlsplit(database)
    return {
        "PATH": f"{find_programs()}:/usr/bin:/bin",
        "PGHOST": unquote(url.query.removeprefix("host=")),
        "PGUSER": url.username or "",
        "ZIMGPT_BACKUP_DATABASE": url.path.removeprefix("/"),
        "ZIMGPT_BACKUP_KEEP": "2",
    }


def run(tools: dict[str, str], script: str, *words: str) -> tuple[int, str]:
    """One of our scripts; its status and what it said."""
    done = subprocess.run(
        [str(DEPLOY / script), *words],
        env=tools,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def counted(url: str) -> dict[str, int]:
    """Rows of the tables that matter, and what people have."""
    with Clerk(url, superuser=True) as owner:
        rows = {one: owner.value(f"select count(*) from {one}") for one in TABLES}
        return rows | {"balances": owner.value("select sum(balance) from accounts")}


def restored(database: str) -> str:
    """The URL of the new one beside it."""
    return re.sub(r"/(\w+)\?", r"/\1_restored?", database)


def test_a_restored_database_is_the_same(
    database: str, tools: dict[str, str], tmp_path: Path
) -> None:
    """Everything is there, every invariant holds, and the server can work with it."""
    with Clerk(database, superuser=True) as owner:
        user = owner.person(1000)
        owner.answered(user)
        owner.ask(user)
    other = restored(database)
    name = urlsplit(other).path.removeprefix("/")

    status, dump = run(tools, "backup", str(tmp_path))
    assert status == 0, dump
    status, said = run(tools, "restore", dump, name, tools["PGUSER"])
    try:
        assert status == 0, said
        assert "1 people, 4 transfers" in said
        assert counted(other) == counted(database)
        assert violations(other) == []
        with Clerk(other) as clerk:  # as zimgpt_app
            assert clerk.wallet(user) == (860, 100)
            clerk.ask(user)
        status, said = run(tools, "restore", dump, name, tools["PGUSER"])
        assert (status, "is there already" in said) == (1, True)
        assert counted(other)["answers"] == 3
    finally:
        with Clerk(database, superuser=True) as owner:
            owner.rows(f"drop database {name} with (force)")


def test_half_a_dump_is_none(
    database: str, tools: dict[str, str], tmp_path: Path
) -> None:
    """It is refused, and leaves no database behind."""
    status, dump = run(tools, "backup", str(tmp_path))
    assert status == 0, dump
    whole = Path(dump).read_bytes()
    Path(dump).write_bytes(whole[:-64])
    name = urlsplit(restored(database)).path.removeprefix("/")

    status, said = run(tools, "restore", dump, name, tools["PGUSER"])

    assert status != 0
    assert "nothing was restored" in said, said
    with Clerk(database, superuser=True) as owner:
        known = owner.rows("select 1 from pg_database where datname = %s", name)
    assert known == []


def test_dumps_that_fail_replace_nothing(tools: dict[str, str], tmp_path: Path) -> None:
    """The newest are kept, half ones are not, and a copy that fails is said."""
    for day in ("01", "02", "03"):
        (tmp_path / f"zimgpt-202601{day}T000000Z.dump").touch()

    status, _ = run(tools | {"ZIMGPT_BACKUP_DATABASE": "none"}, "backup", str(tmp_path))
    assert status != 0
    assert len([*tmp_path.iterdir()]) == 3

    status, _ = run(tools | {"ZIMGPT_BACKUP_COPY": "false"}, "backup", str(tmp_path))
    assert status != 0
    assert len([*tmp_path.iterdir()]) == 4  # old ones wait for a copy that works

    (kept,) = sorted(tmp_path.iterdir())[3:]
    kept.unlink()
    status, dump = run(tools, "backup", str(tmp_path))
    assert status == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "zimgpt-20260103T000000Z.dump",
        Path(dump).name,
    ]
