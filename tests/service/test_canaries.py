"""D60: whatever is secret or somebody's own is in no log, traceback or refusal.

Canaries go in as settings, passwords, keys, numbers and texts, at every door, and
everything that can go wrong there is made to. Then both kinds of log are searched, and
what the refused were told. (A kind or a field's name that does not exist is quoted to
whoever sent it, and to nobody else; so these are no canaries.)
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import treq
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.web.http_headers import Headers

from tests.inbound.visitor import TEXT, connect
from tests.service.home import MODEL, Home, reactor
from zimgpt import observe
from zimgpt.config import Upstream
from zimgpt.embedded import children
from zimgpt.embedded.phone.bodies import signed
from zimgpt.store.questions import PgQuestions

MARK = "kanari-7f3a"
PHONES = ("0772000601", "0772000602", "263772000603")
PARTS = (MARK, "772000601", "772000602", "772000603")
"""What must be nowhere."""
PHONE_ID = "106540352242922"


def canary(name: str) -> str:
    """Something that is nobody's business."""
    return f"{MARK}-{name}"


@attrs.define
class Said:
    """What was logged, in both forms, and what the refused were told."""

    logs: dict[str, io.StringIO] = attrs.Factory(dict)
    refusals: list[str] = attrs.Factory(list)

    def hits(self) -> list[str]:
        """Every line with something of it in it."""
        texts = [log.getvalue() for log in self.logs.values()] + self.refusals
        lines = [line for text in texts for line in text.splitlines()]
        return [line for line in lines if any(part in line for part in PARTS)]


@pytest.fixture
def said(tidy: list[LogEvent]) -> Iterator[Said]:
    """From now on, all of it, at the most talkative level."""
    said = Said({"text": io.StringIO(), "json": io.StringIO()})
    observers: list[ILogObserver] = [
        observe.text_lines(said.logs["text"], "debug"),
        observe.json_lines(said.logs["json"], "debug"),
    ]
    for observer in observers:
        globalLogPublisher.addObserver(observer)
    yield said
    for observer in observers:
        globalLogPublisher.removeObserver(observer)
    tidy.clear()  # failures were wanted here


def settings(home: Home) -> dict[str, Any]:
    """A node all of whose secrets are canaries."""
    (closed,) = children.free_ports(1)
    return {
        "whatsapp_phone_id": PHONE_ID,
        "whatsapp_number": PHONES[2],
        "whatsapp_token": canary("token"),
        "whatsapp_app_secret": canary("app-secret"),
        "whatsapp_verify_token": canary("verify"),
        "whatsapp_url": f"http://127.0.0.1:{closed}/v25.0",
        "first_byte_seconds": 1.0,
        "models": (Upstream(MODEL, home.model_url, key=canary("model-key")),),
    }


@attrs.frozen
class Stranger:
    """Somebody at the doors of a node, whose refusals are kept."""

    home: Home
    url: str
    said: Said

    async def __call__(
        self, method: str, path: str, body: bytes | object = b"", **headers: str
    ) -> Any:  # noqa: ANN401 - JSON
        """A request; what a refusal says is kept."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = Headers({"Content-Type": ["application/json"]})
        for name, value in headers.items():
            sent.setRawHeaders(name.replace("_", "-"), [value])
        answer = await treq.request(
            method,
            f"{self.url}{path}",
            data=raw,
            headers=sent,
            agent=self.home.agent,
            persistent=False,
        )
        text = await answer.text()
        if answer.code >= 400:
            self.said.refusals.append(text)
            return None
        return json.loads(text) if text.startswith("{") else text


@pytest.mark.patience(180)
async def test_no_canary_is_heard(
    home: Home, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one, whatever went wrong at whichever door."""
    home.model._key = "another"  # it repeats the key that it refuses
    _, url = home.node(**settings(home))
    ask = Stranger(home, url, said)

    token = await at_accounts(ask)
    await at_questions(ask, token)
    await at_the_websocket(ask, token)
    await at_webhooks(ask)
    await with_faults_of_ours(ask, token, monkeypatch)
    await without_its_servers(home)

    assert said.hits() == []
    text = said.logs["text"].getvalue()
    for proof in (" went wrong", "refused", "database not reached"):
        assert proof in text, "nothing went wrong that should have"
    assert len(said.refusals) > 15


