"""Finding conversations again: list, search, read, rename, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import BadRequest, Refusal
from zimgpt.flows.ports import ConversationInfo, Conversations, TurnInfo

LONGEST_TITLE: Final = 100
LONGEST_SEARCH: Final = 200
PAGE: Final = 30
LONGEST_PAGE: Final = 100

Stop = Callable[[UserId, AnswerId], Awaitable[object]]


class BadTitle(Refusal):
    """Please give the conversation a title of 1 to 100 characters."""

    code = "title_invalid"


@attrs.frozen
class Whole:
    """All of a conversation, oldest turn first, and what is remembered of it beyond
    the turns that go with a next question."""

    info: ConversationInfo
    turns: tuple[TurnInfo, ...]
    memory: str | None


@attrs.frozen
class Conversing:
    """``stop`` asks for the end of an answer that is being written."""

    _conversations: Conversations
    _stop: Stop

    async def list(
        self,
        user: UserId,
        *,
        search: str = "",
        before: ConversationId | None = None,
        limit: int = PAGE,
    ) -> tuple[ConversationInfo, ...]:
        """One page, latest first; ``before`` is the last of the page before."""
        if len(search) > LONGEST_SEARCH:
            raise BadRequest("Please search for at most 200 characters.")
        _check(limit)
        return await self._conversations.list(
            user, search=search.strip(), before=before, limit=limit
        )

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None = None,
        limit: int = PAGE,
        replaced_by: AnswerId | None = None,
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """One page, oldest first; ``before`` is the first of the page after, ``after``
        a turn that the reader has. With ``replaced_by``, of those whose place that
        answer took; without ``texts``, no answer's words. Raises TurnReplaced if what
        the reader has makes no sense any more."""
        _check(limit)
        return await self._conversations.turns(
            user,
            conversation,
            before=before,
            limit=limit,
            replaced_by=replaced_by,
            after=after,
            texts=texts,
        )

    async def whole(self, user: UserId, conversation: ConversationId) -> Whole:
        """Every turn, and the memory; raises NotFound for another's."""
        info, memory = await self._conversations.info(user, conversation)
        turns: list[TurnInfo] = []
        while True:
            page = await self._conversations.turns(
                user,
                conversation,
                before=turns[0].answer if turns else None,
                limit=LONGEST_PAGE,
            )
            turns[:0] = page
            if len(page) < LONGEST_PAGE:
                return Whole(info, tuple(turns), memory)

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> str:
        """Gives it a title, on one line; returns the title as it is now."""
        line = " ".join(title.split())
        if not 0 < len(line) <= LONGEST_TITLE:
            raise BadTitle
        await self._conversations.rename(user, conversation, line)
        return line

    async def delete(self, user: UserId, conversation: ConversationId) -> None:
        """Hides it at once, and stops what is being written in it."""
        for answer in await self._conversations.delete(user, conversation):
            try:
                await self._stop(user, answer)
            except Refusal:
                continue  # it has just ended, or will by itself: deleted is deleted


def _check(limit: int) -> None:
    if not 1 <= limit <= LONGEST_PAGE:
        raise BadRequest("Please ask for 1 to 100 at once.")
