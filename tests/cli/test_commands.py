"""The operator's commands, as typed."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from tests.servers.postgresql import PostgreSQL
from zimgpt.cli import main
from zimgpt.config.document import document
from zimgpt.store import migrations

PHONE = "0771 234 567"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def url(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new database, named by the environment."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    return database


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database at all."""
    monkeypatch.delenv("ZIMGPT_DATABASE_URL", raising=False)
    monkeypatch.delenv("ZIMGPT_CONFIG", raising=False)


@pytest.fixture
def person(url: str) -> None:
    """An account with 100 tokens."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("select open_account('+263771234567', 'hash', 100)")
    connection.close()


@pytest.mark.usefixtures("nowhere")
def test_help_knows_every_command(capsys: Capture) -> None:
    """`--help`, and no command at all, say which there are."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("migrate", "prices", "grant", "config-doc"))

    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().err
    assert main(["nonsense"]) == 2


def test_migrate(postgres: PostgreSQL, capsys: Capture) -> None:
    """It names what it applied, once."""
    postgres.execute("create database bare")
    bare = re.sub(r"dbname=\w+|/\w+(?=$|\?)", _bare, postgres.admin, count=1)
    try:
        assert main(["migrate", "--database-url", bare]) == 0
        first = capsys.readouterr().out.splitlines()
        assert main(["migrate", "--database-url", bare]) == 0
        again = capsys.readouterr().out
        assert main(["migrate", "--database-url", bare, "--json"]) == 0
    finally:
        postgres.execute("drop database bare with (force)")

    assert first == [f"applied {one.name}" for one in migrations.known()]
    assert again == "nothing to do: the database is up to date\n"
    assert json.loads(capsys.readouterr().out) == {"applied": []}


def _bare(found: re.Match[str]) -> str:
    return "dbname=bare" if found[0].startswith("dbname") else "/bare"


