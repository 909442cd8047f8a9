"""A model that is down keeps nobody waiting, and is found again when it is back."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from zimgpt.domain.answers import Finish
from zimgpt.domain.circuits import Limits
from zimgpt.domain.questions import Message
from zimgpt.flows.breaking import Guarded, State
from zimgpt.flows.models import (
    Fallback,
    ModelRefused,
    RateLimited,
    RestingBusy,
    RestingUnreachable,
)
from zimgpt.flows.ports import ModelBusy, ModelUnreachable, Report, Sink, Source

PROMPT = (Message("user", "Mhoro?"),)
REPORT = Report(Finish.STOP, None)
GONE = ModelUnreachable("gone")


class Ear:
    """A sink that counts."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def opened(self, source: Source) -> None:  # noqa: ARG002
        """The model has begun to answer."""
        self.calls.append("opened")

    def ready(self) -> None:
        """Something can be taken."""
        self.calls.append("ready")


class Silence:
    """A source that says nothing."""

    def take(self) -> str:
        """Nothing."""
        return ""

    def pause(self) -> None:
        """Nothing to pause."""

    def resume(self) -> None:
        """Nothing to resume."""

    def abort(self) -> None:
        """Nothing to abort."""


@attrs.define
class Puppet:
    """A model whose every answer a test decides, when it likes."""

    name: str = "a"
    asked: list[tuple[Sink, Deferred[Report]]] = attrs.field(factory=list)

    async def write(
        self,
        prompt: Sequence[Message],  # noqa: ARG002
        max_tokens: int,  # noqa: ARG002
        sink: Sink,
    ) -> Report:
        """Waits to be told."""
        self.asked.append((sink, Deferred()))
        return await self.asked[-1][1]


class Play:
    """A guarded puppet on a clock that stands still."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.puppet = Puppet()
        self.ear = Ear()
        self.guarded = Guarded(
            self.puppet, self.clock, Limits(failures=3, within=30, rest=15)
        )

    def ask(self) -> list[Report | type[BaseException] | None]:
        """One question; its outcome appears in the list."""
        outcomes: list[Report | type[BaseException] | None] = []
        asking = Deferred.fromCoroutine(self.guarded.write(PROMPT, 9, self.ear))
        asking.addCallbacks(outcomes.append, lambda f: outcomes.append(f.type))
        self.asking = asking
        return outcomes

    def answer(self, outcome: Report | Exception, index: int = -1) -> None:
        """What becomes of a question."""
        deferred = self.puppet.asked[index][1]
        if isinstance(outcome, Exception):
            deferred.errback(Failure(outcome))
        else:
            deferred.callback(outcome)

    def has(self, outcome: Report | Exception) -> list[Report | type | None]:
        """A whole question."""
        outcomes = self.ask()
        self.answer(outcome)
        return outcomes

    def break_it(self, trouble: Exception = GONE) -> None:
        """Opens the circuit."""
        for _ in range(3):
            self.has(trouble)
        assert self.guarded.state is State.OPEN


@pytest.fixture
def play() -> Play:
    """A model in good health."""
    return Play()


def test_a_model_in_good_health_is_asked_as_if_nobody_stood_between(
    play: Play,
) -> None:
    """Its own sink, its own report, its own name."""
    outcomes = play.has(REPORT)

    assert outcomes == [REPORT]
    assert play.puppet.asked[0][0] is play.ear
    assert (play.guarded.name, play.guarded.answered) == ("a", 1)


def test_an_open_circuit_spares_model_and_asker(play: Play) -> None:
    """The model is not asked, and the asker hears at once."""
    play.break_it()

    assert play.ask() == [RestingUnreachable]
    assert len(play.puppet.asked) == 3
    assert (play.guarded.failed, play.guarded.skipped) == (3, 1)
    assert play.guarded.opened == 1


def test_a_model_that_was_only_busy_is_told_as_busy(play: Play) -> None:
    """To ask again shortly may help."""
    play.break_it(RateLimited("full"))

    assert play.ask() == [RestingBusy]


@pytest.mark.parametrize(
    "outcome",
    [
        ModelRefused("no such model"),
        CancelledError(),
        Report(Finish.STOPPED, None),
        Report(Finish.CUT, None),
        Report(Finish.FILTERED, None),
    ],
)
def test_what_is_no_failure(play: Play, outcome: Report | Exception) -> None:
    """Our own bad request, the asker's stop, a break midway and a filter."""
    for _ in range(50):
        play.has(outcome)

    assert play.guarded.state is State.CLOSED
    assert play.guarded.failures == 0


