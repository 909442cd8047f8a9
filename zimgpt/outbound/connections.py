"""Connections to others' services: pooled, kept warm, and sure whose they are."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import attrs
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import TimeoutError as TooLate
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.web.client import (
    URI,
    Agent,
    BrowserLikePolicyForHTTPS,
    HostnameCachingHTTPSPolicy,
    HTTPConnectionPool,
    _HTTP11ClientFactory,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import (
    IAgent,
    IAgentEndpointFactory,
    IBodyProducer,
    IPolicyForHTTPS,
    IResponse,
)
from zope.interface import implementer

AS_SENT = b"as-sent "
"""Put before a Content-Encoding, so that nothing inflates it unasked."""


@implementer(IAgent)
@attrs.frozen
class AsSent:
    """An agent whose answers come as they were sent.

    treq would ask for gzip and inflate whatever comes, a bomb too. Here nothing is
    asked for, and what is encoded all the same arrives so, its header marked.
    """

    _agent: IAgent

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Sends a request."""
        plain = headers.copy() if headers is not None else Headers()
        plain.setRawHeaders(b"Accept-Encoding", [b"identity"])
        request = self._agent.request(method, uri, plain, bodyProducer)
        return request.addCallback(_marked)


def _marked(response: IResponse) -> IResponse:
    encodings = response.headers.getRawHeaders(b"Content-Encoding")
    if encodings is not None:
        marked = [AS_SENT + encoding for encoding in encodings]
        response.headers.setRawHeaders(b"Content-Encoding", marked)
    return response


@implementer(IStreamClientEndpoint)
@attrs.frozen
class InTime:
    """An endpoint that is connected to within so many seconds, or not at all.

    Twisted's own limit is for each address, and begins when the name was looked up; a
    resolver that does not answer would keep people waiting far longer.
    """

    _endpoint: IStreamClientEndpoint
    _clock: IReactorTime
    _seconds: float

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connects."""
        connected: Deferred[IProtocol] = self._endpoint.connect(protocolFactory)
        return connected.addTimeout(self._seconds, self._clock, _too_late)


def _too_late(_: object, seconds: float) -> IProtocol:
    raise TooLate(string=f"no connection within {seconds:g} s")


@implementer(IAgentEndpointFactory)
@attrs.frozen
class Roads:
    """How the server of an http or https URL is reached."""

    _reactor: Any
    _policy: IPolicyForHTTPS
    _seconds: float

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """Over TCP, with TLS on top for https."""
        host = uri.host.decode("ascii")
        plain = HostnameEndpoint(self._reactor, host, uri.port, timeout=self._seconds)
        road = InTime(plain, self._reactor, self._seconds)
        if uri.scheme != b"https":
            return road
        tls = self._policy.creatorForNetloc(uri.host, uri.port)
        secure: IStreamClientEndpoint = wrapClientTLS(tls, road)
        return secure


class QuietPool(HTTPConnectionPool):
    """A pool that does not log every connection it opens, nor keep one that ends.

    Twisted gives a connection back as soon as its response was read, even if it was
    aborted within that very read; whoever got it next would find it closed.
    """

    class _factory(_HTTP11ClientFactory):  # noqa: N801 - Twisted's hook of that name
        noisy = False

    def _putConnection(self, key: object, connection: Any) -> None:  # noqa: ANN401
        # Twisted's name, and TCP's own mark; over TLS nothing more is read then.
        if not getattr(connection.transport, "_aborting", False):
            super()._putConnection(key, connection)


class Connections:
    """A pool and the client that uses it; ``close`` when nothing is under way.

    ``fresh`` is a client that connects anew for each request. A kept connection may
    have been closed by its server a moment ago, and then nobody knows whether a request
    was taken; ``fresh`` is for requests that must not be asked twice.
    """

    def __init__(
        self,
        reactor: IReactorTime,  # and all that the Agent needs of one
        *,
        connect_timeout: float = 3.0,
        most_kept: int = 512,
        trust: IPolicyForHTTPS | None = None,
    ) -> None:
        self._pool = QuietPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = most_kept
        self._pool.cachedConnectionTimeout = 55  # below the 60 s of most servers
        # A repeated request would be paid for twice; when to repeat is not for a
        # pool to decide.
        self._pool.retryAutomatically = False
        # The policy reads the platform's certificates for each connection; cached,
        # for each host.
        policy = HostnameCachingHTTPSPolicy(trust or BrowserLikePolicyForHTTPS())
        self._roads = Roads(reactor, policy, connect_timeout)
        self.http = self._client(reactor, self._pool)
        self.fresh = self._client(reactor, HTTPConnectionPool(reactor, False))

    def _client(self, reactor: IReactorTime, pool: HTTPConnectionPool) -> HTTPClient:
        agent = Agent.usingEndpointFactory(reactor, self._roads, pool)
        # Services are no web sites: what they would have us remember is forgotten.
        no_cookies = IndexableCookieJar(DefaultCookiePolicy(allowed_domains=[]))
        return HTTPClient(AsSent(agent), no_cookies)

    async def close(self) -> None:
        """Ends the connections that wait to be used again."""
        closed: Deferred[None] = self._pool.closeCachedConnections()
        await closed
