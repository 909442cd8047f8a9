"""A person's session with a server: signs in, asks, reads until the end.

A socket that breaks is opened again for as long as it takes, after a growing and
uneven wait, or at once when this machine has a network again, and the answer goes on
where it was.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import attrs
import treq
from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    connectWS,
)
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorCore, IReactorTime
from twisted.internet.task import deferLater
from twisted.web.client import Agent
from twisted.web.http_headers import Headers

from zimgpt.cli.dialogue import Dialogue, Outcome
from zimgpt.cli.errors import CommandFailed
from zimgpt.cli.network import News

FIRST_WAIT = 0.3
LONGEST_WAIT = 10.0
PATIENCE = 30  # seconds for an HTTP request
PING_EVERY, PING_PATIENCE = 15, 10
"""Seconds, so that a connection whose other end has silently gone is noticed."""

QUIET = 2.0
"""Seconds without a word after which a socket is not trusted over a change of networks:
it may belong to the one that has gone."""

SIGNED_OUT = 4401

# A websocket handshake that is answered with one of these will not get better.
FINAL = ("401", "403")


class Client:
    """One signed-in session at the server of ``url``."""

    def __init__(self, reactor: Any, url: str) -> None:  # noqa: ANN401
        self._reactor: IReactorCore = reactor
        self._clock: IReactorTime = reactor
        self._url = url.rstrip("/")
        self._token = ""
        self._news = News(reactor)
        self._attempt: _Factory | None = None
        self._http = treq.client.HTTPClient(Agent(reactor, connectTimeout=PATIENCE))

    async def sign_in(self, phone: str, password: str) -> None:
        """Begins a session; raises CommandFailed with the server's own sentence."""
        body = {"phone": phone, "password": password, "token": True}
        body["client"] = "command line"
        answer = await self._request("POST", "/api/v1/sessions", json=body)
        self._token = answer["token"]

    async def sign_out(self) -> None:
        """Ends the session."""
        await self._request("DELETE", "/api/v1/sessions/current")

    async def labels(self) -> list[str]:
        """What there is to say of the models that may answer, such as "a demo"."""
        offered = await self._request("GET", "/api/v1/prices")
        models = offered["models"]
        return [one["label"] for one in models if one["label"] != one["model"]]

    async def ask(
        self,
        dialogue: Dialogue,
        *,
        waits: Callable[[], None] = lambda: None,
        give_up: float = math.inf,
    ) -> Outcome:
        """Asks and reads to the end, over as many sockets as that takes.

        ``waits`` is told once of each stretch without a word from the server; when
        one has lasted ``give_up`` seconds, raises CommandFailed.
        """
        spell = _Spell(self._clock.seconds())
        while True:
            before = dialogue.place
            refused = await self._socket(dialogue)
            if dialogue.outcome is not None:
                return dialogue.outcome
            if refused:
                raise CommandFailed(f"the server refused the connection: {refused}")
            if dialogue.place != before:
                spell = _Spell(self._clock.seconds())
            if not spell.told:
                spell.told = True
                waits()
            left = spell.since + give_up - self._clock.seconds()
            if left <= 0:
                raise CommandFailed(_given_up(dialogue, give_up))
            await self._wait(spell, dialogue.retry, left)

    def network_came(self) -> None:
        """This machine has a network that it did not have: nothing is waited for."""
        attempt = self._attempt  # and not the one that the news may begin
        self._news.came()
        if attempt is not None:
            attempt.doubt()

    async def _wait(self, spell: _Spell, asked: float | None, left: float) -> None:
        seconds = min(spell.wait(asked), left)
        if asked is not None:  # it is the server that is away
            await deferLater(self._clock, seconds)
        elif await self._news.wait(seconds):
            spell.again()

    async def _request(self, method: str, path: str, **kwargs: Any) -> Any:  # noqa: ANN401
        headers = Headers()
        if self._token:
            headers.addRawHeader("Authorization", f"Bearer {self._token}")
        try:
            response = await self._http.request(
                method, self._url + path, headers=headers, timeout=PATIENCE, **kwargs
            )
            body = await response.json() if response.code != 204 else {}
        except ValueError:  # a page, say
            raise CommandFailed(
                f"{self._url} does not answer as ZimGPT does. Is it the address that"
                " people open in a browser?"
            ) from None
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise CommandFailed(f"{self._url} was not reached ({reason})") from None
        if response.code >= 400:
            raise CommandFailed(body["error"]["message"])
        return body

    async def _socket(self, dialogue: Dialogue) -> str:
        """One socket, from opening to end; why it was refused for good, or ''."""
        parts = urlsplit(self._url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        ended: Deferred[str] = Deferred()
        factory = _Factory(
            dialogue,
            ended,
            f"{scheme}://{parts.netloc}/ws",
            protocols=["zimgpt.v1"],
            headers={"Authorization": f"Bearer {self._token}"},
            reactor=self._reactor,
        )
        self._attempt = factory
        factory.connector = connectWS(factory, timeout=PATIENCE)
        try:
            return await ended
        finally:
            self._attempt = None


@attrs.define
class _Spell:
    """A stretch of time without progress, and how long each wait in it is."""

    since: float
    told: bool = False
    _next: float = FIRST_WAIT

    def wait(self, asked: float | None) -> float:
        """What the server asked for; otherwise longer each time, and never even, so
        that those who lost a server together do not come back together."""
        if asked is not None:
            return asked
        wait, self._next = self._next, min(self._next * 2, LONGEST_WAIT)
        return wait * (0.5 + random.random())  # noqa: S311 - a wait

    def again(self) -> None:
        """Waits are short again: what made them long has gone."""
        self._next = FIRST_WAIT


def _given_up(dialogue: Dialogue, seconds: float) -> str:
    if dialogue.answer is None:
        return f"the server took no question in {seconds:g} s"
    return (
        f"nothing came in {seconds:g} s; the answer {dialogue.answer} goes on"
        " without us and can be read later"
    )


class _Socket(WebSocketClientProtocol):
    """Feeds a dialogue until it has its outcome or the socket is gone."""

    factory: _Factory
    transport: Any  # TCP or TLS

    def __init__(
        self, dialogue: Dialogue, ended: Deferred[str], clock: IReactorTime
    ) -> None:
        super().__init__()
        self._dialogue = dialogue
        self._ended = ended
        self._clock = clock
        self._heard = clock.seconds()

    @property
    def quiet(self) -> float:
        """Seconds since the last message."""
        return self._clock.seconds() - self._heard

    def onOpen(self) -> None:
        """Asks, or reads on."""
        self.sendMessage(self._dialogue.opening())

    def onMessage(self, payload: bytes, _is_binary: bool) -> None:
        """One message."""
        self._heard = self._clock.seconds()
        self._dialogue.heard(payload)
        if self._dialogue.outcome is not None or self._dialogue.postponed:
            self.sendClose(1000)

    def onClose(self, _was_clean: bool, code: int | None, reason: str | None) -> None:
        """The end of this socket."""
        told = "401: you were signed out" if code == SIGNED_OUT else reason or ""
        self._ended.callback(told if any(code in told for code in FINAL) else "")


class _Factory(WebSocketClientFactory):
    """Makes one socket for a dialogue."""

    noisy = False
    connector: Any = None  # twisted's own, from the call that begins to connect
    _socket: _Socket | None = None

    def __init__(
        self,
        dialogue: Dialogue,
        ended: Deferred[str],
        *args: Any,  # noqa: ANN401 - autobahn's own
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.setProtocolOptions(
            autoPingInterval=PING_EVERY, autoPingTimeout=PING_PATIENCE
        )
        self._dialogue = dialogue
        self._ended = ended

    def buildProtocol(self, _address: object) -> WebSocketClientProtocol:
        """The socket."""
        socket = _Socket(self._dialogue, self._ended, self.reactor)
        socket.factory = self
        self._socket = socket
        return socket

    def doubt(self) -> None:
        """Ends an attempt, or a socket, that may hang in a network which has gone."""
        if self.connector.state == "connecting":
            self.connector.stopConnecting()
        elif self._socket is not None and self._socket.quiet >= QUIET:
            self._socket.transport.abortConnection()

    def clientConnectionFailed(self, *_why: object) -> None:
        """Nothing listens there just now."""
        self._ended.callback("")
