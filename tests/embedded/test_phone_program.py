"""The whole double over HTTP: handshake, posts, the control door and the page's own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
import treq
from klein import Klein
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.internet.task import deferLater
from twisted.web.http import Request
from twisted.web.http_headers import Headers
from twisted.web.server import Site

from tests.fakes.whatsapp import SECRET, TOKEN, Phones, listen
from zimgpt.embedded.phone import __main__ as program
from zimgpt.wire.whatsapp import handshake, incoming, signature
from zimgpt.wire.whatsapp.events import Delivery

Json = dict[str, Any]
VERIFY = "our-verify-token"


class Callback:
    """A server that takes webhooks as it should, after refusing some."""

    app = Klein()

    def __init__(self) -> None:
        self.refusing = 0
        self.deaf = 0
        self.bodies: list[bytes] = []

    @app.route("/hook", methods=["GET"])
    def _shake(self, request: Request) -> bytes:
        self.deaf -= 1
        args = {k.decode(): v[0].decode() for k, v in (request.args or {}).items()}
        said = handshake.reply(
            args["hub.mode"],
            args["hub.verify_token"],
            args["hub.challenge"],
            ours=VERIFY,
        )
        if self.deaf >= 0 or said is None:
            request.setResponseCode(403)
            return b""
        return said

    @app.route("/hook", methods=["POST"])
    def _take(self, request: Request) -> bytes:
        assert request.content is not None
        body = request.content.read()
        header = request.getHeader(signature.HEADER)
        assert signature.verified(header, body, [SECRET.encode()])
        self.refusing -= 1
        if self.refusing >= 0:
            request.setResponseCode(503)
            return b""
        self.bodies.append(body)
        return b""


@attrs.frozen
class Town:
    """A double, its callback, and a client of both doors."""

    url: str
    phones: Phones
    callback: Callback

    async def post(self, path: str, body: object = None, **more: Any) -> int:  # noqa: ANN401
        """The status of a post of JSON."""
        answer = await treq.post(
            f"{self.url}/{path}", json=body, persistent=False, **more
        )
        await answer.content()
        return int(answer.code)

    async def get(self, path: str) -> Any:  # noqa: ANN401
        """What a look-up says."""
        answer = await treq.get(f"{self.url}/{path}", persistent=False)
        return json.loads(await answer.content())

    async def taken(self, count: int) -> list[Delivery]:
        """The first webhooks that were taken, when so many were."""
        while len(self.callback.bodies) < count:
            await deferLater(reactor, 0.01)
        return [incoming.read(body) for body in self.callback.bodies]


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def town() -> AsyncIterator[Town]:
    """Both listen on loopback."""
    callback = Callback()
    site: Any = Site(callback.app.resource())
    server: Any = reactor
    hook = server.listenTCP(0, site, interface="127.0.0.1")
    argv = ["--webhook", "x", "--secret", SECRET, "--token", TOKEN]
    phones = program.phones(program.options(argv), server)
    listening: Any
    listening, url = listen(phones)
    phones.connect(f"http://127.0.0.1:{hook.getHost().port}/hook", VERIFY)
    yield Town(url, phones, callback)
    phones.close()
    await listening.stopListening()
    await hook.stopListening()


async def test_a_callback_is_shaken_hands_with_and_posted_to(town: Town) -> None:
    """What a person says arrives, again if it was refused."""
    town.callback.refusing = 1

    await town.post("phones/nomsa/say", {"text": "Sawubona"})
    (delivery,) = await town.taken(1)

    assert delivery.messages[0].name == "Nomsa"
    state = await town.get("control/state")
    assert (state["shaken"], state["answers"]) == (True, [503, 200])
    assert (state["idle"], state["latency"]["posts"]) == (True, 2)


async def test_a_deaf_callback_is_asked_again(town: Town) -> None:
    """Until the handshake passes."""
    town.callback.deaf = 1
    await deferLater(reactor, 0.05)

    await town.post("control/say", {"person": "tendai", "text": "Hi"})

    assert len(await town.taken(1)) == 1


async def test_the_control_door(town: Town) -> None:
    """Everything a drill switches; nonsense is refused with a reason."""
    person = {"id": "a", "name": "A", "phone": "263770000001", "bsuid": "ZW.1"}

    good = {
        "habits": {"limits": False, "shuffle": 0.5},
        "fault": {"kind": "slow", "seconds": 2, "times": 3},
        "tokens": {"tokens": ["new"]},
        "person": person,
        "say": {"person": "a", "text": "Hi"},
        "account": {"field": "account_update", "value": {"event": "X"}},
    }
    codes = [await town.post(f"control/{act}", body) for act, body in good.items()]
    await town.taken(1)
    again = await town.post("control/redeliver", {})
    bad = [
        await town.post("control/habits", {"no": 1}),
        await town.post("control/fault", {"kind": "no"}),
        await town.post("control/say", {"person": "no", "text": "a"}),
        await town.post("control/none", {}),
    ]

    assert (codes, again, bad) == ([200] * 6, 200, [400] * 4)
    assert not town.phones.habits.limits
    assert len(town.phones.habits.faults) == 3
    assert town.phones.world.tokens == {"new"}
    assert "a" in town.phones.world.people


async def test_the_pages_own_door(town: Town) -> None:
    """Chats, files, reactions, moves; what is not there is refused."""
    png = b"\x89PNG"
    gave = await treq.post(
        f"{town.url}/phones/tendai/give?name=a.png&caption=Look",
        data=png,
        headers=Headers({"content-type": ["image/png"]}),
        persistent=False,
    )
    chat = await town.get("phones/tendai")
    image = chat["bubbles"][0]["content"]
    file = await treq.get(f"{town.url}/files/{image['id']}", persistent=False)
    content = await file.content()
    wamid = chat["bubbles"][0]["wamid"]
    codes = [
        await town.post("phones/tendai/react", {"wamid": wamid, "emoji": "👍"}),
        await town.post("phones/tendai/seen", {}),
        await town.post("phones/tendai/move", {"phone": "263770000009"}),
        await town.post("phones/tendai/tap", {"wamid": "no", "id": "no"}),
        await town.post("phones/nobody/say", {"text": "a"}),
        await town.post("phones/tendai/dance", {}),
    ]

    assert (gave.code, content, image["caption"]) == (200, png, "Look")
    assert codes == [200, 200, 200, 400, 400, 400]
    people = await town.get("phones/")
    assert people[0]["phone"] == "263770000009"
    await town.taken(1)


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("", {}, 200),
        ("phone.js", {}, 200),
        ("no.js", {}, 404),
        ("phones/nobody", {}, 404),
        ("files/1", {}, 404),
        ("", {"Host": "evil.example:80"}, 403),
        ("control/state", {"Host": "evil.example:80"}, 403),
    ],
)
async def test_only_this_machine_opens_the_page(
    town: Town, path: str, headers: dict[bytes | str, bytes | str], code: int
) -> None:
    """Under a loopback name, so that no other site can play with it."""
    answer = await treq.get(f"{town.url}/{path}", headers=headers, persistent=False)
    await answer.content()

    assert answer.code == code


async def test_another_sites_post_is_refused(town: Town) -> None:
    """Browsers say where a request comes from."""
    said = {"text": "a"}
    foreign = {"Sec-Fetch-Site": "cross-site"}

    assert await town.post("phones/tendai/say", said, headers=foreign) == 403


class Listening(Protocol):
    """A page's end of the events."""

    def __init__(self) -> None:
        self.heard: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        """Notes the first change."""
        if b"data:" in data and not self.heard.called:
            self.heard.callback(data)


async def test_changes_are_told_as_they_come(town: Town) -> None:
    """An event names whose chat it was; a page that leaves is forgotten."""
    answer = await treq.get(f"{town.url}/events", unbuffered=True, persistent=False)
    page = Listening()
    answer.deliverBody(page)

    await town.post("phones/nomsa/say", {"text": "a"})

    assert b'data: "nomsa"' in await page.heard
    transport: Any = page.transport
    transport.stopProducing()
    while town.phones.world._watchers:
        await deferLater(reactor, 0.01)
    await town.taken(1)
