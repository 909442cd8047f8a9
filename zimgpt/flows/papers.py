"""The documents of a messenger, made when they are sent."""

from __future__ import annotations

from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue.delivering import PAPER
from zimgpt.domain.errors import NotFound
from zimgpt.domain.papers.files import File, Format, NotWritten
from zimgpt.domain.texts import Language
from zimgpt.flows.exporting import Exporting
from zimgpt.flows.ports.documents import DocumentFailed
from zimgpt.flows.ports.messenger import Contact

STATEMENT: Final = "statement:"


@attrs.frozen
class Papers:
    """Knows what the content of a document stands for."""

    _exporting: Exporting

    log = Logger()

    async def paper(self, contact: Contact, content: str) -> File:
        """The file; raises NotFound, and DocumentsBusy for whoever tries again."""
        language = Language(contact.language)
        if not content.startswith(PAPER):
            raise NotFound("There is no such document.")
        name, _, ending = content.removeprefix(PAPER).partition(".")
        return await self._answer(AnswerId(name), Format(ending or "pdf"), language)

    async def _answer(self, answer: AnswerId, kind: Format, language: Language) -> File:
        try:
            return await self._exporting.delivered(answer, kind, language)
        except NotWritten:
            raise NotFound("There is no such document.") from None
        except DocumentFailed:
            # What was paid for must arrive: plain text can always be made.
            self.log.error("answer {answer} goes out as plain text", answer=answer)
            return await self._exporting.delivered(answer, Format.TEXT, language)
