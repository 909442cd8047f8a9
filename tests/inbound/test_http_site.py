"""The server as strangers meet it: sizes, times, shapes and headers."""

# Resources inherit constructors without annotations from Twisted.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

import pytest
from twisted.internet.error import ConnectionDone
from twisted.logger import LogEvent
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from tests.inbound.browser import SURFACE, Browser, Connection
from zimgpt.inbound.surface import Surface


class Echo(Resource):
    """Says what it was sent; ``/slow`` never, ``/broken`` raises, ``/half`` midway."""

    isLeaf = True

    def render(self, request: Request) -> bytes | int:
        """Any method."""
        assert request.content is not None
        if request.path == b"/broken":
            raise ValueError("secret")
        if request.path == b"/half":
            request.write(b"half")
            raise ValueError("secret")
        if request.path == b"/slow":
            return NOT_DONE_YET
        if request.path == b"/twice":
            request.write(b"once, ")
            request.write(b"twice")
            request.finish()
            return NOT_DONE_YET
        said: bytes = request.content.read()
        return request.method + b" " + said


@pytest.fixture
def browser() -> Browser:
    """A client of the echo."""
    return Browser(Echo())


POST = b"POST / HTTP/1.1\r\nHost: zimgpt.example\r\n"
GET = b"GET / HTTP/1.1\r\nHost: zimgpt.example\r\n"


def refused(connection: Connection, browser: Browser) -> tuple[int, str]:
    """Status and code of the only answer; then the server hangs up."""
    answer = connection.answer()
    for name, value in SURFACE.headers():
        assert answer.header(name.decode()) == value.decode()
    assert answer.header("Connection") == "close"
    browser.clock.advance(2)
    assert connection.closed
    return answer.status, answer.code


