"""Secrets of operators' phones at rest: what is stored is of no use without a key.

Fernet (AES-128-CBC with HMAC-SHA256), by several keys: the first seals, all of them
open. An owner's name is sealed in, so that one's secret opens in no other's place.
"""

from __future__ import annotations

from typing import Final, Self

import attrs
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from zimgpt.domain.operators import CodesUnreadable

SEALED: Final = "gAAAAA"
"""How Fernet's tokens begin, and no secret in clear, which has no small letters."""


def new_key() -> str:
    """A key that nobody has yet."""
    return Fernet.generate_key().decode()


@attrs.frozen
class Sealing:
    """The keys, the one in use first; with none, nothing is sealed or opened."""

    _keys: tuple[Fernet, ...] = attrs.field(default=(), repr=False)

    @classmethod
    def of(cls, keys: str | None) -> Self:
        """Those of ``operators_key``, with commas between them."""
        return cls(tuple(Fernet(key) for key in keys.split(",")) if keys else ())

    def sealed(self, name: str, secret: str) -> str:
        """As it is kept; raises CodesUnreadable without a key."""
        if not self._keys:
            raise CodesUnreadable
        return self._keys[0].encrypt(f"{name} {secret}".encode()).decode()

    def opened(self, name: str, kept: str) -> str:
        """The secret; one that is kept in clear as it is. Raises CodesUnreadable."""
        if not kept.startswith(SEALED):
            return kept
        if not self._keys:
            raise CodesUnreadable
        try:
            held = MultiFernet(self._keys).decrypt(kept).decode()
        except InvalidToken:
            raise CodesUnreadable from None
        owner, _, secret = held.partition(" ")
        if owner != name:
            raise CodesUnreadable
        return secret

    def current(self, kept: str) -> bool:
        """Whether it is sealed, and by the key in use."""
        if not kept.startswith(SEALED) or not self._keys:
            return False
        try:
            self._keys[0].decrypt(kept)
        except InvalidToken:
            return False
        return True
