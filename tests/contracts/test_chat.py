"""What a person's chat and post promise, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
import pytest
from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from tests.fakes.chat import ME, MemoryChat
from tests.store.clerk import Clerk
from tests.store.postbox import Postbox
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Text
from zimgpt.flows.ports.contacts import ContactId, Contacts, Outgoing, Step
from zimgpt.flows.ports.post import Finished, Post
from zimgpt.store.pool import Pool
from zimgpt.store.whatsapp.contacts import PgContacts
from zimgpt.store.whatsapp.post import PgPost
from zimgpt.wire.whatsapp.troubles import Fate

NOW = timedelta(0)
COST = 40


@attrs.frozen
class Line:
    """Somebody who writes to us, and what is kept of them."""

    contacts: Contacts
    post: Post
    id: ContactId
    write: Callable[[], int]
    """They write; returns the arrival."""
    ask: Callable[[], AnswerId]
    """A question of theirs, which is being answered."""
    end: Callable[[AnswerId], None]
    """That answer ends, at a cost."""
    later: Callable[[], None]
    """A minute passes."""

    async def sent_soon(self, **letter: Any) -> str:  # noqa: ANN401
        """A letter that waits."""
        id = str(uuid4())
        step = Step(
            contact=self.id, arrivals=(self.write(),), says=(Outgoing(id, **letter),)
        )
        assert await self.contacts.take(step, "here")
        return id


def in_memory() -> Line:
    """The fake."""
    chat = MemoryChat()

    def end(answer: AnswerId) -> None:
        chat.endings[answer] = Finished(
            answer=answer,
            user=UserId(1),
            kind="chat",
            question="Why?",
            text="Because.",
            model="m",
            state="complete",
            finish="stop",
            cost=Tokens(COST),
            read=Tokens(0),
            available=Tokens(960),
            asked_at=datetime(2026, 11, 25, tzinfo=UTC),
            late=NOW,
        )

    return Line(
        chat,
        chat,
        ME,
        lambda: chat.say("hello").id,
        lambda: AnswerId(str(uuid4())),
        end,
        lambda: chat.clock.advance(61),
    )


def in_postgresql(pool: Pool, clerk: Clerk) -> Line:
    """The real ones."""
    box = Postbox.of(clerk)
    box.write()
    user, _, _ = box.account()
    clerk.rows("update inbox set outcome = 'done', outcome_at = now()")
    jobs: dict[AnswerId, str] = {}

    def ask() -> AnswerId:
        asked = clerk.ask(user)
        jobs[AnswerId(asked.answer)] = asked.job
        return AnswerId(asked.answer)

    def end(answer: AnswerId) -> None:
        clerk.claim(jobs[answer])
        clerk.append(answer, 1, 1, "Because.")
        clerk.finish(answer, 1, cost=COST)

    def later() -> None:
        clerk.rows(
            "update whatsapp_outgoing set due_at = due_at - interval '61 s',"
            " sent_at = sent_at - interval '61 s';"
            " update whatsapp_contacts"
            " set paused_until = paused_until - interval '61 s'"
        )

    contacts, post = PgContacts(pool), PgPost(pool, "10")
    id = ContactId(box.contact)
    return Line(contacts, post, id, box.write, ask, end, later)


@pytest.fixture(params=["memory", "postgresql"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """Somebody who has written once, and was answered."""
    if request.param == "memory":
        yield in_memory()
        return
    from twisted.internet import reactor

    url = request.getfixturevalue("database")
    pool = Pool(reactor, url, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    with Clerk(url, superuser=True) as clerk:
        yield in_postgresql(pool, clerk)
    pool.close()


async def test_a_step_is_taken_once(line: Line) -> None:
    """Whole, or not at all: what was heard, where they stand, what is said."""
    arrival = line.write()
    [heard] = await line.contacts.arrivals(line.id)
    step = Step(
        contact=line.id,
        arrivals=(arrival,),
        dialogue={"v": 1, "state": "menu"},
        language="sn",
        greeted=True,
        opted_out=True,
        excused=True,
        says=(Outgoing(str(uuid4()), Text("One")), Outgoing(str(uuid4()), Text("Two"))),
        reply_to="w",
    )

    taken = await line.contacts.take(step, "here")
    again = await line.contacts.take(step, "here")

    assert heard.id == arrival
    assert taken is not None
    assert len(taken) == 1
    assert again is None
    assert await line.contacts.arrivals(line.id) == ()
    stands = await line.contacts.contact(line.id)
    assert (stands.dialogue, stands.language) == ({"v": 1, "state": "menu"}, "sn")
    assert (stands.greeted, stands.opted_out, stands.excused) == (True, True, True)
    assert stands.open_for > timedelta(hours=23)
    letters = await line.post.letters(line.id)
    assert [one.message for one in letters] == [Text("One"), Text("Two")]


async def test_a_step_leaves_what_it_does_not_name(line: Line) -> None:
    """Nothing said is nothing to be sent."""
    before = await line.contacts.contact(line.id)
    step = Step(contact=line.id, arrivals=(line.write(),), outcome="ignored", ref="old")

    assert await line.contacts.take(step, "here") == ()

    after = await line.contacts.contact(line.id)
    assert (after.language, after.dialogue) == (before.language, before.dialogue)
    assert not after.opted_out
    assert await line.post.letters(line.id) == ()


async def test_an_answer_is_put_into_parts_once(line: Line) -> None:
    """When it has ended; until then it is what they wait for."""
    answer = line.ask()
    letter = await line.sent_soon(answer=answer)
    waiting = await line.contacts.contact(line.id)
    early = await line.post.letters(line.id)
    line.end(answer)

    [ready] = await line.post.letters(line.id)
    told = await line.post.finished(letter)
    says = [Outgoing(str(uuid4()), Text(word)) for word in ("Be", "cause")]
    first = await line.post.parts(letter, says)
    second = await line.post.parts(letter, says)

    assert waiting.waiting_answer == answer
    assert early == ()
    assert (ready.id, ready.message, ready.answer) == (letter, None, answer)
    assert (told.answer, told.question, told.cost) == (answer, "Why?", COST)
    assert (first, second) == (True, False)
    parts = await line.post.letters(line.id)
    assert [(one.message, one.answer) for one in parts] == [
        (Text("Be"), answer),
        (Text("cause"), answer),
    ]
    assert (await line.contacts.contact(line.id)).waiting_answer is None


async def test_a_letter_without_an_answer_has_nothing_to_tell(line: Line) -> None:
    """Nor has one that is still being written."""
    for letter in (
        await line.sent_soon(message=Text("One")),
        await line.sent_soon(answer=line.ask()),
    ):
        with pytest.raises(NotFound):
            await line.post.finished(letter)


async def test_what_was_begun_is_not_tried_before_its_news_had_time(
    line: Line,
) -> None:
    """After a crash nobody knows whether it went; after a minute it is tried again."""
    letter = await line.sent_soon(message=Text("One"))

    tries = [await line.post.begin(letter) for _ in range(2)]
    [waits] = await line.post.letters(line.id)
    line.later()
    again = await line.post.begin(letter)
    await line.post.sent(letter, "wamid.1")

    assert tries == [True, False]
    assert (waits.state, waits.attempts) == ("sending", 1)
    assert waits.wait > timedelta(seconds=50)
    assert again
    assert await line.post.letters(line.id) == ()
    assert not await line.post.begin(letter)


@pytest.mark.parametrize(
    ("fate", "left"), [("again", 1), ("window", 0), ("final", 0), ("gone", 0)]
)
async def test_a_letter_in_trouble(line: Line, fate: str, left: int) -> None:
    """It waits, is kept, or is given up."""
    letter = await line.sent_soon(message=Text("One"))
    assert await line.post.begin(letter)

    wait = timedelta(seconds=30)
    free = await line.post.trouble(letter, Fate(fate), wait, 131000, "trouble")

    assert free == 0
    letters = await line.post.letters(line.id)
    assert len(letters) == left
    assert all(one.wait > timedelta(seconds=20) for one in letters)


async def test_what_can_never_be_delivered_is_given_back_once(line: Line) -> None:
    """Whichever of its parts failed."""
    answer = line.ask()
    letter = await line.sent_soon(answer=answer)
    line.end(answer)
    says = [Outgoing(str(uuid4()), Text(word)) for word in ("Be", "cause")]
    await line.post.parts(letter, says)

    given = [
        await line.post.trouble(one.id, Fate.FINAL, NOW, 131026, "no") for one in says
    ]

    assert given == [COST, 0]


async def test_a_pause_of_one_person(line: Line) -> None:
    """Their letters wait, until it is over or taken back."""
    await line.sent_soon(message=Text("One"))

    await line.post.pause_contact(line.id, timedelta(seconds=16))
    [slow] = await line.post.letters(line.id)
    await line.post.pause_contact(line.id, None)
    [free] = await line.post.letters(line.id)

    assert slow.wait > timedelta(seconds=10)
    assert free.wait <= NOW


async def test_a_pause_of_all_sending(line: Line) -> None:
    """For a while, or until a person looks: then it says so."""
    free = await line.post.paused()
    await line.post.pause_number(timedelta(seconds=30), "slower")
    slow = await line.post.paused()
    await line.post.pause_number(None, "stopped")

    assert free == NOW
    assert slow is not None
    assert slow > timedelta(seconds=20)
    assert await line.post.paused() is None


async def test_a_phrase_that_nobody_showed_proves_nothing(line: Line) -> None:
    """Whoever sends it."""
    assert await line.contacts.prove("0" * 64, line.id) == ("unknown", None)


async def test_an_account_is_made_once(line: Line) -> None:
    """Whoever asks again is told the same."""
    first = await line.contacts.account(line.id, Tokens(0))
    again = await line.contacts.account(line.id, Tokens(0))

    assert again == attrs.evolve(first, made=False)
