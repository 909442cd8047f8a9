"""What the stores of questions and answers promise, in memory and in PostgreSQL.

The seeded simulation (tests/simulation) lives on the fakes, so it is worth as much as
they are like the real thing.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from tests.contracts.stores import (
    MOST_OPEN,
    WHOLE,
    Desk,
)
from tests.fakes.memory import HOLD, LEASE, MOST_ATTEMPTS
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Brief, Level, Section, Style
from zimgpt.domain.ledger import Terms, Tokens
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows.ports import Claim

NOBODYS = AnswerId("00000000-0000-4000-8000-000000000000")
PATIENCE = timedelta(seconds=30)


# ---- asking


async def test_a_question_is_held_for(desk: Desk) -> None:
    """What it may cost is set aside in the same commit."""
    asked = await desk.ask()

    assert (asked.outcome, asked.hold, asked.available) == ("accepted", 100, 900)
    assert desk.place.available(desk.user) == 900


async def test_a_repeat_is_the_first_again(desk: Desk) -> None:
    """Nothing more is held, and nothing more is to be published."""
    first = await desk.ask(client_id="q")
    question = desk.question(client_id="q")

    again = await desk.place.questions.ask(attrs.evolve(question, text="Another?"))

    assert again.outcome == "differs"
    assert again.answer == first.answer
    assert desk.place.available(desk.user) == 900


async def test_a_repeat_of_the_same_text_names_the_same_answer(desk: Desk) -> None:
    """Its terms are those that were agreed."""
    question = desk.question()
    first = await desk.place.questions.ask(question)
    changed = desk.question(client_id=question.client_id, text=question.text)

    again = await desk.place.questions.ask(
        attrs.evolve(changed, terms=Terms(1, Tokens(2**62), lowered=True))
    )

    assert again.outcome == "repeat"
    assert (again.answer, again.conversation) == (first.answer, first.conversation)
    assert (again.hold, again.max_tokens, again.job) == (100, 64, None)


async def test_what_is_not_covered_is_refused(desk: Desk) -> None:
    """And changes nothing."""
    asked = await desk.ask(terms=Terms(64, Tokens(1_001), lowered=False))

    assert asked.outcome == "insufficient"
    assert desk.place.available(desk.user) == 1_000


async def test_only_so_many_are_under_way(desk: Desk) -> None:
    """One more is refused until one has ended; a repeat passes."""
    question = desk.question()
    assert (await desk.place.questions.ask(question)).outcome == "accepted"
    claims = [await desk.claimed() for _ in range(MOST_OPEN - 1)]

    assert (await desk.ask()).outcome == "too_many"
    assert (await desk.place.questions.ask(question)).outcome == "repeat"
    await desk.place.drafts.finish(claims[0].answer, 1, "", WHOLE, "model")
    assert (await desk.ask()).outcome == "accepted"


async def test_a_conversation_is_gone_on_with_by_its_owner_alone(desk: Desk) -> None:
    """Another's, a deleted one's and an essay's are not there."""
    first = await desk.ask()
    stranger = Desk(desk.place, desk.place.person(1_000))
    essay = await desk.ask(kind=Kind.ESSAY)

    mine = await desk.ask(conversation=first.conversation)
    others = await stranger.ask(conversation=first.conversation)
    of_essay = await desk.ask(conversation=essay.conversation)

    assert mine.outcome == "accepted"
    assert others.outcome == "unknown_conversation"
    assert of_essay.outcome in ("too_many", "unknown_conversation")
    assert desk.place.available(stranger.user) == 1_000
    await desk.place.conversations.delete(desk.user, first.conversation)
    with pytest.raises(NotFound):
        await desk.place.questions.prospect(desk.user, first.conversation, ["model"])


# ---- claims and leases


async def test_a_job_is_one_workers(desk: Desk) -> None:
    """Until its lease runs out nobody else gets it, nor the same one twice."""
    claim = await desk.claimed()

    assert claim.attempt == 1
    assert await desk.place.jobs.claim(claim.job, "there") is None
    assert await desk.place.jobs.claim(claim.job, "here") is None


async def test_a_lease_that_ran_out_is_anothers_to_take(desk: Desk) -> None:
    """As a new epoch, under which nothing is written yet."""
    claim = await desk.claimed()
    assert await desk.wrote(claim, 1)
    desk.place.later(LEASE + 1)

    again = await desk.place.jobs.claim(claim.job, "there")

    assert again is not None
    assert again.attempt == 2
    assert await desk.text(claim.answer) == ""


