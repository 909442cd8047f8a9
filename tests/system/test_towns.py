"""Several nodes with one PostgreSQL and one RabbitMQ are one service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pika
import pytest

from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, text_of, wait_until
from tests.system.people import Person
from tests.system.soundness import assert_sound
from tests.system.talking import Shown
from zimgpt.domain.conversations import AnswerId
from zimgpt.wire import frames


@pytest.fixture
def person(town: House) -> Person:
    """Somebody new in the town's east."""
    return Person.sign_up(town["east"].url)


def test_text_streams_from_node_to_node(town: House, person: Person) -> None:
    """A question taken by one node and written by another is shown live, and read at
    the same time on a device at a third."""
    phone = person.connect()
    laptop = person.at(town["west"].url).connect()

    shown = phone.ask("1", "words:150 delay:20")
    phone.until(lambda message: "t" in message)
    seen = laptop.read(Shown(shown.answer))
    early = len(shown.text)
    phone.finish(shown)
    laptop.finish(seen)

    assert text_of(150) == shown.text == seen.text
    assert early < len(text_of(150)) / 3
    assert len(shown.texts) >= 5
    assert len(seen.texts) >= 4
    assert {"type": "done"}.items() <= (seen.end or {}).items()


def test_a_question_is_told_to_a_device_at_another_node(
    town: House, person: Person
) -> None:
    """And to nobody else's there."""
    laptop = person.at(town["west"].url).connect()
    stranger = Person.sign_up(town["west"].url).connect()

    shown = person.connect().ask("1", "words:3")
    told = laptop.until(lambda message: message.get("type") == "asked")
    seen = laptop.finish(laptop.read(Shown(shown.answer)))
    stranger.say(type="ping")
    stranger.until(lambda message: message.get("type") == "pong")

    assert told["answer"] == shown.answer
    assert text_of(3) == seen.text
    assert [one for one in stranger.everything if one.get("type") == "asked"] == []


def test_a_stop_reaches_the_writer(town: House, person: Person) -> None:
    """An answer that another node writes ends soon after its asker says so."""
    talk = person.at(town["west"].url).connect()
    shown = talk.ask("1", "words:900 delay:80")
    talk.until(lambda message: "t" in message)

    talk.say(type="stop", answer=shown.answer)
    talk.finish(shown, timeout=24)  # a third of what it would take

    assert shown.end is not None
    assert shown.end["finish"] == "stopped"
    wait_until(lambda: town.upstream.stats()["open"] == 0)
    assert_sound(town)


class Listener:
    """A node's queue, so that what the writer sends can be counted."""

    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self._channel = self._connection.channel()
        self._channel.queue_declare("zimgpt.node.listener", exclusive=True)

    def follow(self, answer: str) -> None:
        """Asks the writer for an answer's frames."""
        message = frames.Follow(AnswerId(answer), "listener")
        self._channel.basic_publish("", "zimgpt.node.press", frames.encode(message))

    def heard(self, ends: int) -> Iterator[frames.Frames]:
        """Messages until so many answers have ended."""
        for _, _, body in self._channel.consume(
            "zimgpt.node.listener", auto_ack=True, inactivity_timeout=60
        ):
            assert body is not None, "no message in time"
            message = frames.decode(body)
            assert isinstance(message, frames.Frames)
            yield message
            ends -= len(message.ends)
            if ends == 0:
                return

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def test_frames_travel_in_batches(town: House, person: Person) -> None:
    """A node that follows ten answers is sent one message a tick with the text of all,
    not one for each."""
    talk = person.connect()
    asked = [talk.ask(f"{n}", "words:300 delay:20") for n in range(10)]
    talk.until(lambda _: all(shown.texts for shown in asked))

    with closing(Listener(town.broker)) as listener:
        for shown in asked:
            listener.follow(shown.answer)
        messages = [*listener.heard(ends=10)]

    sizes = Counter(len(message.pieces) for message in messages)
    pieces = sum(size * times for size, times in sizes.items())
    assert sum(len(message.ends) for message in messages) == 10
    assert pieces > 10 * 10
    assert max(sizes) == 10
    assert len(messages) < pieces / 3
    for shown in asked:
        assert text_of(300) == talk.finish(shown).text


def test_a_question_outlives_a_broker_that_is_away(
    town: House, person: Person, rabbitmq: RabbitMQ
) -> None:
    """While RabbitMQ is down a question is still accepted, and it is answered when
    RabbitMQ is back."""
    talk = person.connect()
    rabbitmq.control("stop_app")
    try:
        asked = talk.ask("1", "words:10")
    finally:
        rabbitmq.control("start_app")
    later = person.connect()  # nobody heard pings while RabbitMQ began
    shown = later.finish(later.read(asked), timeout=120)

    assert text_of(10) == shown.text
    assert_sound(town)
