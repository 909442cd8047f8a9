"""HTTP to merchants. Only to this machine: nothing of ours leaves it."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

import treq
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import Agent, FileBodyProducer
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent

PATIENCE: Final = 20.0  # seconds for an answer; the real one's are not documented
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Merchants:
    """Posts callbacks."""

    def __init__(self, reactor: IReactorTime, agent: IAgent | None = None) -> None:
        self._reactor = reactor
        self._agent: IAgent = agent or Agent(reactor, connectTimeout=5)

    async def post(self, url: str, body: bytes) -> int:
        """The status of the answer; 0 if none came, or if it is not on this machine."""
        if urlsplit(url).hostname not in LOOPBACK:
            return 0
        headers = Headers({"Content-Type": ["application/x-www-form-urlencoded"]})
        producer = FileBodyProducer(BytesIO(body))
        try:
            request = self._agent.request(b"POST", url.encode(), headers, producer)
            response = await request.addTimeout(PATIENCE, self._reactor)
            await treq.content(response).addTimeout(PATIENCE, self._reactor)
        except Exception:  # noqa: BLE001, RUF100 - no answer is no answer
            return 0
        return int(response.code)