async def test_a_lease_is_renewed_by_its_holder_in_time(desk: Desk) -> None:
    """Not by another, and not when it has run out."""
    claim = await desk.claimed()
    desk.place.later(LEASE - 5)

    assert await desk.place.jobs.renew("there", [claim.job]) == frozenset()
    assert await desk.place.jobs.renew("here", [claim.job]) == {claim.job}
    desk.place.later(LEASE - 5)
    assert await desk.place.jobs.claim(claim.job, "there") is None
    desk.place.later(10)
    assert await desk.place.jobs.renew("here", [claim.job]) == frozenset()


async def test_a_job_given_back_rests_before_it_is_taken_again(desk: Desk) -> None:
    """And is given to the broker again at once after that."""
    claim = await desk.claimed()

    assert await desk.place.jobs.retry(claim.job, "here", "it broke", PATIENCE)
    assert await desk.place.jobs.claim(claim.job, "here") is None
    assert await desk.place.outbox.due(PATIENCE, 10) == ()
    desk.place.later(31)
    [due] = await desk.place.outbox.due(PATIENCE, 10)
    assert due.job == claim.job
    assert await desk.place.jobs.claim(claim.job, "here") is not None


async def test_only_its_holder_gives_a_job_back(desk: Desk) -> None:
    """Whoever has lost it changes nothing."""
    claim = await desk.claimed()

    assert not await desk.place.jobs.retry(claim.job, "there", "late", PATIENCE)
    assert await desk.place.jobs.renew("here", [claim.job]) == {claim.job}


async def test_a_worker_that_begins_again_gives_back_all_it_had(desk: Desk) -> None:
    """What others hold stays theirs."""
    mine, others = await desk.claimed("here"), await desk.claimed("there")

    assert await desk.place.jobs.release("here") == 1
    assert await desk.place.jobs.claim(others.job, "here") is None
    again = await desk.place.jobs.claim(mine.job, "there")
    assert again is not None
    assert again.attempt == 2


async def test_the_last_attempt_is_the_last(desk: Desk) -> None:
    """Then the answer has failed, free of charge."""
    claim = await desk.claimed()
    for _ in range(MOST_ATTEMPTS - 1):
        desk.place.later(LEASE + 1)
        assert await desk.place.jobs.claim(claim.job, "here") is not None
    desk.place.later(LEASE + 1)

    assert await desk.place.jobs.claim(claim.job, "here") is None
    reading = await desk.place.answers.read(desk.user, claim.answer, 0, 0)
    assert reading.end is not None
    assert (reading.state, reading.end.finish) == (State.FAILED, Finish.GAVE_UP)
    assert desk.place.available(desk.user) == 1_000


async def test_a_worker_has_one_job_on_its_last_attempts(desk: Desk) -> None:
    """A question that kills its worker takes no neighbours with it."""
    claims = [await desk.claimed("here") for _ in range(2)]
    for _ in range(MOST_ATTEMPTS - 3):
        desk.place.later(LEASE + 1)
        for claim in claims:
            assert await desk.place.jobs.claim(claim.job, "here") is not None
    desk.place.later(LEASE + 1)

    assert await desk.place.jobs.claim(claims[0].job, "here") is not None
    assert await desk.place.jobs.claim(claims[1].job, "here") is None
    assert await desk.place.jobs.claim(claims[1].job, "there") is None
    desk.place.later(1.5)
    assert await desk.place.jobs.claim(claims[1].job, "there") is not None


# ---- text


async def test_pieces_are_taken_in_their_places(desk: Desk) -> None:
    """One that was taken before is taken again, and stored once; a gap is refused."""
    claim = await desk.claimed()

    assert await desk.wrote(claim, 1, "Rain ")
    assert await desk.wrote(claim, 1, "Rain ")
    assert not await desk.wrote(claim, 3, "gap ")
    assert await desk.wrote(claim, 2, "falls.")

    assert await desk.text(claim.answer) == "Rain falls."


