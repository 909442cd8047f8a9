"""The demo account."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import psycopg2
import pytest

from zimgpt.embedded import demo
from zimgpt.embedded.demo import NoDemoAccount

URL = "http://127.0.0.1:8080"


class Door:
    """The server's door for signing up, of which it remembers the passwords."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.passwords: list[object] = []

    def post(self, path: str, body: Mapping[str, object]) -> tuple[int, str]:
        """Answers with the next status."""
        assert path == "/api/v1/accounts"
        assert body["phone"] == "+263712345678"
        assert body["token"] is True
        self.passwords.append(body["password"])
        return self._statuses.pop(0), "because"


def test_the_account_stays_the_same(tmp_path: Path) -> None:
    """The second start uses the password of the first, which only its owner reads."""
    door = Door(201, 409)
    file = tmp_path / "demo.json"

    first = demo.sign_up(file, URL, door.post)
    second = demo.sign_up(file, URL, door.post)

    assert first == second
    assert first is not None
    assert [first.password] * 2 == door.passwords
    assert json.loads(file.read_text()) == {
        "url": URL,
        "phone": "+263712345678",
        "password": first.password,
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_lost_password_is_not_made_up(tmp_path: Path) -> None:
    """When the file is gone but the account is there, no wrong password is written."""
    file = tmp_path / "demo.json"

    assert demo.sign_up(file, URL, Door(409).post) is None
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "{}", "[", "[]"])
def test_a_spoiled_file_counts_as_lost(tmp_path: Path, content: str) -> None:
    """A file that holds no password is made anew."""
    file = tmp_path / "demo.json"
    file.write_text(content)

    made = demo.sign_up(file, URL, Door(201).post)

    assert made is not None
    assert json.loads(file.read_text())["password"] == made.password


def test_a_refusal_is_told(tmp_path: Path) -> None:
    """What the server answers reaches the operator."""
    with pytest.raises(NoDemoAccount) as refused:
        demo.sign_up(tmp_path / "demo.json", URL, Door(503).post)

    assert "503 because" in str(refused.value)


def test_tokens_are_given_once(database: str) -> None:
    """However often it starts, the account is given its tokens once."""
    connection = psycopg2.connect(database)
    connection.cursor().execute("select open_account('+263712345678', 'hash', 0)")

    balances = [demo.grant(connection), demo.grant(connection)]
    connection.close()

    assert balances == [demo.GRANT, demo.GRANT]
