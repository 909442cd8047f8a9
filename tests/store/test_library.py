"""What was written, as documents read it."""

from __future__ import annotations

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Level
from zimgpt.domain.texts import Language
from zimgpt.store.library import PgLibrary
from zimgpt.store.pool import Pool


async def test_an_answer_is_its_askers(clerk: Clerk, pool: Pool) -> None:
    """With its question, state and kind; for others there is none."""
    user, other = UserId(clerk.person(1_000)), UserId(clerk.person(1_000))
    asked = clerk.answered(user, kind="essay", text="Rain?")
    library = PgLibrary(pool)

    found = await library.answer(user, AnswerId(asked.answer))
    assert (found.kind, found.question, found.state) == (
        "essay",
        "Rain?",
        State.COMPLETE,
    )
    assert found.text.startswith("Be")
    assert await library.delivered(AnswerId(asked.answer)) == found
    with pytest.raises(NotFound):
        await library.answer(other, AnswerId(asked.answer))


async def test_what_was_ordered_is_known(owner: Clerk, pool: Pool) -> None:
    """Of an essay by a brief: whom it is for, its language, and how many words were
    counted."""
    user = UserId(owner.person(1_000))
    asked = owner.answered(user, kind="essay")
    owner.rows(
        """update questions set brief = '{"level": "zimsec_o", "language": "nd"}'
            where answer_id = %s""",
        asked.answer,
    )
    owner.rows("update answers set words = 812 where id = %s", asked.answer)

    found = await PgLibrary(pool).answer(user, AnswerId(asked.answer))
    assert (found.level, found.words) == (Level.ZIMSEC_O, 812)
    assert found.language is Language.NDEBELE


async def test_a_conversation_is_all_of_its_turns(clerk: Clerk, pool: Pool) -> None:
    """Oldest first, those that are being written too."""
    user, other = UserId(clerk.person(1_000)), UserId(clerk.person(1_000))
    first = clerk.answered(user, text="One?")
    clerk.ask(user, text="Two?", conversation=first.conversation)
    library = PgLibrary(pool)
    conversation = ConversationId(first.conversation)

    title, turns = await library.conversation(user, conversation)
    assert title == "a title"
    assert [(one.question, one.state) for one in turns] == [
        ("One?", State.COMPLETE),
        ("Two?", State.QUEUED),
    ]
    with pytest.raises(NotFound):
        await library.conversation(other, conversation)


async def test_what_was_deleted_is_gone(clerk: Clerk, pool: Pool) -> None:
    """Its answers too, by whichever way they are asked for."""
    user = UserId(clerk.person(1_000))
    asked = clerk.answered(user)
    clerk.rows(
        "update conversations set deleted_at = now() where id = %s", asked.conversation
    )
    library = PgLibrary(pool)

    with pytest.raises(NotFound):
        await library.answer(user, AnswerId(asked.answer))
    with pytest.raises(NotFound):
        await library.delivered(AnswerId(asked.answer))
    with pytest.raises(NotFound):
        await library.conversation(user, ConversationId(asked.conversation))
