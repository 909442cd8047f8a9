"""HTTP to the callback: the handshake, and posts of webhooks."""

from __future__ import annotations

from io import BytesIO
from typing import Final, TypeVar
from urllib.parse import urlencode

import treq
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent, FileBodyProducer
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IResponse

T = TypeVar("T")

PATIENCE: Final = 20.0  # seconds for an answer; Meta's own are not documented


class Callback:
    """The server's address for webhooks."""

    def __init__(
        self, reactor: IReactorTime, url: str, agent: IAgent | None = None
    ) -> None:
        self._reactor = reactor
        self._url = url.encode()
        self._agent: IAgent = agent or Agent(reactor, connectTimeout=5)

    async def handshake(self, token: str, challenge: str) -> bool:
        """Whether the callback answers as one of ours does."""
        query = urlencode(
            {
                "hub.mode": "subscribe",
                "hub.challenge": challenge,
                "hub.verify_token": token,
            }
        )
        url = self._url + b"?" + query.encode()
        try:
            response = await self._request(b"GET", url, Headers(), b"")
            body = await self._patient(treq.content(response))
        except Exception:  # noqa: BLE001, RUF100 - whatever it was: try again later
            return False
        return response.code == 200 and body == challenge.encode()

    async def post(self, body: bytes, signature: str) -> int:
        """The status of the answer; 0 if none came."""
        headers = Headers(
            {
                "Content-Type": ["application/json"],
                "User-Agent": ["facebookexternalua"],
                "X-Hub-Signature-256": [signature],
            }
        )
        try:
            response = await self._request(b"POST", self._url, headers, body)
            await self._patient(treq.content(response))
        except Exception:  # noqa: BLE001, RUF100 - no answer is no answer
            return 0
        return int(response.code)

    async def _request(
        self, method: bytes, url: bytes, headers: Headers, body: bytes
    ) -> IResponse:
        producer = FileBodyProducer(BytesIO(body)) if body else None
        return await self._patient(self._agent.request(method, url, headers, producer))

    def _patient(self, outcome: Deferred[T]) -> Deferred[T]:
        return outcome.addTimeout(PATIENCE, self._reactor)
