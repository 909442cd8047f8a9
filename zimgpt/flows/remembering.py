"""What a chat's model is reminded of, with a new memory where one is due."""

from __future__ import annotations

import attrs

from zimgpt.domain import memories
from zimgpt.domain.answers import Finish, used
from zimgpt.domain.conversations import Remembered, Turn
from zimgpt.domain.ledger import Price, Usage, price_of
from zimgpt.domain.prompts import VERSION
from zimgpt.domain.questions import size
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Claim, Drafts, ModelBusy, Models, ModelUnreachable
from zimgpt.flows.slots import Gathered
from zimgpt.flows.writing import Writer


@attrs.frozen
class Recalled:
    """What goes with a question, and what it took to make its memory."""

    turns: tuple[Turn, ...]
    memory: str | None
    spent: tuple[tuple[Price, Usage], ...] = ()


@attrs.frozen
class Remembering:
    """Recalls; a memory takes turns of at most twice ``window`` model tokens."""

    _drafts: Drafts
    _models: Models
    _writer: Writer
    _window: int

    async def recall(self, claim: Claim, draft: Draft) -> Recalled | None:
        """None once the answer is written elsewhere.

        Where no model makes the memory, the question is asked without a new one.
        """
        found = await self._writer.insist(lambda: self._drafts.remembered(claim), draft)
        if found is None:
            return None
        if not found.beyond or draft.stopped or claim.stop_requested:
            return Recalled(found.turns, found.memory)
        return await self._folded(claim, draft, found)

    async def _folded(
        self, claim: Claim, draft: Draft, found: Remembered
    ) -> Recalled | None:
        messages = memories.asked(found.memory, found.beyond, self._window)
        page = Gathered()
        try:
            model, report = await self._models.write(messages, memories.MOST, page)
        except (ModelBusy, ModelUnreachable):
            return Recalled(found.turns, found.memory)
        text = page.text.strip()[: memories.LONGEST]
        if report.finish not in (Finish.STOP, Finish.LENGTH) or not text:
            return Recalled(found.turns, found.memory)
        taken = used(
            report.usage,
            prompt_estimate=size(messages),
            max_tokens=memories.MOST,
            written=len(text.encode()),
        )
        covers = found.beyond[-1].answer
        kept = await self._writer.insist(
            lambda: self._drafts.remember(claim, covers, text, VERSION), draft
        )
        if kept is None:
            return None
        return Recalled(found.turns, text, ((price_of(claim.prices, model), taken),))
