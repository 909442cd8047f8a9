"""Files that become words: who reads them, and who pays for that."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.ledger import Tokens


class Sense(StrEnum):
    """What a file is read by, where that costs something."""

    VOICE = "voice"
    PICTURE = "picture"


class NotRead(Exception):  # noqa: N818 - named for what happened
    """A model could not be asked, or made nothing of the file; the reason is for the
    log."""


class Reader(Protocol):
    """A model that listens, or one that looks."""

    async def words(self, content: bytes, mime: str) -> str:
        """What it heard or saw, or nothing; raises NotRead."""
        ...


class Documents(Protocol):
    """Reads documents, without a model."""

    async def text(self, content: bytes) -> str | Unreadable:
        """The words of a file, or why there are none."""
        ...


class Readings(Protocol):
    """What reading cost, and what was read. Each file has a key of its own."""

    async def kept(self, key: str) -> str | None:
        """What was read before."""
        ...

    async def charge(
        self, user: UserId, key: str, sense: Sense, tokens: Tokens
    ) -> bool:
        """Pays, once; False if the balance does not cover it."""
        ...

    async def keep(self, key: str, text: str) -> str | None:
        """Keeps the words, and returns those that count: whoever came first. None: they
        came so late that they were given back."""
        ...

    async def give_back(self, key: str) -> None:
        """It could not be read, so it cost nothing."""
        ...
