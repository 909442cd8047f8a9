"""Server-sent events, sans-IO: bytes in as they come, the data of events out.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html, and keeps
only what a model's stream uses: the ``data`` field. This runs once for every piece
of every answer, so the usual stream (LF, one ``data: `` line an event) takes a path
that never loops over lines.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 1024 * 1024
"""Bytes in one event; a line without an end must not fill the memory."""

_BOM: Final = b"\xef\xbb\xbf"
_FIELD: Final = b"data: "
_NEXT: Final = b"\n\ndata: "


class EventTooLong(Exception):  # noqa: N818
    """An event is longer than allowed; ``before`` are those that came whole."""

    def __init__(self, before: list[bytes]) -> None:
        super().__init__("an event of the stream is too long")
        self.before = before


class Decoder:
    """The state between two reads; the same events at every split of the bytes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rest = b""
        self._begun = False
        self._after_cr = False

    def feed(self, data: bytes) -> list[bytes]:
        """The data of each event that these bytes complete.

        Raises EventTooLong, after which there is nothing more to feed.
        """
        if self._after_cr or b"\r" in data:
            data = self._with_lf(data)
        if self._rest:
            data = self._rest + data
        if not self._begun:
            data = self._without_bom(data)
        end = data.rfind(b"\n\n")
        if end < 0:
            self._rest = data
            return self._bounded([])
        head = data[:end]
        self._rest = data[end + 2 :]
        if len(data) > self._most:
            return self._bounded(self._bounded_events(head))
        if head.startswith(_FIELD):
            events = head.split(_NEXT)
            if head.count(b"\n") == 2 * len(events) - 2:
                # No line end but those between the events: one line in each.
                events[0] = events[0][len(_FIELD) :]
                return events
        return _events(head.split(b"\n\n"))

    def _with_lf(self, data: bytes) -> bytes:
        """Every line end as LF; a CR at once, so the LF of a CRLF is dropped later."""
        if not data:
            return data
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _without_bom(self, data: bytes) -> bytes:
        if len(data) < len(_BOM) and _BOM.startswith(data):
            return data
        self._begun = True
        return data.removeprefix(_BOM)

    def _bounded(self, events: list[bytes]) -> list[bytes]:
        """The events, unless the one under way is too long (its LF may be here)."""
        if len(self._rest) > self._most + 1:
            self._rest = b""
            raise EventTooLong(events)
        return events

    def _bounded_events(self, head: bytes) -> list[bytes]:
        blocks = head.split(b"\n\n")
        for index, block in enumerate(blocks):
            if len(block) > self._most:
                self._rest = b""
                raise EventTooLong(_events(blocks[:index]))
        return _events(blocks)


def _events(blocks: list[bytes]) -> list[bytes]:
    return [event for block in blocks if (event := _data(block)) is not None]


def _data(block: bytes) -> bytes | None:
    """What a block's data lines say, joined by LF; None without such a line."""
    lines = []
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"data":
            lines.append(value.removeprefix(b" "))
    return b"\n".join(lines) if lines else None
