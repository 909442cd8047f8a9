"""The stores of questions and answers, in memory and in PostgreSQL, side by side."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TypeAlias
from uuid import uuid4

import attrs

from tests.fakes.memory import (
    HOLD,
    LEASE,
    PRICE,
    Database,
    MemoryAnswers,
    MemoryDrafts,
    MemoryJobs,
    MemoryQuestions,
)
from tests.fakes.upkeep import MemoryConversations, MemoryOutbox, MemoryUpkeep
from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.ledger import Terms, Tokens, Usage
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports import (
    Asked,
    Claim,
    NewQuestion,
    Piece,
)
from zimgpt.store.answers import PgAnswers
from zimgpt.store.conversations import PgConversations
from zimgpt.store.drafts import PgDrafts, PgJobs
from zimgpt.store.pool import Pool
from zimgpt.store.questions import PgQuestions
from zimgpt.store.upkeep import PgOutbox, PgUpkeep

MOST_OPEN = 3
WHOLE = Ending(State.COMPLETE, Finish.STOP, Usage(10, 20), Tokens(30))

PASS = """
    update jobs set run_after = run_after - %(time)s,
                    lease_until = lease_until - %(time)s,
                    published_at = published_at - %(time)s;
    update reservations set expires_at = expires_at - %(time)s
"""


class InMemory:
    """The fakes."""

    def __init__(self) -> None:
        self.db = Database(balances={}, most_open=MOST_OPEN)
        self.questions = MemoryQuestions(self.db)
        self.jobs = MemoryJobs(self.db)
        self.drafts = MemoryDrafts(self.db)
        self.answers = MemoryAnswers(self.db)
        self.outbox = MemoryOutbox(self.db)
        self.upkeep = MemoryUpkeep(self.db)
        self.conversations = MemoryConversations(self.db)

    def person(self, tokens: int) -> UserId:
        """Somebody new."""
        user = UserId(len(self.db.balances) + 1)
        self.db.balances[user] = tokens
        return user

    def available(self, user: UserId) -> int:
        """What they may spend."""
        return self.db.balances[user]

    def later(self, seconds: float) -> None:
        """The clock is ours."""
        self.db.clock.advance(seconds)


class InPostgreSQL:
    """The real ones; time passes by moving everything that has one to the past."""

    def __init__(self, pool: Pool, owner: Clerk) -> None:
        hold = timedelta(seconds=HOLD)
        self.questions = PgQuestions(pool, hold, MOST_OPEN)
        self.jobs = PgJobs(pool, timedelta(seconds=LEASE), hold)
        self.drafts = PgDrafts(pool)
        self.answers = PgAnswers(pool)
        self.outbox = PgOutbox(pool)
        self.upkeep = PgUpkeep(pool)
        self.conversations = PgConversations(pool)
        self._owner = owner

    def person(self, tokens: int) -> UserId:
        """Somebody new."""
        return UserId(self._owner.person(tokens))

    def available(self, user: UserId) -> int:
        """What they may spend."""
        return self._owner.wallet(user)[0]

    def later(self, seconds: float) -> None:
        """Everything is longer ago."""
        self._owner.rows(PASS, time=timedelta(seconds=seconds))


Place: TypeAlias = InMemory | InPostgreSQL

_numbers = count(1)


@attrs.frozen
class Desk:
    """Somebody with a wallet who asks, and a worker or two."""

    place: Place
    user: UserId

    def question(self, **changed: object) -> NewQuestion:
        """A question that holds 100 tokens."""
        text = f"Why {next(_numbers)}?"
        new = NewQuestion(
            user=self.user,
            client_id=text,
            kind=Kind.CHAT,
            channel="web",
            text=text,
            conversation=None,
            new_conversation=ConversationId(str(uuid4())),
            title=text,
            answer=AnswerId(str(uuid4())),
            job=str(uuid4()),
            origin="here",
            prompt_estimate=10,
            terms=Terms(64, Tokens(100), lowered=False),
            window_from=None,
            prices=(PRICE,),
        )
        return attrs.evolve(new, **changed)  # type: ignore[arg-type]

    async def ask(self, **changed: object) -> Asked:
        """Asks it."""
        return await self.place.questions.ask(self.question(**changed))

    async def claimed(self, worker: str = "here") -> Claim:
        """A question that a worker has taken."""
        asked = await self.ask()
        assert asked.job is not None
        claim = await self.place.jobs.claim(asked.job, worker)
        assert claim is not None
        return claim

    async def wrote(self, claim: Claim, seq: int, text: str = "word ") -> bool:
        """Whether a piece of an attempt was taken."""
        piece = Piece(claim.answer, claim.attempt, seq, text)
        return bool(await self.place.drafts.append([piece]))

    async def text(self, answer: AnswerId, epoch: int = 0, seq: int = 0) -> str:
        """What its asker reads from some place."""
        reading = await self.place.answers.read(self.user, answer, epoch, seq)
        return "".join(piece.text for piece in reading.pieces)
