"""``/admin/api/session``: an operator comes in, in two steps, and goes."""

from __future__ import annotations

import attrs
import msgspec
from twisted.logger import Logger
from twisted.web.server import Request

from zimgpt.domain.accounts import TooManyTries, WrongPassword
from zimgpt.domain.operators import ABSOLUTE, IDLE
from zimgpt.flows.admitting import Admitting
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import (
    AdminIdentity,
    clear_cookie,
    cookie,
    set_cookie,
)
from zimgpt.inbound.identity import own_words, proof
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import nothing, reply
from zimgpt.inbound.rooms import room, whole


class Knock(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who wants to come in, and with what, in their browser's own words."""

    name: str
    password: str
    client: str = "unknown"


class Code(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the phone shows."""

    code: str


class Waiting(msgspec.Struct, frozen=True):
    """The password was right; ``csrf`` goes with the code."""

    csrf: str


class Inside(msgspec.Struct, frozen=True):
    """Who is in; ``csrf`` goes with each change. Times are in seconds."""

    name: str
    csrf: str
    idle: int = int(IDLE.total_seconds())
    longest: int = int(ABSOLUTE.total_seconds())


log = Logger()

KNOCK = msgspec.json.Decoder(Knock)
CODE = msgspec.json.Decoder(Code)


@attrs.frozen
class SessionRoutes:
    """Signing in and out."""

    _admitting: Admitting
    _identity: AdminIdentity
    _gate: Gate
    router = room()

    @router.route("/admin/api/session", methods=["POST"])
    @whole
    async def knock(self, request: Request) -> bytes:
        """Checks the password; the cookie opens nothing yet but the next step."""
        knock = bodies.read(request, KNOCK)
        self._identity.own_page(request)
        self._gate.sign_in(self._gate.address(request))
        try:
            token = await self._admitting.sign_in(
                knock.name, knock.password, client=knock.client
            )
        except (WrongPassword, TooManyTries) as refusal:
            log.warn("no operator: {refusal} at the password", refusal=refusal.code)
            raise
        set_cookie(request, token)
        return reply(request, Waiting(proof(token)), status=201)

    @router.route("/admin/api/session/code", methods=["POST"])
    @whole
    async def prove(self, request: Request) -> bytes:
        """Checks the code; the cookie is another one after it."""
        code = bodies.read(request, CODE)
        self._identity.own_page(request)
        token = cookie(request)
        own_words(request, token)
        self._gate.sign_in(self._gate.address(request))
        try:
            admitted = await self._admitting.prove(token, code.code)
        except (WrongPassword, TooManyTries) as refusal:
            log.warn("no operator: {refusal} at the code", refusal=refusal.code)
            raise
        set_cookie(request, admitted.token)
        return reply(
            request, Inside(admitted.operator.name, proof(admitted.token)), status=201
        )

    @router.route("/admin/api/session", methods=["GET"])
    @whole
    async def session(self, request: Request) -> bytes:
        """Who is asking."""
        operator = await self._identity.operator(request)
        return reply(request, Inside(operator.name, proof(cookie(request))))

    @router.route("/admin/api/session", methods=["DELETE"])
    @whole
    async def sign_out(self, request: Request) -> bytes:
        """Ends the session."""
        await self._identity.operator(request)
        await self._admitting.sign_out(cookie(request))
        clear_cookie(request)
        return nothing(request)
