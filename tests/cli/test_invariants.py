"""``python -m zimgpt invariants``."""

from __future__ import annotations

import json

import psycopg2
import pytest

from zimgpt.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def url(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new database, named by the environment."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    return database


def waits(url: str) -> None:
    """Something has arrived that nobody has looked at."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into inbox (source, dedup_key, body) values ('paynow', 'k', '')"
        )
    connection.close()


def test_all_is_well(url: str, capsys: Capture) -> None:
    """A sound database is said to be, and the exit code is 0."""
    waits(url)

    assert main(["invariants"]) == 0

    assert capsys.readouterr().out.endswith("invariants hold\n")


def test_something_is_broken(url: str, capsys: Capture) -> None:
    """Each violation is a line, and the exit code is 1."""
    waits(url)

    assert main(["invariants", "--at-rest"]) == 1

    assert capsys.readouterr().out == "arrival without an outcome: 1\n"


def test_for_programs(url: str, capsys: Capture) -> None:
    """With --json they are a list of objects."""
    waits(url)

    assert main(["invariants", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["invariants", "--json", "--at-rest"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {"broken": "arrival without an outcome", "by": "1"}
    ]
