"""One question from a client's side of ``zimgpt.v1``, across any number of sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen
class Outcome:
    """How it ended; ``text`` is whole unless ``refused``."""

    text: str
    finish: str
    cost: int
    balance: int | None
    note: str | None
    refused: bool


@attrs.define
class Dialogue:
    """Asks until accepted, reads until ended, from where it is.

    ``show`` gets text as it comes, and None when what was shown is void.
    """

    question: dict[str, Any]
    """The ``ask`` message; repeated under its id until it is accepted."""
    show: Callable[[str | None], None]
    answer: str | None = None
    epoch: int = 0
    seq: int = 0
    texts: list[str] = attrs.field(factory=list)
    note: str | None = None
    outcome: Outcome | None = None
    postponed: bool = False
    """The server cannot read just now; the answer goes on: try another socket."""

    @property
    def place(self) -> tuple[str | None, int, int]:
        """How far it has come."""
        return self.answer, self.epoch, self.seq

    def opening(self) -> bytes:
        """What to send on a new socket."""
        self.postponed = False
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
            case "error" if self.answer and message["code"] == "unavailable":
                self.postponed = True
            case "error":
                self._end(message["code"], message["message"], message, refused=True)
            case _:
                pass  # balances, pongs, and what later servers may say

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
        )
