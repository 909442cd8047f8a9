"""What a long answer costs its reader in data, counted to the byte."""

from __future__ import annotations

import time

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan, text_of
from tests.system.people import Person

TOKENS = 1_500
FASTER = 5
"""The model writes every 4 ms instead of 20, and the node stores every 20 ms instead
of 100: five tokens a frame, as in the half minute that this takes at its own pace."""

SAVER_FRAMES = 31
"""Frames in half a minute with the data saver on, one a second."""

DEAREST_FRAME = 4 + len('{"a":1,"s":1500,"t":""}')


def test_a_long_answer_is_cheap_in_data(postgres: PostgreSQL) -> None:
    """1,500 tokens cost at most 20 kB on a socket, and 10 kB with the data saver."""
    plan = Plan("fast", settings={"tick_ms": 100 // FASTER})
    with postgres.database() as url, House(url, nodes=[plan]) as house:
        person = Person.sign_up(house["fast"].url)
        plain, saver = person.connect(), person.connect()
        saver.say(type="pace", slow=True)
        start = {talk: talk.socket.received for talk in (plain, saver)}

        began = time.monotonic()
        more = {"kind": "essay", "max_tokens": TOKENS}
        text = f"words:{TOKENS} delay:{20 // FASTER}"
        one = plain.ask("1", text, **more)
        other = saver.ask("2", text, **more)
        plain.finish(one)
        saver.finish(other)
        took = time.monotonic() - began

        cost = {talk: talk.socket.received - start[talk] for talk in start}
        spared = max(SAVER_FRAMES - len(other.texts), 0) * DEAREST_FRAME
        assert text_of(TOKENS) == one.text == other.text
        assert took > TOKENS * 0.02 / FASTER
        assert cost[plain] <= 20_000
        assert cost[saver] + spared <= 10_000