def test_migrate_refuses_a_newer_database(url: str, capsys: Capture) -> None:
    """A program that does not know the schema leaves it alone."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("insert into migrations (name) values ('9999_future.sql')")
    connection.close()

    assert main(["migrate"]) == 1
    assert capsys.readouterr().err == (
        "zimgpt: The database was migrated by a newer ZimGPT. Please upgrade this"
        " one.\n"
    )


@pytest.mark.usefixtures("nowhere")
def test_without_a_database(capsys: Capture) -> None:
    """Not being told where it is is a mistake (2); not reaching it a failure (1)."""
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err.startswith("zimgpt: database_url: expected a libpq")

    assert main(["migrate", "--database-url", "postgresql:///x?host=/nowhere"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("zimgpt: the database refused: connection to server on")
    assert said.count("\n") == 1


def test_a_database_that_was_not_prepared(
    postgres: PostgreSQL, capsys: Capture
) -> None:
    """The operator is told what to run."""
    assert main(["prices", "list", "--database-url", postgres.admin]) == 1
    assert "run `python -m zimgpt migrate` first" in capsys.readouterr().err


@pytest.mark.usefixtures("url")
def test_prices(capsys: Capture) -> None:
    """What is set is listed."""
    assert main(["prices", "list"]) == 0
    assert capsys.readouterr().out.startswith("no model has a price yet")

    assert main(["prices", "set", "tiny", "--prompt", "0", "--completion", "1500"]) == 0
    assert capsys.readouterr().out == (
        "tiny: prompt 0, completion 1500 thousandths of a token\n"
    )
    assert main(["prices", "list"]) == 0
    assert capsys.readouterr().out.startswith(
        "tiny: prompt 0, completion 1500 thousandths of a token, since 20"
    )


@pytest.mark.usefixtures("url")
def test_prices_for_programs(capsys: Capture) -> None:
    """`--json` prints objects."""
    price = {"model": "tiny", "prompt_millis": 1, "completion_millis": 2}

    assert (
        main(["prices", "set", "tiny", "--prompt", "1", "--completion", "2", "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out) == price
    assert main(["prices", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed.pop("valid_from").startswith("20")
    assert listed == price


@pytest.mark.usefixtures("url")
def test_what_models_cost_us(capsys: Capture) -> None:
    """In dollars for a million tokens, as their makers write it, to the millionth."""
    assert main(["prices", "costs"]) == 0
    assert capsys.readouterr().out.startswith("no model has a cost yet")

    said = ["--prompt", "0.075", "--completion", "12"]
    assert main(["prices", "cost", "tiny", *said, "--reason", "a letter"]) == 0
    assert capsys.readouterr().out == (
        "tiny: prompt US$0.075, completion US$12 for a million tokens\n"
    )
    assert main(["prices", "costs", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["prompt_micros"] == 75_000
    assert listed["completion_micros"] == 12_000_000


@pytest.mark.parametrize("dollars", ["-1", "1.0000001", "x", "1,5", "1e3", "²"])
def test_bad_costs(capsys: Capture, dollars: str) -> None:
    """What is no amount of dollars is told with an example of one."""
    said = ["--prompt", dollars, "--completion", "1"]
    assert main(["prices", "cost", "m", *said]) == 2
    assert "such as 0.15" in capsys.readouterr().err


@pytest.mark.parametrize("millis", ["-1", "1.5", "x", "²", "1000000001"])
def test_bad_prices(capsys: Capture, millis: str) -> None:
    """A price is a whole number in a sensible range."""
    assert main(["prices", "set", "m", "--prompt", millis, "--completion", "1"]) == 2
    assert "--prompt" in capsys.readouterr().err


def test_a_free_answer_has_no_price(capsys: Capture) -> None:
    """What a model writes costs something, so that a balance bounds it."""
    assert main(["prices", "set", "m", "--prompt", "0", "--completion", "0"]) == 2
    assert "expected 1 to" in capsys.readouterr().err


@pytest.mark.usefixtures("person")
def test_grant(capsys: Capture) -> None:
    """Tokens are given once for each key, and the number is not shown in full."""
    command = ["grant", PHONE, "50", "--reason", "sorry", "--key", "k1"]

    assert main(command) == 0
    assert capsys.readouterr().out == (
        "granted 50 tokens to …567 under key k1; the balance is 150\n"
    )
    assert main(command) == 0
    assert capsys.readouterr().out == (
        "nothing changed: a grant under key k1 was made before; the balance is 150\n"
    )


@pytest.mark.usefixtures("person")
def test_grants_without_a_key_are_different_ones(capsys: Capture) -> None:
    """Each gets a key of its own, which is printed."""
    command = ["grant", PHONE, "50", "--reason", "sorry", "--json"]

    assert main(command) == main(command) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())

    assert (first["available"], second["available"]) == (150, 200)
    assert first["key"] != second["key"]
    assert (first["new"], second["new"]) == (True, True)


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("phone", "tokens", "code", "sentence"),
    [
        ("0242 123 456", "5", 2, "zimgpt: That is not a Zimbabwean mobile number."),
        ("0771 234 567", "5", 1, "zimgpt: Nobody has signed up with that number."),
        ("0771 234 567", "0", 2, "expected 1 to 1000000000"),
        ("0771 234 567", "five", 2, "'five' is not a whole number"),
    ],
)
def test_bad_grants(
    capsys: Capture, phone: str, tokens: str, code: int, sentence: str
) -> None:
    """Each is told in a sentence."""
    assert main(["grant", phone, tokens, "--reason", "r"]) == code
    assert sentence in capsys.readouterr().err


def test_config_doc(capsys: Capture) -> None:
    """It prints the reference page."""
    assert main(["config-doc"]) == 0
    assert capsys.readouterr().out == document()


def test_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """`python -m zimgpt` is the same program, and ends with the command's code."""
    monkeypatch.setattr(sys, "argv", ["zimgpt", "config-doc"])

    with pytest.raises(SystemExit) as done:
        runpy.run_module("zimgpt", run_name="__main__")

    assert done.value.code == 0
    assert capsys.readouterr().out == document()


def test_operators_need_no_reactor() -> None:
    """Their commands do not so much as import Twisted."""
    code = (
        "import sys; from zimgpt.cli import main\n"
        "print(main(['grant', 'x', '1', '--reason', 'r']), 'twisted' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == "2 False\n"
