"""``zimgpt.v1`` as a client understands it: what is shown of each answer, and where."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import attrs

from tests.system.websocket import PATIENCE, Silent, WebSocket

Json = dict[str, Any]


class Declined(Exception):  # noqa: N818
    """The server refused a request, with a code."""

    def __init__(self, error: Json) -> None:
        super().__init__(error)
        self.code = error["code"]


@attrs.define
class Shown:
    """An answer as far as a client has it."""

    answer: str
    epoch: int = 0
    seq: int = 0
    texts: list[str] = attrs.field(factory=list)
    resets: int = 0
    accepted: Json = attrs.field(factory=dict)
    end: Json | None = None

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self.texts)

    @property
    def place(self) -> Json:
        """What to ask for after a reconnect."""
        return {"answer": self.answer, "epoch": self.epoch, "seq": self.seq}


class Talk:
    """One connection's side of the protocol; other messages stay in ``heard``."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.heard: list[Json] = []
        self.everything: list[Json] = []
        self.shown: dict[int, Shown] = {}
        self._resumed: dict[str, Shown] = {}
        self._last = 0

    def say(self, **message: object) -> None:
        """Sends one message."""
        self.socket.send(json.dumps(message))

    def hear(self, timeout: float = PATIENCE) -> Json:
        """The next message, which has been acted upon."""
        message: Json = json.loads(self.socket.receive(timeout))
        self.everything.append(message)
        match message.get("type"):
            case None:
                self._text(message)
            case "accepted":
                shown = Shown(message["answer"], message["e"], accepted=message)
                self.shown[message["a"]] = shown
            case "reading":
                shown = self._resumed.pop(message["answer"], Shown(message["answer"]))
                if (shown.epoch, shown.seq) != (message["e"], message["s"]):
                    shown.texts.clear()
                shown.epoch, shown.seq = message["e"], message["s"]
                self.shown[message["a"]] = shown
            case "reset":
                shown = self.shown[message["a"]]
                shown.epoch, shown.seq = message["e"], 0
                shown.texts.clear()
                shown.resets += 1
            case "done" | "failed":
                self.shown[message["a"]].end = message
            case _:
                self.heard.append(message)
        return message

    def until(self, true: Callable[[Json], bool], timeout: float = PATIENCE) -> Json:
        """Hears messages up to the one that is looked for."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            message = self.hear(left)
            if true(message):
                return message
        raise Silent

    def ask(self, id: str, text: str, **more: object) -> Shown:
        """Asks, and waits until that is accepted; raises Declined."""
        message = self.request(type="ask", id=id, text=text, **more)
        if message["type"] == "error":
            raise Declined(message)
        return self.shown[message["a"]]

    def read(self, shown: Shown) -> Shown:
        """Reads on where ``shown`` is; raises Declined."""
        self._resumed[shown.answer] = shown
        message = self.request(type="read", **shown.place)
        if message["type"] == "error":
            raise Declined(message)
        return shown

    def request(self, **message: object) -> Json:
        """Sends one request; returns the answer to it, or its refusal."""
        self.say(**message)
        names = {message.get("id"), message.get("answer")} - {None}
        return self.until(
            lambda m: (
                m.get("id") in names
                or (m.get("type") == "reading" and m["answer"] in names)
            )
        )

    def finish(self, shown: Shown, timeout: float = PATIENCE) -> Shown:
        """Reads to the end of an answer."""
        if shown.end is None:
            self.until(lambda _: shown.end is not None, timeout)
        return shown

    def _text(self, message: Json) -> None:
        self._last = message.get("a", self._last)
        shown = self.shown[self._last]
        shown.seq = message.get("s", shown.seq + 1)
        shown.texts.append(message["t"])
