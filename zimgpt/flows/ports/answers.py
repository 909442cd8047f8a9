"""Answers and conversations as their owners read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports.drafts import Piece


@attrs.frozen
class End:
    """How an answer ended, as its readers are told."""

    answer: AnswerId
    epoch: int
    last_seq: int
    state: State
    finish: Finish
    cost: Tokens
    hold: Tokens
    available: Tokens
    words: int | None = None
    """Of an essay by a brief."""
    memory: Tokens | None = None
    """What of the cost went into what the chat remembers."""


@attrs.frozen
class Reading:
    """An answer as stored: what comes after a reader's position."""

    answer: AnswerId
    conversation: ConversationId
    kind: Kind
    question: str
    epoch: int
    last_seq: int
    state: State
    writer: str
    """The node that writes it now; '' if none."""
    pieces: tuple[Piece, ...]
    """Of this epoch, after the reader's seq, or from the start if the epoch differs."""
    end: End | None


@attrs.frozen
class Progress:
    """How far an answer is; for noticing that live frames were missed."""

    answer: AnswerId
    epoch: int
    last_seq: int
    ended: bool
    writer: str


class Answers(Protocol):
    """Answers as their owners read them."""

    async def read(
        self, user: UserId, answer: AnswerId, epoch: int, seq: int
    ) -> Reading:
        """Raises NotFound for what is not theirs."""
        ...

    async def progress(self, answers: Collection[AnswerId]) -> tuple[Progress, ...]:
        """How far these are."""
        ...


@attrs.frozen
class ConversationInfo:
    """One line of a person's list of conversations."""

    id: ConversationId
    kind: Kind
    title: str
    updated_at: datetime


@attrs.frozen
class TurnInfo:
    """One turn as a person sees it again."""

    answer: AnswerId
    question: str
    text: str
    state: State
    finish: Finish | None
    cost: Tokens
    asked_at: datetime
    replaces: AnswerId | None = None
    """The turn that was asked anew by it."""


class Conversations(Protocol):
    """A person's conversations; every method raises NotFound for another's."""

    async def list(
        self, user: UserId, *, search: str, before: ConversationId | None, limit: int
    ) -> tuple[ConversationInfo, ...]:
        """Latest first; ``search`` looks in titles, questions and answers."""
        ...

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,
        limit: int,
        replaced_by: AnswerId | None = None,
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """Latest turns before one and after another, oldest first: those that were not
        replaced, or those whose place that answer took; without ``texts`` as if
        nothing had been written. Raises TurnReplaced if ``after`` was."""
        ...

    async def info(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[ConversationInfo, str | None]:
        """Its line in the list, and its memory, if there is one."""
        ...

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> None:
        """Gives it another title."""
        ...

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Hides it at once; its words are erased soon after.

        Returns the answers that are still being written.
        """
        ...
