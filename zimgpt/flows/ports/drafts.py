"""Attempts under a lease, and the text that they write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending
from zimgpt.domain.conversations import AnswerId, ConversationId, Remembered
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.questions import Kind, Message
from zimgpt.domain.texts import Language


@attrs.frozen
class Claim:
    """A job taken for one attempt; ``attempt`` is the answer's epoch."""

    job: str
    attempt: int
    answer: AnswerId
    user: UserId
    kind: Kind
    question: str
    conversation: ConversationId
    window_from: AnswerId | None
    prices: tuple[Price, ...]
    """Of every model that may answer, as they were when it was asked."""
    prompt_estimate: int
    max_tokens: int
    hold: Tokens
    stop_requested: bool
    origin: str
    brief: Brief | None = None
    """Of an essay that was ordered by one."""
    fold: bool = False
    """Whether earlier turns are to be put into the memory first."""
    messages: tuple[Message, ...] | None = None
    """Of a program's question: the whole prompt."""
    language: Language | None = None
    """In which the person wants to be answered; None: in that of the question."""


@attrs.frozen
class Piece:
    """A stored stretch of an answer's text."""

    answer: AnswerId
    epoch: int
    seq: int
    text: str


@attrs.frozen
class Ended:
    """The commit that ended an answer."""

    charged: Tokens
    available: Tokens
    last_seq: int


class Jobs(Protocol):
    """Attempts under a lease."""

    async def claim(self, job: str, worker: str) -> Claim | None:
        """One attempt, or None when there is nothing (more) to do."""
        ...

    async def renew(self, worker: str, jobs: Collection[str]) -> frozenset[str]:
        """Which of these are still ours, for another lease."""
        ...

    async def retry(self, job: str, worker: str, error: str, delay: timedelta) -> bool:
        """Gives one back; False when that was the last attempt."""
        ...

    async def release(self, worker: str) -> int:
        """Gives back everything that an earlier life of this worker held."""
        ...


class Drafts(Protocol):
    """Answers being written."""

    async def remembered(self, claim: Claim) -> Remembered:
        """The turns in the question's window and the memory of those before it."""
        ...

    async def remember(
        self, claim: Claim, covers: AnswerId, text: str, prompts: str
    ) -> bool:
        """Keeps a memory that reaches to the turn ``covers``, unless there is one that
        reaches further, the attempt is stale or the conversation is deleted."""
        ...

    async def append(self, pieces: Sequence[Piece]) -> frozenset[AnswerId]:
        """Stores one piece of each of many answers; returns those that took theirs."""
        ...

    async def finish(
        self, answer: AnswerId, epoch: int, text: str, ending: Ending, model: str
    ) -> Ended | None:
        """Last text, usage, settlement and job, whole; None when superseded."""
        ...
