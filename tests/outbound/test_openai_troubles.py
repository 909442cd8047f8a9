"""Faults of an upstream while it answers, over real sockets."""

from __future__ import annotations

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from tests.fakes.openai_script import LETTERS
from tests.outbound.upstream import Taking, Upstream
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.flows.ports import ModelUnreachable, Report, Source
from zimgpt.outbound.openai_stream import Limits


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("fault:hang", "nothing came for 2 s"),
        ("fault:hang-headers", "nothing came for 2 s"),
        ("fault:stall-0", "nothing came for 1.5 s"),
        ("fault:cut-0", "ConnectionLost"),
        ("fault:error-in-stream-0", "an error in the stream: overloaded"),
        ("fault:broken-json-0", "an event of the stream is not JSON"),
        ("fault:nothing", "it ended in the middle"),
        ("words:0 fault:no-done", "it ended in the middle"),
        ("fault:tools-0", "it gave up, or wanted a tool"),
        ("fault:torn-field-0", "it ended in the middle"),
    ],
)
async def test_trouble_before_the_first_word_is_no_answer(
    upstream: Upstream, question: str, why: str
) -> None:
    """The question may go to another model; no stream is left open."""
    with pytest.raises(ModelUnreachable, match=why):
        await upstream.ask(question)

    await upstream.quiet()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("fault:cut-3", "w0 w1 w2"),
        ("fault:stall-3", "w0 w1 w2"),
        ("fault:error-in-stream-3", "w0 w1 w2"),
        ("fault:broken-json-3", "w0 w1 w2"),
        ("words:3 fault:no-done", "w0 w1 w2"),
        ("fault:endless-line", "w0 w1 w2"),
        ("fault:torn-letter-3", "w0 w1 w2"),
        ("fault:torn-field-3", "w0 w1 w2"),
    ],
)
async def test_trouble_after_it_cuts_the_answer(
    upstream: Upstream, question: str, text: str
) -> None:
    """What was written is kept to the last word, and no stream is left open."""
    assert await upstream.ask(question) == (text, Report(Finish.CUT, None))
    await upstream.quiet()


@pytest.mark.parametrize("kind", ["absurd", "negative", "float"])
async def test_a_use_beyond_belief_is_told_to_the_operator(
    upstream: Upstream, log: list[str], kind: str
) -> None:
    """The answer is whole, its use unknown."""
    answer = await upstream.ask(f"words:2 fault:usage-{kind}")

    assert answer == ("w0 w1", Report(Finish.STOP, None))
    assert "small reported a use beyond belief" in log


@pytest.mark.parametrize("kind", ["usage-cut-3", "tools-3"])
async def test_a_use_reported_before_a_break_is_handed_on(
    upstream: Upstream, kind: str
) -> None:
    """It is the model's own count of what it wrote."""
    answer = await upstream.ask(f"fault:{kind}")

    assert answer == ("w0 w1 w2", Report(Finish.CUT, Usage(1, 3)))


async def test_letters_that_come_byte_by_byte_are_whole(upstream: Upstream) -> None:
    """A letter of several bytes comes in several reads."""
    text, _ = await upstream.ask("words:1 fault:letters")

    assert text == f"w0 {LETTERS}"


async def test_a_bomb_is_not_inflated(upstream: Upstream) -> None:
    """What is compressed is no answer, however small it comes."""
    with pytest.raises(ModelUnreachable, match="answered in as-sent gzip"):
        await upstream.ask("fault:bomb")


async def test_a_flood_is_cut_at_its_bound(upstream: Upstream) -> None:
    """An upstream that never stops is stopped."""
    limits = Limits(first_byte=5, idle=5, whole=60)  # half a megabyte, word by word
    upstream.model = attrs.evolve(upstream.model, limits=limits)

    text, report = await upstream.ask("fault:flood")

    assert len(text.encode()) == 512 * 1024
    assert text.startswith("w0 w1 w2 w3 ")
    assert report == Report(Finish.CUT, None)
    await upstream.quiet()


