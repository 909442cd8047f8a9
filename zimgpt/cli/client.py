"""A person's session with a server: signs in, asks, reads until the end.

A socket that breaks is opened again for as long as it takes, after a growing and
uneven wait, and the answer goes on where it was.
"""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlsplit

import treq
from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    connectWS,
)
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorCore
from twisted.internet.task import deferLater
from twisted.web.client import Agent
from twisted.web.http_headers import Headers

from zimgpt.cli.dialogue import Dialogue, Outcome
from zimgpt.cli.errors import CommandFailed

FIRST_WAIT = 0.3
LONGEST_WAIT = 10.0
PATIENCE = 30  # seconds for an HTTP request

# A websocket handshake that is answered with one of these will not get better.
FINAL = ("401", "403")


class Client:
    """One signed-in session at the server of ``url``."""

    def __init__(self, reactor: Any, url: str) -> None:  # noqa: ANN401
        self._reactor: IReactorCore = reactor
        self._url = url.rstrip("/")
        self._token = ""
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

    async def ask(self, dialogue: Dialogue) -> Outcome:
        """Asks and reads to the end, over as many sockets as that takes."""
        wait = FIRST_WAIT
        while True:
            before = dialogue.place
            refused = await self._socket(dialogue)
            if dialogue.outcome is not None:
                return dialogue.outcome
            if refused:
                raise CommandFailed(f"the server refused the connection: {refused}")
            moved = dialogue.place != before
            wait = FIRST_WAIT if moved else min(wait * 2, LONGEST_WAIT)
            await deferLater(self._reactor, wait * (0.5 + random.random()))  # type: ignore[arg-type]  # noqa: S311 - a wait

    async def _request(self, method: str, path: str, **kwargs: Any) -> Any:  # noqa: ANN401
        headers = Headers()
        if self._token:
            headers.addRawHeader("Authorization", f"Bearer {self._token}")
        try:
            response = await self._http.request(
                method, self._url + path, headers=headers, timeout=PATIENCE, **kwargs
            )
            body = await response.json() if response.code != 204 else {}
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
        connectWS(factory, timeout=PATIENCE)
        return await ended


class _Socket(WebSocketClientProtocol):
    """Feeds a dialogue until it has its outcome or the socket is gone."""

    def __init__(self, dialogue: Dialogue, ended: Deferred[str]) -> None:
        super().__init__()
        self._dialogue = dialogue
        self._ended = ended

    def onOpen(self) -> None:
        """Asks, or reads on."""
        self.sendMessage(self._dialogue.opening())

    def onMessage(self, payload: bytes, _is_binary: bool) -> None:
        """One message."""
        self._dialogue.heard(payload)
        if self._dialogue.outcome is not None or self._dialogue.postponed:
            self.sendClose(1000)

    def onClose(self, _was_clean: bool, _code: int | None, reason: str | None) -> None:
        """The end of this socket."""
        told = reason or ""
        self._ended.callback(told if any(code in told for code in FINAL) else "")


class _Factory(WebSocketClientFactory):
    """Makes one socket for a dialogue."""

    noisy = False

    def __init__(
        self,
        dialogue: Dialogue,
        ended: Deferred[str],
        *args: Any,  # noqa: ANN401 - autobahn's own
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self._dialogue = dialogue
        self._ended = ended

    def buildProtocol(self, _address: object) -> WebSocketClientProtocol:
        """The socket."""
        socket = _Socket(self._dialogue, self._ended)
        socket.factory = self
        return socket

    def clientConnectionFailed(self, *_why: object) -> None:
        """Nothing listens there just now."""
        self._ended.callback("")
