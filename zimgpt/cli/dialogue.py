"""One question from a client's side of ``zimgpt.v1``, across any number of sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

AGAIN = ("unavailable", "too_fast", "too_many_answers")
"""Refusals that a later try mends."""

BROKEN = "internal"
"""A refusal that one more try may mend."""


@attrs.frozen
class Outcome:
    """How it ended; ``text`` is whole unless ``refused``."""

    text: str
    finish: str
    cost: int
    balance: int | None
    note: str | None
    refused: bool
    conversation: str | None = None
    """To go on with, if it was accepted."""
    answer: str | None = None


@attrs.define
class Dialogue:
    """Asks until accepted, reads until ended, from where it is.

    ``show`` gets text as it comes, and None when what was shown is void.
    """

    question: dict[str, Any]
    """The ``ask`` message; repeated under its id until it is accepted."""
    show: Callable[[str | None], None]
    answer: str | None = None
    conversation: str | None = None
    epoch: int = 0
    seq: int = 0
    texts: list[str] = attrs.field(factory=list)
    note: str | None = None
    outcome: Outcome | None = None
    postponed: bool = False
    """The server cannot do it just now: try another socket."""
    retry: float | None = None
    """Seconds after which the server wants us back, once this socket has ended."""
    broken: int = 0
    """How often something broke at the server."""

    @property
    def place(self) -> tuple[str | None, int, int]:
        """How far it has come."""
        return self.answer, self.epoch, self.seq

    def opening(self) -> bytes:
        """What to send on a new socket."""
        self.postponed, self.retry = False, None
        if self.answer is None:
            return json.dumps({"type": "ask", **self.question}).encode()
        place = {"answer": self.answer, "epoch": self.epoch, "seq": self.seq}
        return json.dumps({"type": "read", **place}).encode()

    def heard(self, payload: bytes) -> None:
        """Takes one message; this client reads one answer, so ``a`` says nothing."""
        message = json.loads(payload)
        match message.get("type"):
            case None:
                self._text(message)
            case "accepted":
                self.answer, self.epoch = message["answer"], message["e"]
                self.conversation = message.get("conversation")
                self.note = message.get("note")
            case "reading":
                if (message["e"], message["s"]) != (self.epoch, self.seq):
                    self._void()
                self.epoch, self.seq = message["e"], message["s"]
            case "reset":
                self._void()
                self.epoch = message["e"]
            case "done":
                self._end(
                    message["finish"], message.get("note"), message, refused=False
                )
            case "failed":
                self._end(message["reason"], message["message"], message, refused=True)
            case "bye":
                self.retry = message["retry"]
            case "error":
                self._refused(message)
            case _:
                pass  # balances, pongs, and what later servers may say

    def _refused(self, message: dict[str, Any]) -> None:
        code = message["code"]
        self.broken += code == BROKEN
        if code in AGAIN or (code == BROKEN and self.broken == 1):
            self.postponed = True
            self.retry = message.get("retry")
        else:
            self._end(code, message["message"], message, refused=True)

    def _text(self, message: dict[str, Any]) -> None:
        self.seq = message.get("s", self.seq + 1)
        self.texts.append(message["t"])
        self.show(message["t"])

    def _void(self) -> None:
        self.seq = 0
        if self.texts:
            self.texts.clear()
            self.show(None)

    def _end(
        self, finish: str, note: str | None, message: dict[str, Any], *, refused: bool
    ) -> None:
        self.outcome = Outcome(
            text="".join(self.texts),
            finish=finish,
            cost=message.get("cost", 0),
            balance=message.get("balance"),
            note=note,
            refused=refused,
            conversation=self.conversation,
            answer=self.answer,
        )