def test_every_answer_carries_the_headers(browser: Browser) -> None:
    """Browsers are told to be careful, and nobody what software this is."""
    answer = browser.ask("POST", "/", body=b"hello")

    assert answer.body == b"POST hello"
    assert answer.header("Server") is None
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "strict-origin-when-cross-origin"
    assert answer.header("Cross-Origin-Opener-Policy") == "same-origin"
    assert answer.header("Cross-Origin-Resource-Policy") == "same-origin"
    assert answer.header("Permissions-Policy") == (
        "camera=(), microphone=(), geolocation=()"
    )
    assert answer.header("Strict-Transport-Security") == (
        "max-age=63072000; includeSubDomains"
    )
    assert answer.header("Content-Security-Policy") == (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; "
        "connect-src 'self' wss://zimgpt.example; manifest-src 'self'; "
        "worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def test_without_tls_nobody_is_sent_there() -> None:
    """A server on a laptop does not tell browsers to insist on TLS."""
    surface = Surface(frozenset(["http://127.0.0.1:8080"]), secure=False)

    answer = Browser(Echo(), surface).ask("GET", "/")

    assert answer.header("Strict-Transport-Security") is None
    policy = answer.header("Content-Security-Policy") or ""
    assert "connect-src 'self' ws://127.0.0.1:8080;" in policy


def test_one_connection_serves_many_requests(browser: Browser) -> None:
    """Pipelined requests are answered one after the other, and time starts anew."""
    connection = browser.connect()

    connection.send((GET + b"\r\n") * 2)
    browser.clock.advance(10)
    connection.send(POST + b"Content-Length: 2\r\n\r\n")
    browser.clock.advance(14)
    connection.send(b"hi")
    browser.clock.advance(14)
    connection.send(GET + b"\r\n")

    bodies = [answer.body for answer in connection.answers()]
    assert bodies == [b"GET ", b"GET ", b"POST hi", b"GET "]


@pytest.mark.parametrize("length", [b"65537", b"209715200", b"9" * 400])
def test_a_large_body_is_refused_before_it_is_sent(
    browser: Browser, length: bytes
) -> None:
    """The announced length is enough; nothing of the body is read."""
    connection = browser.connect()

    connection.send(POST + b"Content-Length: " + length + b"\r\n\r\n")

    assert connection.transport.producerState == "paused"
    assert refused(connection, browser) == (413, "too_large")


def test_who_asks_first_is_not_told_to_go_on(browser: Browser) -> None:
    """A client that waits for permission gets the refusal alone."""
    connection = browser.connect()

    connection.send(
        POST + b"Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n" + b"x" * 100
    )

    assert refused(connection, browser) == (413, "too_large")


def test_a_body_of_the_largest_size_is_taken(browser: Browser) -> None:
    """64 KiB exactly, with or without an announced length."""
    body = b"x" * 65_536

    announced = browser.ask("POST", "/", body=body)
    connection = browser.connect()
    connection.send(
        POST + b"Transfer-Encoding: chunked\r\n\r\n10000\r\n" + body + b"\r\n0\r\n\r\n"
    )

    assert announced.body == connection.answer().body == b"POST " + body


def test_a_body_without_a_length_is_counted(browser: Browser) -> None:
    """200 MiB in chunks is refused before 128 KiB were kept."""
    connection = browser.connect()
    connection.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    sent = 0
    while not connection.answers():
        connection.send(chunk)
        sent += 0x4000

    connection.send(chunk * 10 + b"0\r\n\r\n" + GET + b"\r\n")

    assert sent <= 131_072
    assert refused(connection, browser) == (413, "too_large")


def test_a_refusal_is_said_once(browser: Browser) -> None:
    """Too much, and then nonsense, in one piece of data: one answer."""
    connection = browser.connect()
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"

    connection.send(
        POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 4 + b"no chunk\r\n"
    )

    assert refused(connection, browser) == (413, "too_large")


def test_an_answer_may_come_in_parts(browser: Browser) -> None:
    """The headers are sent with the first, and no server's name in the others."""
    answer = browser.ask("GET", "/twice")

    assert answer.body == b"once, twice"
    assert answer.header("Server") is None


@pytest.mark.parametrize(
    "encodings",
    [b"gzip", b"br", b"identity, gzip", b"", b"gzip\r\nContent-Encoding: x"],
)
def test_compressed_bodies_are_refused(browser: Browser, encodings: bytes) -> None:
    """Nothing of ours unpacks what strangers send."""
    connection = browser.connect()

    connection.send(POST + b"Content-Encoding: " + encodings + b"\r\n\r\n")

    assert refused(connection, browser) == (415, "not_json")


def test_an_uncompressed_body_may_say_so(browser: Browser) -> None:
    """identity is no compression."""
    answer = browser.ask(
        "POST", "/", body=b"hello", headers={"Content-Encoding": "identity"}
    )

    assert answer.body == b"POST hello"


@pytest.mark.parametrize(
    "start",
    [
        b"G",
        b"GET / HTTP/1.1\r\n",
        GET,
        GET + b"X-Drip: ",
        POST + b"Content-Length: 100\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n50\r\n",
    ],
)
def test_a_drip_has_twenty_seconds(browser: Browser, start: bytes) -> None:
    """A byte a second, in head or body, does not hold a connection open."""
    connection = browser.connect()
    connection.send(start)
    for _ in range(19):
        browser.clock.advance(1)
        connection.send(b"x")
    assert connection.answers() == []

    browser.clock.advance(1)

    assert refused(connection, browser) == (408, "too_slow")


def test_silence_has_fifteen_seconds(browser: Browser) -> None:
    """Who says nothing at all is let go."""
    connection = browser.connect()

    browser.clock.advance(15)

    assert connection.closed


def test_time_to_answer_is_not_limited(browser: Browser) -> None:
    """Only the request has a deadline: a long poll may wait."""
    connection = browser.begin("GET", "/slow")

    for _ in range(60):
        browser.clock.advance(1)

    assert not connection.closed


def test_impatience_while_waiting_is_harmless(browser: Browser) -> None:
    """Bytes of a next request do not start its clock before the last is answered."""
    connection = browser.begin("GET", "/slow")
    connection.send(b"GET /")

    for _ in range(60):
        browser.clock.advance(1)

    assert not connection.closed


@pytest.mark.parametrize(
    "start", [b"", b"GET / HT", POST + b"Content-Length: 9\r\n\r\n"]
)
def test_a_client_that_leaves_leaves_nothing(browser: Browser, start: bytes) -> None:
    """No timer stays behind."""
    connection = browser.connect()
    if start:
        connection.send(start)

    connection.channel.connectionLost(Failure(ConnectionDone()))

    assert browser.clock.getDelayedCalls() == []


def test_a_refused_client_that_leaves_leaves_nothing(browser: Browser) -> None:
    """Nor after a refusal."""
    connection = browser.connect()
    connection.send(POST + b"Content-Length: 65537\r\n\r\n")

    connection.channel.connectionLost(Failure(ConnectionDone()))

    assert browser.clock.getDelayedCalls() == []


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",  # HTTP/0.9
        b"GET / HTTP/2.0\r\n\r\n",
        b" GET / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GE\x00T / HTTP/1.1\r\n\r\n",
        GET + b"no colon\r\nother: a\r\nno colon\r\n\r\n",
        GET + b"Folded: a\r\n b\r\n\r\n",
        GET + b"Nul: \x00\r\n\r\n",
        GET + b"Sp ace: a\r\n\r\n",
        GET + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
        GET + b"X: " + b"x" * 20_000,
        GET + (b"X: " + b"x" * 3_000 + b"\r\n") * 6 + b"\r\n",
        GET + b"X: y\r\n" * 101 + b"\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: gzip\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: x\r\n\r\n",
        POST + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        POST + b"Content-Length: +1\r\n\r\nx",
        POST + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n",
    ],
)
def test_malformed_requests_get_one_refusal(browser: Browser, request_: bytes) -> None:
    """What two readers could read differently is read by none; one answer, no more."""
    connection = browser.connect()

    connection.send(request_)
    connection.send(GET + b"\r\n")

    assert refused(connection, browser) == (400, "bad_request")


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        (b"http://zimgpt.example/", [b"zimgpt.example"]),
        (b"zimgpt.example:80", [b"zimgpt.example"]),
        (b"*", [b"zimgpt.example"]),
        (b"/%ff", [b"zimgpt.example"]),
        (b"/%00", [b"zimgpt.example"]),
        (b"/", []),
        (b"/", [b"zimgpt.example", b"zimgpt.example"]),
        (b"/", [b""]),
        (b"/", [b"a..b"]),
        (b"/", [b"a b"]),
        (b"/", [b"\xff"]),
        (b"/", [b"x" * 64]),
        (b"/", [b"zimgpt.example/evil"]),
        (b"/", [b"user@zimgpt.example"]),
        (b"/", [b"zimgpt.example:port"]),
    ],
)
def test_odd_addresses_are_refused(
    browser: Browser, target: bytes, hosts: list[bytes]
) -> None:
    """A path and one host name, nothing else that could be taken for them."""
    connection = browser.connect()

    connection.send(
        b"GET " + target + b" HTTP/1.1\r\n"
        b"" + b"".join(b"Host: " + host + b"\r\n" for host in hosts) + b"\r\n"
    )

    answer = connection.answer()
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize(
    "host", ["zimgpt.example", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "a_b"]
)
def test_usual_hosts_are_served(browser: Browser, host: str) -> None:
    """Names, numbers and ports."""
    assert browser.ask("GET", "/", headers={"Host": host}).status == 200


