"""What a server's end, or a node's, does to answers that are being written: nothing."""

from __future__ import annotations

from signal import SIGTERM

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan, text_of
from tests.system.people import Person
from tests.system.soundness import assert_sound
from tests.system.websocket import Closed, Refused, WebSocket


def test_a_database_crash_loses_no_word(
    house: House, person: Person, postgres: PostgreSQL
) -> None:
    """An answer that is written while PostgreSQL crashes and comes back is whole, and
    paid for once."""
    talk = person.connect()
    shown = talk.ask("1", "words:80 delay:20")
    talk.until(lambda message: "t" in message)

    postgres.restart(immediate=True)
    talk.finish(shown)

    assert text_of(80) == shown.text
    assert shown.end is not None
    assert shown.end["finish"] == "stop"
    assert (shown.end["balance"], 0) == person.balance()
    assert_sound(house)


def test_a_node_says_goodbye(postgres: PostgreSQL) -> None:
    """A node that is told to stop says when to come back, finishes what it writes,
    takes nobody in meanwhile, closes the sockets and ends."""
    with postgres.database() as url, House(url, nodes=[Plan("leaving")]) as house:
        node = house["leaving"]
        person = Person.sign_up(node.url)
        talk = person.connect()
        shown = talk.ask("1", "words:60 delay:20")
        talk.until(lambda message: "t" in message)

        node.ask_to_stop()
        bye = talk.until(lambda message: message.get("type") == "bye")
        with pytest.raises((Refused, Closed, ConnectionError)):
            WebSocket(node.port, {"Authorization": f"Bearer {person.token}"})
        talk.finish(shown)
        with pytest.raises(Closed) as closed:
            talk.hear()

        assert 1 <= bye["retry"] <= 30
        assert text_of(60) == shown.text
        assert closed.value.code == 1001
        assert node.wait() in (0, -SIGTERM)  # twistd ends by the signal it was sent
        assert_sound(house)


def test_a_killed_node_begins_its_work_again(postgres: PostgreSQL) -> None:
    """Work that a killed node leaves behind is done by its next life, as a new epoch
    that says so and is paid for once."""
    with (
        postgres.database() as url,
        House(url, nodes=[Plan("falling")]) as house,
    ):
        node = house["falling"]
        person = Person.sign_up(node.url)
        talk = person.connect()
        shown = talk.ask("1", "words:100 delay:20")
        talk.until(lambda message: "t" in message)

        node.kill()
        node.begin()
        node.ready()
        talk = person.connect()
        talk.finish(talk.read(shown))

        assert text_of(100) == shown.text
        assert shown.epoch == 2
        assert shown.end is not None
        assert (shown.end["balance"], 0) == person.balance()
        assert_sound(house)
