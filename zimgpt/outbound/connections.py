"""Connections to others' services: pooled, kept warm, and sure whose they are."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    HostnameCachingHTTPSPolicy,
    HTTPConnectionPool,
)
from twisted.web.iweb import IAgent, IPolicyForHTTPS


class Connections:
    """A pool and the agent that uses it; ``close`` when nothing is under way."""

    def __init__(
        self,
        reactor: IReactorTime,  # and all that the Agent needs of one
        *,
        connect_timeout: float = 3.0,
        most_kept: int = 512,
        trust: IPolicyForHTTPS | None = None,
    ) -> None:
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = most_kept
        self._pool.cachedConnectionTimeout = 55  # below the 60 s of most servers
        # A repeated request would be paid for twice; when to repeat is not for a
        # pool to decide.
        self._pool.retryAutomatically = False
        # The policy reads the platform's certificates for each connection; cached,
        # for each host.
        policy = HostnameCachingHTTPSPolicy(trust or BrowserLikePolicyForHTTPS())
        self.agent: IAgent = Agent(
            reactor, policy, connectTimeout=connect_timeout, pool=self._pool
        )

    async def close(self) -> None:
        """Ends the connections that wait to be used again."""
        closed: Deferred[None] = self._pool.closeCachedConnections()
        await closed
