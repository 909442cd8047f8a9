"""``operators``, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from psycopg2.errors import InsufficientPrivilege

from tests.store.clerk import Clerk
from zimgpt.cli import main
from zimgpt.store.passwords import hasher
from zimgpt.store.sealing import Sealing, new_key

Capture = pytest.CaptureFixture[str]
PASSWORD = "four words of nobody"
KEY, OTHER = new_key(), new_key()
BY = ["--by", "the chief", "--reason", "she begins on Monday"]


@pytest.fixture
def owner(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """A new database, named by the environment."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    monkeypatch.setenv("ZIMGPT_OPERATORS_KEY", KEY)
    with Clerk(database, superuser=True) as owner:
        yield owner


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file with a password in it."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return str(path)


def add(file: str, *more: str) -> int:
    """Makes an operator."""
    words = ["operators", "add", "tariro", "--password-file", file, *BY, *more]
    return main(words)


def kept(owner: Clerk, keys: str = KEY) -> tuple[str, str]:
    """Password hash and secret of the one, which is sealed."""
    hashed, secret = owner.row("select password_hash, totp_secret from operators")
    assert Sealing.of(keys).current(secret)
    return hashed, Sealing.of(keys).opened("tariro", secret)


def test_an_operator_is_made(owner: Clerk, file: str, capsys: Capture) -> None:
    """The phone's secret is shown this once, as a picture, an address and letters."""
    assert add(file) == 0

    said = capsys.readouterr().out
    hashed, secret = kept(owner)
    [address] = [line for line in said.splitlines() if line.startswith("otpauth://")]
    assert parse_qs(urlsplit(address).query)["secret"] == [secret]
    assert "▀" in said
    assert secret in said.replace(" ", "")
    assert PASSWORD not in said
    assert hasher().verify(hashed, PASSWORD)
    acts = "select who, act, subject, reason from operator_acts"
    assert owner.rows(acts) == [
        ("the chief", "add_operator", "operator tariro", "she begins on Monday")
    ]


def test_a_list_of_them(owner: Clerk, file: str, capsys: Capture) -> None:
    """Who there is, and who is out; no secrets."""
    assert main(["operators", "list"]) == 0
    assert capsys.readouterr().out == "there are no operators yet\n"
    add(file, "--json")
    made = json.loads(capsys.readouterr().out)
    assert [*made] == ["name", "uri", "secret"]

    assert main(["operators", "list"]) == 0
    assert main(["operators", "list", "--json"]) == 0
    said = capsys.readouterr().out
    assert made["secret"] not in said
    heading, line, rows = said.splitlines()
    assert heading.split()[0] == "NAME"
    assert line.split()[0] == "tariro"
    assert line.endswith("active")
    assert json.loads(rows)[0]["name"] == "tariro"
    owner.rows("update operators set locked_until = now() + interval '1 minute'")
    main(["operators", "list"])
    assert "locked for some minutes" in capsys.readouterr().out


def test_a_lost_phone(owner: Clerk, file: str, tmp_path: Path) -> None:
    """Another secret, no session, no lock; the password stays unless it is given."""
    add(file)
    hashed, secret = kept(owner)
    owner.rows(
        "insert into operator_sessions"
        " (id, operator_id, token_digest, client, proved, expires_at)"
        " select gen_random_uuid(), id, decode(repeat('00', 32), 'hex'), '', true,"
        " now() + interval '1 hour' from operators"
    )
    owner.rows("update operators set failures = 9, totp_step = 9, locked_until = now()")

    assert main(["operators", "reset", "tariro", *BY]) == 0

    assert owner.value("select count(*) from operator_sessions") == 0
    assert owner.row("select failures, totp_step, locked_until from operators") == (
        *(0, 0),
        None,
    )
    assert kept(owner)[0] == hashed
    assert kept(owner)[1] != secret
    other = tmp_path / "other"
    other.write_text("five words of nobody else")
    again = ["operators", "reset", "tariro", "--password-file", str(other), *BY]
    assert main(again) == 0
    assert hasher().verify(kept(owner)[0], "five words of nobody else")


