"""Documents read by a child process, which may die of them."""

from __future__ import annotations

from typing import Any, Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.outbound import document_text
from zimgpt.outbound.children.running import Children

SECONDS: Final = 10.0
MOST_SAID: Final = 4 * document_text.LONGEST
"""Bytes of its words."""


@attrs.define
class Documents:
    """Reads a few documents at the same time; others wait for their turn."""

    _reactor: Any
    _seconds: float = SECONDS
    _program: tuple[str, ...] = ("-m", document_text.__name__)
    _children: Children = attrs.field(init=False)

    log = Logger()

    def __attrs_post_init__(self) -> None:
        self._children = Children(
            reactor=self._reactor,
            program=self._program,
            seconds=self._seconds,
            most_said=MOST_SAID,
        )

    async def text(self, content: bytes) -> str | Unreadable:
        """The words of a PDF, Word or text file."""
        if len(content) > document_text.MOST_BYTES:
            return Unreadable.TOO_LARGE
        said, status = await self._children.asked(content)
        if status == document_text.UNKNOWN:
            return Unreadable.NO_DOCUMENT
        if status != 0:
            self.log.info("a document was not read: status {status}", status=status)
            return Unreadable.NO_DOCUMENT
        return said.decode("utf-8", "replace").strip() or Unreadable.EMPTY
