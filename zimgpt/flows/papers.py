"""The documents of a messenger, made when they are sent."""

from __future__ import annotations

import re
from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue.papers import MONTH, PAPER, PDF, WORD
from zimgpt.domain.errors import BadRequest, NotFound
from zimgpt.domain.papers.files import File, Format, NotWritten
from zimgpt.domain.texts import Language
from zimgpt.flows.exporting import Exporting
from zimgpt.flows.ports.contacts import Contact
from zimgpt.flows.ports.documents import DocumentFailed
from zimgpt.flows.stating import Stating

FORMATS: Final = ((WORD, Format.DOCX), (PDF, Format.PDF))
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NoDocument(NotFound):
    """There is no such document."""


class NotMade(NotFound):
    """This document could not be made."""


@attrs.frozen
class Papers:
    """Knows what the content of a document stands for."""

    _exporting: Exporting
    _stating: Stating

    log = Logger()

    async def paper(self, contact: Contact, content: str) -> File:
        """The file; raises NoDocument or NotMade, and DocumentsBusy for whoever tries
        again."""
        language = Language(contact.language)
        try:
            if content.startswith(PAPER):
                answer = _id(content.removeprefix(PAPER))
                return await self._delivered(answer, language)
            return await self._asked_for(contact, content, language)
        except DocumentFailed:
            raise NotMade from None
        except NotWritten:
            raise NoDocument from None

    async def _asked_for(
        self, contact: Contact, content: str, language: Language
    ) -> File:
        """What comes by a button, which anybody may have made: it must be theirs."""
        for before, kind in FORMATS:
            if contact.user is not None and content.startswith(before):
                answer = _id(content.removeprefix(before))
                return await self._exporting.answer(
                    contact.user, answer, kind, language
                )
        if contact.user is not None and content.startswith(MONTH):
            month = content.removeprefix(MONTH)
            return await self._month(contact.user, month, language)
        raise NoDocument

    async def _month(self, user: UserId, month: str, language: Language) -> File:
        try:
            return await self._stating.file(user, month, "pdf", language)
        except BadRequest:  # no month, or one that has not begun
            raise NoDocument from None

    async def _delivered(self, answer: AnswerId, language: Language) -> File:
        try:
            return await self._exporting.delivered(answer, Format.PDF, language)
        except DocumentFailed:
            # What was paid for must arrive: plain text can always be made.
            self.log.error("answer {answer} goes out as plain text", answer=answer)
            return await self._exporting.delivered(answer, Format.TEXT, language)


def _id(text: str) -> AnswerId:
    if not _ID.fullmatch(text):
        raise NoDocument
    return AnswerId(text)
