"""Uploaded files: by id for a month or a week, at an address for five minutes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from random import Random
from typing import Final

import attrs

FROM_US: Final = 30 * 86400.0  # seconds that an upload of ours lives
FROM_THEM: Final = 7 * 86400.0
ADDRESS: Final = 300.0
LARGEST: Final = {"image": 5, "audio": 16, "video": 16, "document": 100}  # MB


@attrs.frozen
class File:
    """One file."""

    id: str
    mime: str
    name: str
    content: bytes = attrs.field(repr=False)
    until: float

    @property
    def sha256(self) -> str:
        """In base64, as webhooks have it."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def sort_of(mime: str) -> str:
    """The type of message that a file makes."""
    sort = mime.partition("/")[0]
    return sort if sort in ("image", "audio", "video") else "document"


class Files:
    """All files, and the addresses that were given out for them."""

    def __init__(self, now: Callable[[], float], dice: Random) -> None:
        self._now = now
        self._dice = dice
        self._files: dict[str, File] = {}
        self._addresses: dict[str, tuple[str, float]] = {}

    def keep(self, content: bytes, mime: str, name: str, lives: float) -> File:
        """Stores a file under a new id of digits."""
        id = str(self._dice.randrange(10**15, 10**16))
        file = File(id, mime, name, content, self._now() + lives)
        self._files[id] = file
        return file

    def get(self, id: str) -> File | None:
        """The file, while it lives."""
        file = self._files.get(id)
        return file if file is not None and self._now() < file.until else None

    def delete(self, id: str) -> None:
        """Forgets it."""
        self._files.pop(id, None)

    def address(self, file: File) -> str:
        """A new word by which its bytes can be had for five minutes."""
        word = f"{self._dice.getrandbits(96):024x}"
        self._addresses[word] = (file.id, self._now() + ADDRESS)
        return word

    def at(self, word: str) -> File | None:
        """What is at an address, until it ends."""
        id, until = self._addresses.get(word, ("", 0.0))
        return self.get(id) if self._now() < until else None
