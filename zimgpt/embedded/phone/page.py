"""The page that is a phone, or several: for whoever sits at this machine.

It is served on loopback alone and answers no other name, so that no page from elsewhere
can play with it.
"""

from __future__ import annotations

import json
from typing import Any, Final

import attrs
from klein import Klein
from twisted.web.http import Request

from zimgpt.embedded.doubles import doors
from zimgpt.embedded.phone.acting import Acting, NothingThere
from zimgpt.embedded.phone.people import Person
from zimgpt.embedded.phone.statuses import Statuses
from zimgpt.embedded.phone.world import Bubble, World

LARGEST: Final = 100 * 1024 * 1024


class Page:
    """The page and what it asks for."""

    app = Klein()

    def __init__(self, world: World, statuses: Statuses, acting: Acting) -> None:
        self._world = world
        self._statuses = statuses
        self._acting = acting

    @app.route("/", methods=["GET"])
    def _index(self, request: Request) -> bytes:
        return doors.page(request, __package__, "index.html")

    @app.route("/<name>", methods=["GET"])
    def _static(self, request: Request, name: str) -> bytes:
        return doors.page(request, __package__, name)

    @app.route("/phones/", methods=["GET"])
    def _people(self, request: Request) -> bytes:
        return doors.said(
            request, [self._row(person) for person in self._world.people.values()]
        )

    @app.route("/phones/<id>", methods=["GET"])
    def _chat(self, request: Request, id: str) -> bytes:
        try:
            person = self._acting.person(id)
        except NothingThere:
            request.setResponseCode(404)
            return b""
        chat = self._world.chats[id]
        return doors.said(
            request,
            {
                "person": self._row(person),
                "now": self._world.now(),
                "typing_until": chat.typing_until,
                "bubbles": [_shown(bubble) for bubble in chat.bubbles],
            },
        )

    @app.route("/phones/<id>/<act>", methods=["POST"])
    def _act(self, request: Request, id: str, act: str) -> bytes:
        if doors.foreign(request):
            return b""
        assert request.content is not None
        try:
            person = self._acting.person(id)
            if act == "give":
                self._give(person, request)
            else:
                self._do(person, act, json.load(request.content))
        except (NothingThere, KeyError, ValueError, TypeError):
            request.setResponseCode(400)
        return b""

    def _do(self, person: Person, act: str, said: dict[str, Any]) -> None:
        match act:
            case "say":
                self._acting.say(person, str(said["text"]), said.get("reply_to"))
            case "tap":
                self._acting.tap(person, said["wamid"], said["id"])
            case "seen":
                self._statuses.seen(person)
            case "react":
                self._acting.react(person, said["wamid"], said["emoji"])
            case "move":
                self._acting.change_number(person, said["phone"])
            case _:
                raise NothingThere(act)

    def _give(self, person: Person, request: Request) -> None:
        assert request.content is not None
        content = request.content.read(LARGEST)
        mime = request.getHeader("content-type") or "application/octet-stream"
        args: dict[bytes, list[bytes]] = request.args or {}
        name, caption = (
            args.get(key, [b""])[0].decode() for key in (b"name", b"caption")
        )
        self._acting.give(person, content, mime, name, caption)

    @app.route("/files/<id>", methods=["GET"])
    def _file(self, request: Request, id: str) -> bytes:
        file = self._world.files.get(id)
        if file is None:
            request.setResponseCode(404)
            return b""
        picture = file.mime in ("image/png", "image/jpeg", "image/webp")
        request.setHeader("content-type", file.mime)
        request.setHeader("x-content-type-options", "nosniff")
        request.setHeader("content-security-policy", "sandbox; default-src 'none'")
        if not picture and not file.mime.startswith("audio/"):
            request.setHeader("content-disposition", "attachment")
        return file.content

    @app.route("/events", methods=["GET"])
    async def _events(self, request: Request) -> bytes:
        """Tells which chats change, until the page goes away."""
        return await doors.news(request, self._world.watch)

    def _row(self, person: Person) -> dict[str, Any]:
        chat = self._world.chats[person.id]
        last = chat.bubbles[-1] if chat.bubbles else None
        unread = sum(b.ours and b.state in ("sent", "delivered") for b in chat.bubbles)
        return attrs.asdict(person) | {
            "last": _shown(last) if last else None,
            "unread": unread,
        }


def _shown(bubble: Bubble) -> dict[str, Any]:
    keep = ("wamid", "at", "ours", "kind", "content", "state", "reply_to")
    return {name: getattr(bubble, name) for name in keep}
