"""A client that follows docs/reference/protocol.md to the letter, and no more."""

from __future__ import annotations

import json
from typing import Any

import attrs


@attrs.define
class Text:
    """What a client keeps of one answer."""

    at: tuple[int, int] = (0, 0)
    text: str = ""
    ended: bool = False


@attrs.define
class Listener:
    """The texts of all answers; they outlive connections."""

    texts: dict[str, Text] = attrs.Factory(dict)
    here: dict[int, Text] = attrs.Factory(dict)
    last: int | None = None

    def connect(self) -> None:
        """Numbers and the memory of the last frame begin anew."""
        self.here.clear()
        self.last = None

    def hear(self, payload: bytes) -> None:
        """Takes one frame."""
        frame: dict[str, Any] = json.loads(payload)
        match frame:
            case {"type": "accepted" | "reading", "answer": answer, "a": a, "e": e}:
                text = self.texts.setdefault(answer, Text())
                place = (e, frame.get("s", 0))
                if text.at != place:
                    text.at, text.text = place, ""
                text.ended = False
                self.here[a] = text
            case {"type": "reset", "a": a, "e": e}:
                self.here[a].at, self.here[a].text = (e, 0), ""
            case {"type": "done" | "failed", "a": a}:
                assert not self.here[a].ended, "an answer ends once"
                self.here[a].ended = True
            case {"t": text}:
                self._text(text, frame)

    def _text(self, text: str, frame: dict[str, Any]) -> None:
        self.last = frame.get("a", self.last)
        assert self.last is not None, "the first text frame says whose it is"
        mine = self.here[self.last]
        assert not mine.ended, "nothing follows an end"
        epoch, seq = mine.at
        mine.at = (epoch, frame.get("s", seq + 1))
        mine.text += text


@attrs.define
class Wire:
    """A link's line to a listener, with as much on its way as the test likes."""

    listener: Listener
    clear: bool = True
    on_its_way: list[bytes] = attrs.Factory(list)
    sent: list[bytes] = attrs.Factory(list)

    def send(self, payload: bytes) -> None:
        """Puts a frame on its way."""
        self.sent.append(payload)
        self.on_its_way.append(payload)

    def deliver(self) -> None:
        """Everything arrives."""
        frames, self.on_its_way = self.on_its_way, []
        for payload in frames:
            self.listener.hear(payload)

    def frames(self) -> list[dict[str, Any]]:
        """What was sent since the last look."""
        sent, self.sent = self.sent, []
        return [json.loads(payload) for payload in sent]
