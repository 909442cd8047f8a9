"""``zimgpt ask``, against a server that is told what to say."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.utils import getProcessOutputAndValue
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from zimgpt.cli import ask, client, main
from zimgpt.cli.client import Client
from zimgpt.cli.dialogue import Dialogue
from zimgpt.cli.errors import CommandFailed

Capture = pytest.CaptureFixture[str]

ANSWER = "0194f0c0-7b1e-4c3a-9d55-0a1b2c3d4e5f"
CHAT = "0194f0c0-7b1e-4c3a-9d55-5f4e3d2c1b0a"
ACCEPTED = {
    "type": "accepted",
    "id": "q",
    "answer": ANSWER,
    "a": 1,
    "e": 1,
    "conversation": CHAT,
}
DONE = {"type": "done", "a": 1, "cost": 30, "balance": 970, "finish": "stop"}
READING = {"type": "reading", "answer": ANSWER, "a": 1, "e": 1, "s": 1}
DROP, SIGN_OUT = "drop", "sign out"

BEGINS_AGAIN: list[list[Any]] = [
    [DROP],
    [ACCEPTED, {"a": 1, "t": "Because "}, DROP],
    [{"type": "error", "code": "unavailable", "message": "Not now."}],
    [READING, {"a": 1, "t": "so."}, {"type": "reset", "a": 1, "e": 2}, DROP],
    [READING | {"e": 2, "s": 0}, {"a": 1, "t": "Rain."}, DONE],
]
"""A question that is lost at first; its answer is cut twice, and begins again."""


class Sockets(WebSocketServerFactory):
    """Answers each connection's first message with the next script."""

    def __init__(self) -> None:
        super().__init__(protocols=["zimgpt.v1"])  # type: ignore[no-untyped-call]
        self.protocol = Socket
        self.scripts: list[list[Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.refuse = 0
        self.tokens: list[str] = []


class Socket(WebSocketServerProtocol):
    """One connection."""

    factory: Sockets
    transport: Any

    def onConnect(self, request: Any) -> str:  # noqa: ANN401
        """Lets in, or not."""
        self.factory.tokens.append(request.headers.get("authorization", ""))
        if self.factory.refuse:
            raise ConnectionDeny(self.factory.refuse, "no")
        return "zimgpt.v1"

    def onOpen(self) -> None:
        """WebSocketResource leaves a producer here."""
        self.transport.unregisterProducer()

    def onMessage(self, payload: bytes, _is_binary: bool) -> None:
        """The client's opening."""
        self.factory.heard.append(json.loads(payload))
        for message in self.factory.scripts.pop(0):
            if message == SIGN_OUT:
                self.sendClose(4401)
            elif message == DROP:
                self.transport.loseConnection()  # what was said arrives
            else:
                self.sendMessage(json.dumps(message).encode())  # type: ignore[no-untyped-call]


class Doors(Resource):
    """Sessions and prices."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.signed: list[str] = []
        self.refuses = False
        self.stays = False
        self.priceless = False
        self.label = "model"

    def render(self, request: Request) -> bytes:
        """Every request but the websocket's."""
        method, path = request.method.decode(), request.path.decode()
        self.signed.append(f"{method} {path}")
        if self.refuses:
            request.setResponseCode(403)
            return b'{"error":{"code":"wrong_password","message":"That is wrong."}}'
        if (method == "DELETE" and self.stays) or (
            path == "/api/v1/prices" and self.priceless
        ):
            request.setResponseCode(503)
            return b'{"error":{"code":"unavailable","message":"Not now."}}'
        if method == "DELETE":
            request.setResponseCode(204)
            return b""
        if path == "/api/v1/prices":
            models = [{"model": "model", "label": self.label}]
            return json.dumps({"models": models}).encode()
        return b'{"token":"secret"}'


class Root(Resource):
    """``/ws``, and everything else."""

    def __init__(self, doors: Doors, sockets: Sockets) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._doors = doors
        self.putChild(b"ws", WebSocketResource(sockets))

    def getChild(self, _name: bytes, _request: Request) -> Resource:
        """Everything else."""
        return self._doors


class Server:
    """A server that is told what to say."""

    def __init__(self) -> None:
        self.doors, self.sockets = Doors(), Sockets()
        self.sockets.startFactory()  # type: ignore[no-untyped-call]
        site = Site(Root(self.doors, self.sockets))
        listen: Any = reactor
        self.port = listen.listenTCP(0, site, interface="127.0.0.1")
        self.url = f"http://127.0.0.1:{self.port.getHost().port}"

    async def command(self, *words: str) -> tuple[str, str, int]:
        """Runs the command as typed; its output, its errors and its exit code."""
        arguments = ["-m", "zimgpt", "ask", "Why?", "--url", self.url, *words]
        environment = {"ZIMGPT_PASSWORD": "pw", "PATH": "/usr/bin"}
        out, err, code = await getProcessOutputAndValue(
            sys.executable, arguments, env=environment
        )
        return out.decode(), err.decode(), code

    async def ask(self, capsys: Capture, *words: str) -> tuple[str, str, int]:
        """The same within this process."""
        arguments = _typed("--url", self.url, *words)
        try:
            outcome = await ask._ask(reactor, arguments, "0771234567", "pw")
            code = ask._report(arguments, outcome)
        except CommandFailed as failed:
            sys.stderr.write(f"{failed}\n")
            code = failed.code
        told = capsys.readouterr()
        return told.out, told.err, code


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port."""
    server = Server()
    yield server
    server.port.stopListening()


PHONE = ("--phone", "0771234567")


async def test_an_answer_is_printed_with_its_cost(server: Server) -> None:
    """The smoke test of a deployment: question, answer, price, balance."""
    server.sockets.scripts = [[ACCEPTED, {"a": 1, "t": "Because "}, {"t": "so."}, DONE]]

    out, err, code = await server.command(*PHONE)

    assert (out, err, code) == (
        "Because so.\n\ncost 30 tokens, balance 970\n",
        "",
        0,
    )
    [ask] = server.sockets.heard
    assert (ask["type"], ask["kind"], ask["text"]) == ("ask", "chat", "Why?")
    assert server.sockets.tokens == ["Bearer secret"]
    assert server.doors.signed == [
        "POST /api/v1/sessions",
        "GET /api/v1/prices",
        "DELETE /api/v1/sessions/current",
    ]


async def test_an_answer_can_be_had_as_json(server: Server, capsys: Capture) -> None:
    """Programs get one object, and nothing else on their input."""
    server.sockets.scripts = [[ACCEPTED, {"a": 1, "t": "Mvura é"}, DONE]]
    server.doors.label = "a demo"

    out, err, code = await server.ask(
        capsys, "--json", "--essay", "--conversation", ANSWER
    )

    told = json.loads(out)
    assert (told["text"], told["conversation"], code) == ("Mvura é", CHAT, 0)
    assert err == "[a demo]\n"
    [ask] = server.sockets.heard
    assert (ask["kind"], ask["conversation"]) == ("essay", ANSWER)


async def test_a_broken_connection_is_opened_again(
    server: Server, capsys: Capture
) -> None:
    """The same id is asked until it is accepted; then the answer is read on. A file or
    a pipe gets the text that stays, once."""
    server.sockets.scripts = list(BEGINS_AGAIN)

    out, err, code = await server.ask(capsys)

    assert out == "Rain.\n\ncost 30 tokens, balance 970\n"
    assert set(err.splitlines()) == {"[connecting again; nothing is lost]"}
    assert code == 0
    first, second, *reads = server.sockets.heard
    assert first == second
    assert [(read["epoch"], read["seq"]) for read in reads] == [(1, 1), (1, 1), (2, 0)]


async def test_a_terminal_is_told_that_the_answer_begins_again(
    server: Server, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text comes as it is written, and each piece once; what is void is said to be."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    server.sockets.scripts = list(BEGINS_AGAIN)

    out, _, code = await server.ask(capsys)

    assert out == (
        "Because so.\n\n[the answer begins again]\n\n"
        "Rain.\n\ncost 30 tokens, balance 970\n"
    )
    assert code == 0


async def test_the_note_of_an_end_is_printed(server: Server, capsys: Capture) -> None:
    """Whoever reads a short answer knows why it is short."""
    note = {"finish": "cut", "note": "It broke off."}
    server.sockets.scripts = [[ACCEPTED, {"a": 1, "t": "So."}, DONE | note]]

    out, _, _ = await server.ask(capsys)

    assert out == "So.\n\nIt broke off.\ncost 30 tokens, balance 970\n"


def test_waits_grow_to_a_bound_unless_the_server_names_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They never end, and no two clients wait for the same time."""
    spell = client._Spell(0.0)
    monkeypatch.setattr("random.random", lambda: 0.5)

    waits = [spell.wait(None) for _ in range(20)]

    assert waits[:3] == [0.3, 0.6, 1.2]
    assert set(waits[6:]) == {10.0}
    assert spell.wait(4) == 4
    monkeypatch.setattr("random.random", lambda: 0.25)
    assert spell.wait(None) == 7.5


async def test_a_network_that_returns_ends_every_wait(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever walks back into a network is connected at once, and not after the wait
    that had grown without it."""
    monkeypatch.setattr(client, "FIRST_WAIT", 3_600.0)
    server.sockets.scripts = [
        [ACCEPTED, DROP],
        [READING | {"s": 0}, {"t": "So."}, DONE],
    ]
    asker = Client(reactor, server.url)

    def soon() -> None:
        reactor.callLater(0, asker.network_came)

    outcome = await asker.ask(Dialogue({"id": "q"}, print), waits=soon)

    assert outcome.text == "So."


async def test_a_silent_socket_is_left_for_a_new_network(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may belong to the network that has gone, and nobody would tell."""
    monkeypatch.setattr(client, "QUIET", 0.0)
    server.sockets.scripts = [[ACCEPTED, {"t": "So"}], [READING, {"t": " so."}, DONE]]
    asker = Client(reactor, server.url)

    def show(text: str | None) -> None:
        if text == "So":
            asker.network_came()

    outcome = await asker.ask(Dialogue({"id": "q"}, show))

    assert outcome.text == "So so."


async def test_a_socket_that_speaks_stays(server: Server) -> None:
    """Another address of this machine is no reason to come back."""
    server.sockets.scripts = [[ACCEPTED, {"t": "So"}, {"t": " so."}, DONE]]
    asker = Client(reactor, server.url)

    outcome = await asker.ask(Dialogue({"id": "q"}, lambda _: asker.network_came()))

    assert outcome.text == "So so."


async def test_a_connection_that_hangs_is_begun_again(server: Server) -> None:
    """The kernel would go on trying by waits of its own, up to half a minute."""
    asker = Client(reactor, "http://127.0.0.1:1")  # nobody answers before the call
    ended = Deferred.fromCoroutine(asker._socket(Dialogue({"id": "q"}, print)))

    asker.network_came()

    assert await ended == ""


async def test_prices_that_do_not_come_stop_nobody(
    server: Server, capsys: Capture
) -> None:
    """They are only told beside; the network may go at any moment."""
    server.doors.priceless = True
    server.sockets.scripts = [[ACCEPTED, {"a": 1, "t": "So."}, DONE]]

    out, _, code = await server.ask(capsys)

    assert (out.startswith("So."), code) == (True, 0)


async def test_a_script_may_give_up(server: Server, capsys: Capture) -> None:
    """It says what becomes of the answer, and ends with an error."""
    server.sockets.scripts = [[ACCEPTED, DROP], *([DROP] for _ in range(9))]

    out, err, code = await server.ask(capsys, "--give-up", "0.5")

    assert (out, code) == ("", 1)
    assert f"nothing came in 0.5 s; the answer {ANSWER} goes on" in err


async def test_a_script_may_give_up_before_it_has_asked(
    server: Server, capsys: Capture
) -> None:
    """Nobody took the question."""
    server.sockets.scripts = [[DROP] for _ in range(9)]

    _, err, code = await server.ask(capsys, "--give-up", "0.5")

    assert (err.splitlines()[-1], code) == ("the server took no question in 0.5 s", 1)


async def test_a_session_that_ends_meanwhile_ends_the_command(
    server: Server, capsys: Capture
) -> None:
    """Coming back without a session would be refused for ever."""
    server.sockets.scripts = [[ACCEPTED, SIGN_OUT]]

    _, err, code = await server.ask(capsys)

    assert code == 1
    assert "you were signed out" in err


@pytest.mark.parametrize("words", [(), ("--json",)])
async def test_a_refusal_is_the_servers_sentence(
    server: Server, capsys: Capture, words: tuple[str, ...]
) -> None:
    """Exit code 1, and why, for people and for programs."""
    error = {"type": "error", "code": "insufficient_tokens", "message": "Buy tokens."}
    server.sockets.scripts = [[error]]

    out, err, code = await server.ask(capsys, *words)

    assert code == 1
    assert "Buy tokens." in (out if words else err)


async def test_a_wrong_password_is_the_servers_sentence(
    server: Server, capsys: Capture
) -> None:
    """Nothing is asked by somebody who is not signed in."""
    server.doors.refuses = True

    _, err, code = await server.ask(capsys)

    assert (err, code) == ("That is wrong.\n", 1)
    assert server.sockets.heard == []


async def test_a_socket_that_is_refused_for_good_is_not_tried_again(
    server: Server, capsys: Capture
) -> None:
    """A command that cannot succeed ends."""
    server.sockets.refuse = 403

    _, err, code = await server.ask(capsys)

    assert code == 1
    assert "refused the connection" in err
    assert len(server.sockets.tokens) == 1


async def test_a_server_that_is_not_there_is_named(server: Server) -> None:
    """The sentence says what was not reached."""
    await server.port.stopListening()

    _, err, code = await server.command(*PHONE)

    assert code == 1
    assert err.startswith(f"zimgpt: {server.url} was not reached")


async def test_an_address_that_is_none_of_ours_is_said_to_be(server: Server) -> None:
    """Whoever gives the address of the websocket hears what it should have been."""
    _, err, code = await server.command(*PHONE, "--url", f"{server.url}/ws")

    assert code == 1
    assert "does not answer as ZimGPT does" in err


async def test_a_server_that_goes_away_meanwhile_is_waited_for(server: Server) -> None:
    """Nobody listening is one more broken connection, once the answer is accepted."""
    asker = Client(reactor, server.url)
    await server.port.stopListening()

    refused = await asker._socket(Dialogue({"id": "q"}, lambda _: None))

    assert refused == ""
    with pytest.raises(CommandFailed, match="was not reached"):
        await asker.sign_in("0771234567", "pw")


async def test_an_answer_is_told_although_signing_out_fails(
    server: Server, capsys: Capture
) -> None:
    """What the person wanted is there; the session ends by itself."""
    server.doors.stays = True
    server.sockets.scripts = [[ACCEPTED, {"a": 1, "t": "So."}, DONE]]

    out, _, code = await server.ask(capsys)

    assert (out.startswith("So."), code) == (True, 0)


# ---- who asks


def test_the_demo_account_asks_when_nobody_says_who(
    nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `zimgpt run`, `zimgpt ask` just works."""
    demo = {"phone": "0771234567", "password": "pw"}
    (nobody / "demo.json").write_text(json.dumps(demo))

    assert ask._who(_typed()) == ("0771234567", "pw")


def test_a_password_comes_from_a_file_or_the_terminal(
    nobody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from the command line, where everybody can read it."""
    (nobody / "password").write_text("from a file\n")
    stdin = io.StringIO()
    stdin.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setattr("getpass.getpass", lambda _: "typed")

    by_file = _typed(*PHONE, "--password-file", str(nobody / "password"))

    assert ask._who(by_file) == ("0771234567", "from a file")
    assert ask._who(_typed(*PHONE)) == ("0771234567", "typed")


def _typed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    ask.add_parser(parser.add_subparsers())
    return parser.parse_args(["ask", "Why?", *words])


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No demo account, no password, no terminal."""
    monkeypatch.setenv("ZIMGPT_HOME", str(tmp_path))
    monkeypatch.delenv("ZIMGPT_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say who you are with --phone: there is no demo account in"),
        (PHONE, "set ZIMGPT_PASSWORD or use --password-file"),
        ((*PHONE, "--password-file", "/nowhere"), "--password-file:"),
    ],
)
def test_who_does_not_say_who_they_are_is_told_how(
    nobody: Path,
    capsys: Capture,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    """Exit code 2, and what is missing."""
    assert main(["ask", "Why?", *words]) == 2

    assert sentence in capsys.readouterr().err
