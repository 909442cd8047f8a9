"""How long a model may be silent, and whose silence counts."""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted

from tests.outbound.reading import DONE, Reading, said
from zimgpt.domain.answers import Finish
from zimgpt.flows.ports import Report


def test_no_first_byte_in_time_is_no_answer() -> None:
    """The wait for the first byte began with the request."""
    reading = Reading(since=25)
    reading.clock.advance(4.9)
    assert not reading.hung_up
    reading.clock.advance(0.1)
    assert reading.hung_up
    reading.end(ConnectionAborted())

    assert reading.refusal == "nothing came for 30 s"


def test_idle_cuts_an_answer(reading: Reading) -> None:
    """Silence is counted from the last read, not from the first."""
    reading.stream.dataReceived(said("a"))
    for _ in range(5):
        reading.clock.advance(19)
        reading.stream.dataReceived(said("b"))
    reading.clock.advance(10)
    reading.clock.advance(9)
    assert not reading.hung_up
    reading.clock.advance(1)
    assert reading.hung_up
    reading.end(ConnectionAborted())

    assert reading.reports == [Report(Finish.CUT, None)]
    assert reading.stream.why == "nothing came for 20 s"


def test_a_drip_is_cut_after_the_whole_time() -> None:
    """A byte now and then does not make an answer last for ever."""
    reading = Reading(since=1)
    for _ in range(15):
        reading.stream.dataReceived(b":")
        reading.clock.advance(19.5)
    reading.stream.dataReceived(b":")
    reading.clock.advance(6)
    assert not reading.hung_up
    reading.clock.advance(0.5)
    assert reading.hung_up
    reading.end(ConnectionAborted())

    assert reading.refusal == "it took too long"


def test_silence_of_our_own_making_does_not_count(reading: Reading) -> None:
    """While paused nothing can come; after it the rest of the patience is left."""
    reading.stream.dataReceived(said("a"))
    reading.clock.advance(15)
    reading.stream.pause()
    reading.stream.pause()
    assert reading.transport.producerState == "paused"
    reading.clock.advance(60)
    reading.stream.resume()
    reading.stream.resume()
    assert reading.transport.producerState == "producing"
    reading.clock.advance(4.9)
    assert not reading.hung_up
    reading.clock.advance(0.2)

    assert reading.hung_up


def test_a_short_pause_keeps_its_timer(reading: Reading) -> None:
    """A tick that pauses and resumes makes no timers."""
    reading.stream.dataReceived(said("a"))
    before = reading.clock.getDelayedCalls()
    for _ in range(20):
        reading.clock.advance(0.1)
        reading.stream.pause()
        reading.clock.advance(0.1)
        reading.stream.resume()

    assert reading.clock.getDelayedCalls() == before


def test_a_stream_opened_paused_waits_for_its_sink() -> None:
    """A sink may pause as soon as it has the source."""
    reading = Reading(pausing=True)
    assert reading.transport.producerState == "paused"
    reading.clock.advance(100)
    assert not reading.hung_up
    reading.stream.dataReceived(said("a"))
    reading.stream.resume()
    reading.clock.advance(20)

    assert reading.hung_up


def test_a_connection_kept_after_the_end_mark_is_closed_soon(reading: Reading) -> None:
    """The answer is whole; its asker does not wait for an idle connection."""
    reading.stream.dataReceived(said("a", "stop") + DONE)
    assert reading.stream.take() == "a"
    reading.clock.advance(0.5)
    assert not reading.hung_up
    reading.clock.advance(0.5)
    assert reading.hung_up
    reading.end(ConnectionAborted())

    assert reading.reports == [Report(Finish.STOP, None)]
    assert reading.stream.why == "it said it was done and kept the connection"
