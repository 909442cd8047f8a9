"""Answers as documents to keep and to hand in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import attrs

from zimgpt.domain.conversations import AnswerId, title
from zimgpt.domain.dialogue.delivering import PAPER
from zimgpt.domain.errors import NotFound

LONGEST_TITLE: Final = 120


@attrs.frozen
class Written:
    """A question and the text that answers it."""

    question: str
    text: str


class Library(Protocol):
    """Knows what was written."""

    async def written(self, answer: AnswerId) -> Written:
        """An ended answer; raises NotFound."""
        ...


Render = Callable[[str, str], Awaitable[bytes]]
"""Makes a PDF of a text in Markdown and a title, off the reactor's thread."""


@attrs.frozen
class Exporting:
    """Makes documents when they are sent."""

    _library: Library
    _render: Render

    async def paper(self, content: str) -> bytes:
        """The PDF of the answer that ``content`` names; raises NotFound."""
        if not content.startswith(PAPER):
            raise NotFound("There is no such document.")
        answer = AnswerId(content.removeprefix(PAPER))
        written = await self._library.written(answer)
        return await self._render(written.text, title(written.question)[:LONGEST_TITLE])