async def at_accounts(ask: Stranger) -> str:
    """Signing up and in, rightly and wrongly; the token of a session."""
    right = {"phone": PHONES[0], "password": canary("password"), "token": True}
    signed_up = await ask("POST", "/api/v1/accounts", right)
    await ask("POST", "/api/v1/accounts", right)
    await ask("POST", "/api/v1/accounts", right | {"phone": f"+1{PHONES[1]}"})
    await ask("POST", "/api/v1/sessions", right | {"password": canary("wrong")})
    await ask("POST", "/api/v1/sessions", {"phone": [PHONES[1]], "password": MARK})
    await ask("POST", "/api/v1/sessions", b'{"phone": "' + PHONES[1].encode())
    await ask("GET", "/api/v1/me", Authorization=f"Bearer {canary('bearer')}")
    await ask("GET", "/api/v1/me", Cookie=f"zg_session={canary('cookie')}")
    await ask("GET", f"/api/v1/{canary('path')}?phone={PHONES[1]}")
    await ask("GET", f"/{canary('page')}/%ff", Host="x", X_Odd=canary("header"))
    return str(signed_up["token"])


async def at_questions(ask: Stranger, token: str) -> None:
    """Asking what cannot be answered, and looking for what is not there."""
    bearer = {"Authorization": f"Bearer {token}"}

    def question(text: str) -> dict[str, str]:
        return {"id": text[:60], "kind": "chat", "text": f"{canary('text')} {text}"}

    for text in ("fault:401", "fault:500-none-9", "fault:cut-2", "words:3"):
        asked = await ask("POST", "/api/v1/answers", question(text), **bearer)
        path = f"/api/v1/answers/{asked['answer']}?epoch=0&seq=0&wait=4"
        await ask("GET", path, **bearer)
    wrong = question("words:1") | {"kind": "poem"}
    await ask("POST", "/api/v1/answers", wrong, **bearer)
    await ask("POST", "/api/v1/answers", question("x" * 40_000), **bearer)
    await ask("GET", f"/api/v1/answers/{canary('answer')}", **bearer)
    await ask("GET", f"/api/v1/conversations?search={canary('search')}", **bearer)
    title = {"title": canary("title") * 20}
    await ask("PATCH", f"/api/v1/conversations/{PHONE_ID}", title, **bearer)


async def at_the_websocket(ask: Stranger, token: str) -> None:
    """A stranger, and somebody who does not speak the protocol."""
    port = int(ask.url.rsplit(":", 1)[1])
    stranger = await connect(port)
    await stranger.shake({"Authorization": f"Bearer {canary('socket')}"}, "zimgpt.v1")
    visitor = await connect(port)
    await visitor.shake({"Authorization": f"Bearer {token}"}, "zimgpt.v1")
    await visitor.frame()
    wrong = [
        {"type": "nope", "text": canary("type")},
        {"type": "ask", "text": canary("frame")},
    ]
    for frame in (*(json.dumps(one) for one in wrong), canary("junk")):
        visitor.send(TEXT, frame.encode())
        ask.said.refusals.append((await visitor.frame()).payload.decode())
    await visitor.leave()
    await stranger.leave()


async def at_webhooks(ask: Stranger) -> None:
    """Unsigned, senseless, and one that is answered to a server that is not there."""
    secret = canary("app-secret")
    path = "/webhooks/whatsapp"
    await ask("GET", f"{path}?hub.mode=subscribe&hub.verify_token={canary('verify2')}")
    message = {
        "from": PHONES[2],
        "id": "wamid.one",
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": canary("message")},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": PHONE_ID},
        "contacts": [{"wa_id": PHONES[2], "profile": {"name": canary("name")}}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    body = json.dumps({"entry": [{"changes": [change]}]}).encode()
    await ask("POST", path, body)
    await ask("POST", path, body, X_Hub_Signature_256=signed(body, "another"))
    for sent in (body, body[:-40], b'["' + MARK.encode() + b'"]'):
        await ask("POST", path, sent, X_Hub_Signature_256=signed(sent, secret))
    await deferLater(reactor, 1.5)  # its lanes run, and do not reach Meta


async def with_faults_of_ours(
    ask: Stranger, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error whose words are what somebody wrote, with them in its frames."""

    async def broken(_: PgQuestions, question: Any) -> None:  # noqa: ANN401
        words = question.text
        raise ValueError(f"{words} of {PHONES[0]}")

    monkeypatch.setattr(PgQuestions, "ask", broken)
    question = {"id": "broken", "kind": "chat", "text": canary("broken")}
    await ask("POST", "/api/v1/answers", question, Authorization=f"Bearer {token}")


async def without_its_servers(home: Home) -> None:
    """A node whose database and broker are not there, with passwords in their URLs."""
    (closed,) = children.free_ports(1)
    node, url = home.node(
        node="two",
        database_url=f"postgresql://zimgpt:{canary('db')}@127.0.0.1:{closed}/zimgpt",
        broker=f"amqp://zimgpt:{canary('mq')}@127.0.0.1:{closed}/zimgpt",
    )
    answer = await treq.post(
        f"{url}/api/v1/sessions",
        json={"phone": PHONES[1], "password": canary("later")},
        agent=home.agent,
        persistent=False,
    )
    assert MARK not in await answer.text()
    await home.stop(node)
