"""Whatever happens to questions, in whatever order, tokens are conserved."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Asked, Clerk
from zimgpt.store.invariants import violations

AT_ONCE, LATER = timedelta(0), timedelta(minutes=15)
PEOPLE = 2
WORKERS = st.sampled_from(["one", "two"])
TIMES = st.sampled_from([AT_ONCE, LATER])

_keys = count(1)


@attrs.define
class Life:
    """A question as its asker and its workers have seen it."""

    user: int
    asked: Asked
    epoch: int = 0
    seq: int = 0
    charged: int | None = None
    deleted: bool = False


class Lives(RuleBasedStateMachine):
    """Two people, two workers and a sweeper."""

    server: PostgreSQL

    def __init__(self) -> None:
        super().__init__()
        self.database = self.server.database()
        self.url = self.database.__enter__()
        self.clerk = Clerk(self.url)
        self.given: dict[int, int] = {}
        self.phones: dict[int, str] = {}
        self.lives: dict[str, Life] = {}

    open = Bundle("open")

    @initialize()
    def people(self) -> None:
        """Each has something to begin with."""
        for _ in range(PEOPLE):
            user = self.clerk.person(300)
            self.given[user] = 300
            phone = "select phone_e164 from users where id = %s"
            self.phones[user] = self.clerk.value(phone, user)

    @rule(
        target=open,
        who=st.integers(0, PEOPLE - 1),
        hold=st.integers(1, 250),
        ttl=TIMES,
    )
    def ask(self, who: int, hold: int, ttl: timedelta) -> str:
        """Taken if the balance covers it."""
        user = list(self.given)[who]
        available, _ = self.clerk.wallet(user)
        asked = self.clerk.ask(user, hold=hold, ttl=ttl)
        assert (asked.outcome == "accepted") == (hold <= available)
        if asked.outcome != "accepted":
            return ""
        self.lives[asked.answer] = Life(user, asked)
        return asked.answer

    @rule(answer=open, worker=WORKERS, lease=TIMES, hold=TIMES)
    def claim(
        self, answer: str, worker: str, lease: timedelta, hold: timedelta
    ) -> None:
        """Attempts only count upward."""
        if life := self.lives.get(answer):
            attempt = self.clerk.claim(life.asked.job, worker, lease=lease, hold=hold)
            if attempt is None:
                return
            assert life.charged is None
            assert attempt == life.epoch + 1
            life.epoch, life.seq = attempt, 0

    @rule(answer=open, behind=st.integers(0, 1), again=st.booleans())
    def append(self, answer: str, behind: int, again: bool) -> None:
        """The latest attempt writes its next piece; an older one writes nothing."""
        if life := self.lives.get(answer):
            seq = life.seq if again else life.seq + 1
            taken = self.clerk.append(answer, life.epoch - behind, seq)
            if behind or life.epoch == 0 or self._ended(answer):
                assert not taken
            elif seq > 0:
                assert taken
                life.seq = seq

    @rule(
        answer=open,
        behind=st.integers(0, 1),
        cost=st.integers(-10, 400),
        text=st.sampled_from(["", "end"]),
    )
    def finish(self, answer: str, behind: int, cost: int, text: str) -> None:
        """Charged at most once, at most the hold, by the latest attempt alone."""
        if life := self.lives.get(answer):
            may = life.epoch > 0 and not behind and not self._ended(answer)
            charged = self.clerk.finish(
                answer, life.epoch - behind if life.epoch else -1, cost=cost, text=text
            )
            assert charged == (min(max(cost, 0), life.asked.hold) if may else None)
            if charged is not None:
                life.charged = charged

    @rule(answer=open, worker=WORKERS)
    def retry(self, answer: str, worker: str) -> None:
        """A worker gives a job back."""
        if life := self.lives.get(answer):
            retry = "select retry_job(%s, %s, 'x', '0')"
            self.clerk.rows(retry, life.asked.job, worker)

    @rule(answer=open)
    def stop(self, answer: str) -> None:
        """The asker wants no more."""
        if life := self.lives.get(answer):
            self.clerk.rows("select request_stop(%s, %s)", answer, life.user)

    @rule(answer=open)
    def repeat(self, answer: str) -> None:
        """The same question again costs nothing."""
        if (life := self.lives.get(answer)) and not life.deleted:
            client = "select client_id from questions where answer_id = %s"
            client_id = self.clerk.value(client, answer)
            again = self.clerk.ask(life.user, client_id=client_id, hold=1)
            assert (again.outcome, again.answer) == ("repeat", answer)

    @rule(answer=open)
    def erase(self, answer: str) -> None:
        """A conversation is deleted; its words go once it is at rest."""
        if life := self.lives.get(answer):
            gone = "update conversations set deleted_at = now() where id = %s"
            self.clerk.rows(gone, life.asked.conversation)
            self.clerk.rows("select erase_deleted(100)")
            life.deleted = True

    @rule()
    def sweep(self) -> None:
        """What expired is released, what was lost is published again."""
        for answer, charged in self.clerk.rows("select * from close_expired(100)"):
            assert charged == 0
            if answer in self.lives:
                assert self.lives[answer].charged is None
        self.clerk.rows("select * from jobs_to_publish('0', 100)")

    @rule(worker=WORKERS)
    def restart(self, worker: str) -> None:
        """A node starts again under its name."""
        self.clerk.rows("select release_leases(%s)", worker)

    @rule(who=st.integers(0, PEOPLE - 1), tokens=st.integers(1, 100))
    def grant(self, who: int, tokens: int) -> None:
        """Somebody is given tokens, once for two calls."""
        user = list(self.given)[who]
        key, grant = f"lives {next(_keys)}", "select grant_tokens(%s, %s, %s, 'r')"
        for new in (True, False):
            assert self.clerk.value(grant, self.phones[user], key, tokens) is new
        self.given[user] += tokens

    @invariant()
    def conserved(self) -> None:
        """What each was given is what they have, what is held and what was charged."""
        for user, given in self.given.items():
            charged = sum(
                life.charged or 0 for life in self.lives.values() if life.user == user
            )
            assert sum(self.clerk.wallet(user)) == given - charged

    def teardown(self) -> None:
        """All is sound whenever it ends."""
        try:
            assert violations(self.url) == []
        finally:
            self.clerk.__exit__(None, None, None)
            self.database.__exit__(None, None, None)

    def _ended(self, answer: str) -> bool:
        ended = "select finished_at is not null from answers where id = %s"
        return bool(self.clerk.value(ended, answer))


def test_tokens_are_conserved(postgres: PostgreSQL) -> None:
    """Asking, writing, crashing, sweeping, erasing: no token appears or is lost."""

    class OnThisServer(Lives):
        server = postgres

    run_state_machine_as_test(
        OnThisServer,
        settings=settings(max_examples=30, stateful_step_count=40),
    )
