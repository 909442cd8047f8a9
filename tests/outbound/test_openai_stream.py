"""An answer while it comes: taken late, cut, stopped."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionAborted, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import TransportProxyProducer
from twisted.web.client import ResponseFailed
from twisted.web.http import PotentialDataLoss

from tests.outbound.reading import DONE, USE, Reading, connect, said
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.flows.ports import Report
from zimgpt.outbound.bodies import hang_up
from zimgpt.outbound.openai_stream import MOST_WAITING, Excerpt


def test_an_answer_is_taken_piece_by_piece(reading: Reading) -> None:
    """The sink is called once until it takes; take() gives all that came since."""
    stream = reading.stream
    assert reading.sources == [stream]

    stream.dataReceived(said("Mho"))
    stream.dataReceived(said("ro"))
    assert (reading.calls, stream.take(), stream.take()) == (1, "Mhoro", "")
    stream.dataReceived(said(" shamwari", "stop") + USE + DONE)
    assert reading.calls == 2
    reading.end()

    assert reading.reports == [Report(Finish.STOP, Usage(3, 2))]
    assert (stream.take(), stream.take()) == (" shamwari", "")
    assert (stream.why, reading.clock.getDelayedCalls()) == (None, [])
    assert not reading.hung_up


def test_the_sink_is_called_again_after_a_pause(reading: Reading) -> None:
    """A tick resumes first and takes later; its sink pauses at the read between."""
    reading.stream.dataReceived(said("Mho"))
    reading.stream.pause()
    reading.stream.resume()
    reading.stream.dataReceived(said("ro"))

    assert (reading.calls, reading.stream.take()) == (2, "Mhoro")


@pytest.mark.parametrize(
    ("ending", "finish"),
    [
        (said("", "length") + DONE, Finish.LENGTH),
        (said("", "content_filter"), Finish.FILTERED),
        (said("", "stop"), Finish.STOP),
        (DONE, Finish.STOP),
        (b"", Finish.CUT),
        (said("", "error") + DONE, Finish.CUT),
    ],
)
def test_a_clean_end_is_as_whole_as_it_says(
    reading: Reading, ending: bytes, finish: Finish
) -> None:
    """A finish reason or the end mark makes an answer whole; a mere end does not."""
    reading.stream.dataReceived(said("a") + ending)
    reading.end()

    assert reading.reports == [Report(finish, None)]
    assert reading.stream.take() == "a"


def test_a_body_without_a_length_may_end_with_its_connection(reading: Reading) -> None:
    """HTTP/1.0's way of ending is no trouble when the answer is whole."""
    reading.stream.dataReceived(said("a", "stop"))
    reading.end(PotentialDataLoss())

    assert reading.reports == [Report(Finish.STOP, None)]
    assert reading.stream.why is None


LOST = ResponseFailed([Failure(ConnectionLost("gone"))])


def test_a_lost_connection_cuts_an_answer(reading: Reading) -> None:
    """What was written stays, with the use if it was told."""
    reading.stream.dataReceived(said("a") + USE + b"data: {")
    reading.end(LOST)

    assert reading.reports == [Report(Finish.CUT, Usage(3, 2))]
    assert reading.stream.take() == "a"
    assert reading.stream.why is not None
    assert reading.stream.why.startswith("ConnectionLost: ")


def test_a_connection_lost_after_the_finish_cuts_nothing(reading: Reading) -> None:
    """An answer that said it was finished is whole."""
    reading.stream.dataReceived(said("a", "stop"))
    reading.end(LOST)

    assert reading.reports == [Report(Finish.STOP, None)]


def test_a_connection_lost_before_a_word_is_no_answer(reading: Reading) -> None:
    """The role alone is not a word."""
    reading.stream.dataReceived(said(""))
    reading.end(LOST)

    assert reading.refusal.startswith("ConnectionLost: ")


@pytest.mark.parametrize("body", [b"", DONE, said("", "stop") + DONE, b": hm\n\n"])
def test_an_end_without_words_or_use_is_no_answer(
    reading: Reading, body: bytes
) -> None:
    """A model that has nothing to say has not answered; another may."""
    reading.stream.dataReceived(body)
    reading.end()

    assert reading.refusal in ("it wrote nothing", "it ended in the middle")


@pytest.mark.parametrize(
    "body", [said("", "stop") + USE, said("", "content_filter"), said("", "length")]
)
def test_an_end_with_a_reason_or_a_use_is_an_answer(
    reading: Reading, body: bytes
) -> None:
    """A model may hold everything back, or charge for what it thought."""
    reading.stream.dataReceived(body)
    reading.end()

    assert isinstance(reading.reports[0], Report)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"data: {\n\n", "an event of the stream is not JSON"),
        (b'data: {"error":{"message":"hm"}}\n\n', "an error in the stream: hm"),
    ],
)
def test_trouble_ends_the_stream_when_it_is_read(
    reading: Reading, bad: bytes, why: str
) -> None:
    """take() gives what came before and closes; the report follows."""
    stream = reading.stream
    stream.dataReceived(said("a") + bad + said("b"))

    assert (stream.take(), reading.hung_up, reading.reports) == ("a", True, [])
    stream.dataReceived(said("c"))
    reading.end(ConnectionAborted())

    assert (reading.calls, stream.take(), stream.why) == (1, "", why)
    assert reading.reports == [Report(Finish.CUT, None)]


