"""``/api/v1/accounts``, ``/sessions`` and ``/me``: signing up, in and out."""

from __future__ import annotations

from datetime import datetime

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.accounts import SessionId, Wallet
from zimgpt.flows.signing_in import SignedIn, SigningIn
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import (
    Identity,
    bearer,
    clear_cookie,
    cookie,
    proof,
    set_cookie,
)
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import nothing, reply
from zimgpt.inbound.rooms import room, whole


class Entry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who comes in; ``token`` asks for a bearer token instead of a cookie."""

    phone: str
    password: str
    client: str = ""
    token: bool = False


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The password there is, and the one that shall be."""

    current: str
    password: str
    client: str = ""
    token: bool = False


class Leaving(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who goes for good says the password, if there is one."""

    password: str = ""


class Balance(msgspec.Struct, frozen=True):
    """A wallet: free to spend, and set aside for answers under way."""

    available: int
    held: int


class SessionRef(msgspec.Struct, frozen=True):
    """A session by its id."""

    id: str


class Entered(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new session; ``csrf`` goes with each change that a page asks for."""

    session: SessionRef
    balance: Balance
    token: str | None = None
    csrf: str | None = None


class Me(msgspec.Struct, frozen=True, omit_defaults=True):
    """The person who asks; ``csrf`` is told to who has the cookie."""

    phone: str
    balance: Balance
    session: SessionRef
    csrf: str | None = None


class SessionLine(msgspec.Struct, frozen=True):
    """One place where a person is signed in."""

    id: str
    client: str
    created_at: datetime
    seen_at: datetime
    current: bool


class SessionList(msgspec.Struct, frozen=True):
    """All of them, latest first."""

    sessions: list[SessionLine]


ENTRY = msgspec.json.Decoder(Entry)
CHANGE = msgspec.json.Decoder(PasswordChange)
LEAVING = msgspec.json.Decoder(Leaving)


def balance(wallet: Wallet) -> Balance:
    """A wallet as JSON."""
    return Balance(wallet.available, wallet.held)


@attrs.frozen
class AccountRoutes:
    """Routes of accounts and sessions."""

    _signing_in: SigningIn
    _identity: Identity
    _gate: Gate
    router = room()

    @router.route("/api/v1/accounts", methods=["POST"])
    @whole
    async def sign_up(self, request: Request) -> bytes:
        """A new account, signed in."""
        entry = self._entry(request)
        self._gate.sign_up(self._gate.address(request))
        entered = await self._signing_in.sign_up(
            entry.phone,
            entry.password,
            client=_client(request, entry),
            replacing=_replaced(request, entry),
        )
        return _enter(request, entered, token=entry.token)

    @router.route("/api/v1/sessions", methods=["POST"])
    @whole
    async def sign_in(self, request: Request) -> bytes:
        """A new session."""
        entry = self._entry(request)
        self._gate.sign_in(self._gate.address(request))
        entered = await self._signing_in.sign_in(
            entry.phone,
            entry.password,
            client=_client(request, entry),
            replacing=_replaced(request, entry),
        )
        return _enter(request, entered, token=entry.token)

    @router.route("/api/v1/me", methods=["GET"])
    @whole
    async def me(self, request: Request) -> bytes:
        """Who is asking, and what they have."""
        session = await self._identity.session(request)
        wallet = await self._signing_in.wallet(session.user)
        known = None if bearer(request) else cookie(request)
        csrf = None if known is None else proof(known)
        mine = Me(session.phone, balance(wallet), SessionRef(session.id), csrf)
        return reply(request, mine)

    @router.route("/api/v1/me/password", methods=["POST"])
    @whole
    async def change_password(self, request: Request) -> bytes:
        """Another password, and a new session in place of all that there are."""
        session = await self._identity.session(request)
        change = bodies.read(request, CHANGE)
        self._gate.sign_in(self._gate.address(request))
        entered = await self._signing_in.change_password(
            session,
            change.current,
            change.password,
            client=_client(request, change),
        )
        return _enter(request, entered, token=change.token)

    @router.route("/api/v1/me", methods=["DELETE"])
    @whole
    async def leave(self, request: Request) -> bytes:
        """Closes the account for good."""
        session = await self._identity.session(request)
        leaving = bodies.read(request, LEAVING)
        self._gate.sign_in(self._gate.address(request))
        await self._signing_in.leave(session, leaving.password)
        clear_cookie(request)
        return nothing(request)

    @router.route("/api/v1/sessions", methods=["GET"])
    @whole
    async def sessions(self, request: Request) -> bytes:
        """Where the asker is signed in."""
        session = await self._identity.session(request)
        lines = [
            SessionLine(
                one.id, one.client, one.created_at, one.seen_at, one.id == session.id
            )
            for one in await self._signing_in.list(session.user)
        ]
        return reply(request, SessionList(lines))

    @router.route("/api/v1/sessions", methods=["DELETE"])
    @whole
    async def sign_out_everywhere(self, request: Request) -> bytes:
        """Ends all of the asker's sessions, this one too."""
        session = await self._identity.session(request)
        await self._signing_in.revoke_all(session.user)
        clear_cookie(request)
        return nothing(request)

    @router.route("/api/v1/sessions/current", methods=["DELETE"])
    @whole
    async def sign_out(self, request: Request) -> bytes:
        """Ends the asker's session."""
        session = await self._identity.session(request)
        await self._signing_in.revoke(session.user, session.id)
        clear_cookie(request)
        return nothing(request)

    @router.route("/api/v1/sessions/<revoked>", methods=["DELETE"])
    @whole
    async def revoke(self, request: Request, revoked: str) -> bytes:
        """Ends one session of the asker's."""
        session = await self._identity.session(request)
        ended = SessionId(bodies.identifier(revoked))
        await self._signing_in.revoke(session.user, ended)
        if ended == session.id:
            clear_cookie(request)
        return nothing(request)

    def _entry(self, request: Request) -> Entry:
        entry = bodies.read(request, ENTRY)
        if not entry.token:
            # Another site could sign people in as somebody else.
            self._identity.own_page(request)
        return entry


def _client(request: Request, entry: Entry | PasswordChange) -> str:
    """What the person will know this session by."""
    return entry.client or (request.getHeader("User-Agent") or "unknown")


def _replaced(request: Request, entry: Entry) -> str | None:
    """The token of the browser's session until now, which ends (ASVS 5.0, 7.2.4)."""
    return None if entry.token else cookie(request)


def _enter(request: Request, entered: SignedIn, *, token: bool) -> bytes:
    if not token:
        set_cookie(request, entered.token)
    return reply(
        request,
        Entered(
            SessionRef(entered.session.id),
            balance(entered.wallet),
            entered.token if token else None,
            None if token else proof(entered.token),
        ),
        status=201,
    )
