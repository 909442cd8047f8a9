"""Nodes that treat WhatsApp as it must not be treated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

import attrs

from zimgpt.flows.receiving import Receiving
from zimgpt.store.whatsapp.post import PgPost
from zimgpt.wire.whatsapp import signature
from zimgpt.wire.whatsapp.events import Delivery

GAP = 0.3
"""Seconds between the acknowledgement and the commit, so that kills meet it."""

_receive = Receiving.receive
_begin = PgPost.begin


async def _later(self: Receiving, delivery: Delivery) -> int:
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred
    from twisted.internet.task import deferLater

    async def store() -> None:
        await deferLater(reactor, GAP)
        await _receive(self, delivery)

    Deferred.fromCoroutine(store()).addErrback(lambda _: None)
    return 0


def acknowledge_first() -> None:
    """A webhook gets its 200, and is stored after that."""
    Receiving.receive = _later  # type: ignore[method-assign]


def believe_anybody() -> None:
    """Whatever looks like a signature is one."""

    def like_one(header: str | None, body: bytes, secrets: Sequence[bytes]) -> bool:
        return header is not None and header.startswith("sha256=")

    signature.verified = like_one


def hear_again() -> None:
    """A message is known by the webhook that it came in, and not by its own id."""

    def heard_in(self: Receiving, delivery: Delivery) -> Awaitable[int]:
        mark = uuid4().hex
        items = [attrs.evolve(one, key=f"{one.key}:{mark}") for one in delivery.items]
        return _receive(self, attrs.evolve(delivery, items=tuple(items)))

    Receiving.receive = heard_in  # type: ignore[assignment]


def send_blindly() -> None:
    """What may have been sent is sent again at once, and no news is waited for."""

    async def begin(self: PgPost, letter: str) -> bool:
        begun = await _begin(self, letter)
        await self._pool.query("select send_is_due(%s)", (letter,))
        return begun

    PgPost.begin = begin  # type: ignore[method-assign]


DUE = """
    create function send_is_due(p_id uuid) returns void language sql security definer as
    $$ update whatsapp_outgoing set due_at = clock_timestamp() where id = p_id $$;
    grant execute on function send_is_due to zimgpt_app
"""
"""What the last one needs of the database."""

MUTANTS: Mapping[str, Callable[[], None]] = {
    "acknowledge-first": acknowledge_first,
    "believe-anybody": believe_anybody,
    "hear-again": hear_again,
    "send-blindly": send_blindly,
}
