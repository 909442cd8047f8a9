"""A whole node within this process: asked, watched over, drained and started again."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from zope.interface import implementer

from tests.fakes import openai_script
from tests.inbound.visitor import TEXT
from tests.service.home import MODEL, Home, Question, Way, reactor
from zimgpt.config import Role, Upstream
from zimgpt.embedded.server import COMMAND
from zimgpt.flows.following import Audience
from zimgpt.store.pool import Pool

ROOT = Path(__file__).parents[2]


@pytest.fixture
def way(tmp_path: Path, database: str) -> Iterator[Way]:
    """The way to the database, closed."""
    way = Way(tmp_path, database)
    yield way
    way.end()


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, as a reader sees it."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the reactor was told to stop, which it does not do here."""
    stops: list[bool] = []
    monkeypatch.setattr(reactor, "stop", lambda: stops.append(True))
    return stops


def hurry(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Other periods for the node's own, and a client that comes back soon."""
    for name, value in seconds.items():
        monkeypatch.setattr(f"zimgpt.service.node.{name}", value)
    monkeypatch.setattr("zimgpt.cli.client.LONGEST_WAIT", 0.2)


async def soon(true: Callable[[], object], patience: float = 40) -> None:
    """Looks again and again until it is true."""
    end = reactor.seconds() + patience
    while not true():
        assert reactor.seconds() < end
        await deferLater(reactor, 0.01)


def asking(question: Question) -> Deferred[Any]:
    """The outcome to come."""
    return Deferred.fromCoroutine(question.ask())


# ---- what it does


@pytest.mark.parametrize("kind", ["chat", "essay"])
async def test_a_question_is_answered(home: Home, kind: str) -> None:
    """Text as it is written, then its cost; asked again, nothing is paid twice."""
    _, url = home.node()
    client = await home.sign_up(url)
    question = Question(client, "words:30 delay:20", kind)

    outcome = await question.ask()
    again = await question.ask()

    assert outcome.text == openai_script.text(30)
    assert (outcome.finish, outcome.refused) == ("stop", False)
    assert len(question.shown) > 60 // 30
    assert outcome.balance == 1_000_000 - outcome.cost
    assert (again.text, again.balance) == (outcome.text, outcome.balance)
    assert home.model.calls[MODEL] == 1
    await client.sign_out()


async def test_pages(home: Home) -> None:
    """Whether it lives, and what its models cost; one without a price is not told."""
    unpriced = Upstream("unpriced", home.model_url)
    _, url = home.node(
        models=(Upstream(MODEL, home.model_url, label="a demo"), unpriced)
    )

    assert (await home.get(f"{url}/healthz"))[0] == 200
    status, prices = await home.get(f"{url}/api/v1/prices")

    assert status == 200
    assert [(one["model"], one["label"]) for one in prices["models"]] == [
        (MODEL, "a demo")
    ]


async def test_town(home: Home, vhost: str) -> None:
    """One serves people, one writes, RabbitMQ between them."""
    _, url = home.node(node="east", broker=vhost, roles=frozenset([Role.WEB]))
    _, nowhere = home.node(node="press", broker=vhost, roles=frozenset([Role.WORKER]))
    client = await home.sign_up(url)

    outcome = await Question(client, "words:30 delay:5").ask()

    assert outcome.text == openai_script.text(30)
    assert home.query("select origin, lease_owner from jobs") == [("east", None)]
    with pytest.raises(Exception, match="refused"):
        await home.get(f"{nowhere}/healthz")


async def test_sessions_that_run_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their open sockets are found and closed, and no others."""
    hurry(monkeypatch, RECHECK_EVERY=0.05)
    _, url = home.node()
    await home.sign_up(url)
    visitor = await home.visit(url)
    await deferLater(reactor, 0.15)  # some rounds
    visitor.send(TEXT, b'{"type":"ping"}')
    assert (await visitor.frame()).payload == b'{"type":"pong"}'

    home.query("update sessions set expires_at = now() - interval '1 day'")

    assert await visitor.closing() == 4401


async def test_upkeep_without_a_database(
    home: Home, way: Way, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot be asked about is let be; a line says so."""
    hurry(monkeypatch, RECHECK_EVERY=0.05)
    way.open()
    _, url = home.node(database_url=way.url)
    await home.sign_up(url)
    visitor = await home.visit(url)

    monkeypatch.setattr("zimgpt.store.pool.PATIENCE", 0.2)
    way.close()
    await soon(lambda: "the database is away" in log)

    visitor.send(TEXT, b'{"type":"ping"}')
    assert (await visitor.frame()).payload == b'{"type":"pong"}'
    way.open()
    await visitor.leave()


async def test_a_round_of_upkeep_that_breaks(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    tidy: list[LogEvent],
) -> None:
    """It is logged, and the next round comes."""
    hurry(monkeypatch, LOOK_UP_EVERY=0.02)
    rounds = itertools.count()

    async def broken(_: Audience) -> None:
        next(rounds)
        raise ZeroDivisionError

    monkeypatch.setattr(Audience, "look_up", broken)
    node, _ = home.node()
    await soon(lambda: len(tidy) >= 2)
    await home.stop(node)

    assert {event["log_failure"].type for event in tidy} == {ZeroDivisionError}
    assert {event["log_format"] for event in tidy} == {"a round of upkeep broke"}
    tidy.clear()


# ---- ending


async def test_an_answer_is_waited_for(home: Home, log: list[str]) -> None:
    """A node that is told to stop first writes what it has begun."""
    node, url = home.node()
    client = await home.sign_up(url)
    outcome = asking(Question(client, "words:20 delay:20"))
    await soon(lambda: home.model.open)

    await home.stop(node)

    assert (await outcome).text == openai_script.text(20)
    assert home.query("select state from answers") == [("complete",)]
    assert "node one has stopped" in log
    assert not [line for line in log if "handing over" in line]


async def test_an_answer_that_takes_too_long(
    home: Home, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is let go at once, and written by the next node of that name."""
    hurry(monkeypatch, DRAIN=0.2)
    node, url = home.node()
    client = await home.sign_up(url)
    outcome = asking(Question(client, "words:100 delay:20"))
    await soon(lambda: home.model.open)

    await home.stop(node)

    assert "handing over 1 answers" in log
    assert home.query("select state, lease_owner from jobs") == [("queued", None)]
    await soon(lambda: not home.model.open)
    port = url.rsplit(":", 1)[1]
    home.node(listen=f"tcp:{port}:interface=127.0.0.1")
    assert (await outcome).text == openai_script.text(100)


async def test_nobody_to_hand_over_to(
    home: Home, way: Way, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its database a node ends all the same; the lease stays, for now."""
    hurry(monkeypatch, DRAIN=0.1)
    way.open()
    node, url = home.node(database_url=way.url)
    client = await home.sign_up(url)
    outcome = asking(Question(client, "words:100 delay:20"))
    await soon(lambda: home.model.open)
    monkeypatch.setattr("zimgpt.store.pool.PATIENCE", 0.2)
    way.close()

    await home.stop(node)

    assert "the database is away: leases will run out by themselves" in log
    assert home.query("select state, lease_owner from jobs") == [("running", "one")]
    port = url.rsplit(":", 1)[1]
    home.node(listen=f"tcp:{port}:interface=127.0.0.1")
    assert (await outcome).text == openai_script.text(100)


# ---- beginning


async def test_a_database_that_comes_later(
    home: Home, way: Way, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node waits for it, says so, and works when it is there."""
    with monkeypatch.context() as hurried:
        hurried.setattr("zimgpt.store.pool.PATIENCE", 0.2)
        _, url = home.node(database_url=way.url)
        away = "the database is away: unfinished work is taken up later"
        await soon(lambda: away in log)

    way.open()
    await soon(lambda: "database reached again" in log)
    client = await home.sign_up(url)

    assert (await Question(client, "words:5").ask()).text == openai_script.text(5)


async def test_a_port_that_is_taken(
    home: Home, stops: list[bool], log: list[str]
) -> None:
    """It cannot start, says why in a sentence, and ends the program."""
    _, url = home.node()
    await soon(lambda: [line for line in log if "is up" in line])
    port = url.rsplit(":", 1)[1]

    home.node(node="two", listen=f"tcp:{port}:interface=127.0.0.1")
    await soon(lambda: stops)

    assert stops == [True]
    (sentence,) = [line for line in log if "cannot start" in line]
    assert sentence.startswith(
        f"the node cannot start: Couldn't listen on 127.0.0.1:{port}"
    )


@pytest.mark.parametrize(
    "change",
    [
        "insert into migrations (name) values ('9999_of_tomorrow.sql')",
        "delete from migrations where name like '0001%'",
        "alter table migrations rename to those_of_another",
    ],
)
async def test_a_schema_of_another_program(
    home: Home, stops: list[bool], log: list[str], change: str
) -> None:
    """It works with none but its own, and says what to do."""
    home.query(change)

    home.node()
    await soon(lambda: stops)

    (sentence,) = [line for line in log if "cannot start" in line]
    assert "upgrade this one" in sentence or "zimgpt migrate" in sentence
    if "rename" in change:
        home.query("alter table those_of_another rename to migrations")


async def test_something_else_that_is_wrong(
    home: Home,
    stops: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    tidy: list[LogEvent],
) -> None:
    """What nobody has thought of is logged with all there is, and ends the program."""

    async def broken(_: Pool) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Pool, "start", broken)
    home.node()
    await soon(lambda: stops)

    (event,) = tidy
    assert event["log_format"] == "the node cannot start"
    tidy.clear()


def test_a_program_whose_port_is_taken_ends(tmp_path: Path) -> None:
    """As twistd runs it, which starts a node before the reactor."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {
            "ZIMGPT_DATABASE_URL": f"postgresql:///none?host={tmp_path}",
            "ZIMGPT_LISTEN": f"tcp:{port}:interface=127.0.0.1",
            "ZIMGPT_MODEL_NAME": MODEL,
            "ZIMGPT_MODEL_URL": "http://127.0.0.1:9/v1",
        }
        ran = subprocess.run(
            [*COMMAND],
            cwd=ROOT,
            env=dict(os.environ) | settings,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert ran.returncode == 1
    assert "the node cannot start: Couldn't listen on" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


async def test_told_to_stop_while_it_starts(
    home: Home, way: Way, stops: list[bool], log: list[str]
) -> None:
    """A database that does not answer keeps nobody from ending the node."""
    way.fall_silent()
    node, _ = home.node(database_url=way.url)
    await deferLater(reactor, 0.05)

    await home.stop(node)

    assert stops == []
    assert log[-1] == "node one has stopped"
    assert not [line for line in log if "cannot start" in line]
