"""A job from its claim to the commit that ends its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from zimgpt.domain.answers import Ending, Finish, ended, plausible
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Price, dearest
from zimgpt.domain.questions import Message, prompt
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import (
    Claim,
    Drafts,
    Jobs,
    ModelBusy,
    ModelUnreachable,
    Report,
    Sink,
)
from zimgpt.flows.writing import Writer

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
        self._claiming = 0
        self._stopped: set[AnswerId] = set()  # while they were being claimed, perhaps
        self._given_up = False

    @property
    def running(self) -> int:
        """Jobs under way, and those that are just being taken."""
        return len(self._attempts) + self._claiming

    async def run(self, job: str) -> bool:
        """Does a job if it is still to be done; returns when that is settled.

        False if there was nothing to do, or the attempt broke.
        """
        claim = await self._claim(job)
        if claim is None:
            return False
        attempt = self._begin(claim)
        try:
            await self._answer(attempt)
        except Exception as error:  # a door: whatever broke, the job is not lost
            self.log.failure("job {job} broke", job=job)
            await self._give_back(attempt, error)
            return False
        finally:
            if self._attempts.get(job) is attempt:
                del self._attempts[job]
        return True

    def stop(self, answer: AnswerId) -> None:
        """Ends an answer that is written here; it is paid for as far as it came."""
        for attempt in tuple(self._attempts.values()):
            if attempt.claim.answer == answer:
                attempt.stop()
        if self._claiming:
            self._stopped.add(answer)

    async def renew(self) -> None:
        """Keeps the leases of running jobs; stops those that were taken over."""
        attempts = dict(self._attempts)
        if not attempts:
            return
        try:
            kept = await self._jobs.renew(self._node, tuple(attempts))
        except Unavailable:
            return  # they last for two renewals more
        for job, attempt in attempts.items():
            if job not in kept and self._attempts.get(job) is attempt:
                self.log.warn("job {job} was taken over", job=job)
                self._writer.lost(attempt.draft)

    async def give_up(self) -> None:
        """Lets other nodes have what is unfinished here, at once."""
        self._given_up = True
        for attempt in tuple(self._attempts.values()):
            self._writer.lost(attempt.draft)
        await self._jobs.release(self._node)

    # ---- one job

    async def _claim(self, job: str) -> Claim | None:
        self._claiming += 1
        try:
            claim = await self._jobs.claim(job, self._node)
        finally:
            self._claiming -= 1
            stopped = self._stopped
            if not self._claiming:
                self._stopped = set()
        if claim is None:
            return None
        if self._given_up:
            await self._jobs.release(self._node)
            return None
        stop = claim.stop_requested or claim.answer in stopped
        return attrs.evolve(claim, stop_requested=stop)

    def _begin(self, claim: Claim) -> Attempt:
        earlier = self._attempts.get(claim.job)
        if earlier is not None:  # its lease ran out, and the job came back to us
            self._writer.lost(earlier.draft)
        attempt = Attempt(claim, self._writer.open(claim))
        self._attempts[claim.job] = attempt
        self._written_for(claim.answer, claim.origin)
        return attempt

    async def _answer(self, attempt: Attempt) -> None:
        claim, draft = attempt.claim, attempt.draft
        turns = await self._writer.insist(lambda: self._drafts.remembered(claim), draft)
        if turns is None:
            return
        if claim.stop_requested:
            attempt.stop()
        messages = prompt(claim.kind, claim.question, turns)
        model, report = await self._write(attempt, messages)
        if attempt.lost:
            return
        if _beyond_belief(claim, report):
            self.log.error(
                "{model} reported a use beyond belief for answer {answer};"
                " an estimate is charged",
                model=model,
                answer=claim.answer,
            )
        price = _price(claim, model)
        await self._writer.finish(
            draft, lambda written: _ending(claim, report, price, written), model
        )

    async def _write(
        self, attempt: Attempt, messages: Sequence[Message]
    ) -> tuple[str, Report]:
        draft = attempt.draft
        if draft.stopped:
            return "", Report(Finish.STOPPED, None)
        attempt.writing = Deferred.fromCoroutine(
            self._models.write(messages, attempt.claim.max_tokens, draft)
        )
        try:
            return await attempt.writing
        except (ModelBusy, ModelUnreachable, CancelledError) as trouble:
            return "", Report(_finish(draft, trouble), None)

    async def _give_back(self, attempt: Attempt, error: Exception) -> None:
        attempt.lose()
        job, reason = attempt.claim.job, f"{type(error).__name__}: {error}"
        try:
            await self._writer.insist(
                lambda: self._jobs.retry(job, self._node, reason, RETRY), attempt.draft
            )
        finally:  # after a last attempt, readers find its end
            self._writer.discard(attempt.draft)


def _finish(draft: Draft, trouble: Exception) -> Finish:
    """How an answer ended that no model has begun."""
    if draft.stopped:
        return Finish.STOPPED
    if isinstance(trouble, ModelBusy):
        return Finish.BUSY
    if isinstance(trouble, ModelUnreachable):
        return Finish.UNREACHABLE
    raise trouble


def _beyond_belief(claim: Claim, report: Report) -> bool:
    believed = plausible(
        report.usage,
        prompt_estimate=claim.prompt_estimate,
        max_tokens=claim.max_tokens,
    )
    return report.usage is not None and believed is None


def _price(claim: Claim, model: str) -> Price:
    """Of the model that answered; of the dearest for one that was added since."""
    for price in claim.prices:
        if price.model == model:
            return price
    return dearest(claim.prices)


def _ending(claim: Claim, report: Report, price: Price, written: int) -> Ending:
    return ended(
        report.finish,
        written=written,
        reported=report.usage,
        prompt_estimate=claim.prompt_estimate,
        max_tokens=claim.max_tokens,
        price=price,
        hold=claim.hold,
    )
