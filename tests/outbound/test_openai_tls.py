"""Whom the client trusts, and that TLS does not keep it from hanging up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import ssl
from twisted.internet.address import IPv4Address
from twisted.web.client import BrowserLikePolicyForHTTPS

from tests.fakes.openai import OpenAI
from tests.outbound.upstream import NOW, Taking, Upstream
from tests.servers.certificates import self_signed
from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.flows.ports import ModelUnreachable, Report, Source
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel
from zimgpt.outbound.openai_stream import Limits

# Twisted hands such objects over when the server's key is not in a file.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.PrivateCertificate:
    """A certificate for localhost, signed by itself."""
    pem = self_signed(tmp_path_factory.mktemp("certificate"), "localhost")
    loaded: ssl.PrivateCertificate = ssl.PrivateCertificate.loadPEM(pem.read_bytes())
    return loaded


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def secure(certificate: ssl.PrivateCertificate) -> AsyncIterator[Upstream]:
    """The fake behind TLS, and a client that trusts its certificate."""
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor  # its interface for TLS is not among the declared
    fake = OpenAI(reactor)
    site: Any = fake.site()
    listening = reactor.listenSSL(0, site, certificate.options(), interface="127.0.0.1")
    address = listening.getHost()
    assert isinstance(address, IPv4Address)
    trust = BrowserLikePolicyForHTTPS(ssl.trustRootFromCertificates([certificate]))
    connections = Connections(reactor, trust=trust)
    model = OpenAIModel(
        name="small",
        url=f"https://localhost:{address.port}/v1",
        http=connections.http,
        clock=reactor,
        now=lambda: NOW,
        limits=Limits(first_byte=2, idle=2, whole=5),
    )
    yield Upstream(fake, model, connections)
    await connections.close()
    await listening.stopListening()


async def test_a_trusted_upstream_is_asked(secure: Upstream) -> None:
    """The same answer, on one connection, as without TLS."""
    for _ in range(2):
        answer = await secure.ask("words:3")
        assert answer == ("w0 w1 w2", Report(Finish.STOP, Usage(1, 3)))

    assert len(secure.fake.clients) == 1


async def test_a_certificate_that_nobody_signed_is_refused(secure: Upstream) -> None:
    """The platform's trust is the default."""
    from twisted.internet import reactor

    http = Connections(reactor).http
    secure.model = attrs.evolve(secure.model, http=http)

    with pytest.raises(ModelUnreachable, match="certificate verify failed"):
        await secure.ask("words:3")
    assert secure.fake.calls["small"] == 0


async def test_a_certificate_of_another_name_is_refused(secure: Upstream) -> None:
    """Trusted, but for somebody else."""
    url = secure.model.url.replace("localhost", "127.0.0.1")
    secure.model = attrs.evolve(secure.model, url=url)

    with pytest.raises(ModelUnreachable, match="VerificationError"):
        await secure.ask("words:3")
    assert secure.fake.calls["small"] == 0


async def test_a_paused_stream_can_be_stopped(secure: Upstream) -> None:
    """No goodbye is waited for: a paused connection would never read it."""

    def stop(source: Source, text: str) -> None:
        if text:
            source.pause()
            source.abort()

    text, report = await secure.ask("fault:stall-3", Taking(stop))

    assert text.startswith("w0")
    assert report == Report(Finish.STOPPED, None)
    await secure.quiet()
