import random

import pytest
from pika.exceptions import ChannelWrongStateError
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from tests.broker.channels import FakeChannel, ack, nack
from zimgpt.broker.confirms import Confirms, Letter, Unroutable
from zimgpt.flows.ports import NotPublished

LETTER = Letter("m", "us", b"", "q")


def told(outcome: Deferred[None]) -> list[str]:
    """Collects the name of an outcome, when it comes."""
    heard: list[str] = []
    outcome.addCallbacks(
        lambda _: heard.append("safe"),
        lambda failure: heard.append(failure.type.__name__),
    )
    return heard


def publish(confirms: Confirms, number: int = 1) -> list[list[str]]:
    """The outcomes-to-be of so many messages."""
    return [told(confirms.publish(LETTER)) for each in range(number)]


def test_a_message_is_published_to_be_returned_and_kept() -> None:
    """Jobs are persistent, node messages are not, and both are mandatory."""
    channel = FakeChannel()
    confirms = Confirms(channel.real)

    confirms.publish(Letter("m1", "us", b"1", "jobs", persistent=True))
    confirms.publish(Letter("m2", "us", b"2", "", exchange="nodes"))

    assert channel.said == [("", "jobs", b"1", True), ("nodes", "", b"2", True)]
    assert [
        (each.message_id, each.correlation_id, each.delivery_mode, each.app_id)
        for each in channel.published
    ] == [("m1", "1", 2, "us"), ("m2", "2", 1, "us")]


def test_one_confirm_settles_one_message() -> None:
    """A confirm is for the message with its number alone."""
    confirms = Confirms(FakeChannel().real)
    outcomes = publish(confirms, 3)

    confirms.confirmed(ack(2))

    assert outcomes == [[], ["safe"], []]


def test_a_confirm_of_several_settles_all_up_to_it() -> None:
    """A broker may confirm in batches, before and after single confirms."""
    confirms = Confirms(FakeChannel().real)
    outcomes = publish(confirms, 5)

    confirms.confirmed(ack(2))
    confirms.confirmed(nack(3, multiple=True))
    confirms.confirmed(ack(4, multiple=True))
    confirms.confirmed(ack(2, multiple=True))

    assert outcomes == [["NotPublished"], ["safe"], ["NotPublished"], ["safe"], []]


def test_a_refused_message_is_not_published() -> None:
    """A full quorum queue refuses, and the publisher knows."""
    confirms = Confirms(FakeChannel().real)
    [outcome] = publish(confirms)

    confirms.confirmed(nack(1))

    assert outcome == ["NotPublished"]


def test_a_return_blames_the_message_that_came_back() -> None:
    """With many under way and one batch of confirms, each gets its own outcome."""
    channel = FakeChannel()
    confirms = Confirms(channel.real)
    outcomes = publish(confirms, 70)
    lost = random.Random(7).sample(range(1, 71), 10)

    for number in lost:
        channel.returns(number)
    confirms.confirmed(ack(70, multiple=True))

    assert outcomes == [
        ["Unroutable"] if number in lost else ["safe"] for number in range(1, 71)
    ]


def test_a_return_that_nobody_waits_for_is_dropped() -> None:
    """A message that was given up may still come back."""
    channel = FakeChannel()
    outcome = Confirms(channel.real).publish(LETTER)
    heard = told(outcome)

    outcome.cancel()
    channel.returns(1)

    assert heard == [CancelledError.__name__]


def test_losing_the_channel_fails_what_is_under_way_at_once() -> None:
    """Nobody waits for a confirm that cannot come; giving one up meanwhile is fine."""
    channel = FakeChannel()
    confirms = Confirms(channel.real)
    [first] = publish(confirms)
    second = confirms.publish(LETTER)
    heard = told(second)

    channel.closes()

    assert (first, heard) == (["NotPublished"], ["NotPublished"])
    with pytest.raises(ChannelWrongStateError):
        publish(confirms)


def test_an_outcome_may_give_up_the_others() -> None:
    """While the channel is lost, one caller's failure may cancel another's wait."""
    channel = FakeChannel()
    confirms = Confirms(channel.real)
    first, second = (confirms.publish(LETTER) for _ in range(2))

    def give_up(_failure: Failure) -> None:
        second.cancel()

    first.addErrback(give_up)
    heard = told(second)

    channel.closes()

    assert heard == [CancelledError.__name__]


def test_a_message_that_cannot_be_written_takes_no_number() -> None:
    """The broker never saw it, so the next message has its number."""
    channel = FakeChannel()
    confirms = Confirms(channel.real)
    channel.is_open = False
    with pytest.raises(ChannelWrongStateError):
        publish(confirms)
    channel.is_open = True

    publish(confirms)

    assert [each.correlation_id for each in channel.published] == ["1"]


def test_unroutable_is_an_outcome_of_its_own() -> None:
    """What no queue takes is told apart from what the broker may have."""
    assert not issubclass(Unroutable, NotPublished)