async def test_a_zombie_writes_nothing(desk: Desk) -> None:
    """Neither text nor an end, once another attempt has begun."""
    zombie = await desk.claimed()
    desk.place.later(LEASE + 1)
    living = await desk.place.jobs.claim(zombie.job, "there")
    assert living is not None

    assert not await desk.wrote(zombie, 1, "old ")
    finish = desk.place.drafts.finish
    assert await finish(zombie.answer, zombie.attempt, "old", WHOLE, "model") is None
    assert await desk.wrote(living, 1, "new ")
    ended = await finish(living.answer, living.attempt, "text", WHOLE, "model")

    assert ended is not None
    assert (ended.charged, ended.available, ended.last_seq) == (30, 970, 2)
    assert await desk.text(living.answer) == "new text"


async def test_an_answer_ends_once(desk: Desk) -> None:
    """What comes after the end changes nothing, and it is charged once."""
    claim = await desk.claimed()
    finish = desk.place.drafts.finish
    assert await finish(claim.answer, 1, "Rain.", WHOLE, "model") is not None

    assert await finish(claim.answer, 1, "Rain.", WHOLE, "model") is None
    assert not await desk.wrote(claim, 2)
    assert await desk.place.jobs.claim(claim.job, "here") is None

    assert await desk.text(claim.answer) == "Rain."
    assert desk.place.available(desk.user) == 970


async def test_the_cost_is_never_above_the_hold(desk: Desk) -> None:
    """Nor below nothing."""
    claim = await desk.claimed()
    dear = Ending(State.COMPLETE, Finish.STOP, WHOLE.usage, Tokens(5_000))

    ended = await desk.place.drafts.finish(claim.answer, 1, "Rain.", dear, "model")

    assert ended is not None
    assert ended.charged == 100
    assert desk.place.available(desk.user) == 900


async def test_a_chat_remembers_what_was_answered(desk: Desk) -> None:
    """Of its window: not what came to nothing, and not this question."""
    first = await desk.claimed()
    await desk.place.drafts.finish(first.answer, 1, "Tom.", WHOLE, "model")
    silent = Ending(State.FAILED, Finish.BUSY, None, Tokens(0))
    second = await desk.ask(conversation=first.conversation)
    failed = await desk.place.jobs.claim(second.job or "", "here")
    assert failed is not None
    await desk.place.drafts.finish(failed.answer, 1, "", silent, "")
    third = await desk.ask(conversation=first.conversation, window_from=first.answer)
    claim = await desk.place.jobs.claim(third.job or "", "here")
    assert claim is not None

    prospect = await desk.place.questions.prospect(
        desk.user, first.conversation, ["model"]
    )
    turns = (await desk.place.drafts.remembered(claim)).turns

    assert [(turn.question, turn.reply) for turn in turns] == [(first.question, "Tom.")]
    assert prospect.turns == turns


async def turns_of(desk: Desk, count: int) -> tuple[ConversationId, list[AnswerId]]:
    """A conversation with so many answered turns."""
    talk: ConversationId | None = None
    answers: list[AnswerId] = []
    for number in range(count):
        asked = await desk.ask(conversation=talk)
        claim = await desk.place.jobs.claim(asked.job or "", "here")
        assert claim is not None
        await desk.place.drafts.finish(claim.answer, 1, f"Reply {number}", WHOLE, "m")
        talk = asked.conversation
        answers.append(claim.answer)
    assert talk is not None
    return talk, answers


async def folding(desk: Desk, talk: ConversationId, first: AnswerId) -> Claim:
    """A question before which older turns go into the memory, claimed."""
    asked = await desk.ask(conversation=talk, window_from=first, fold=True)
    claim = await desk.place.jobs.claim(asked.job or "", "here")
    assert claim is not None
    return claim


async def test_what_the_memory_lacks_comes_along(desk: Desk) -> None:
    """Before the window, and only where it was priced; what is kept is known to the
    next question, and covers what it says."""
    talk, turns = await turns_of(desk, 4)
    claim = await folding(desk, talk, turns[3])

    found = await desk.place.drafts.remembered(claim)
    kept = await desk.place.drafts.remember(claim, turns[2], "In short.", "v1")
    again = await desk.place.drafts.remembered(claim)
    prospect = await desk.place.questions.prospect(desk.user, talk, ["model"])
    _, told = await desk.place.conversations.info(desk.user, talk)

    assert [turn.answer for turn in found.beyond] == turns[:3]
    assert [turn.answer for turn in found.turns] == turns[3:]
    assert found.memory is None
    assert kept
    assert (again.memory, again.beyond) == ("In short.", ())
    assert again.turns == found.turns
    assert prospect.memory == told == "In short."
    assert [turn.answer for turn in prospect.turns] == turns[3:]


