"""Outlines that a chat goes on from, looked up when they are wanted."""

from __future__ import annotations

import re
from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import orders
from zimgpt.domain.dialogue.facts import Outlined, Standing
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Step
from zimgpt.flows.ordering import Orders

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@attrs.frozen
class Sketches:
    """Knows what became of the outlines that people ordered."""

    _orders: Orders

    async def outline(
        self, user: UserId, answer: AnswerId, said: str | None
    ) -> Outlined:
        """How far an outline is; the id came by a button, which anybody may have
        made, so it must be theirs. ``said`` is handed on."""
        if not _ID.fullmatch(answer):
            return Outlined(answer, Standing.UNKNOWN)
        try:
            order = await self._orders.order(user, answer)
        except NotFound:
            return Outlined(answer, Standing.UNKNOWN)
        if order.brief.step is not Step.OUTLINE:
            return Outlined(answer, Standing.UNKNOWN)
        brief = orders.brief_of(order.topic, order.brief, order.conversation)
        if not order.state.ended:
            return Outlined(answer, Standing.UNDER_WAY, brief, said)
        if not order.text:
            return Outlined(answer, Standing.FAILED, brief, said)
        brief = attrs.evolve(brief, outline=order.outline)
        return Outlined(answer, Standing.THERE, brief, said)
