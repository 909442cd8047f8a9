"""Which model is asked, when again, and what its asker is told in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message
from zimgpt.flows.models import Fallback, ModelRefused, RateLimited
from zimgpt.flows.ports import ModelBusy, ModelUnreachable, Report, Sink, Source

PROMPT = (Message("user", "Mhoro?"),)
REPORT = Report(Finish.STOP, Usage(3, 2))


class Ear:
    """A sink that these models never speak to."""

    def opened(self, source: Source) -> None:
        """Nothing is written here."""

    def ready(self) -> None:
        """Nothing is written here."""


EAR = Ear()


@attrs.define
class Scripted:
    """A model that does what is written, and then answers; notes when it was asked."""

    name: str
    clock: Clock
    script: list[Exception] = attrs.field(factory=list)
    takes: float = 0.0
    asked: list[float] = attrs.field(factory=list)

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """The next line of the script."""
        assert (prompt, max_tokens, sink) == (PROMPT, 64, EAR)
        self.asked.append(self.clock.seconds())
        if self.takes:
            pause: Deferred[None] = Deferred()
            self.clock.callLater(self.takes, pause.callback, None)
            await pause
        if self.script:
            raise self.script.pop(0)
        return REPORT


Outcome = tuple[str, Report] | Failure


class Play:
    """Models on a clock that stands still until it is wound."""

    def __init__(self, random: Callable[[], float] = lambda: 0.5) -> None:
        self.clock = Clock()
        self.models: list[Scripted] = []
        self._random = random

    def model(self, name: str, *script: Exception, takes: float = 0.0) -> Scripted:
        """One more, last in order."""
        self.models.append(Scripted(name, self.clock, list(script), takes))
        return self.models[-1]

    def begin(self) -> Deferred[tuple[str, Report]]:
        """Asks, and returns before the clock moves."""
        fallback = Fallback(self.models, self.clock, self._random)
        return Deferred.fromCoroutine(fallback.write(PROMPT, 64, EAR))

    def run(self) -> tuple[Outcome, float]:
        """The outcome, and after how many seconds."""
        outcomes: list[Outcome] = []
        self.begin().addBoth(outcomes.append)
        while not outcomes:
            assert self.clock.getDelayedCalls(), "waits for nothing"
            self.clock.advance(0.125)
        assert self.clock.getDelayedCalls() == []
        return outcomes[0], self.clock.seconds()


@pytest.fixture
def play() -> Play:
    """With the middle of all chances."""
    return Play()


GONE = ModelUnreachable("gone")


def refusals(error: Exception) -> list[Exception]:
    """More of them than anybody asks for."""
    return [error] * 50


def test_the_first_model_answers(play: Play) -> None:
    """The others are not asked."""
    play.model("a")
    second = play.model("b")

    assert play.run() == (("a", REPORT), 0)
    assert second.asked == []


def test_the_next_model_is_asked_at_once(play: Play) -> None:
    """While another can answer, nobody waits."""
    play.model("a", GONE)
    play.model("b", ModelBusy("full"))
    play.model("c")

    assert play.run() == (("c", REPORT), 0)


def test_a_failing_model_is_tried_three_times_more(play: Play) -> None:
    """After half a second, one and two."""
    model = play.model("a", GONE, GONE, GONE)

    assert play.run() == (("a", REPORT), 3.5)
    assert model.asked == [0, 0.5, 1.5, 3.5]


def test_a_model_that_stays_away_is_given_up(play: Play) -> None:
    """Four tries, well within the fifteen seconds that an asker waits."""
    model = play.model("a", *refusals(GONE))

    outcome, seconds = play.run()

    assert isinstance(outcome, Failure)
    assert outcome.check(ModelUnreachable)
    assert (len(model.asked), seconds) == (4, 3.5)


@pytest.mark.parametrize("chance", [0.0, 0.999])
def test_waits_differ_by_a_quarter_at_most(chance: float) -> None:
    """Not all questions come back at the same moment."""
    play = Play(lambda: chance)
    model = play.model("a", *refusals(GONE))

    play.run()

    waits = [b - a for a, b in pairwise(model.asked)]
    for wait, usual in zip(waits, (0.5, 1.0, 2.0), strict=True):
        assert usual * 0.75 <= wait <= usual * 1.25 + 0.125


def test_connections_that_time_out_end_in_time(play: Play) -> None:
    """No try is begun that could end after fifteen seconds."""
    model = play.model("a", *refusals(GONE), takes=3.0)

    _, seconds = play.run()

    assert (model.asked, seconds) == ([0, 3.5, 7.5], 10.5)


def test_slow_refusals_are_not_repeated_for_ever(play: Play) -> None:
    """A model that is silent for its whole patience is asked once."""
    model = play.model("a", *refusals(GONE), takes=30.0)
    other = play.model("b")

    assert play.run() == (("b", REPORT), 30)
    assert (model.asked, other.asked) == ([0], [30])


def test_a_refusal_for_good_is_not_repeated(play: Play) -> None:
    """The same request would be refused again; another model may take it."""
    first = play.model("a", *refusals(ModelRefused("no such model")))
    second = play.model("b", GONE)

    assert play.run() == (("b", REPORT), 0.5)
    assert (first.asked, second.asked) == ([0], [0, 0.5])


@pytest.mark.parametrize(("after", "at"), [(2.0, 2.25), (10.0, 10.25), (0.0, 0.5)])
def test_a_busy_model_is_asked_when_it_said(
    play: Play, after: float, at: float
) -> None:
    """Never earlier than Retry-After, and not at once either."""
    model = play.model("a", RateLimited("full", after))

    assert play.run() == (("a", REPORT), at)
    assert model.asked == [0, at]


def test_a_model_busy_for_long_is_not_waited_for(play: Play) -> None:
    """The asker hears at once that it is busy."""
    play.model("a", RateLimited("full", 10.5))

    outcome, seconds = play.run()

    assert isinstance(outcome, Failure)
    assert outcome.check(ModelBusy)
    assert seconds == 0


def test_patience_is_one_for_all_waits(play: Play) -> None:
    """Two waits of eight seconds are too long together."""
    model = play.model("a", *refusals(RateLimited("full", 8.0)))

    outcome, seconds = play.run()

    assert isinstance(outcome, Failure)
    assert (model.asked, seconds) == ([0, 8.25], 8.25)


def test_a_busy_model_that_does_not_say_is_tried_as_others(play: Play) -> None:
    """Without Retry-After the usual waits hold."""
    model = play.model("a", RateLimited("full"), ModelBusy("full"))

    assert play.run() == (("a", REPORT), 1.5)
    assert model.asked == [0, 0.5, 1.5]


def test_each_model_is_waited_for_on_its_own(play: Play) -> None:
    """The one that may be asked first is asked first."""
    first = play.model("a", RateLimited("full", 5.0))
    second = play.model("b", GONE, GONE)

    assert play.run() == (("b", REPORT), 1.5)
    assert (first.asked, second.asked) == ([0], [0, 0.5, 1.5])


def test_busy_outweighs_unreachable(play: Play) -> None:
    """If one model is only busy, asking again shortly may help, and is said."""
    play.model("a", RateLimited("full", 60.0))
    play.model("b", *refusals(GONE))

    outcome, _ = play.run()

    assert isinstance(outcome, Failure)
    assert outcome.check(ModelBusy)
    assert outcome.getErrorMessage() == "no model has room"


def test_no_model_at_all_is_unreachable(play: Play) -> None:
    """An empty list answers like models that are away."""
    outcome, _ = play.run()

    assert isinstance(outcome, Failure)
    assert outcome.check(ModelUnreachable)


def test_other_errors_are_not_hidden(play: Play) -> None:
    """An error of ours is not a reason to ask another model."""
    play.model("a", ZeroDivisionError())
    second = play.model("b")

    outcome, _ = play.run()

    assert isinstance(outcome, Failure)
    assert outcome.check(ZeroDivisionError)
    assert second.asked == []


def test_cancelling_ends_the_wait(play: Play) -> None:
    """Who stops waiting stops the tries as well."""
    model = play.model("a", GONE)
    asking = play.begin()
    outcomes: list[object] = []
    asking.addBoth(outcomes.append)

    asking.cancel()
    play.clock.advance(10)

    (failure,) = outcomes
    assert isinstance(failure, Failure)
    assert failure.check(CancelledError)
    assert model.asked == [0]
    assert play.clock.getDelayedCalls() == []
