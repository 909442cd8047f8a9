"""``/api/v1/proofs``: signing in, linking and new passwords by WhatsApp."""

from __future__ import annotations

from typing import Final, Literal

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.errors import NotFound
from zimgpt.flows.proving import LIVES, Begun, Proving, Purpose, Stand
from zimgpt.flows.signing_in import SignedIn
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity, cookie, proof, set_cookie
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole
from zimgpt.inbound.routes_accounts import Balance, Entered, SessionRef, balance

COOKIE: Final = b"__Host-zg-proof"
HEADER: Final = b"X-ZG-Proof"
LONGEST: Final = 25
"""Seconds that a question for news may wait."""

State = Literal["waiting", "proved", "signed_in", "linked", "over"]


class ProofWish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a number is to be proved for; ``token`` asks for the secret and, in the
    end, a bearer token, instead of cookies."""

    purpose: Literal["sign_in", "link", "password"]
    token: bool = False


class ProofBegun(msgspec.Struct, frozen=True, omit_defaults=True):
    """The phrase to be sent to us from WhatsApp, and a link that writes it there."""

    id: str
    phrase: str
    link: str
    expires_in: int
    secret: str | None = None


class ProofState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a proof stands; the rest comes with ``signed_in``."""

    state: State
    session: SessionRef | None = None
    balance: Balance | None = None
    token: str | None = None
    csrf: str | None = None


class NewPassword(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What replaces the password there was."""

    password: str


class Waiting(msgspec.Struct, frozen=True):
    """How many seconds news may be waited for."""

    wait: int = 0


WISH = msgspec.json.Decoder(ProofWish)
PASSWORD = msgspec.json.Decoder(NewPassword)


@attrs.frozen
class ProofRoutes:
    """Routes of proofs."""

    _proving: Proving
    _identity: Identity
    _gate: Gate
    router = room()

    @router.route("/api/v1/proofs", methods=["POST"])
    @whole
    async def begin(self, request: Request) -> bytes:
        """A new phrase for this browser or program."""
        wish = bodies.read(request, WISH)
        if not wish.token:
            self._identity.own_page(request)
        self._gate.sign_in(self._gate.address(request))
        purpose, user = Purpose(wish.purpose), None
        if purpose is Purpose.LINK:
            user = (await self._identity.session(request)).user
        begun = await self._proving.begin(purpose, user)
        if not wish.token:
            _keep(request, begun.secret, int(LIVES.total_seconds()))
        return reply(request, _begun(begun, token=wish.token), status=201)

    @router.route("/api/v1/proofs/<proof_id>", methods=["GET"])
    @whole
    async def read(self, request: Request, proof_id: str) -> bytes:
        """Where it stands, as soon as there is news; signs in, or says it is done."""
        wait = min(max(bodies.query(request, Waiting).wait, 0), LONGEST)
        id, secret = bodies.identifier(proof_id), _secret(request)
        standing = await self._proving.wait(id, secret, wait)
        if standing.stand is Stand.WAITING:
            return reply(request, ProofState("waiting"))
        if standing.stand is Stand.OVER:
            return reply(request, ProofState("over"))
        if standing.purpose is Purpose.PASSWORD:
            return reply(request, ProofState("proved"))
        entered = await self._proving.use(
            id, secret, client=_client(request), replacing=cookie(request)
        )
        if entered is None:
            return reply(request, ProofState("linked"))
        return reply(request, _entered(request, entered))

    @router.route("/api/v1/proofs/<proof_id>/password", methods=["POST"])
    @whole
    async def choose_password(self, request: Request, proof_id: str) -> bytes:
        """A new password, and a session."""
        chosen = bodies.read(request, PASSWORD)
        if request.getHeader(HEADER) is None:
            self._identity.own_page(request)
        self._gate.sign_in(self._gate.address(request))
        entered = await self._proving.choose_password(
            bodies.identifier(proof_id),
            _secret(request),
            chosen.password,
            client=_client(request),
        )
        state = _entered(request, entered)
        assert state.session is not None
        assert state.balance is not None
        made = Entered(state.session, state.balance, state.token, state.csrf)
        return reply(request, made, status=201)


def _begun(begun: Begun, *, token: bool) -> ProofBegun:
    secret = begun.secret if token else None
    lives = int(LIVES.total_seconds())
    return ProofBegun(begun.id, begun.phrase, begun.link, lives, secret)


def _entered(request: Request, entered: SignedIn) -> ProofState:
    """A session for the browser in its cookie, for a program as a token."""
    program = request.getHeader(HEADER) is not None
    if not program:
        set_cookie(request, entered.token)
        _keep(request, "", 0)
    return ProofState(
        "signed_in",
        SessionRef(entered.session.id),
        balance(entered.wallet),
        entered.token if program else None,
        None if program else proof(entered.token),
    )


def _client(request: Request) -> str:
    return request.getHeader("User-Agent") or "unknown"


def _secret(request: Request) -> str:
    """What only the one who began it has; raises NotFound."""
    given = request.requestHeaders.getRawHeaders(HEADER, [])
    kept = request.getCookie(COOKIE)
    if len(given) == 1:
        return str(given[0], "latin-1")
    if given or kept is None:
        raise NotFound
    return str(kept, "latin-1")


def _keep(request: Request, secret: str, age: int) -> None:
    """Gives the browser its secret. Strict: no other site has any business with it."""
    request.addCookie(
        COOKIE,
        secret,
        path=b"/",
        max_age=str(age),
        secure=True,
        httpOnly=True,
        sameSite="strict",
    )
