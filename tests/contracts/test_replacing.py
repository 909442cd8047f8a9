"""What the stores promise of questions that take the place of earlier turns."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.contracts.stores import WHOLE, Desk
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import TurnReplaced
from zimgpt.flows.ports import Asked, Claim, TurnInfo

IN_VAIN = Ending(State.FAILED, Finish.BUSY, None, Tokens(0))


async def begun(desk: Desk, **changed: object) -> Claim:
    """A question that a worker has taken."""
    asked = await desk.ask(**changed)
    claim = await desk.place.jobs.claim(asked.job or "", "here")
    assert claim is not None, asked.outcome
    return claim


async def answered(
    desk: Desk, ending: Ending = WHOLE, **changed: object
) -> tuple[ConversationId, AnswerId]:
    """A turn that has ended; its reply names its question."""
    claim = await begun(desk, **changed)
    text = f"To {claim.question}" if ending is WHOLE else ""
    await desk.place.drafts.finish(claim.answer, 1, text, ending, "m")
    return claim.conversation, claim.answer


async def talk_of(desk: Desk, count: int) -> tuple[ConversationId, list[AnswerId]]:
    """A conversation with so many answered turns."""
    talk, first = await answered(desk)
    rest = [(await answered(desk, conversation=talk))[1] for _ in range(count - 1)]
    return talk, [first, *rest]


async def shown(
    desk: Desk, talk: ConversationId, by: AnswerId | None = None
) -> tuple[TurnInfo, ...]:
    """What is read again, or what an answer took the place of."""
    return await desk.place.conversations.turns(
        desk.user, talk, before=None, limit=9, replaced_by=by
    )


async def names(
    desk: Desk, talk: ConversationId, by: AnswerId | None = None
) -> list[AnswerId]:
    """Which turns these are."""
    return [turn.answer for turn in await shown(desk, talk, by)]


async def remembered(desk: Desk, talk: ConversationId) -> list[AnswerId]:
    """Which turns a next question goes with."""
    prospect = await desk.place.questions.prospect(desk.user, talk, ["model"])
    return [turn.answer for turn in prospect.turns]


async def test_a_turn_makes_room_with_all_after_it(desk: Desk) -> None:
    """Seen again and remembered is the new one alone; the old ones are there to be
    read, and were paid for."""
    talk, turns = await talk_of(desk, 3)

    _, new = await answered(desk, conversation=talk, replaces=turns[1])

    assert await names(desk, talk) == [turns[0], new]
    assert (await shown(desk, talk))[1].replaces == turns[1]
    assert await remembered(desk, talk) == [turns[0], new]
    earlier = await shown(desk, talk, new)
    assert [turn.answer for turn in earlier] == turns[1:]
    assert [turn.cost for turn in earlier] == [WHOLE.cost, WHOLE.cost]
    assert "To " in await desk.text(turns[1])


async def test_what_came_after_a_turn_is_found_without_it(desk: Desk) -> None:
    """With what was written, or without; nothing after the last."""
    talk, turns = await talk_of(desk, 3)
    stranger = Desk(desk.place, desk.place.person(1_000))

    async def after(
        turn: AnswerId, asker: Desk = desk, texts: bool = True
    ) -> list[tuple[AnswerId, str]]:
        found = await desk.place.conversations.turns(
            asker.user, talk, before=None, limit=9, after=turn, texts=texts
        )
        return [(one.answer, one.text) for one in found]

    later = await after(turns[0])
    assert [answer for answer, _ in later] == turns[1:]
    assert all(text.startswith("To ") for _, text in later)
    assert await after(turns[1], texts=False) == [(turns[2], "")]
    assert await after(turns[2]) == []
    with pytest.raises(NotFound):
        await after(AnswerId(str(uuid4())))
    with pytest.raises(NotFound):
        await after(turns[0], stranger)


async def test_what_came_after_a_replaced_turn_makes_no_sense(desk: Desk) -> None:
    """Who has it has to look at the whole again; before its place all is as it was."""
    talk, turns = await talk_of(desk, 3)
    _, new = await answered(desk, conversation=talk, replaces=turns[1])
    find = desk.place.conversations.turns

    for gone in turns[1:]:
        with pytest.raises(TurnReplaced):
            await find(desk.user, talk, before=None, limit=9, after=gone)
    found = await find(desk.user, talk, before=None, limit=9, after=turns[0])

    assert [turn.answer for turn in found] == [new]


async def test_its_model_is_told_what_came_before_the_place(desk: Desk) -> None:
    """When it is priced, and when it is asked."""
    talk, turns = await talk_of(desk, 3)

    prospect = await desk.place.questions.prospect(desk.user, talk, ["model"], turns[2])
    claim = await begun(
        desk, conversation=talk, replaces=turns[2], window_from=turns[0]
    )
    found = await desk.place.drafts.remembered(claim)

    assert [turn.answer for turn in prospect.turns] == turns[:2]
    assert [turn.answer for turn in found.turns] == turns[:2]


async def test_what_comes_to_nothing_gives_the_place_back(desk: Desk) -> None:
    """The turn is there again; asked once more, it is replaced after all."""
    talk, turns = await talk_of(desk, 2)

    _, failed = await answered(desk, IN_VAIN, conversation=talk, replaces=turns[1])
    before = await names(desk, talk)
    kept = await remembered(desk, talk)
    _, new = await answered(desk, conversation=talk, replaces=failed)

    assert before == [*turns, failed]
    assert kept == turns
    assert await names(desk, talk) == [turns[0], new]
    assert await names(desk, talk, new) == [turns[1], failed]


async def test_a_place_is_taken_once(desk: Desk) -> None:
    """Not by two questions, nor while what is there is being written, nor by who does
    not own it; nothing is held for what is refused."""
    talk, turns = await talk_of(desk, 1)
    elsewhere, _ = await talk_of(desk, 1)
    open_one = await begun(desk, conversation=talk)
    balance = desk.place.available(desk.user)

    async def outcome(**changed: object) -> str:
        asked: Asked = await desk.ask(**changed)
        return asked.outcome

    assert await outcome(conversation=talk, replaces=turns[0]) == "open_turn"
    assert (
        await outcome(conversation=elsewhere, replaces=turns[0])
        == "unknown_conversation"
    )
    stranger = Desk(desk.place, desk.place.person(1_000))
    asked = await stranger.ask(conversation=talk, replaces=turns[0])
    assert asked.outcome == "unknown_conversation"
    assert desk.place.available(desk.user) == balance
    await desk.place.drafts.finish(open_one.answer, 1, "So.", WHOLE, "m")
    await answered(desk, conversation=talk, replaces=turns[0])
    assert await outcome(conversation=talk, replaces=turns[0]) == "replaced"
    assert await outcome(conversation=talk, replaces=open_one.answer) == "replaced"


async def test_a_repeat_takes_the_same_place(desk: Desk) -> None:
    """It finds the first; the same words for another place are another question."""
    talk, turns = await talk_of(desk, 2)
    question = desk.question(conversation=talk, replaces=turns[1])
    ask = desk.place.questions.ask

    first = await ask(question)
    again = await ask(
        desk.question(
            client_id=question.client_id,
            text=question.text,
            conversation=talk,
            replaces=turns[1],
        )
    )
    other = await ask(
        desk.question(
            client_id=question.client_id,
            text=question.text,
            conversation=talk,
            replaces=turns[0],
        )
    )

    assert (first.outcome, again.outcome) == ("accepted", "repeat")
    assert again.answer == first.answer
    assert other.outcome == "differs"


async def test_a_memory_of_what_was_replaced_is_forgotten(desk: Desk) -> None:
    """One that reaches less far stays."""
    talk, turns = await talk_of(desk, 4)
    claim = await begun(desk, conversation=talk, window_from=turns[3], fold=True)
    await desk.place.drafts.remember(claim, turns[1], "Two.", "v1")
    await desk.place.drafts.finish(claim.answer, 1, "So.", WHOLE, "m")

    async def memory(replaces: AnswerId) -> tuple[str | None, str | None]:
        prospect = await desk.place.questions.prospect(
            desk.user, talk, ["model"], replaces
        )
        await answered(desk, conversation=talk, replaces=replaces)
        _, told = await desk.place.conversations.info(desk.user, talk)
        return prospect.memory, told

    assert await memory(turns[2]) == ("Two.", "Two.")
    assert await memory(turns[1]) == (None, None)
    [first, new] = await names(desk, talk)
    assert await remembered(desk, talk) == [first, new]
