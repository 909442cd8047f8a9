"""What becomes of a payment when something happens to it: decided, then written.

The decision is ``domain.topups.step`` on the payment as it is kept; the store writes it
only if nobody else has decided meanwhile, together with its evidence and the tokens. So
of ten who hear the same news at the same moment one writes, and nine decide again, on a
payment that has been credited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.errors import Unavailable
from zimgpt.domain.topups import Event, TopUp, next_look, step
from zimgpt.domain.topups.acts import Act, Alert, ClawBack, Credit
from zimgpt.domain.topups.events import Absent, Posted
from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Failed,
    Pending,
    Unknown,
)
from zimgpt.flows.ports.payments import Prompt
from zimgpt.flows.ports.topups import Decision, Decisions, Evidence, Kept, PaymentId

TRIES: Final = 20
"""How often others may be quicker."""
STALE: Final = timedelta(seconds=60)
"""After which a payment of which nothing was asked is given up."""
SLACK: Final = timedelta(seconds=1.5)
"""By which questions come early, so that many do not come at once."""
SOON: Final = timedelta(seconds=5)
"""Until the next question while there are said to be news."""
OPEN: Final = (Pending, Unknown, Cancelled, Failed)
"""What can still be paid."""
RETRY: Final = timedelta(seconds=2)
"""The same when such a question had no answer, twice as long each time."""


@attrs.frozen
class Settled:
    """The payment that it was decided on, the one after, and what was to be done."""

    before: Kept
    topup: TopUp
    acts: tuple[Act, ...]
    version: int


@attrs.define
class Settling:
    """``chance`` is a number from 0 to 1; ``changed`` hears of each new version."""

    _payments: Decisions
    _chance: Callable[[], float]
    _changed: Callable[[Kept], None]
    alerts: dict[str, int] = attrs.field(init=False, factory=dict)
    """How often the operator was told of what."""

    log = Logger()

    async def settle(
        self,
        payment: PaymentId,
        event: Event,
        evidence: Callable[[Kept], Evidence] | None = None,
        *,
        prompt: Prompt | None = None,
        answered: bool | None = None,
    ) -> Settled:
        """Decides and writes, as often as others are quicker; raises Unavailable."""
        for _ in range(TRIES):
            kept = await self._payments.read(payment)
            topup, acts = decided(kept.topup, event)
            seen = None if evidence is None else evidence(kept)
            decision = self._decision(kept, event, topup, acts, prompt, answered, seen)
            version = await self._payments.apply(kept, decision)
            if version is not None:
                self._alert(kept, acts)
                if version != kept.version:
                    self._changed(kept)
                return Settled(kept, topup, acts, version)
        raise Unavailable

    async def missed(self, kept: Kept) -> None:
        """Nobody answered: nothing changes but the time of the next question."""
        wait = self._wait(kept, kept.topup, answered=False)
        decision = Decision(
            topup=kept.topup,
            prompt=kept.prompt,
            answered=False,
            absents=kept.absents,
            wait=wait,
        )
        await self._payments.apply(kept, decision)

    def _decision(
        self,
        kept: Kept,
        event: Event,
        topup: TopUp,
        acts: tuple[Act, ...],
        prompt: Prompt | None,
        answered: bool | None,
        evidence: Evidence | None,
    ) -> Decision:
        absents = event.tries if isinstance(event, Absent) else kept.absents
        credit = next((a.key for a in acts if isinstance(a, Credit)), None)
        taken = next((a.key for a in acts if isinstance(a, ClawBack)), None)
        return Decision(
            topup=topup,
            prompt=prompt or kept.prompt,
            credit=_word(credit),
            clawback=_word(taken),
            answered=answered,
            absents=absents,
            wait=self._wait(kept, topup, answered=answered),
            evidence=evidence,
        )

    def _wait(
        self, kept: Kept, topup: TopUp, *, answered: bool | None
    ) -> timedelta | None:
        """Until the next question, some time before it is due."""
        if isinstance(topup, Created):
            return STALE
        first = isinstance(kept.topup, Created)
        age = timedelta(0) if first else kept.age
        polls = kept.polls + (answered is not None)
        look = next_look(topup, polls, age + SLACK)
        if look is None:
            return None
        wait = look.wait + SLACK * self._chance()
        if kept.hinted and topup == kept.topup and isinstance(topup, OPEN):
            again = RETRY * 2 ** min(kept.misses, 5)
            wait = min(wait, SOON if answered else again)
        return wait

    def _alert(self, kept: Kept, acts: tuple[Act, ...]) -> None:
        for act in acts:
            if isinstance(act, Alert):
                concern = act.concern.value
                self.alerts[concern] = self.alerts.get(concern, 0) + 1
                self.log.error(
                    "payment {payment} needs a person: {concern}",
                    payment=kept.id,
                    concern=concern,
                )


def decided(topup: TopUp, event: Event) -> tuple[TopUp, tuple[Act, ...]]:
    """The step, and the next one too when tokens are posted in its commit."""
    after, acts = step(topup, event)
    if any(isinstance(act, Credit) for act in acts):
        posted, more = step(after, Posted())
        return posted, (*acts, *more)
    return after, acts


def _word(key: str | None) -> str | None:
    return None if key is None else key.partition(":")[0]
