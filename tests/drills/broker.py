"""D7-D9, D13: RabbitMQ dies, stays away, falls silent or takes nothing more.

Questions are accepted all the same, and quickly; they wait in PostgreSQL, and are
written when the broker is back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import attrs

from tests.drills import remembering
from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.posting import Poster, accepting, finish, lost_or_doubled, posters
from tests.drills.proxy import Proxy
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Node, Plan, wait_until
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

CROWD = 6
PAUSE = 1.0  # seconds between two questions of one person
QUICK = 0.5  # seconds: what one acceptance in a hundred may exceed
DRAINED = 60.0  # seconds after the broker is back
HOPELESS = 12.0  # the same in a control, whose questions may wait for ever
GROWTH = 50 * 1024  # kB that a node's memory may grow by
BETWEEN = 5.0  # seconds between two crashes
TIMER = 7.0  # seconds: our own timer of 5, and a question to start it
BACK = 15.0  # seconds from healing to the first answer
UNCONFIRMED = "not confirmed by the broker"


@attrs.define
class _Scene:
    """A node under load, and what was found out about it."""

    order: Order
    house: House
    broker: RabbitMQ
    wire: Proxy | None
    crowd: list[Poster] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)
    figures: list[str] = attrs.field(factory=list)

    @property
    def node(self) -> Node:
        """The only one."""
        return self.house["only"]


Trouble = Callable[[_Scene], None]


def _run(
    servers: Servers, order: Order, trouble: Trouble, mutant: str, *, wired: bool
) -> Result:
    with (
        servers.database() as database,
        _scene(servers, order, database, mutant, wired=wired) as scene,
    ):
        scene.crowd = posters(CROWD, scene.node.url, PAUSE)
        time.sleep(1)
        trouble(scene)
        healed = time.monotonic()
        time.sleep(1)
        finish(scene.crowd)
        _drain(scene)
        drained = time.monotonic() - healed
        slow = accepting(scene.crowd)
        scene.faults += lost_or_doubled(scene.house, scene.crowd)
        if slow >= QUICK * order.slack:
            scene.faults.append(f"accepting took {slow:.2f} s")
        number = sum(len(poster.posted) for poster in scene.crowd)
        lost = sum(fault.startswith("lost") for fault in scene.faults)
        figure = (
            f"{number} accepted with p99 {slow * 1000:.0f} ms, {lost} lost,"
            f" drained in {drained:.0f} s"
        )
        return Result(", ".join([figure, *scene.figures]), tuple(scene.faults))


@contextmanager
def _scene(
    servers: Servers, order: Order, database: str, mutant: str, *, wired: bool
) -> Iterator[_Scene]:
    broker = servers.rabbitmq
    starts = command(mutant) if order.control else COMMAND
    with Proxy(broker.port) as wire:
        url = broker.vhost()
        if wired:
            url = url.replace(f":{urlsplit(url).port}/", f":{wire.port}/")
        with House(
            database,
            nodes=[Plan("only", command=starts)],
            broker=url,
            upstream=remembering.COMMAND,
            welcome_tokens=100_000_000,
        ) as house:
            yield _Scene(order, house, broker, wire if wired else None)


def _drain(scene: _Scene) -> None:
    """Waits until nothing is under way; what never ends is judged as it is."""
    patience = HOPELESS if scene.order.control else DRAINED * scene.order.slack
    try:
        wait_until(
            lambda: not invariants.violations(scene.house.database, at_rest=True),
            patience,
        )
    except AssertionError:
        scene.faults.append(f"not drained within {patience:.0f} s")


# ---- D7


def _crashes(scene: _Scene) -> None:
    for _ in range(scene.order.trials):
        scene.broker.kill()
        scene.broker.start()
        time.sleep(BETWEEN)


# ---- D8, D13


def _away(scene: _Scene) -> None:
    scene.broker.kill()
    try:
        _without(scene)
    finally:
        scene.broker.start()


def _alarmed(scene: _Scene) -> None:
    scene.broker.control("set_vm_memory_high_watermark", "0")
    try:
        _without(scene)
    finally:
        scene.broker.control("set_vm_memory_high_watermark", "absolute", "1GB")


def _without(scene: _Scene) -> None:
    """Some seconds in which the broker takes nothing."""
    before = _resident(scene.node)
    began = time.monotonic()
    time.sleep(scene.order.trials)
    grown = _resident(scene.node) - before
    scene.figures.append(f"memory {grown / 1024:+.0f} MB")
    if grown > GROWTH:
        scene.faults.append(f"the node grew by {grown} kB")
    waiting = [
        (poster, posted)
        for poster in scene.crowd
        for posted in poster.posted
        if posted.answer and began + 1 < posted.tries[-1].at
    ]
    told = {poster.read(posted)["state"] for poster, posted in waiting[:CROWD]}
    scene.figures.append(f"told {', '.join(sorted(told))} meanwhile")
    if told != {"queued"}:
        scene.faults.append(f"the web says {told} of what waits for the broker")


def _resident(node: Node) -> int:
    """A node's memory in kB."""
    status = Path(f"/proc/{node.child.process.pid}/status").read_text()
    [line] = [one for one in status.splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1])