async def test_a_memory_only_reaches_further(desk: Desk) -> None:
    """And is taken from no attempt that was superseded or has ended."""
    talk, turns = await turns_of(desk, 4)
    claim = await folding(desk, talk, turns[3])
    remember = desk.place.drafts.remember

    assert await remember(claim, turns[1], "Two.", "v1")
    assert not await remember(claim, turns[0], "One.", "v1")
    assert not await remember(attrs.evolve(claim, attempt=2), turns[2], "No.", "v1")
    assert await remember(claim, turns[2], "Three.", "v1")
    await desk.place.drafts.finish(claim.answer, 1, "So.", WHOLE, "m")
    assert not await remember(claim, turns[3], "Late.", "v1")

    _, told = await desk.place.conversations.info(desk.user, talk)
    assert told == "Three."


async def test_a_deleted_conversation_has_no_memory(desk: Desk) -> None:
    """What there was is gone, and nothing more is kept."""
    talk, turns = await turns_of(desk, 3)
    claim = await folding(desk, talk, turns[2])
    await desk.place.drafts.remember(claim, turns[0], "One.", "v1")

    await desk.place.conversations.delete(desk.user, talk)

    assert not await desk.place.drafts.remember(claim, turns[1], "Two.", "v1")
    assert (await desk.place.drafts.remembered(claim)).memory is None


async def test_a_brief_comes_with_its_question(desk: Desk) -> None:
    """As it was ordered, and a repeat has the same one; what is known of the essay's
    end is told with it."""
    brief = Brief(
        level=Level.CAMBRIDGE_A,
        words=800,
        style=Style.MLA,
        language=Language.SHONA,
        points=("é",),
        outline=(Section("One", ("a", "b"), 300), Section("Two")),
    )
    question = desk.question(kind=Kind.ESSAY, brief=brief)
    asked = await desk.place.questions.ask(question)
    repeat = await desk.place.questions.ask(question)
    other = await desk.place.questions.ask(attrs.evolve(question, brief=None))
    claim = await desk.place.jobs.claim(asked.job or "", "here")
    assert claim is not None
    ending = attrs.evolve(WHOLE, words=812, memory=Tokens(7))
    await desk.place.drafts.finish(claim.answer, 1, "## One", ending, "m")

    end = (await desk.place.answers.read(desk.user, claim.answer, 0, 0)).end

    assert claim.brief == brief
    assert (repeat.outcome, other.outcome) == ("repeat", "differs")
    assert end is not None
    assert (end.words, end.memory) == (812, 7)


async def test_an_essay_goes_on_with_the_conversation_of_its_outline(
    desk: Desk,
) -> None:
    """Of the same person and kind alone."""
    first = await desk.ask(kind=Kind.ESSAY)
    chat = await desk.ask()

    wrong = await desk.ask(kind=Kind.ESSAY, conversation=chat.conversation)
    essay = await desk.ask(kind=Kind.ESSAY, conversation=first.conversation)

    assert (essay.outcome, essay.conversation) == ("accepted", first.conversation)
    assert wrong.outcome == "unknown_conversation"


# ---- reading


async def test_a_reader_gets_exactly_the_rest(desk: Desk) -> None:
    """From each place of the epoch; from the start for a place of another."""
    claim = await desk.claimed()
    for seq, text in enumerate(("Rain ", "falls ", "on "), 1):
        assert await desk.wrote(claim, seq, text)
    whole = "Rain falls on Gwanda."
    await desk.place.drafts.finish(claim.answer, 1, "Gwanda.", WHOLE, "model")

    assert await desk.text(claim.answer, 1, 0) == whole
    assert await desk.text(claim.answer, 1, 1) == "falls on Gwanda."
    assert await desk.text(claim.answer, 1, 3) == "Gwanda."
    assert await desk.text(claim.answer, 1, 4) == ""
    assert await desk.text(claim.answer, 1, 99) == ""
    assert await desk.text(claim.answer, 2, 3) == whole


