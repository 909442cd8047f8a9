"""A job from its claim to the commit that ends its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from zimgpt.domain.answers import Ending, Finish, ended
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Price, Usage, dearest
from zimgpt.domain.questions import Message, prompt
from zimgpt.flows.ports import (
    Claim,
    Drafts,
    Jobs,
    ModelBusy,
    ModelUnreachable,
    Report,
    Sink,
)
from zimgpt.flows.writing import Draft, Writer

RETRY = timedelta(seconds=2)
"""How long a job rests after an attempt that broke."""


class Models(Protocol):
    """The models in order, as one."""

    async def write(
        self, messages: Sequence[Message], max_tokens: int, sink: Sink
    ) -> tuple[str, Report]:
        """The name of the model that answered, and its report."""
        ...


class Attempt:
    """One claimed job: its draft, and the way to end it early."""

    def __init__(self, claim: Claim, draft: Draft) -> None:
        self.claim = claim
        self.draft = draft
        self.lost = False
        self.writing: Deferred[tuple[str, Report]] | None = None
        draft.on_lost = self.lose

    def stop(self) -> None:
        """The asker has heard enough."""
        self.draft.abort()
        if self.writing is not None and not self.draft.begun:
            self.writing.cancel()

    def lose(self) -> None:
        """Another attempt has taken over."""
        self.lost = True
        self.stop()


class Answering:
    """Runs jobs on this node."""

    log = Logger()

    def __init__(
        self,
        node: str,
        jobs: Jobs,
        drafts: Drafts,
        models: Models,
        writer: Writer,
        written_for: Callable[[AnswerId, str], None],
    ) -> None:
        self._node = node
        self._jobs = jobs
        self._drafts = drafts
        self._models = models
        self._writer = writer
        self._written_for = written_for
        self._attempts: dict[str, Attempt] = {}

    @property
    def running(self) -> int:
        """Jobs under way."""
        return len(self._attempts)

    async def run(self, job: str) -> None:
        """Does a job if it is still to be done; returns when that is settled."""
        claim = await self._jobs.claim(job, self._node)
        if claim is None:
            return
        attempt = Attempt(claim, self._writer.open(claim))
        self._attempts[job] = attempt
        self._written_for(claim.answer, claim.origin)
        try:
            await self._answer(attempt)
        except Exception as error:  # a door: whatever broke, the job is not lost
            self.log.failure("job {job} broke", job=job)
            await self._give_back(attempt, error)
        finally:
            self._attempts.pop(job, None)

    def stop(self, answer: AnswerId) -> None:
        """Ends an answer that is written here; it is paid for as far as it came."""
        for attempt in self._attempts.values():
            if attempt.claim.answer == answer:
                attempt.stop()

    async def renew(self) -> None:
        """Keeps the leases of running jobs; stops those that were taken over."""
        jobs = tuple(self._attempts)
        if not jobs:
            return
        try:
            kept = await self._jobs.renew(self._node, jobs)
        except Unavailable:
            return  # they last for two renewals more
        for job in jobs:
            if job not in kept and job in self._attempts:
                self.log.warn("job {job} was taken over", job=job)
                self._writer.lost(self._attempts[job].draft)

    async def give_up(self) -> None:
        """Lets other nodes have what is unfinished here, at once."""
        for attempt in tuple(self._attempts.values()):
            attempt.lose()
        await self._jobs.release(self._node)

    async def _answer(self, attempt: Attempt) -> None:
        claim, draft = attempt.claim, attempt.draft
        turns = await self._drafts.remembered(claim)
        messages = prompt(claim.kind, claim.question, turns)
        if claim.stop_requested:
            attempt.stop()
        model, report = await self._write(attempt, messages)
        if attempt.lost:
            self._writer.discard(draft)
            return
        price = _price(claim, model)
        await self._writer.finish(
            draft, lambda written: _ending(claim, report, price, written), model
        )

    async def _write(
        self, attempt: Attempt, messages: Sequence[Message]
    ) -> tuple[str, Report]:
        if attempt.draft.stopped:
            return "", Report(Finish.STOPPED, None)
        attempt.writing = Deferred.fromCoroutine(
            self._models.write(messages, attempt.claim.max_tokens, attempt.draft)
        )
        try:
            return await attempt.writing
        except ModelBusy:
            return "", Report(Finish.BUSY, None)
        except ModelUnreachable:
            return "", Report(Finish.UNREACHABLE, None)
        except CancelledError:
            if not attempt.draft.stopped:
                raise
            return "", Report(Finish.STOPPED, None)

    async def _give_back(self, attempt: Attempt, error: Exception) -> None:
        self._writer.discard(attempt.draft)
        attempt.lose()
        try:
            job, reason = attempt.claim.job, f"{type(error).__name__}: {error}"
            await self._jobs.retry(job, self._node, reason, RETRY)
        except Unavailable:
            self.log.warn("job {job} waits for its lease", job=attempt.claim.job)


def _price(claim: Claim, model: str) -> Price:
    """Of the model that answered; of the dearest for one that was added since."""
    for price in claim.prices:
        if price.model == model:
            return price
    return dearest(claim.prices)


def _ending(claim: Claim, report: Report, price: Price, written: int) -> Ending:
    reported: Usage | None = report.usage
    return ended(
        report.finish,
        written=written,
        reported=reported,
        prompt_estimate=claim.prompt_estimate,
        max_tokens=claim.max_tokens,
        price=price,
        hold=claim.hold,
    )
