"""Questions of programs: asked once, however often a program sends them."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State, sentence
from zimgpt.domain.api_keys import ApiKey
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import BadRequest, Unavailable
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Kind, Message
from zimgpt.flows.asking import Accepted, Program, Question
from zimgpt.flows.ports import End, NewId, Reading
from zimgpt.flows.ports.api_keys import ApiKeys
from zimgpt.flows.tracing import Takes
from zimgpt.wire import prompts

CHANNEL = "api"
PATIENCE = 10.0
"""Seconds without news after which a reader is told that the answer still goes on."""
LONGEST_KEY = 255  # characters of an Idempotency-Key


class Unanswered(Unavailable):
    """The question could not be answered, and cost nothing. Please ask again."""

    code = "not_answered"


class BegunAnew(Unavailable):
    """The answer is written anew by another server. Please send the request again with its Idempotency-Key to read it; it is charged once."""  # noqa: E501

    code = "begun_anew"


class Leaving(Unavailable):
    """This server is about to end; the answer goes on. Please send the request again with its Idempotency-Key to read it; it is charged once."""  # noqa: E501

    code = "leaving"


@attrs.frozen
class Wanted:
    """A request as it came: its bytes, the Idempotency-Key, and whether the program's
    library sends it again by itself."""

    body: bytes
    idempotency: str | None = None
    again: bool = False


class Reads(Protocol):
    """Long polls, as ``polling.Polling`` has them."""

    @property
    def hurried(self) -> bool:
        """Whether this node is about to end."""
        ...

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """The answer after ``(epoch, seq)``, at the latest in ``wait`` seconds."""
        ...


@attrs.frozen
class Completing:
    """Asks in the name of keys, and reads along."""

    _asking: Takes
    _keys: ApiKeys
    _polling: Reads
    _new_id: NewId

    async def ask(
        self,
        key: ApiKey,
        wanted: Wanted,
        messages: tuple[Message, ...],
        max_tokens: int | None,
    ) -> Accepted:
        """Commits the question, or finds the same; raises a Refusal otherwise."""
        fingerprint = sha256(wanted.body).digest()
        question = Question(
            client_id=await self._id(key, wanted, fingerprint),
            kind=Kind.CHAT,
            text=prompts.stored(messages),
            max_tokens=max_tokens,
            program=Program(messages, key, fingerprint),
        )
        return await self._asking.ask(key.user, question, CHANNEL)

    async def _id(self, key: ApiKey, wanted: Wanted, fingerprint: bytes) -> str:
        if wanted.idempotency is not None:
            if not 1 <= len(wanted.idempotency) <= LONGEST_KEY:
                raise BadRequest("An Idempotency-Key has 1 to 255 characters.")
            return sha256(f"{key.id} {wanted.idempotency}".encode()).hexdigest()
        if wanted.again:
            first = await self._keys.alike(key.id, fingerprint)
            if first is not None:
                return first
        return f"api {self._new_id()}"

    def reading(self, key: ApiKey, answer: AnswerId) -> Along:
        """A reader of the answer, at its beginning."""
        return Along(self._polling, key, answer)

    async def usage(self, key: ApiKey, answer: AnswerId) -> Usage | None:
        """What an answer that has ended took; None if it was free."""
        return (await self._keys.spent(key.user, answer)).usage


@attrs.define
class Along:
    """Reads an answer while it is written; ``end`` is set when it has ended."""

    _polling: Reads
    _key: ApiKey
    _answer: AnswerId
    end: End | None = None
    _epoch: int = 0
    _seq: int = 0

    async def more(self) -> str:
        """What comes next; '' if there is no news for a while.

        Raises BegunAnew when what was read before is void, Unanswered when there will
        be no answer, Leaving when this node ends.
        """
        hurried = self._polling.hurried
        found = await self._polling.read(
            self._key.user,
            self._answer,
            epoch=self._epoch,
            seq=self._seq,
            wait=PATIENCE,
        )
        if self._seq and found.epoch != self._epoch:
            raise BegunAnew
        if found.end is not None and found.end.state is State.FAILED:
            raise Unanswered(sentence(State.FAILED, found.end.finish))
        self._epoch, self.end = found.epoch, found.end
        pieces = [piece for piece in found.pieces if piece.seq > self._seq]
        if pieces:
            self._seq = pieces[-1].seq
        elif hurried and found.end is None:
            raise Leaving
        return "".join(piece.text for piece in pieces)

    @property
    def finish(self) -> Finish:
        """How it ended."""
        return Finish.STOP if self.end is None else self.end.finish