# ---- D9


def _silent(scene: _Scene) -> None:
    assert scene.wire is not None
    told = scene.node.log().count(UNCONFIRMED)
    began = time.monotonic()
    scene.wire.hole = True
    try:
        wait_until(lambda: scene.node.log().count(UNCONFIRMED) > told, 2 * TIMER)
        failed = time.monotonic() - began
        time.sleep(max(scene.order.trials - failed, 0))
    finally:
        scene.wire.hole = False
    healed = time.monotonic()
    ((count,),) = scene.house.query("select count(*) from answers where text <> ''")
    _until_more_are_written(scene, count)
    back = time.monotonic() - healed
    scene.figures.append(f"first failed after {failed:.1f} s, back after {back:.1f} s")
    if failed > TIMER:
        scene.faults.append(f"a publish failed after {failed:.1f} s only")
    if back > BACK:
        scene.faults.append(f"the first answer came {back:.1f} s after healing")


def _until_more_are_written(scene: _Scene, count: int) -> None:
    more = "select count(*) > %s from answers where text <> ''"
    wait_until(lambda: scene.house.query(more, count) == [(True,)], 3 * BACK)


def killed(servers: Servers, order: Order) -> Result:
    """The broker crashes again and again."""
    return _run(servers, order, _crashes, "never-again", wired=False)


def away(servers: Servers, order: Order) -> Result:
    """There is no broker, for as many seconds as trials."""
    return _run(servers, order, _away, "never-again", wired=False)


def silent(servers: Servers, order: Order) -> Result:
    """Nothing arrives there or comes from there, for as many seconds as trials."""
    return _run(servers, order, _silent, "never-again", wired=True)


def alarmed(servers: Servers, order: Order) -> Result:
    """The broker has no memory left, for as many seconds as trials."""
    return _run(servers, order, _alarmed, "wait-for-broker", wired=False)


DRILLS = (
    Drill(
        id="D7",
        promise="A broker killed again and again delays answers and loses none.",
        run=killed,
        trials=20,
        quick=0,
        mutant="what the broker did not confirm is never given to it again",
        symptom="lost",
        control_trials=2,
        seconds=280,
    ),
    Drill(
        id="D8",
        promise="Without a broker questions are accepted, and written when it is back.",
        run=away,
        trials=600,
        quick=3,
        mutant="what the broker did not confirm is never given to it again",
        symptom="lost",
        control_trials=10,
        seconds=680,
    ),
    Drill(
        id="D9",
        promise="A broker that nothing reaches holds up nobody, and is found again.",
        run=silent,
        trials=60,
        quick=0,
        mutant="what the broker did not confirm is never given to it again",
        symptom="lost",
        control_trials=45,
        seconds=160,
    ),
    Drill(
        id="D13",
        promise="A broker without memory takes nothing, and questions are accepted.",
        run=alarmed,
        trials=60,
        quick=0,
        mutant="a question is accepted when the broker has confirmed it",
        symptom="accepting took",
        control_trials=10,
        seconds=110,
    ),
)
