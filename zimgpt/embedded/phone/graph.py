"""The Graph API: messages, read marks, typing and files, with Meta's refusals."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from klein import Klein
from twisted.internet.task import deferLater
from twisted.web.http import Request

from zimgpt.embedded.phone import files, multipart
from zimgpt.embedded.phone.checking import MEDIA, Order, check
from zimgpt.embedded.phone.files import File
from zimgpt.embedded.phone.habits import Fault, Habits
from zimgpt.embedded.phone.people import Person
from zimgpt.embedded.phone.refusing import (
    Refused,
    invalid,
    malformed,
    missing,
    unknown_object,
)
from zimgpt.embedded.phone.statuses import Statuses
from zimgpt.embedded.phone.world import TYPING, Bubble, World

VERSION: Final = re.compile(r"v[0-9]{2}\.[0-9]")
HTML: Final = b"<!doctype html><title>Error</title><p>Sorry, something went wrong."
_RANGE: Final = re.compile(r"bytes=([0-9]+)-([0-9]*)")


class Graph:
    """The API. ``requests`` are the bodies of what was asked, oldest first."""

    app = Klein()

    def __init__(self, world: World, habits: Habits, statuses: Statuses) -> None:
        self._world = world
        self._habits = habits
        self._statuses = statuses
        self.requests: list[dict[str, Any]] = []

    # ---- messages

    @app.route("/<version>/<number>/messages", methods=["POST"])
    async def _messages(self, request: Request, version: str, number: str) -> bytes:
        try:
            self._known(request, version, number)
            return await self._faulty(request, number)
        except Refused as refused:
            return self._refuse(request, refused)

    async def _faulty(self, request: Request, number: str) -> bytes:
        """Carries a request out, with the next fault, if there is one."""
        body = _json(request)
        self.requests.append(body)
        if body.get("status") == "read":
            return self._read(request, number, body)
        fault = self._habits.take() or Fault("")
        match fault.kind:
            case "slow":
                await deferLater(self._world.clock, fault.seconds)
            case "html-500" | "html-502":
                request.setResponseCode(int(fault.kind[-3:]))
                request.setHeader("content-type", "text/html")
                return HTML
            case "unavailable":
                raise Refused(503, 2, "Service temporarily unavailable", transient=True)
            case "code":
                raise Refused(fault.http, fault.code, "Something went wrong")
        reply = self._accept(number, check(body), fault)
        if fault.kind == "drop":
            _abort(request)
            return b""
        written = _written(request, reply)
        return written[: len(written) // 2] if fault.kind == "truncated" else written

    def _accept(self, number: str, order: Order, fault: Fault) -> dict[str, Any]:
        world = self._world
        person = world.find(order.to, by_id=order.by_id)
        if person is None and order.to.lstrip("+") in world.numbers.values():
            raise Refused(400, 131021, "Recipient cannot be sender")
        self._within_rates(number, person)
        shut = person is not None and not world.open(person)
        shut = shut and order.kind != "template"
        if shut and self._habits.window_refusal == "sync":
            raise Refused(400, 131047, "More than 24 hours have passed")
        if order.kind in MEDIA and "id" in order.content:
            self._file(order.content["id"])
        bubble = Bubble(
            wamid=world.wamid(),
            at=world.now(),
            ours=True,
            kind=order.kind,
            content=order.content,
            reply_to=order.reply_to,
            opaque=order.opaque,
            number=number,
        )
        self._deliver(bubble, person, fault, shut=shut)
        return {
            "messaging_product": "whatsapp",
            "contacts": [_contact(order, person)],
            "messages": [{"id": bubble.wamid}],
        }

    def _deliver(
        self, bubble: Bubble, person: Person | None, fault: Fault, *, shut: bool
    ) -> None:
        if person is None or not person.reachable:
            self._world.sends.append(bubble)
            self._statuses.fail(bubble, person, 131026)
        elif shut or fault.kind == "fail":
            self._world.sends.append(bubble)
            self._statuses.fail(bubble, person, 131047 if shut else fault.code)
        else:
            self._world.put(person, bubble)
            if fault.kind != "no-status":
                self._statuses.follow(bubble, person)

    def _within_rates(self, number: str, person: Person | None) -> None:
        if not self._habits.limits:
            return
        now = self._world.now()
        if not self._world.throughput[number].take(now):
            raise Refused(429, 130429, "Rate limit hit", wait=1)
        if person is not None and not self._world.chats[person.id].pair.take(now):
            raise Refused(400, 131056, "pair rate limit hit", subcode=2494055)

    def _read(self, request: Request, number: str, body: dict[str, Any]) -> bytes:
        if body.get("messaging_product") != "whatsapp":
            raise malformed("messaging_product must be whatsapp")
        wamid = body.get("message_id")
        if not isinstance(wamid, str):
            raise missing("message_id")
        for person in self._world.people.values():
            chat = self._world.chats[person.id]
            bubble = chat.bubble(wamid)
            if bubble is None or bubble.ours or bubble.number != number:
                continue
            for earlier in chat.bubbles[: chat.bubbles.index(bubble) + 1]:
                earlier.state = earlier.state if earlier.ours else "read"
            if body.get("typing_indicator") == {"type": "text"}:
                chat.typing_until = self._world.now() + TYPING
            self._world.changed(person)
            return _written(request, {"success": True})
        raise invalid("message_id", "is not a message to this number")

    # ---- files

    @app.route("/<version>/<number>/media", methods=["POST"])
    def _upload(self, request: Request, version: str, number: str) -> bytes:
        try:
            self._known(request, version, number)
            assert request.content is not None
            form = multipart.read(
                request.getHeader("content-type") or "", request.content.read()
            )
            return _written(request, {"id": self._keep(form).id})
        except Refused as refused:
            return self._refuse(request, refused)

    def _keep(self, form: dict[str, multipart.Part]) -> File:
        if "messaging_product" not in form or "file" not in form:
            raise missing("messaging_product or file")
        part = form["file"]
        kind = form["type"].content.decode() if "type" in form else part.mime
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+(;.*)?", kind) or not part.content:
            raise Refused(400, 131053, "Media upload error")
        most = files.LARGEST[files.sort_of(kind)] * 1024 * 1024
        if len(part.content) > most:
            raise Refused(400, 131053, "Media upload error: too large")
        return self._world.files.keep(part.content, kind, part.filename, files.FROM_US)

    @app.route("/<version>/<media>", methods=["GET"])
    def _look_up(self, request: Request, version: str, media: str) -> bytes:
        try:
            self._known(request, version)
            file = self._file(media)
        except Refused as refused:
            return self._refuse(request, refused)
        host = request.getHeader("host")
        return _written(
            request,
            {
                "messaging_product": "whatsapp",
                "url": f"http://{host}/attachments/{self._world.files.address(file)}",
                "mime_type": file.mime,
                "sha256": file.sha256,
                "file_size": str(len(file.content)),
                "id": file.id,
            },
        )

    @app.route("/<version>/<media>", methods=["DELETE"])
    def _delete(self, request: Request, version: str, media: str) -> bytes:
        try:
            self._known(request, version)
            self._world.files.delete(self._file(media).id)
        except Refused as refused:
            return self._refuse(request, refused)
        return _written(request, {"success": True})

    @app.route("/attachments/<word>", methods=["GET"])
    def _bytes(self, request: Request, word: str) -> bytes:
        if not self._authorised(request):
            request.setResponseCode(401)
            return b""
        file = self._world.files.at(word)
        if file is None:
            request.setResponseCode(404)
            return b""
        request.setHeader("content-type", file.mime)
        wanted = _RANGE.fullmatch(request.getHeader("range") or "")
        if wanted is None:
            return file.content[::-1] if self._habits.damage else file.content
        first, last = int(wanted[1]), int(wanted[2] or len(file.content) - 1)
        request.setResponseCode(206)
        total = len(file.content)
        request.setHeader("content-range", f"bytes {first}-{last}/{total}")
        return file.content[first : last + 1]

    # ---- what all have in common

    def _known(self, request: Request, version: str, number: str | None = None) -> None:
        """Refuses strangers first, then paths that lead nowhere."""
        if not self._authorised(request):
            raise Refused(401, 190, "Invalid OAuth access token")
        if not VERSION.fullmatch(version):
            raise Refused(400, 2635, "Unknown version of the Graph API")
        if number is not None and number not in self._world.numbers:
            raise unknown_object(number)

    def _authorised(self, request: Request) -> bool:
        bearer = request.getHeader("authorization") or ""
        return bearer.removeprefix("Bearer ") in self._world.tokens

    def _file(self, id: str) -> File:
        file = self._world.files.get(id)
        if file is None:
            raise unknown_object(id)
        return file

    def _refuse(self, request: Request, refused: Refused) -> bytes:
        self._world.refused += 1
        request.setResponseCode(refused.http)
        if refused.wait is not None:
            request.setHeader("retry-after", str(refused.wait))
        return _written(request, refused.body(f"A{self._world.dice.getrandbits(40):x}"))


def _json(request: Request) -> dict[str, Any]:
    sort = (request.getHeader("content-type") or "").partition(";")[0].strip()
    if sort != "application/json":
        raise malformed("Content-Type must be application/json")
    assert request.content is not None
    try:
        body = json.load(request.content)
    except ValueError:
        raise malformed("the body is not JSON") from None
    if not isinstance(body, dict):
        raise malformed("the body is not a JSON object")
    return body


def _contact(order: Order, person: Person | None) -> dict[str, Any]:
    """Whom it went to, as they were named in the order."""
    if order.by_id:
        return {"input": order.to, "user_id": order.to}
    number = person.phone if person else order.to.lstrip("+")
    return {"input": order.to, "wa_id": number}


def _written(request: Request, said: dict[str, Any]) -> bytes:
    request.setHeader("content-type", "application/json; charset=UTF-8")
    return json.dumps(said).encode()


def _abort(request: Request) -> None:
    transport: Any = request.channel and request.channel.transport
    transport.abortConnection()
