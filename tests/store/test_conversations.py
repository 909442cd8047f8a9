"""Conversations as their owner finds them again, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs
import psycopg2
import pytest
from pytest_twisted import blockon
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.conversations import PgConversations
from zimgpt.store.pool import Pool

HOUR = timedelta(hours=1)

ASK = """
select outcome from ask_question(
  %(user)s, %(answer)s::text, 'chat', 'web', %(question)s, %(old)s, %(new)s, %(title)s,
  %(answer)s, %(job)s, 'node', 10, 100, false, null, '[]', 100, interval '10 minutes')
"""
WRITE = """
select claim_job(%(job)s, 'worker', interval '30 s', interval '10 minutes');
select append_chunks(array[%(answer)s]::uuid[], array[1], array[1], array['Mhoro. ']);
select append_chunks(array[%(answer)s]::uuid[], array[1], array[2], array['Makadii?'])
"""
FINISH = """
select finish_answer(%(answer)s, 1, ' Zvakanaka.', 'complete', 'stop', 'done',
                     'small', 10, 12, 'upstream', 15)
"""


def uuid(kind: int, number: int) -> str:
    """An id that can be read."""
    return f"{kind:08}-0000-4000-8000-{number:012}"


@attrs.frozen
class World:
    """Two people's conversations."""

    conversations: PgConversations
    pool: Pool
    database: str
    user: UserId
    other: UserId

    def as_owner(self, sql: str, **params: object) -> None:
        """Does what the application may not."""
        connection = psycopg2.connect(self.database)
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, params)
        connection.close()

    async def ask(
        self,
        number: int,
        question: str,
        *,
        user: UserId | None = None,
        inside: int | None = None,
    ) -> None:
        """A question with these numbers; conversations are an hour apart."""
        answer, job = uuid(2, number), uuid(3, number)
        [(outcome,)] = await self.pool.query(
            ASK,
            {
                "user": user or self.user,
                "answer": answer,
                "question": question,
                "old": None if inside is None else uuid(1, inside),
                "new": uuid(1, number),
                "title": question[:60],
                "job": job,
            },
        )
        assert outcome == "accepted"
        self.as_owner(
            "update conversations set updated_at = now() + %(late)s where id = %(id)s",
            late=number * HOUR,
            id=uuid(1, number),
        )

    async def write(self, number: int, *, finish: bool = True) -> None:
        """The answer with this number."""
        params = {"answer": uuid(2, number), "job": uuid(3, number)}
        self.as_owner(WRITE, **params)
        if finish:
            await self.pool.query(FINISH, params)

    async def listed(
        self, search: str = "", before: int | None = None, limit: int = 10
    ) -> list[str]:
        """What the first person finds."""
        found = await self.conversations.list(
            self.user,
            search=search,
            before=None if before is None else ConversationId(uuid(1, before)),
            limit=limit,
        )
        return [one.title for one in found]


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """Two people, nothing said yet."""
    pool = Pool(reactor, database, 2)

    async def begin() -> World:
        await pool.start()
        accounts = PgAccounts(pool)
        user = await accounts.open(Phone("+263771234567"), "hash", Tokens(5_000))
        other = await accounts.open(Phone("+263772222222"), "hash", Tokens(5_000))
        assert user is not None
        assert other is not None
        return World(PgConversations(pool), pool, database, user, other)

    yield blockon(Deferred.fromCoroutine(begin()))  # type: ignore[no-untyped-call]
    pool.close()


def conversation(number: int) -> ConversationId:
    """The id of a conversation."""
    return ConversationId(uuid(1, number))


async def test_latest_first_and_only_ones_own(world: World) -> None:
    """A person's list has their conversations and nobody else's."""
    for number, question in enumerate(["one", "two", "three"]):
        await world.ask(number, question)
    await world.ask(9, "another's", user=world.other)

    assert await world.listed() == ["three", "two", "one"]


async def test_pages_follow_each_other(world: World) -> None:
    """Each page goes on after the last of the one before, also where times agree."""
    for number in range(5):
        await world.ask(number, f"question {number}")
    world.as_owner("update conversations set updated_at = now()")

    whole = await world.listed()
    first = await world.listed(limit=2)
    second = await world.listed(before=int(first[-1][-1]), limit=2)
    third = await world.listed(before=int(second[-1][-1]), limit=2)

    assert first + second + third == whole
    assert len(whole) == 5


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", ["100% of _all_", "mukadzi", "sadza"]),
        ("SADZA", ["sadza"]),
        ("adz", ["mukadzi", "sadza"]),
        ("zvakanaka", ["sadza"]),  # in the answer
        ("%", ["100% of _all_"]),
        ("_", ["100% of _all_"]),
        ("\\", []),
        ("'; drop table users; --", []),
        ("%(user)s", []),
        ("nothing like it", []),
    ],
)
async def test_search_looks_in_questions_and_answers(
    world: World, search: str, expected: list[str]
) -> None:
    """Whatever is typed is text to be found, in either case, and nothing else."""
    await world.ask(0, "sadza")
    await world.write(0)
    await world.ask(1, "mukadzi")
    await world.ask(2, "100% of _all_")
    await world.ask(9, "sadza % _ \\", user=world.other)

    assert await world.listed(search) == expected


