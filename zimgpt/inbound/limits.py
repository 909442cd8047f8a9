"""How much one address, one account and all together may ask of this node.

What is counted is forgotten when it has been quiet for a while, and there is an end to
how many are remembered: whoever comes from everywhere cannot fill the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Final

import attrs
from twisted.web.server import Request

from zimgpt.domain.accounts import UserId
from zimgpt.domain.rates import Rate, TooFast, take
from zimgpt.inbound.addresses import Proxies, host_of

REMEMBERED: Final = 50_000
"""Addresses or accounts of which one meter knows, at most."""

MINUTE: Final = 60.0
HOUR: Final = 3600.0


class TooManySockets(TooFast):
    """You have too many connections open. Please close ZimGPT on other devices or in other tabs."""  # noqa: E501

    code = "too_many_sockets"


class TooManySignUps(TooFast):
    """Too many accounts were opened from your network just now. Please try again later."""  # noqa: E501

    code = "too_many_sign_ups"


CROWDED: Final = "Too many people are connected from your network. Please try again."


@attrs.frozen(kw_only=True)
class Limits:
    """All of them; people behind a carrier's NAT share an address by thousands."""

    connections: int = 12_000
    connections_per_address: int = 1_000
    connects_per_second: int = 100
    requests_per_minute: int = 3_000
    sign_ins_per_minute: int = 60
    sign_ups_per_hour: int = 60
    node_sign_ups_per_hour: int = 3_600
    sockets_per_account: int = 20
    messages_per_minute: int = 240
    questions_per_minute: int = 30
    payments_per_hour: int = 20
    exports_per_minute: int = 20


class Meter:
    """A bucket for each key."""

    def __init__(
        self, rate: Rate, now: Callable[[], float], most: int = REMEMBERED
    ) -> None:
        self._rate = rate
        self._now = now
        self._most = most
        self._full: dict[Hashable, float] = {}  # least lately used first

    def __len__(self) -> int:
        """Keys that are remembered."""
        return len(self._full)

    def take(self, key: Hashable) -> None:
        """One more of this key; raises TooFast."""
        now = self._now()
        later = take(self._full.get(key, now), self._rate, now)
        self._full.pop(key, None)
        self._full[key] = later
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Two for each that is added, so that nothing lasts and nobody waits."""
        for _ in range(2):
            key = next(iter(self._full))
            if self._full[key] > now and len(self._full) <= self._most:
                return
            del self._full[key]


class Crowd:
    """How many of each key are here now."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        """Keys of which somebody is here."""
        return len(self._here)

    def full(self, key: Hashable) -> bool:
        """Whether no more of this key may come."""
        return self._here[key] >= self._most if key in self._here else self._most == 0

    def enter(self, key: Hashable) -> None:
        """One has come."""
        self._here[key] += 1

    def leave(self, key: Hashable) -> None:
        """One has gone."""
        self._here[key] -= 1
        if self._here[key] <= 0:
            del self._here[key]


class Gate:
    """What every door of a node asks before it serves; ``now`` is in seconds."""

    def __init__(
        self,
        now: Callable[[], float],
        limits: Limits | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        limits = limits or Limits()
        self.proxies = proxies or Proxies()
        self._most = limits.connections
        self._connections = 0
        self._from = Crowd(limits.connections_per_address)
        self._accounts = Crowd(limits.sockets_per_account)
        self._sockets_from = Crowd(limits.connections_per_address)
        self._connects = Meter(Rate(limits.connects_per_second, 1.0), now)
        self._requests = Meter(Rate(limits.requests_per_minute, MINUTE), now)
        self._sign_ins = Meter(Rate(limits.sign_ins_per_minute, MINUTE), now)
        self._sign_ups = Meter(Rate(limits.sign_ups_per_hour, HOUR), now)
        self._all_sign_ups = Meter(Rate(limits.node_sign_ups_per_hour, HOUR), now)
        self._messages = Meter(Rate(limits.messages_per_minute, MINUTE), now)
        self._questions = Meter(Rate(limits.questions_per_minute, MINUTE), now)
        self._payments = Meter(Rate(limits.payments_per_hour, HOUR), now)
        self._exports = Meter(Rate(limits.exports_per_minute, MINUTE), now)

    # ---- connections, by the address at the other end of the wire

    def connected(self, peer: str) -> bool:
        """Whether a connection may stay; who may, says ``disconnected`` in the end."""
        if self._connections >= self._most:
            return False
        address = self.proxies.client(peer)
        if address is not None:
            if self._from.full(address):
                return False
            try:
                self._connects.take(address)
            except TooFast:
                return False
            self._from.enter(address)
        self._connections += 1
        return True

    def disconnected(self, peer: str) -> None:
        """A connection has gone."""
        self._connections -= 1
        address = self.proxies.client(peer)
        if address is not None:
            self._from.leave(address)

    # ---- requests, by the address that our proxies say; each raises TooFast

    def address(self, request: Request) -> str | None:
        """Where a request comes from; None for our own machines."""
        peer = host_of(request.getClientAddress())
        lines = request.requestHeaders.getRawHeaders(b"X-Forwarded-For", [])
        return self.proxies.client(peer, [line.decode("latin-1") for line in lines])

    def request(self, address: str | None) -> None:
        """One HTTP request, which may also be a websocket's handshake."""
        if address is not None:
            self._requests.take(address)

    def sign_in(self, address: str | None) -> None:
        """Somebody wants a password to be checked."""
        if address is not None:
            self._sign_ins.take(address)

    def sign_up(self, address: str | None) -> None:
        """Somebody wants an account."""
        try:
            if address is not None:
                self._sign_ups.take(address)
            self._all_sign_ups.take(None)
        except TooFast as refusal:
            raise TooManySignUps(retry=refusal.retry) from None

    # ---- people

    def opening(self, user: UserId, address: str | None) -> None:
        """Somebody wants one more websocket; raises TooManySockets."""
        if self._accounts.full(user):
            raise TooManySockets(retry=30)
        if address is not None and self._sockets_from.full(address):
            raise TooManySockets(CROWDED, retry=30)

    def opened(self, user: UserId, address: str | None) -> None:
        """They have it."""
        self._accounts.enter(user)
        if address is not None:
            self._sockets_from.enter(address)

    def closed(self, user: UserId, address: str | None) -> None:
        """They have it no more."""
        self._accounts.leave(user)
        if address is not None:
            self._sockets_from.leave(address)

    def message(self, user: UserId) -> None:
        """One message on a websocket."""
        self._messages.take(user)

    def question(self, user: UserId) -> None:
        """One question, by whatever door."""
        self._questions.take(user)

    def export(self, user: UserId) -> None:
        """One file to keep."""
        self._exports.take(user)

    def payment(self, user: UserId) -> None:
        """One payment to be begun."""
        self._payments.take(user)
