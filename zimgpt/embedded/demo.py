"""An account to try everything with: its number, its password, its tokens."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain import phones
from zimgpt.domain.ledger import Tokens
from zimgpt.embedded.errors import CannotRun
from zimgpt.embedded.private_files import keep
from zimgpt.store import operator

PHONE = phones.parse("071 234 5678")  # the numbering plan's own example
GRANT = Tokens(1_000_000)

Post = Callable[[str, Mapping[str, object]], tuple[int, str]]


class NoDemoAccount(CannotRun):
    """The demo account could not be made."""


@attrs.frozen
class Demo:
    """What signs in to it."""

    url: str
    phone: str
    password: str = attrs.field(repr=False)


def sign_up(file: Path, url: str, post: Post) -> Demo | None:
    """The demo account, made at the first start through the server's own door.

    Its password is written to the file before the account is made, so that it is not
    lost between; only the file's owner can read it. None if the file is gone and the
    account is there: nobody knows its password any more.
    """
    remembered = _remembered(file)
    demo = Demo(url, PHONE, remembered or secrets.token_urlsafe(9))
    keep(file, attrs.asdict(demo))
    asked = {"phone": demo.phone, "password": demo.password}
    # A program is known by asking for a token; a browser would show its origin.
    status, said = post(
        "/api/v1/accounts", {**asked, "token": True, "client": "zimgpt run"}
    )
    if status == 409 and remembered is None:
        file.unlink()
        return None
    if status not in (201, 409):  # 409: it was made at an earlier start
        raise NoDemoAccount(f"The demo account could not be made: {status} {said}")
    return demo


def grant(connection: Connection) -> Tokens:
    """Gives it its tokens, once; returns the balance."""
    granted = operator.grant(
        connection, PHONE, GRANT, key="demo", reason="tokens to try ZimGPT with"
    )
    return granted.available


def _remembered(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_text())["password"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
