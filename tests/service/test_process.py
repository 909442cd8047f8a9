"""A node's process, as a supervisor sees it: signals, statuses and sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from signal import SIGINT, SIGTERM

import pytest
from twisted.internet.task import Clock

from tests.drills.handing import LISTEN, Holder
from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from tests.system.people import Person
from zimgpt.embedded.children import ChildEnded
from zimgpt.embedded.server import COMMAND
from zimgpt.service.process import steady


@contextmanager
def one_node(postgres: PostgreSQL, plan: Plan) -> Iterator[House]:
    """Alone in its house."""
    with (
        postgres.database() as database,
        House(database, nodes=[plan], password_threads=1) as house,
    ):
        yield house


@pytest.mark.parametrize("signal", [SIGTERM, SIGINT])
def test_a_node_that_is_told_to_stop(postgres: PostgreSQL, signal: int) -> None:
    """It ends in good order, and its status says so."""
    with one_node(postgres, Plan("one")) as house:
        house["one"].child.process.send_signal(signal)

        assert house["one"].wait() == 0
        assert "node one has stopped" in house["one"].log()
        assert house.tracebacks() == []


def test_a_node_that_is_told_twice(postgres: PostgreSQL) -> None:
    """It waits for no answer, and the next life has it at once."""
    with one_node(postgres, Plan("one")) as house:
        node = house["one"]
        talk = Person.sign_up(node.url).connect()
        shown = talk.ask("1", "words:400 delay:200")
        talk.until(lambda _: bool(shown.texts))
        began = time.monotonic()

        node.ask_to_stop()
        talk.until(lambda message: message.get("type") == "bye")
        node.ask_to_stop()

        assert node.wait() == 0
        assert time.monotonic() - began < 40  # of the 80 that the answer takes
        assert "handing over 1 answers" in node.log()
        assert house.query("select state from jobs") == [("queued",)]


def test_a_socket_that_outlives_its_node(postgres: PostgreSQL) -> None:
    """While the node is away, whoever connects waits and is answered by the next."""
    with Holder() as holder:
        plan = Plan("one", settings=holder.settings, command=holder.given_to(*COMMAND))
        with one_node(postgres, plan) as house:
            person = Person.sign_up(holder.url)
            house["one"].ask_to_stop()
            assert house["one"].wait() == 0

            with ThreadPoolExecutor(1) as away:
                balance: Future[tuple[int, int]] = away.submit(person.balance)
                house["one"].begin()

                assert balance.result(120)[1] == 0


def test_a_socket_that_was_not_handed_over(postgres: PostgreSQL) -> None:
    """It says which one in a sentence, and its status is not 0."""
    plan = Plan("one", settings={"listen": LISTEN, "origins": "http://a.example"})

    with pytest.raises(ChildEnded) as ended, one_node(postgres, plan):
        pass

    assert "ended with status 1" in str(ended.value)
    assert f"the node cannot start: systemd has handed over no {LISTEN}" in str(
        ended.value
    )


def test_timers_do_not_jump_with_the_time_of_day() -> None:
    """A reactor goes by the monotonic clock."""
    clock = Clock()

    steady(clock)

    assert clock.seconds is time.monotonic