def test_somebody_leaves(owner: Clerk, file: str, capsys: Capture) -> None:
    """With a reason; a reset lets them in again."""
    add(file)
    assert main(["operators", "disable", "tariro"]) == 2
    assert main(["operators", "disable", "tariro", *BY]) == 0
    assert owner.value("select disabled_at is not null from operators")
    main(["operators", "list"])
    assert "disabled 20" in capsys.readouterr().out
    assert main(["operators", "reset", "tariro", "--json", *BY]) == 0
    assert owner.value("select disabled_at is null from operators")
    assert main(["operators", "disable", "tariro", "--json", *BY]) == 0
    acts = owner.rows("select act from operator_acts order by id")
    assert [act for (act,) in acts] == [
        *("add_operator", "disable_operator", "reset_operator", "disable_operator")
    ]


def test_secrets_are_sealed_anew(
    owner: Clerk, file: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What was kept in clear, and what an older key has sealed; once is enough."""
    add(file)
    _, secret = kept(owner)
    owner.rows("update operators set totp_secret = %s", secret)
    assert main(["operators", "seal", "--by", "the chief"]) == 0
    assert kept(owner)[1] == secret

    monkeypatch.setenv("ZIMGPT_OPERATORS_KEY", f"{OTHER},{KEY}")
    assert main(["operators", "seal", "--json", *BY]) == 0
    assert kept(owner, OTHER)[1] == secret
    capsys.readouterr()
    assert main(["operators", "seal", "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"sealed": 0, "unreadable": []}
    acts = owner.rows("select who, act, subject from operator_acts order by id")
    assert acts[1:] == [("the chief", "seal_operator", "operator tariro")] * 2


def test_a_lost_key(
    owner: Clerk, file: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Who cannot be read is named, the others are sealed, and a reset helps."""
    add(file)
    monkeypatch.setenv("ZIMGPT_OPERATORS_KEY", OTHER)
    owner.rows(
        "insert into operators (name, password_hash, totp_secret)"
        " values ('zodwa', 'a hash', repeat('A', 32))"
    )

    assert main(["operators", "seal"]) == 1
    said = capsys.readouterr()
    assert "1 sealed anew" in said.out
    assert "no key of operators_key opens the secret of tariro" in said.err
    assert main(["operators", "reset", "tariro", *BY]) == 0
    assert main(["operators", "seal"]) == 0


def test_no_key(
    owner: Clerk, file: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Nobody is made whose secret could not be sealed; a key is easily had."""
    monkeypatch.delenv("ZIMGPT_OPERATORS_KEY")
    assert add(file) == 2
    assert (
        "operators_key: expected keys as `zimgpt operators" in capsys.readouterr().err
    )
    assert owner.value("select count(*) from operators") == 0

    assert main(["operators", "key"]) == 0
    monkeypatch.setenv("ZIMGPT_OPERATORS_KEY", capsys.readouterr().out.strip())
    assert add(file) == 0


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["add", "Tariro"], 2, "small letters"),
        (["add", "tariro"], 2, "give the password with --password-file"),
        (["add", "tariro", "--password-file", "/nowhere"], 2, "--password-file: "),
        (["reset", "nobody", *BY], 1, "no operator of that name"),
        (["disable", "nobody", *BY], 1, "no operator of that name"),
    ],
)
def test_mistakes(words: list[str], code: int, sentence: str, capsys: Capture) -> None:
    """Each is told in a sentence."""
    assert main(["operators", *words]) == code
    assert sentence in capsys.readouterr().err


def test_more_mistakes(owner: Clerk, file: str, capsys: Capture) -> None:
    """A name that is taken, and a password that is no good, change nothing."""
    add(file)
    before = kept(owner)
    assert add(file) == 1
    assert "There is an operator of that name" in capsys.readouterr().err
    Path(file).write_text("short")
    again = ["operators", "reset", "tariro", "--password-file", file, *BY]
    assert main(again) == 2
    assert "12 to 128 characters" in capsys.readouterr().err
    assert kept(owner) == before


@pytest.mark.parametrize("table", ["operators", "operator_sessions"])
def test_the_application_reads_no_secrets(database: str, table: str) -> None:
    """Whatever a query of its was made to say."""
    with Clerk(database) as clerk, pytest.raises(InsufficientPrivilege):
        clerk.rows(f"select * from {table}")
