"""What making documents needs of the world."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import Refusal
from zimgpt.domain.essays.briefs import Level
from zimgpt.domain.questions import Kind
from zimgpt.domain.statements import Month, Movement
from zimgpt.domain.texts import Language
from zimgpt.wire.papers.orders import Order


class DocumentsBusy(Refusal):
    """Too many documents are being made just now. Please try again in a moment."""

    code = "documents_busy"


class DocumentFailed(Refusal):
    """This document could not be made, and that was written down. Please fetch the text as Markdown (md) instead."""  # noqa: E501

    code = "document_failed"


@attrs.frozen(kw_only=True)
class Written:
    """A question and what has been written to it until now; ``level``, the number of
    ``words`` and the ``language`` are known of essays by a brief."""

    kind: Kind
    question: str
    text: str
    state: State
    asked_at: datetime
    level: Level | None = None
    words: int | None = None
    language: Language | None = None


class Library(Protocol):
    """Knows what was written; what is not the asker's is not found."""

    async def answer(self, user: UserId, answer: AnswerId) -> Written:
        """An answer of theirs; raises NotFound."""
        ...

    async def conversation(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[str, tuple[Written, ...]]:
        """The title and all turns of a conversation of theirs, oldest first; raises
        NotFound."""
        ...

    async def delivered(self, answer: AnswerId) -> Written:
        """An answer that is on its way to its asker; raises NotFound."""
        ...


class Press(Protocol):
    """Makes documents, away from the reactor."""

    async def made(self, order: Order) -> bytes:
        """The file; raises DocumentsBusy or DocumentFailed."""
        ...


class Ledger(Protocol):
    """Knows what happened to wallets."""

    async def month(
        self, user: UserId, month: Month, most: int
    ) -> tuple[int, tuple[Movement, ...]]:
        """What was in the wallet when the month began, and its movements, oldest
        first; those of a day and kind in one where there are more than ``most``."""
        ...