async def test_a_drip_is_one_answer(upstream: Upstream) -> None:
    """Byte by byte comes the same text."""
    answer = await upstream.ask("words:2 fault:drip")

    assert answer == ("w0 w1", Report(Finish.STOP, Usage(2, 2)))


async def test_a_drip_ends_after_the_whole_time(upstream: Upstream) -> None:
    """However often a byte comes."""
    limits = Limits(first_byte=9, idle=9, whole=0.6)
    upstream.model = attrs.evolve(upstream.model, limits=limits)

    with pytest.raises(ModelUnreachable, match="it took too long"):
        await upstream.ask("fault:drip delay:20")


async def test_an_answer_that_lingers_is_whole(upstream: Upstream) -> None:
    """The end mark is the end, whatever the connection does."""
    limits = Limits(first_byte=9, idle=10, whole=20)
    upstream.model = attrs.evolve(upstream.model, limits=limits)

    answer = await upstream.ask("words:2 fault:linger")

    assert answer == ("w0 w1", Report(Finish.STOP, Usage(2, 2)))
    await upstream.quiet()


async def test_a_paused_stream_waits_in_the_network(upstream: Upstream) -> None:
    """Nothing is read while paused, longer than idle allows; then all of it comes."""
    from twisted.internet import reactor

    readings = []

    def pause(source: Source, text: str) -> None:
        readings.append(text)
        if len(readings) == 3:
            source.pause()
            reactor.callLater(2, source.resume)

    text, report = await upstream.ask("words:300 delay:1", Taking(pause))

    assert text.split() == [f"w{i}" for i in range(300)]
    assert report == Report(Finish.STOP, Usage(2, 300))


async def test_a_sink_may_pause_as_soon_as_it_has_the_source(
    upstream: Upstream,
) -> None:
    """Opening does not undo it."""
    from twisted.internet import reactor

    class Careful(Taking):
        def opened(self, source: Source) -> None:
            super().opened(source)
            source.pause()
            reactor.callLater(0.2, self.resume)

        def resume(self) -> None:
            assert self.text == ""
            self.source.resume()

    text, _ = await upstream.ask("words:3 delay:1", Careful())

    assert text == "w0 w1 w2"


async def test_abort_is_told_to_the_upstream(upstream: Upstream) -> None:
    """The stop reaches the other end, and what was written is kept."""

    def stop(source: Source, text: str) -> None:
        if "w2" in text:
            source.abort()

    text, report = await upstream.ask("words:1000 delay:5", Taking(stop))

    assert text.startswith("w0 w1 w2")
    assert report == Report(Finish.STOPPED, None)
    await upstream.quiet()
    assert upstream.fake.left == 1


@pytest.mark.parametrize("question", ["fault:hang", "fault:hang-headers", "delay:50"])
async def test_cancelling_is_told_to_the_upstream(
    upstream: Upstream, question: str
) -> None:
    """Whoever gives up waiting leaves no connection behind, at any moment."""
    from twisted.internet import reactor

    asking = Deferred.fromCoroutine(upstream.ask(question))
    await deferLater(reactor, 0.1)
    asking.cancel()

    with pytest.raises(CancelledError):
        await asking
    await upstream.quiet()


async def test_a_sink_that_fails_closes_the_stream(upstream: Upstream) -> None:
    """An error of ours is ours to hear, and leaves no connection behind."""

    class Broken(Taking):
        def opened(self, source: Source) -> None:
            super().opened(source)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await upstream.ask("words:100 delay:5", Broken())
    await upstream.quiet()


@pytest.mark.parametrize("fault", ["broken-json-0", "error-in-stream-0"])
async def test_a_connection_that_was_hung_up_serves_nobody_else(
    upstream: Upstream, fault: str
) -> None:
    """Also when its answer came whole in one read, and the next question at once."""
    for _ in range(20):
        with pytest.raises(ModelUnreachable, match="stream"):
            await upstream.ask(f"words:2 fault:{fault}")
        answer = await upstream.ask("words:2")

        assert answer == ("w0 w1", Report(Finish.STOP, Usage(1, 2)))