def test_trouble_that_nobody_took_is_found_at_the_end(reading: Reading) -> None:
    """Bytes left over are read like others."""
    reading.stream.dataReceived(b"data: {\n\n")
    reading.end()

    assert reading.refusal == "an event of the stream is not JSON"


def test_an_endless_line_is_cut_without_being_kept(reading: Reading) -> None:
    """Nobody takes, and still no more than the bound of an event is kept."""
    reads = 0
    while not reading.hung_up:
        reading.stream.dataReceived(b"x" * 65536)
        reads += 1
    reading.end(ConnectionAborted())

    assert reads < 25
    assert reading.refusal == "an event of the stream is too long"


def test_text_that_nobody_takes_is_bounded(reading: Reading) -> None:
    """A sink that never takes costs at most the longest answer."""
    event = said("x" * 1000)
    reads = 0
    while not reading.hung_up:
        reading.stream.dataReceived(event)
        reads += 1
    reading.end(ConnectionAborted())

    assert len(reading.stream.take()) == 512 * 1024
    assert reading.reports == [Report(Finish.CUT, None)]
    assert reads < (512 * 1024 + 2 * MOST_WAITING) // 1000


# ---- stopping ------------------------------------------------------------------


def test_abort_stops_at_once_and_keeps_what_was_written(reading: Reading) -> None:
    """The asker pays for what was written, so it must be there to take."""
    reading.stream.dataReceived(said("a"))
    reading.stream.abort()
    reading.stream.abort()
    reading.stream.dataReceived(said("b"))
    assert reading.hung_up
    reading.end(ConnectionAborted())

    assert reading.reports == [Report(Finish.STOPPED, None)]
    assert (reading.stream.take(), reading.stream.why) == ("a", None)
    assert reading.clock.getDelayedCalls() == []


def test_abort_before_a_word_is_no_failure(reading: Reading) -> None:
    """Stopped is stopped, even if nothing was written."""
    reading.stream.abort()
    reading.end(ConnectionAborted())

    assert reading.reports == [Report(Finish.STOPPED, None)]


def test_cancelling_closes_the_connection(reading: Reading) -> None:
    """Who no longer waits for the report does not leave a stream behind."""
    reading.stream.ended.cancel()
    assert reading.hung_up
    reading.end(ConnectionAborted())

    (failure,) = reading.reports
    assert isinstance(failure, Failure)
    assert failure.check(CancelledError)
    assert reading.clock.getDelayedCalls() == []


def test_everything_is_harmless_after_the_end(reading: Reading) -> None:
    """A tick that comes late may pause, resume, take and abort."""
    reading.stream.dataReceived(said("a", "stop"))
    reading.end()
    reading.stream.pause()
    reading.stream.resume()
    reading.stream.abort()

    assert reading.stream.take() == "a"
    assert reading.reports == [Report(Finish.STOP, None)]
    assert (reading.transport.producerState, reading.hung_up) == ("producing", False)
    assert reading.clock.getDelayedCalls() == []


# ---- refusals ------------------------------------------------------------------


def test_an_excerpt_is_the_beginning_of_a_body() -> None:
    """A refusal's body is read no further than the log needs."""
    excerpt = Excerpt()
    words: list[bytes] = []
    excerpt.read.addCallback(words.append)
    transport = connect(excerpt)

    excerpt.dataReceived(b"x" * Excerpt.MOST)
    assert not transport.disconnecting
    excerpt.dataReceived(b"y")
    assert transport.disconnecting
    excerpt.connectionLost(Failure(ConnectionAborted()))

    assert words == [b"x" * Excerpt.MOST]


def test_an_excerpt_nobody_waits_for_closes_its_connection() -> None:
    """Cancelled, it hangs up and says nothing more."""
    excerpt = Excerpt()
    excerpt.read.addErrback(lambda failure: failure.trap(CancelledError) and None)
    transport = connect(excerpt)

    excerpt.read.cancel()
    excerpt.connectionLost(Failure(ConnectionAborted()))

    assert transport.disconnecting


def test_hanging_up_reaches_through_twisteds_proxy() -> None:
    """The proxy offers no abort; the connection behind it does, while there is one."""
    transport = StringTransport()
    proxy = TransportProxyProducer(transport)

    hang_up(proxy)
    proxy.stopProxying()
    hang_up(proxy)

    assert transport.disconnecting