def test_old_clients_need_not_name_the_host(browser: Browser) -> None:
    """HTTP/1.0 has no Host; it gets one answer and a closed connection."""
    connection = browser.connect()

    connection.send(b"GET / HTTP/1.0\r\n\r\n")

    assert connection.answer().status == 200
    assert connection.closed


def test_what_goes_wrong_is_logged_not_told(
    browser: Browser, tidy: list[LogEvent]
) -> None:
    """The asker gets a sentence; the traceback stays here."""
    answer = browser.ask("GET", "/broken")

    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.body
    assert [event["log_failure"].type for event in tidy] == [ValueError]
    tidy.clear()


def test_what_goes_wrong_midway_ends_the_connection(
    browser: Browser, tidy: list[LogEvent]
) -> None:
    """Half an answer is not passed off as a whole one."""
    connection = browser.begin("GET", "/half")

    assert connection.closed
    assert b"secret" not in connection.transport.value()
    assert len(tidy) == 1
    tidy.clear()


def test_the_server_keeps_no_log_of_addresses(browser: Browser) -> None:
    """Nothing is opened, written or left running for an access log."""
    browser.site.startFactory()
    browser.ask("GET", "/?search=private")
    browser.site.stopFactory()

    assert [call.getTime() for call in browser.clock.getDelayedCalls()] == [15]
    assert browser.site.acceptableProtocols() == [b"http/1.1"]