async def test_a_new_title_is_found(world: World) -> None:
    """The list shows it, and search looks in it."""
    await world.ask(0, "sadza")

    await world.conversations.rename(world.user, conversation(0), "Food")

    assert await world.listed("food") == ["Food"]
    assert await world.listed("sadza") == ["Food"]


async def test_turns_are_read_in_order(world: World) -> None:
    """Oldest first, with what each cost; one that is being written as far as it is."""
    await world.ask(0, "first")
    await world.write(0)
    await world.ask(1, "second", inside=0)
    await world.write(1, finish=False)
    await world.ask(2, "third", inside=0)

    turns = await world.conversations.turns(
        world.user, conversation(0), before=None, limit=10
    )

    assert [
        (one.question, one.text, one.state, one.finish, one.cost) for one in turns
    ] == [
        ("first", "Mhoro. Makadii? Zvakanaka.", State.COMPLETE, Finish.STOP, 15),
        ("second", "Mhoro. Makadii?", State.STREAMING, None, 0),
        ("third", "", State.QUEUED, None, 0),
    ]
    assert turns[0].asked_at.tzinfo is not None


async def test_turns_come_in_pages(world: World) -> None:
    """The latest first page, then those before it."""
    await world.ask(0, "0")
    for number in range(1, 5):
        await world.ask(number, str(number), inside=0)

    async def page(before: AnswerId | None) -> list[str]:
        turns = await world.conversations.turns(
            world.user, conversation(0), before=before, limit=2
        )
        return [one.question for one in turns]

    assert await page(None) == ["3", "4"]
    assert await page(AnswerId(uuid(2, 3))) == ["1", "2"]
    assert await page(AnswerId(uuid(2, 1))) == ["0"]
    assert await page(AnswerId(uuid(2, 0))) == []


async def test_deleted_is_gone_at_once(world: World) -> None:
    """Neither listed, found, read, renamed nor deleted again."""
    await world.ask(0, "sadza")
    await world.ask(1, "other")

    await world.conversations.delete(world.user, conversation(0))

    assert await world.listed() == ["other"]
    assert await world.listed("sadza") == []
    await refused(world, world.user)


async def test_deleting_tells_what_is_being_written(world: World) -> None:
    """Answers under way are returned, so that they can be stopped."""
    await world.ask(0, "done")
    await world.write(0)
    await world.ask(1, "writing", inside=0)
    await world.write(1, finish=False)
    await world.ask(2, "waiting", inside=0)

    open_ = await world.conversations.delete(world.user, conversation(0))

    assert {*open_} == {uuid(2, 1), uuid(2, 2)}


async def test_deleting_what_is_finished_stops_nothing(world: World) -> None:
    """There is nothing to stop."""
    await world.ask(0, "done")
    await world.write(0)

    assert await world.conversations.delete(world.user, conversation(0)) == ()


async def test_a_page_can_go_on_after_a_deleted_conversation(world: World) -> None:
    """Deleting the last one shown does not lose the reader's place."""
    for number in range(3):
        await world.ask(number, str(number))
    await world.conversations.delete(world.user, conversation(1))

    assert await world.listed(before=1) == ["0"]


async def test_anothers_is_not_found(world: World) -> None:
    """Reading, renaming, deleting and paging by another's: there is no such thing."""
    await world.ask(0, "private")
    await world.ask(1, "mine", user=world.other)

    await refused(world, world.other)
    with pytest.raises(NotFound):
        await world.conversations.list(
            world.other, search="", before=conversation(0), limit=10
        )
    with pytest.raises(NotFound):
        await world.conversations.turns(
            world.other, conversation(1), before=AnswerId(uuid(2, 0)), limit=10
        )

    assert await world.listed() == ["private"]


async def refused(world: World, user: UserId) -> None:
    """Every way to the first conversation is closed to this person."""
    for attempt in (
        world.conversations.turns(user, conversation(0), before=None, limit=10),
        world.conversations.rename(user, conversation(0), "stolen"),
        world.conversations.delete(user, conversation(0)),
    ):
        with pytest.raises(NotFound):
            await attempt
