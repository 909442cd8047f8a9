"""An essay by a brief: several answers of models, one after the other, in one draft.

What a model writes is let through by the sentence. So a section that breaks off ends
with a sentence, and the next answer goes on from there; only the sections that were
let through are paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from zimgpt.domain.answers import Finish, used
from zimgpt.domain.essays import outlines, plans, prompting
from zimgpt.domain.essays.briefs import Brief, Section, Style
from zimgpt.domain.essays.courses import Course, Task
from zimgpt.domain.essays.passages import Passage
from zimgpt.domain.essays.sources import headed
from zimgpt.domain.ledger import Price, Usage, price_of
from zimgpt.domain.questions import Message, size
from zimgpt.domain.texts import say
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Claim, ModelBusy, Models, ModelUnreachable, Report
from zimgpt.flows.slots import Gathered, Slot

WAITS: Final = (5, 15, 40)
"""Seconds after which a section is asked for again that no model would begin."""

NO_END: Final = 10**6


@attrs.frozen
class Composed:
    """An essay that has ended, in whatever way."""

    finish: Finish
    model: str
    """The last that wrote."""
    parts: tuple[tuple[Price, Usage], ...]
    """What each answer took."""
    words: int


@attrs.frozen
class Composer:
    """Has essays written."""

    _models: Models
    _clock: IReactorTime

    async def essay(self, claim: Claim, draft: Draft) -> Composed:
        """Writes the whole essay into the draft.

        Raises ModelBusy and ModelUnreachable while nothing of it is written.
        """
        assert claim.brief is not None, "an essay by a brief"
        return await _Essay(
            self._models, self._clock, claim, claim.brief, draft
        ).written()


@attrs.define
class _Essay:
    """One attempt at an essay."""

    models: Models
    clock: IReactorTime
    claim: Claim
    brief: Brief
    draft: Draft
    text: str = ""
    model: str = ""
    words: int = 0
    parts: list[tuple[Price, Usage]] = attrs.Factory(list)

    async def written(self) -> Composed:
        try:
            finish = await self._written()
        except (ModelBusy, ModelUnreachable):
            if not self.text:
                raise
            finish = Finish.CUT
        return Composed(finish, self.model, tuple(self.parts), self.words)

    async def _written(self) -> Finish:
        outline = self.brief.outline or await self._outlined()
        limits = plans.limits(self.claim.question, self.brief)
        course = Course(self.brief, outline, limits)
        while (task := course.next()) is not None:
            finish = await self._section(course, task)
            if self.draft.stopped:
                return Finish.STOPPED
            if finish is Finish.FILTERED:
                return finish
        if not course.done:
            return Finish.CUT
        if self.brief.style is Style.NONE:
            return Finish.STOP
        return await self._references()

    async def _outlined(self) -> tuple[Section, ...]:
        """An outline for who sent none: not shown, and a part of the price."""
        messages = prompting.outline(self.claim.question, self.brief)
        page = Gathered()
        most = plans.outline_most(self.brief)
        self.model, report = await self.models.write(messages, most, page)
        text = page.text
        whole = report.finish in (Finish.STOP, Finish.LENGTH)
        self._charge(messages, most, report, text, whole)
        sections = outlines.parsed(text) if whole else ()
        last = plans.most_sections(self.brief.words) - 1
        if len(sections) > last:
            sections = (*sections[:last], sections[-1])
        return sections or outlines.plain(self.brief)

    async def _section(self, course: Course, task: Task) -> Finish:
        if course.failures:
            await self._pause(WAITS[0])
        messages = prompting.section(
            self.claim.question,
            self.brief,
            course.outline,
            task.at,
            self.text,
            task.words,
            begins=task.begins,
        )
        heading = course.outline[task.at].heading
        passage = Passage(heading, task.enough, task.most)
        begin = self._parted() + (f"## {heading}\n\n" if task.begins else "")
        slot = Slot(self.draft, passage, begin, self.clock)
        report = await self._asked(messages, task.max_tokens, slot)
        ended = report.finish is Finish.STOP or passage.full
        taken = self._charge(messages, task.max_tokens, report, slot.text, ended)
        course.wrote(passage.words, taken, ended=ended)
        self.words = course.words
        return report.finish

    async def _references(self) -> Finish:
        """The sources that the essay cites, marked as to be checked."""
        tongue = self.brief.language
        messages = prompting.references(self.brief, self.text)
        passage = Passage(say(tongue, "essay.references"), NO_END, NO_END)
        begin = self._parted() + headed(tongue)
        slot = Slot(self.draft, passage, begin, self.clock)
        report = await self._asked(messages, plans.REFERENCES_MOST, slot)
        ended = report.finish in (Finish.STOP, Finish.LENGTH)
        self._charge(messages, plans.REFERENCES_MOST, report, slot.text, ended)
        if self.draft.stopped:
            return Finish.STOPPED
        if ended and not slot.text:
            self._add(begin + say(tongue, "essay.no_references"))
        return Finish.STOP if ended else report.finish

    # ---- one answer of a model

    async def _asked(
        self, messages: Sequence[Message], max_tokens: int, slot: Slot
    ) -> Report:
        """Has one answer written through the slot, trying again what did not begin."""
        for wait in (*WAITS, None):
            if self.draft.stopped:
                break
            try:
                self.model, report = await self.models.write(messages, max_tokens, slot)
            except (ModelBusy, ModelUnreachable):
                if wait is None or not self.text:
                    raise
                await self._pause(wait)
                continue
            self.draft.close()
            self.draft.add(slot.rest(whole=report.finish is Finish.STOP))
            self.text += slot.text
            return report
        return Report(Finish.STOPPED, None)

    def _charge(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        report: Report,
        text: str,
        ended: bool,
    ) -> Usage:
        """Notes what an answer took; one that broke off takes what is left of it."""
        taken = used(
            report.usage if ended else None,
            prompt_estimate=size(messages),
            max_tokens=max_tokens,
            written=len(text.encode()),
        )
        if not ended:
            taken = attrs.evolve(taken, prompt=0)
        if taken.prompt or taken.completion:
            self.parts.append((price_of(self.claim.prices, self.model), taken))
        return taken

    # ---- the text

    def _add(self, text: str) -> None:
        self.draft.add(text)
        self.text += text

    def _parted(self) -> str:
        """What parts the text so far from what follows."""
        if not self.text or self.text.endswith("\n\n"):
            return ""
        if self.text.endswith("\n"):
            return "\n"
        return "\n\n"

    async def _pause(self, seconds: int) -> None:
        """Waits, unless the asker stops the essay."""
        for _ in range(seconds):
            if self.draft.stopped:
                return
            await deferLater(self.clock, 1)
