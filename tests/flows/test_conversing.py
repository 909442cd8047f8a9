"""Finding conversations again: limits, titles and what deleting stops."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import BadRequest, NotFound, Unavailable
from zimgpt.domain.questions import Kind
from zimgpt.flows.conversing import BadTitle, Conversing
from zimgpt.flows.ports import ConversationInfo, TurnInfo

ME = UserId(1)
ONE = ConversationId("one")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINE = ConversationInfo(ONE, Kind.CHAT, "a title", NOON)


@attrs.define
class Shelf:
    """Remembers what it was asked."""

    asked: list[object] = attrs.Factory(list)
    open: tuple[AnswerId, ...] = ()

    async def list(
        self, user: UserId, *, search: str, before: ConversationId | None, limit: int
    ) -> tuple[ConversationInfo, ...]:
        """One line."""
        self.asked.append((user, search, before, limit))
        return (LINE,)

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,
        limit: int,
        replaced_by: AnswerId | None = None,  # noqa: ARG002
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """No turns."""
        self.asked.append((user, conversation, before, limit))
        if after is not None:
            self.asked[-1] = (user, conversation, after, limit, texts)
        return ()

    async def info(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[ConversationInfo, str | None]:
        """The one line, and what is remembered."""
        self.asked.append((user, conversation))
        return LINE, "They like sadza."

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> None:
        """Takes any title."""
        self.asked.append((user, conversation, title))

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Has these answers under way."""
        self.asked.append((user, conversation))
        return self.open


@attrs.define
class Stops:
    """Remembers what it was asked to stop; some it cannot."""

    refusals: dict[AnswerId, Exception] = attrs.Factory(dict)
    stopped: list[AnswerId] = attrs.Factory(list)

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Asks for an end."""
        assert user == ME
        if answer in self.refusals:
            raise self.refusals[answer]
        self.stopped.append(answer)


async def test_a_plain_list_is_one_page() -> None:
    """Thirty at once unless told otherwise, and blanks around a search do not count."""
    shelf = Shelf()
    conversing = Conversing(shelf, Stops().stop)

    assert await conversing.list(ME) == (LINE,)
    assert await conversing.list(ME, search=" a b ", before=ONE, limit=100) == (LINE,)

    assert shelf.asked == [(ME, "", None, 30), (ME, "a b", ONE, 100)]


async def test_turns_come_thirty_at_once() -> None:
    """Unless told otherwise."""
    shelf = Shelf()
    conversing = Conversing(shelf, Stops().stop)

    await conversing.turns(ME, ONE)
    await conversing.turns(ME, ONE, before=AnswerId("a"), limit=1)

    assert shelf.asked == [(ME, ONE, None, 30), (ME, ONE, AnswerId("a"), 1)]


async def test_what_came_after_a_turn_is_asked_for_by_who_has_it() -> None:
    """With the words of its answers, or without."""
    shelf = Shelf()
    conversing = Conversing(shelf, Stops().stop)

    await conversing.turns(ME, ONE, after=AnswerId("a"))
    await conversing.turns(ME, ONE, after=AnswerId("a"), texts=False)

    assert shelf.asked == [
        (ME, ONE, AnswerId("a"), 30, True),
        (ME, ONE, AnswerId("a"), 30, False),
    ]


@pytest.mark.parametrize("limit", [-1, 0, 101, 10**30])
async def test_a_page_has_an_end(limit: int) -> None:
    """Between one and a hundred."""
    shelf = Shelf()
    conversing = Conversing(shelf, Stops().stop)

    with pytest.raises(BadRequest):
        await conversing.list(ME, limit=limit)
    with pytest.raises(BadRequest):
        await conversing.turns(ME, ONE, limit=limit)

    assert shelf.asked == []


async def test_a_search_has_an_end() -> None:
    """Two hundred characters are searched for, not more."""
    shelf = Shelf()
    conversing = Conversing(shelf, Stops().stop)
    await conversing.list(ME, search="x" * 200)

    with pytest.raises(BadRequest, match="200"):
        await conversing.list(ME, search="x" * 201)

    assert len(shelf.asked) == 1


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Food", "Food"),
        ("  two\n lines\t", "two lines"),
        ("x" * 100, "x" * 100),
        ("🍲" * 100, "🍲" * 100),
    ],
)
async def test_a_title_is_one_line(title: str, kept: str) -> None:
    """Blanks are tidied up, and the title as kept is told."""
    shelf = Shelf()

    assert await Conversing(shelf, Stops().stop).rename(ME, ONE, title) == kept

    assert shelf.asked == [(ME, ONE, kept)]


@pytest.mark.parametrize("title", ["", " \n ", "x" * 101])
async def test_an_empty_or_endless_title_is_refused(title: str) -> None:
    """With a sentence that says how long one may be."""
    shelf = Shelf()

    with pytest.raises(BadTitle, match="1 to 100"):
        await Conversing(shelf, Stops().stop).rename(ME, ONE, title)

    assert shelf.asked == []


async def test_deleting_stops_what_is_being_written() -> None:
    """Nobody pays for an answer to a conversation that is gone; what cannot be
    stopped now does not bring the conversation back."""
    ended, unreachable, running = AnswerId("1"), AnswerId("2"), AnswerId("3")
    stops = Stops({ended: NotFound(), unreachable: Unavailable()})
    shelf = Shelf(open=(ended, unreachable, running))

    await Conversing(shelf, stops.stop).delete(ME, ONE)

    assert stops.stopped == [running]
    assert shelf.asked == [(ME, ONE)]
