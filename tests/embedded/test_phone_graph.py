"""The double of the Graph API: it takes and refuses what Meta's does."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
import treq
from twisted.internet import reactor as running
from twisted.internet.task import Clock
from twisted.web.client import ResponseNeverReceived

from tests.fakes.whatsapp import (
    EPOCH,
    NUMBER,
    TOKEN,
    Fault,
    Person,
    Phones,
    Server,
    listen,
    phones,
)

Json = dict[str, Any]
PHONE = "+263771234567"


@attrs.frozen
class Api:
    """A client of the double, whose clock the test advances."""

    url: str
    phones: Phones
    server: Server
    clock: Clock

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = TOKEN,
        **more: Any,  # noqa: ANN401 - treq's own
    ) -> tuple[int, bytes]:
        """The status and the bytes of an answer."""
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        url = path if path.startswith("http") else f"{self.url}/v25.0/{path}"
        response = await treq.request(
            method, url, headers=headers, persistent=False, **more
        )
        return response.code, await response.content()

    async def send(self, **body: object) -> Json:
        """The answer to a message, or its error."""
        sent = {"messaging_product": "whatsapp", "to": PHONE, **body}
        sent = {key: value for key, value in sent.items() if value is not None}
        code, said = await self.ask("POST", f"{NUMBER}/messages", json=sent)
        answer: Json = json.loads(said)
        return answer if code == 200 else answer["error"] | {"http": code}

    async def text(self, body: str = "Mhoro", **more: object) -> Json:
        """The answer to a text."""
        return await self.send(type="text", text={"body": body}, **more)

    @property
    def person(self) -> Person:
        """Whom we write to."""
        return self.phones.world.people["tendai"]

    def statuses(self) -> list[tuple[str, str]]:
        """The statuses that were posted: wamid and word."""
        return [(told["id"], told["status"]) for told in self.told("statuses")]

    def told(self, where: str) -> list[Json]:
        """Everything that was posted in one array of values."""
        return [
            thing
            for body, _ in self.server.posts
            for entry in json.loads(body)["entry"]
            for change in entry["changes"]
            for thing in change["value"].get(where, [])
        ]


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def api() -> AsyncIterator[Api]:
    """A double on loopback to which the usual person has just written."""
    clock, server = Clock(), Server()
    made = phones(server, clock)
    made.world.epoch = EPOCH
    made.acting.say(made.world.people["tendai"], "Hi")
    listening: Any
    listening, url = listen(made)
    yield Api(url, made, server, clock)
    made.close()
    await listening.stopListening()


async def test_a_message_is_accepted_and_shown(api: Api) -> None:
    """It has a wamid, is on the phone, and its statuses come."""
    answer = await api.text("Mhoro", biz_opaque_callback_data="job-1")
    wamid = answer["messages"][0]["id"]
    api.clock.pump([0.1] * 5)

    assert answer["contacts"] == [{"input": PHONE, "wa_id": "263771234567"}]
    assert api.phones.world.chats["tendai"].bubbles[-1].content == {"body": "Mhoro"}
    assert api.statuses() == [(wamid, "sent"), (wamid, "delivered")]
    assert {told["biz_opaque_callback_data"] for told in api.told("statuses")} == {
        "job-1"
    }
    assert api.told("statuses")[0]["pricing"]["category"] == "service"


async def test_nothing_makes_a_send_idempotent(api: Api) -> None:
    """The same request twice is two messages, so that doubles show."""
    one, two = await api.text(), await api.text()

    assert one["messages"] != two["messages"]
    assert len(api.phones.world.sends) == 2


async def test_strangers_are_refused_before_anything_else(api: Api) -> None:
    """401 with code 190, also when a fault was due; a token can be revoked."""
    api.phones.habits.next(Fault("html-500"))

    code, said = await api.ask("POST", f"{NUMBER}/messages", token="no", json={})
    api.phones.world.tokens.clear()
    revoked, _ = await api.ask("GET", "1")

    assert (code, json.loads(said)["error"]["code"]) == (401, 190)
    assert revoked == 401
    assert len(api.phones.habits.faults) == 1


@pytest.mark.parametrize(("method", "path"), [("POST", "77/messages"), ("GET", "77")])
async def test_what_is_not_there_is_told_so(api: Api, method: str, path: str) -> None:
    """Code 100 with subcode 33, as of any object that a token cannot see."""
    more: Json = {} if method == "GET" else {"json": {}}
    code, said = await api.ask(method, path, **more)

    error = json.loads(said)["error"]
    assert (code, error["code"], error["error_subcode"]) == (400, 100, 33)


ROW = {"id": "r", "title": "R"}
BUTTON = {"type": "reply", "reply": {"id": "b", "title": "B"}}


def interactive(sort: str, action: Json, body: str = "a", **more: object) -> Json:
    """An interactive message."""
    inner = {"type": sort, "body": {"text": body}, "action": action, **more}
    return {"type": "interactive", "interactive": inner}


def rows(count: int, **more: object) -> list[Json]:
    """Some rows."""
    return [{**ROW, "id": str(n), **more} for n in range(count)]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "text", "text": {"body": "x" * 4096}},
        interactive("button", {"buttons": [BUTTON]}, "x" * 1024),
        interactive("list", {"button": "b", "sections": [{"rows": rows(10)}]}),
        interactive(
            "cta_url",
            {
                "name": "cta_url",
                "parameters": {"display_text": "a", "url": "https://a"},
            },
            header={"type": "text", "text": "h"},
            footer={"text": "f"},
        ),
        {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": ""}},
        {"type": "template", "template": {"name": "a", "language": {"code": "en"}}},
        {"type": "image", "image": {"link": "https://a", "caption": "c"}},
    ],
)
async def test_what_is_allowed_is_sent(api: Api, body: Json) -> None:
    """Every kind, at its limits."""
    answer = await api.send(**body)

    assert answer["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"messaging_product": None}, 100),
        ({"recipient_type": "group", "type": "text", "text": {"body": "a"}}, 131009),
        ({"to": None, "type": "text", "text": {"body": "a"}}, 131008),
        ({"type": "hologram"}, 100),
        ({"type": "image", "text": {"body": "a"}}, 131008),
        ({"type": "text", "text": {"body": ""}}, 131009),
        ({"type": "text", "text": {}}, 131008),
        ({"type": "text", "text": {"body": "👍" * 2049}}, 131009),
        ({"type": "text", "text": {"body": "a"}, "context": "x"}, 131009),
        (interactive("button", {"buttons": [BUTTON]}, "x" * 1025), 131009),
        (interactive("button", {"buttons": [BUTTON] * 2}), 131009),
        (interactive("button", {"buttons": []}), 131009),
        (interactive("button", {}), 131008),
        (interactive("button", {"buttons": [{**BUTTON, "type": "x"}]}), 131009),
        (interactive("hologram", {}), 131009),
        (
            interactive("list", {"button": "b", "sections": [{"rows": rows(11)}]}),
            131009,
        ),
        (
            interactive("list", {"button": "b", "sections": [{"rows": rows(6)}] * 2}),
            131009,
        ),
        (
            interactive("list", {"button": "b" * 21, "sections": [{"rows": rows(1)}]}),
            131009,
        ),
        (
            interactive(
                "list",
                {"button": "b", "sections": [{"rows": rows(1, description="x" * 73)}]},
            ),
            131009,
        ),
        (interactive("cta_url", {"name": "x"}), 131009),
        (
            interactive(
                "cta_url",
                {"name": "cta_url", "parameters": {"display_text": "a", "url": "x:"}},
            ),
            131009,
        ),
        (
            interactive("button", {"buttons": [BUTTON]}, footer={"text": "x" * 61}),
            131009,
        ),
        ({"type": "interactive", "interactive": {"type": "button"}}, 131008),
        (
            {"type": "interactive", "interactive": {"type": "button", "action": {}}},
            131008,
        ),
        ({"type": "document", "document": {}}, 131008),
        ({"type": "document", "document": {"id": "5"}}, 100),
        ({"type": "document", "document": {"id": "5", "filename": ""}}, 131009),
        (
            {"type": "reaction", "reaction": {"message_id": "a"}},
            131008,
        ),
        (
            {
                "type": "reaction",
                "reaction": {"message_id": "a", "emoji": "a"},
                "context": {"message_id": "a"},
            },
            131009,
        ),
        ({"to": "15550783881", "type": "text", "text": {"body": "a"}}, 131021),
    ],
)
async def test_what_is_not_allowed_is_refused(api: Api, body: Json, code: int) -> None:
    """With a code, and nothing is sent."""
    error = await api.send(**body)

    assert (error["http"], error["code"]) == (400, code)
    assert api.phones.world.sends == []


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({"Content-Type": "text/plain"}, b"{}"),
        ({"Content-Type": "application/json"}, b"{"),
        ({"Content-Type": "application/json"}, b"[]"),
    ],
)
async def test_what_is_no_json_is_refused(api: Api, headers: Json, data: bytes) -> None:
    """Or does not say that it is."""
    path = f"{NUMBER}/messages"
    code, said = await api.ask("POST", path, headers=headers, data=data)

    assert (code, json.loads(said)["error"]["code"]) == (400, 100)


async def test_somebody_without_a_number_is_reached_by_id(api: Api) -> None:
    """The answer says what was sent; a number given beside it wins."""
    rudo = api.phones.world.people["rudo"]
    api.phones.acting.say(rudo, "Hi")
    api.clock.advance(0)

    by_id = await api.text(to=None, recipient=rudo.bsuid)
    both = await api.text(recipient=rudo.bsuid)

    assert by_id["contacts"] == [{"input": rudo.bsuid, "user_id": rudo.bsuid}]
    assert both["contacts"][0]["input"] == PHONE
    assert "from" not in api.told("messages")[-1]


async def test_outside_the_window_a_text_fails(api: Api) -> None:
    """Accepted and failed, or refused at once: both are seen. Templates pass."""
    api.clock.advance(24 * 3600)

    await api.text()
    api.clock.advance(1)
    late = api.told("statuses")[-1]
    api.phones.habits.window_refusal = "sync"
    sync = await api.text()
    template = {"name": "a", "language": {"code": "en"}}
    passed = await api.send(type="template", template=template)

    assert (late["status"], late["errors"][0]["code"]) == ("failed", 131047)
    assert (sync["http"], sync["code"]) == (400, 131047)
    assert "messages" in passed


async def test_one_person_is_sent_45_in_a_burst(api: Api) -> None:
    """Which is paid back, six seconds each, before the next."""
    answers = [await api.text() for _ in range(46)]
    api.clock.advance(45 * 6 - 1)
    early = await api.text()
    api.clock.advance(1)
    in_time = await api.text()

    assert [a.get("code") for a in answers] == [None] * 45 + [131056]
    assert early["code"] == 131056
    assert "messages" in in_time


async def test_a_number_passes_80_a_second(api: Api) -> None:
    """Of all people together; the refusal says when to come back."""
    api.phones.world.throughput[NUMBER].left = 1.0

    one, two = await api.text(), await api.text()
    api.clock.advance(6)
    later = await api.text()

    assert "messages" in one
    assert (two["http"], two["code"]) == (429, 130429)
    assert "messages" in later


async def test_who_is_not_there_is_told_later(api: Api) -> None:
    """An unknown number is accepted, and fails."""
    answer = await api.text(to="+263770000000")
    api.clock.advance(1)

    assert answer["contacts"][0]["wa_id"] == "263770000000"
    assert api.told("statuses")[-1]["errors"][0]["code"] == 131026


@pytest.mark.parametrize(
    ("fault", "http", "body"),
    [
        (Fault("html-500"), 500, b"<!doctype"),
        (Fault("html-502"), 502, b"<!doctype"),
        (Fault("unavailable"), 503, b'"code": 2,'),
        (Fault("code", code=131016, http=500), 500, b"131016"),
    ],
)
async def test_faults_send_nothing(
    api: Api, fault: Fault, http: int, body: bytes
) -> None:
    """One request each; the next is well."""
    api.phones.habits.next(fault)
    sent = {"messaging_product": "whatsapp", "to": PHONE, "text": {"body": "a"}}
    path = f"{NUMBER}/messages"

    code, said = await api.ask("POST", path, json=sent)
    again, _ = await api.ask("POST", path, json=sent)

    assert (code, body in said, again) == (http, True, 200)
    assert len(api.phones.world.sends) == 1


async def test_faults_after_which_nobody_knows(api: Api) -> None:
    """Accepted, and the answer lost, cut, or never followed by a status."""
    sent = {"messaging_product": "whatsapp", "to": PHONE, "text": {"body": "a"}}
    path = f"{NUMBER}/messages"
    for kind in ("drop", "truncated", "no-status"):
        api.phones.habits.next(Fault(kind))

    with pytest.raises(ResponseNeverReceived):
        await api.ask("POST", path, json=sent)
    _, cut = await api.ask("POST", path, json=sent)
    silent = json.loads((await api.ask("POST", path, json=sent))[1])
    api.clock.pump([0.1] * 5)

    assert len(api.phones.world.sends) == 3
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        json.loads(cut)
    assert silent["messages"][0]["id"] not in {wamid for wamid, _ in api.statuses()}
    assert len(api.statuses()) == 4


async def test_a_failure_may_come_later(api: Api) -> None:
    """With any code."""
    api.phones.habits.next(Fault("fail", code=131049))

    await api.text()
    api.clock.advance(1)

    assert api.told("statuses")[-1]["errors"][0]["code"] == 131049


async def test_a_slow_answer_comes(api: Api) -> None:
    """When its time has come."""
    api.phones.habits.next(Fault("slow", seconds=0.0))
    running.callLater(0.05, api.clock.advance, 1)

    assert "messages" in await api.text()


async def test_reading_and_typing_are_for_a_message_of_theirs(api: Api) -> None:
    """Typing ends after 25 seconds, or with our next message."""
    world, person = api.phones.world, api.person
    hi = world.chats["tendai"].bubbles[0]
    mark = {"status": "read", "message_id": hi.wamid, "to": None}
    typing = mark | {"typing_indicator": {"type": "text"}}

    assert await api.send(**typing) == {"success": True}
    assert (hi.state, world.typing(person)) == ("read", True)
    api.clock.advance(25)
    assert not world.typing(person)
    await api.send(**typing)
    answer = await api.text()
    assert not world.typing(person)
    ours = await api.send(**mark | {"message_id": answer["messages"][0]["id"]})
    assert ours["code"] == 131009
    assert (await api.send(**mark | {"message_id": None}))["code"] == 131008
    assert (await api.send(**mark | {"messaging_product": "x"}))["code"] == 100


async def test_a_file_goes_up_and_comes_down(api: Api) -> None:
    """By an id, then by an address elsewhere, for five minutes, and with the token."""
    content = bytes(range(256)) + b"\r\n--x\r\n"
    code, said = await api.ask(
        "POST",
        f"{NUMBER}/media",
        data={"messaging_product": "whatsapp", "type": "application/pdf"},
        files={"file": ("a é.pdf", "application/pdf", content)},
    )
    id = json.loads(said)["id"]
    place = json.loads((await api.ask("GET", id))[1])
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()

    assert (code, id.isdigit()) == (200, True)
    assert (place["sha256"], place["file_size"]) == (digest, str(len(content)))
    assert "/v25.0/" not in place["url"]
    assert await api.ask("GET", place["url"]) == (200, content)
    part = await api.ask("GET", place["url"], headers={"Range": "bytes=2-4"})
    assert part == (206, content[2:5])
    assert (await api.ask("GET", place["url"], token="no"))[0] == 401
    api.clock.advance(300)
    assert (await api.ask("GET", place["url"]))[0] == 404
    sent = await api.send(type="document", document={"id": id, "filename": "a.pdf"})
    assert "messages" in sent
    assert (await api.ask("DELETE", id))[0] == 200
    assert (await api.ask("GET", id))[0] == 400
    assert (await api.ask("DELETE", id))[0] == 400


async def test_a_file_of_theirs_lives_a_week(api: Api) -> None:
    """The webhook names it, with its digest."""
    api.phones.acting.give(api.person, b"png", "image/png", "a.png", "What is it?")
    api.clock.advance(0)
    image = api.told("messages")[-1]["image"]

    assert image["caption"] == "What is it?"
    assert (await api.ask("GET", image["id"]))[0] == 200
    api.clock.advance(7 * 86400)
    assert (await api.ask("GET", image["id"]))[0] == 400


@pytest.mark.parametrize(
    ("fields", "mime", "code"),
    [
        ({"messaging_product": "whatsapp", "type": "pdf"}, "a/b", 131053),
        ({"type": "application/pdf"}, "a/b", 131008),
        ({"messaging_product": "whatsapp", "type": "image/png"}, "a/b", 131053),
    ],
)
async def test_a_wrong_upload_is_refused(
    api: Api, fields: Json, mime: str, code: int
) -> None:
    """No product, no proper type, too large for its type."""
    content = b"x" * (6 * 1024 * 1024)
    files = {"file": ("a", mime, content)}
    _, said = await api.ask("POST", f"{NUMBER}/media", data=fields, files=files)

    assert json.loads(said)["error"]["code"] == code


async def test_an_upload_must_be_a_form(api: Api) -> None:
    """Anything else is refused."""
    code, _ = await api.ask("POST", f"{NUMBER}/media", json={})

    assert code == 400


async def test_only_versions_lead_to_the_api(api: Api) -> None:
    """Anything else is a page, or nothing."""
    assert (await api.ask("GET", f"{api.url}/v2500.0/1"))[0] == 404