def test_after_a_rest_one_question_tries(play: Play) -> None:
    """The others are not asked until it has shown something."""
    play.break_it()
    play.clock.advance(15)
    assert play.guarded.state is State.HALF_OPEN

    probe = play.ask()

    assert play.ask() == [RestingUnreachable]
    assert (len(play.puppet.asked), probe) == (4, [])
    assert play.guarded.state is State.HALF_OPEN


def test_the_first_bytes_of_its_answer_close_the_circuit(play: Play) -> None:
    """A long answer does not keep the others waiting; it reaches its asker whole."""
    play.break_it()
    play.clock.advance(15)
    outcomes = play.ask()
    sink = play.puppet.asked[-1][0]

    sink.opened(Silence())
    states = [play.guarded.state]
    sink.ready()
    sink.ready()
    states.append(play.guarded.state)

    assert states == [State.HALF_OPEN, State.CLOSED]
    assert play.ear.calls == ["opened", "ready", "ready"]
    assert play.has(REPORT) == [REPORT]
    play.answer(REPORT, index=-2)
    assert outcomes == [REPORT]


def test_a_probe_without_a_byte_of_text_closes_it_by_its_end(play: Play) -> None:
    """An answer is an answer."""
    play.break_it()
    play.clock.advance(15)

    assert play.has(REPORT) == [REPORT]
    assert play.guarded.state is State.CLOSED


def test_a_probe_that_fails_opens_it_for_another_rest(play: Play) -> None:
    """One failure is enough then."""
    play.break_it()
    play.clock.advance(15)

    assert play.has(ModelBusy("full")) == [ModelBusy]
    play.clock.advance(14)
    assert play.ask() == [RestingBusy]
    play.clock.advance(1)
    assert play.guarded.state is State.HALF_OPEN
    assert play.guarded.opened == 2


def test_a_probe_that_shows_nothing_gives_way_to_the_next(play: Play) -> None:
    """A stop or a refusal of one request says nothing of the model's health."""
    play.break_it()
    play.clock.advance(15)

    outcomes = play.ask()
    play.asking.cancel()
    assert outcomes == [CancelledError]
    assert play.has(ModelRefused("bad request")) == [ModelRefused]

    assert play.has(REPORT) == [REPORT]
    assert play.guarded.state is State.CLOSED


def test_what_was_asked_before_decides_nothing_afterwards(play: Play) -> None:
    """A failure that comes late neither ends a probe nor opens the circuit again."""
    late = play.ask()
    play.break_it()
    play.clock.advance(15)
    play.ask()

    play.answer(GONE, index=0)

    assert late == [ModelUnreachable]
    assert play.guarded.state is State.HALF_OPEN
    assert (play.guarded.failed, play.guarded.opened) == (4, 1)


def test_the_next_model_is_asked_instead_at_once(play: Play) -> None:
    """An open circuit costs its asker no time."""
    play.break_it()
    other = Puppet("b")
    fallback = Fallback([play.guarded, other], play.clock, lambda: 0.5)
    outcomes: list[tuple[str, Report]] = []
    asking = Deferred.fromCoroutine(fallback.write(PROMPT, 9, play.ear))
    asking.addCallback(outcomes.append)

    other.asked[0][1].callback(REPORT)

    assert outcomes == [("b", REPORT)]
    assert (play.clock.seconds(), len(play.puppet.asked)) == (0.0, 3)


@pytest.mark.parametrize(
    ("trouble", "told"), [(GONE, ModelUnreachable), (RateLimited("f"), ModelBusy)]
)
def test_the_only_model_being_open_is_told_at_once(
    play: Play, trouble: Exception, told: type[Exception]
) -> None:
    """Nobody waits for what will not be tried, and each hears what may help."""
    play.break_it(trouble)
    fallback = Fallback([play.guarded], play.clock, lambda: 0.5)
    outcomes: list[type[BaseException] | None] = []
    asking = Deferred.fromCoroutine(fallback.write(PROMPT, 9, play.ear))
    asking.addCallbacks(lambda _: None, lambda failure: outcomes.append(failure.type))

    assert outcomes == [told]
    assert play.clock.getDelayedCalls() == []