async def test_what_is_not_theirs_is_not_there(desk: Desk) -> None:
    """Another's answer, one that never was, and one of a deleted conversation."""
    claim = await desk.claimed()
    stranger = Desk(desk.place, desk.place.person(0))

    for reader, answer in ((stranger, claim.answer), (desk, NOBODYS)):
        with pytest.raises(NotFound):
            await reader.text(answer)
    assert await desk.place.questions.stop(stranger.user, claim.answer) is None
    with pytest.raises(NotFound):
        await desk.place.conversations.delete(
            stranger.user, ConversationId(claim.conversation)
        )
    open_ones = await desk.place.conversations.delete(desk.user, claim.conversation)
    assert open_ones == (claim.answer,)
    with pytest.raises(NotFound):
        await desk.text(claim.answer)


async def test_progress_is_what_is_stored(desk: Desk) -> None:
    """And names who writes it, until it has ended."""
    claim = await desk.claimed("there")
    await desk.wrote(claim, 1)

    [writing] = await desk.place.answers.progress([claim.answer, NOBODYS])
    await desk.place.drafts.finish(claim.answer, 1, "", WHOLE, "model")
    [ended] = await desk.place.answers.progress([claim.answer])

    assert (writing.epoch, writing.last_seq, writing.ended) == (1, 1, False)
    assert (writing.writer, ended.writer, ended.ended) == ("there", "", True)


# ---- stopping, and upkeep


async def test_a_stop_is_remembered_for_the_claim(desk: Desk) -> None:
    """And names the writer, once there is one; what has ended cannot be stopped."""
    asked = await desk.ask()
    assert await desk.place.questions.stop(desk.user, asked.answer) == ""
    claim = await desk.place.jobs.claim(asked.job or "", "here")
    assert claim is not None

    assert claim.stop_requested
    assert await desk.place.questions.stop(desk.user, asked.answer) == "here"
    await desk.place.drafts.finish(claim.answer, 1, "", WHOLE, "model")
    assert await desk.place.questions.stop(desk.user, asked.answer) is None


async def test_what_the_broker_lacks_is_due(desk: Desk) -> None:
    """After some seconds if it never confirmed it; after its patience if it did; each
    time to one caller."""
    lacking, given = await desk.ask(), await desk.ask()
    assert given.outbox is not None
    await desk.place.outbox.confirm([given.outbox])
    assert await desk.place.outbox.due(PATIENCE, 10) == ()

    desk.place.later(6)
    [first] = await desk.place.outbox.due(PATIENCE, 10)
    assert await desk.place.outbox.due(PATIENCE, 10) == ()
    desk.place.later(25)
    second, third = await desk.place.outbox.due(PATIENCE, 10)

    assert (first.job, first.outbox) == (lacking.job, lacking.outbox)
    assert (second.job, second.outbox) == (given.job, None)
    assert third.job == lacking.job


async def test_a_job_past_its_lease_is_due(desk: Desk) -> None:
    """Not while its worker lives."""
    claim = await desk.claimed()
    desk.place.later(LEASE - 1)
    assert await desk.place.outbox.due(PATIENCE, 10) == ()

    desk.place.later(2)

    [due] = await desk.place.outbox.due(PATIENCE, 10)
    assert due.job == claim.job


async def test_a_hold_that_nobody_will_settle_is_released(desk: Desk) -> None:
    """Unless a living worker has its job; a claim makes it last."""
    forgotten = await desk.ask()
    desk.place.later(HOLD - 1)
    claim = await desk.claimed()
    desk.place.later(2)

    assert await desk.place.upkeep.close_expired(10) == (forgotten.answer,)
    reading = await desk.place.answers.read(desk.user, forgotten.answer, 0, 0)
    assert reading.end is not None
    assert reading.end.finish is Finish.EXPIRED
    assert desk.place.available(desk.user) == 900
    assert await desk.wrote(claim, 1)


async def test_deleted_words_are_forgotten_when_nothing_is_written(desk: Desk) -> None:
    """The ledger keeps its lines."""
    claim = await desk.claimed()
    await desk.wrote(claim, 1)
    await desk.place.conversations.delete(desk.user, claim.conversation)

    assert await desk.place.upkeep.erase_deleted(10) == 0
    await desk.place.drafts.finish(claim.answer, 1, "", WHOLE, "model")
    assert await desk.place.upkeep.erase_deleted(10) == 1
    assert await desk.place.upkeep.erase_deleted(10) == 0
    assert desk.place.available(desk.user) == 970
