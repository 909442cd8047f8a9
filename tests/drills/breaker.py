"""D22-circuit: a model fails, is left alone, is tried once, and is back."""

from __future__ import annotations

import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import attrs

from tests.drills.drill import Order, Result, Servers
from tests.drills.misbehaving import come_to_rest
from tests.drills.mutants import command
from tests.system.harness import House, Plan, text_of, wait_until
from tests.system.people import Person
from tests.system.talking import Shown
from zimgpt.embedded import children
from zimgpt.embedded.server import COMMAND
from zimgpt.flows.breaking import State

UPSTREAM = (sys.executable, "-m", "tests.drills.remembering")
REST = 1.5  # seconds that the model is left alone; usually 15
LONGER = 6.0  # the same where it may be over before anybody has looked
FAILING = "fault:500-none-99"
STATE = re.compile(r"^zimgpt_upstream_state\{.*\} (\d)", re.M)


@attrs.frozen
class Scene:
    """A house, and somebody who asks."""

    house: House
    port: int
    person: Person
    rest: float
    """Seconds that the model is left alone."""

    def state(self) -> str:
        """The circuit's, as the node's metrics tell it."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=60) as answer:
            found = STATE.search(answer.read().decode())
        assert found
        return State(int(found[1])).name.lower().replace("_", " ")

    def ask(self, wish: str, count: int) -> list[Shown]:
        """So many questions at the same time, and how they ended."""
        with ThreadPoolExecutor(count) as pool:
            return [*pool.map(self._one, [f"{wish} {n}" for n in range(count)])]

    def _one(self, question: str) -> Shown:
        talk = self.person.connect()
        return talk.finish(talk.ask(f"{question} {time.monotonic_ns()}", question))

    def calls(self) -> int:
        """How often the model was asked in all."""
        calls: int = sum(self.house.upstream.stats()["calls"].values())
        return calls


def circuit(servers: Servers, order: Order) -> Result:
    """Again and again with the same node."""
    rest = REST if order.slack == 1 else LONGER
    (port,) = children.free_ports(1)
    plan = Plan(
        "only",
        command=command("never-open") if order.control else COMMAND,
        settings={
            "metrics_listen": f"tcp:{port}:interface=127.0.0.1",
            "breaker_rest_seconds": rest,
        },
    )
    faults: list[str] = []
    with (
        servers.database() as database,
        House(database, nodes=[plan], upstream=UPSTREAM) as house,
    ):
        scene = Scene(house, port, Person.sign_up(house["only"].url), rest)
        for trial in range(order.trials):
            try:
                faults += [f"trial {trial}: {fault}" for fault in _once(scene, trial)]
            except AssertionError as error:
                faults.append(f"trial {trial}: {error}")
        faults += house.tracebacks()
        come_to_rest(house)
    return Result(f"{order.trials} times open and closed", tuple(faults))


def _once(scene: Scene, trial: int) -> Iterator[str]:
    scene.ask(f"{FAILING} first {trial}", 12)
    if (state := scene.state()) != "open":
        yield f"the circuit is {state} after 12 failures"
        return
    yield from _while_open(scene, trial)
    wait_until(lambda: scene.state() == "half open", 2 * scene.rest + 1)
    before = scene.calls()
    scene.ask(f"{FAILING} probes {trial}", 3)
    if (calls := scene.calls() - before) != 1:
        yield f"{calls} probes were sent at the same time"
    if (state := scene.state()) != "open":
        yield f"the circuit is {state} after a probe that failed"
    wait_until(lambda: scene.state() == "half open", 2 * scene.rest + 1)
    answers = [
        *scene.ask(f"words:5 {trial}", 1),
        *scene.ask(f"words:5 then {trial}", 3),
    ]
    if {answer.text for answer in answers} != {text_of(5)}:
        yield f"the answers after it are {[answer.end for answer in answers]}"
    if (state := scene.state()) != "closed":
        yield f"the circuit is {state} when the model is back"


def _while_open(scene: Scene, trial: int) -> Iterator[str]:
    before, began = scene.calls(), time.monotonic()
    [answer] = scene.ask(f"words:5 early {trial}", 1)
    seconds = time.monotonic() - began
    assert answer.end is not None
    if scene.calls() != before:
        yield "the model was asked while its circuit was open"
    if answer.end["type"] != "failed" or seconds > scene.rest / 1.5:
        yield f"its asker was told {answer.end} after {seconds:.1f} s"
