"""What people have chosen, and how they are known on WhatsApp."""

from __future__ import annotations

from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language


@attrs.frozen
class Preferences:
    """Of one person."""

    answer_language: Language | None
    """None: each answer is in the language of its question."""
    whatsapp: bool
    """Whether somebody on WhatsApp asks from this wallet."""
    whatsapp_number: Phone | None
    """Their number, where WhatsApp has told it."""


class Chosen(Protocol):
    """Keeps what people choose."""

    async def read(self, user: UserId) -> Preferences:
        """What holds for this person now."""
        ...

    async def answer_in(self, user: UserId, language: Language | None) -> None:
        """From now on their answers are written in this language."""
        ...
