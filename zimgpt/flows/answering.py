"""A job from its claim to the commit that ends its answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from zimgpt.domain.answers import (
    Ending,
    Finish,
    ended,
    ended_in_parts,
    plausible,
    with_memory,
)
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.essays import prompting
from zimgpt.domain.essays.briefs import Step
from zimgpt.domain.ledger import Price, price_of
from zimgpt.domain.questions import Message, prompt, size
from zimgpt.flows.attempts import Attempt
from zimgpt.flows.composing import Composed, Composer
from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import (
    Claim,
    Jobs,
    ModelBusy,
    Models,
    ModelUnreachable,
    Report,
)
from zimgpt.flows.remembering import Recalled, Remembering
from zimgpt.flows.writing import Writer

T = TypeVar("T")

RETRY = timedelta(seconds=2)
"""How long a job rests after an attempt that broke."""


class Answering:
    """Runs jobs on this node."""

    log = Logger()

    def __init__(
        self,
        node: str,
        jobs: Jobs,
        models: Models,
        writer: Writer,
        composer: Composer,
        remembering: Remembering,
        written_for: Callable[[AnswerId, str], None],
    ) -> None:
        self._node = node
        self._jobs = jobs
        self._models = models
        self._writer = writer
        self._composer = composer
        self._remembering = remembering
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
        claim = attempt.claim
        if claim.brief is not None and claim.brief.step is Step.ESSAY:
            if claim.stop_requested:
                attempt.stop()
            await self._compose(attempt)
            return
        recalled = await self._remembering.recall(claim, attempt.draft)
        if recalled is None:
            return
        if claim.stop_requested:
            attempt.stop()
        messages = _messages(claim, recalled)
        if claim.fold:  # what was held for the memory is none of this prompt
            claim = attrs.evolve(claim, prompt_estimate=size(messages))
        model, report = await self._write(attempt, messages)
        if attempt.lost:
            return
        self._doubt(claim, report, model)
        price = price_of(claim.prices, model)
        await self._writer.finish(
            attempt.draft,
            lambda written: with_memory(
                _ending(claim, report, price, written), recalled.spent, claim.hold
            ),
            model,
        )

    def _doubt(self, claim: Claim, report: Report, model: str) -> None:
        """Tells the operator of a use that cannot be."""
        if _beyond_belief(claim, report):
            self.log.error(
                "{model} reported a use beyond belief for answer {answer};"
                " an estimate is charged",
                model=model,
                answer=claim.answer,
            )

    async def _compose(self, attempt: Attempt) -> None:
        """An essay by a brief, in several answers of models."""
        claim = attempt.claim
        done = await self._ended(attempt, self._composer.essay(claim, attempt.draft))
        if attempt.lost:
            return
        if not isinstance(done, Composed):
            done = Composed(done, "", (), 0)
        composed = done
        await self._writer.finish(
            attempt.draft,
            lambda written: ended_in_parts(
                composed.finish,
                written=written,
                parts=composed.parts,
                words=composed.words,
                hold=claim.hold,
            ),
            composed.model,
        )

    async def _write(
        self, attempt: Attempt, messages: Sequence[Message]
    ) -> tuple[str, Report]:
        claim, draft = attempt.claim, attempt.draft
        writing = self._models.write(messages, claim.max_tokens, draft)
        done = await self._ended(attempt, writing)
        return ("", Report(done, None)) if isinstance(done, Finish) else done

    async def _ended(
        self, attempt: Attempt, writing: Coroutine[Any, Any, T]
    ) -> T | Finish:
        """What was written, or why nothing was begun."""
        draft = attempt.draft
        if draft.stopped:
            writing.close()
            return Finish.STOPPED
        attempt.writing = deferred = Deferred.fromCoroutine(writing)
        try:
            return await deferred
        except (ModelBusy, ModelUnreachable, CancelledError) as trouble:
            return _finish(draft, trouble)

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


def _messages(claim: Claim, recalled: Recalled) -> tuple[Message, ...]:
    if claim.messages is not None:
        return claim.messages
    if claim.brief is not None:
        return prompting.outline(claim.question, claim.brief)
    return prompt(
        claim.kind, claim.question, recalled.turns, recalled.memory, claim.language
    )


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
