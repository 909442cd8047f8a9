"""What people have chosen, as it is kept and as models are told it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.preferences import Preferences
from zimgpt.store.drafts import PgJobs
from zimgpt.store.pool import Pool
from zimgpt.store.preferences import PgPreferences
from zimgpt.store.questions import PgQuestions


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with a wallet."""
    return UserId(clerk.person(5_000))


async def test_a_language_is_chosen_and_taken_back(pool: Pool, user: UserId) -> None:
    """Nobody has chosen one at first."""
    chosen = PgPreferences(pool)

    before = await chosen.read(user)
    await chosen.answer_in(user, Language.SHONA)
    between = await chosen.read(user)
    await chosen.answer_in(user, None)

    assert before == Preferences(None, whatsapp=False, whatsapp_number=None)
    assert between.answer_language is Language.SHONA
    assert await chosen.read(user) == before


async def test_it_is_known_when_a_question_is_priced_and_claimed(
    pool: Pool, clerk: Clerk, user: UserId
) -> None:
    """So the model is told what was paid for."""
    await PgPreferences(pool).answer_in(user, Language.NDEBELE)
    asked = clerk.ask(user)

    prospect = await PgQuestions(pool, timedelta(minutes=1)).prospect(user, None, [])
    second = timedelta(seconds=1)
    claim = await PgJobs(pool, second, second).claim(asked.job, "here")

    assert prospect.language is Language.NDEBELE
    assert claim is not None
    assert claim.language is Language.NDEBELE


async def test_whose_whatsapp_shares_the_wallet(pool: Pool, owner: Clerk) -> None:
    """The number may be unknown."""
    user = UserId(owner.person(0))
    owner.rows(
        "insert into whatsapp_contacts (user_id, bsuid) values (%s, 'ZW.1')", user
    )
    nameless = await PgPreferences(pool).read(user)
    owner.rows("update whatsapp_contacts set phone = '+263771234567'")

    assert (nameless.whatsapp, nameless.whatsapp_number) == (True, None)
    assert (await PgPreferences(pool).read(user)).whatsapp_number == "+263771234567"
