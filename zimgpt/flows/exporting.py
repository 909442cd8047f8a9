"""What was written, as documents to keep and to hand in."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.papers.files import File, Format, NotWritten, file_name
from zimgpt.domain.papers.manuscripts import Manuscript, Section
from zimgpt.domain.papers.titles import level_name, topic
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.documents import Library, Press, Written
from zimgpt.wire.papers.orders import Setting


@attrs.frozen
class Exporting:
    """Reads what was written, and has it made into files."""

    _library: Library
    _press: Press

    async def answer(
        self, user: UserId, answer: AnswerId, kind: Format, language: Language
    ) -> File:
        """One answer or essay; raises NotFound for what is not theirs, NotWritten,
        DocumentsBusy, DocumentFailed."""
        written = await self._library.answer(user, answer)
        return await self._alone(written, kind, language)

    async def conversation(
        self,
        user: UserId,
        conversation: ConversationId,
        kind: Format,
        language: Language,
    ) -> File:
        """All turns that have ended, oldest first; raises as ``answer`` does."""
        title, turns = await self._library.conversation(user, conversation)
        told = [one for one in turns if one.state.ended and one.text.strip()]
        if not told:
            raise NotWritten
        manuscript = Manuscript(
            title=title,
            language=language,
            sections=tuple(map(_section, told)),
            conversation=True,
            unfinished=sum(not one.state.ended for one in turns),
        )
        return await self._made(manuscript, kind)

    async def delivered(
        self, answer: AnswerId, kind: Format, language: Language
    ) -> File:
        """An answer that is on its way to its asker; raises as ``answer`` does."""
        return await self._alone(await self._library.delivered(answer), kind, language)

    async def _alone(self, written: Written, kind: Format, language: Language) -> File:
        if not written.state.ended or not written.text.strip():
            raise NotWritten
        title = topic(written.question, written.kind)
        shown = "" if written.kind is Kind.ESSAY else written.question
        manuscript = Manuscript(
            title=title,
            language=language,
            sections=(attrs.evolve(_section(written), question=shown),),
            level=None
            if written.level is None
            else level_name(language, written.level),
            words=written.words,
            written_in=written.language,
        )
        return await self._made(manuscript, kind)

    async def _made(self, manuscript: Manuscript, kind: Format) -> File:
        content = await self._press.made(Setting(manuscript, kind))
        return File(file_name(manuscript.title, kind), content)


def _section(written: Written) -> Section:
    return Section(
        question=written.question,
        text=written.text,
        asked_at=written.asked_at,
        cut=written.state is State.INTERRUPTED,
    )
