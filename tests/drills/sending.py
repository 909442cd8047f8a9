"""D35: WhatsApp refuses, drops and forgets what we send, in every way it knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.mutants import command
from tests.drills.mutants.whatsapp import DUE
from tests.system.harness import House, Plan, wait_until
from tests.system.phone import TOKEN, Exchange, Somebody, body, joined
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

Json = dict[str, Any]

FAULTS: tuple[Json, ...] = (
    {"kind": "drop"},
    {"kind": "code", "code": 131056, "http": 400},
    {"kind": "code", "code": 130429, "http": 429},
    {"kind": "truncated"},
    {"kind": "code", "code": 80007, "http": 400},
    {"kind": "code", "code": 131000, "http": 500},
    {"kind": "html-500"},
    {"kind": "slow", "seconds": 2},
    {"kind": "html-502"},
    {"kind": "unavailable"},
    {"kind": "code", "code": 131016, "http": 503},
)
"""What comes first whatever the number of trials is met by the control."""

STATES = """
    select o.state, o.attempts from whatsapp_outgoing o
      join whatsapp_contacts c on c.id = o.contact_id where c.bsuid = %s
"""
STOPPED = "select 1 from whatsapp_numbers where stopped_at is not null"
REFUNDED = """
    select r.refunded = r.settled from reservations r
      join whatsapp_contacts c on c.user_id = r.user_id where c.bsuid = %s
"""
AT_REST = 90.0  # seconds


def send(servers: Servers, order: Order) -> Result:
    """So many faults, each met by somebody new; then what stops everything, and whom
    nothing reaches."""
    with _exchange(servers, order) as made:
        faults: list[str] = []
        attempts = 0
        for fault in islice(cycle(FAULTS), order.trials):
            someone = made.phones.somebody()
            faults += _over(made, someone, fault)
            attempts += sum(row[1] for row in made.house.query(STATES, someone.bsuid))
        if not order.control:
            faults += [*_revoked(made), *_unreachable(made), *_shut(made)]
    figure = (
        f"{order.trials} faults got over with {attempts} tries of two messages each"
    )
    return Result(figure, tuple(faults))


@contextmanager
def _exchange(servers: Servers, order: Order) -> Iterator[Exchange]:
    starts = command("send-blindly") if order.control else COMMAND
    nodes = [Plan("line", command=starts)]
    with (
        servers.database() as url,
        joined(lambda more: House(url, nodes=nodes, **more), "line") as made,
    ):
        made.phones.control("habits", limits=False)
        if order.control:
            made.house.query(DUE)
        yield made
        wait_until(lambda: not invariants.violations(url, at_rest=True), AT_REST)


def _over(made: Exchange, someone: Somebody, fault: Json) -> Iterator[str]:
    """The first of two messages meets the fault: both come, in order, once."""
    made.phones.control("fault", **fault)
    someone.say("balance")
    said = [body(someone.next(60)), body(someone.next(60))]
    time.sleep(0.5)
    said = list(map(body, someone.bubbles()))
    if len(said) > 2:
        yield f"{fault}: came twice: {len(said)} messages"
    elif "Welcome" not in said[0] or "Tokens: " not in said[1]:
        yield f"{fault}: in another order"


def _revoked(made: Exchange) -> Iterator[str]:
    """Without its token the number stops at once, and goes on when that is mended."""
    someone = made.phones.somebody()
    someone.ask("menu")
    made.phones.control("tokens", tokens=["another"])
    before = made.phones.state()["refused"]
    for _ in range(5):
        someone.say("balance")
    wait_until(lambda: made.house.query(STOPPED), what="the stop")
    time.sleep(5)
    sends = made.phones.state()["refused"] - before
    if sends > 7:  # five read marks, and the send that was refused
        yield f"a storm: {sends} requests without a token"
    if "WhatsApp error 190" not in made.house[made.node].log():
        yield "nobody was alarmed"
    made.phones.control("tokens", tokens=[TOKEN])
    made.house.query("select resume_number(phone_id) from whatsapp_numbers")
    someone.say("help")
    wait_until(
        lambda: any("How ZimGPT works" in body(b) for b in someone.bubbles()), 60
    )


def _unreachable(made: Exchange) -> Iterator[str]:
    """131026: what cannot be delivered is not paid for."""
    gone = made.phones.somebody(reachable=False)
    gone.say("words:5 can you hear me?")
    try:
        wait_until(lambda: made.house.query(REFUNDED, gone.bsuid) == [(True,)], 60)
    except AssertionError:
        yield "131026: what was not delivered was paid for"


def _shut(made: Exchange) -> Iterator[str]:
    """131047: kept until they write again."""
    someone = made.phones.somebody()
    someone.ask("menu")
    made.phones.control("fault", kind="fail", code=131047)
    someone.say("balance")
    wait_until(lambda: ("held", 1) in made.house.query(STATES, someone.bsuid), 30)
    someone.say("help")
    try:
        wait_until(lambda: len(someone.bubbles()) == 3, 60)
    except AssertionError:
        yield "131047: what was held did not come"


DRILLS = (
    Drill(
        id="D35",
        promise="Whatever WhatsApp does to a message of ours, it comes once and in"
        " order, or its person does not pay for it.",
        run=send,
        trials=44,
        quick=0,
        mutant="what may have been sent is sent again at once",
        symptom="came twice",
        control_trials=2,
        seconds=180,
    ),
)
