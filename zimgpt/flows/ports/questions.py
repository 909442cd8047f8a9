"""Questions on their way in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import KeyId
from zimgpt.domain.conversations import AnswerId, ConversationId, Turn
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.ledger import Price, Terms, Tokens
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language


@attrs.frozen
class Prospect:
    """What pricing a question needs to know."""

    available: Tokens
    prices: tuple[Price, ...]
    turns: tuple[Turn, ...]
    """Latest turns of the conversation that its memory does not cover, oldest first;
    empty for a new one."""
    memory: str | None = None
    """What was before them, in short."""
    language: Language | None = None
    """In which the person wants to be answered; None: in that of the question."""


@attrs.frozen
class ApiUse:
    """The key that a program asks by, and SHA-256 of its request."""

    key: KeyId
    fingerprint: bytes


@attrs.frozen
class NewQuestion:
    """Everything that is committed when a question is accepted."""

    user: UserId
    client_id: str
    kind: Kind
    channel: str
    text: str
    conversation: ConversationId | None
    new_conversation: ConversationId
    title: str
    answer: AnswerId
    job: str
    origin: str
    prompt_estimate: int
    terms: Terms
    window_from: AnswerId | None
    prices: tuple[Price, ...]
    """Of every model that may answer: a later change does not touch this question."""
    brief: Brief | None = None
    fold: bool = False
    """Whether earlier turns are to be put into the memory first."""
    use: ApiUse | None = None
    """Of a question that is a program's list of messages."""
    replaces: AnswerId | None = None
    """The turn of its conversation whose place it takes, with all that came after."""


@attrs.frozen
class Asked:
    """What became of it; ``outcome`` is accepted, repeat, differs, insufficient,
    too_many or unknown_conversation, of one that replaces a turn also replaced or
    open_turn, by a key also over_budget or revoked, and the other fields are set for
    the first two."""

    outcome: str
    answer: AnswerId
    conversation: ConversationId
    job: str | None
    outbox: int | None
    max_tokens: int
    lowered: bool
    hold: Tokens
    available: Tokens


class Questions(Protocol):
    """Questions on their way in."""

    async def prospect(
        self,
        user: UserId,
        conversation: ConversationId | None,
        models: Sequence[str],
        replaces: AnswerId | None = None,
    ) -> Prospect:
        """Raises NotFound for a conversation that is not theirs or is deleted. With
        ``replaces`` it is as if that turn and all after it were not there."""
        ...

    async def ask(self, question: NewQuestion) -> Asked:
        """Question, hold, job and outbox row in one commit."""
        ...

    async def stop(self, user: UserId, answer: AnswerId) -> str | None:
        """Asks for an end; the node that writes it ('' if none), None if not open."""
        ...
