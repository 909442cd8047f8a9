"""Who is asking: a session by its cookie or bearer token, and from which web site."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final, Protocol

import attrs
from twisted.web.server import Request

from zimgpt.domain.accounts import ABSOLUTE, Session
from zimgpt.domain.errors import NotSignedIn
from zimgpt.inbound.refusals import ForgedRefused, OriginRefused
from zimgpt.inbound.surface import Surface

COOKIE: Final = b"__Host-zg"
BEARER: Final = re.compile(rb"Bearer +([A-Za-z0-9_-]+)", re.IGNORECASE)
PROOF: Final = b"X-ZG-CSRF"
SAFE: Final = frozenset((b"GET", b"HEAD", b"OPTIONS"))


class Authenticates(Protocol):
    """What is asked of ``flows.signing_in``."""

    async def authenticate(self, token: str) -> Session:
        """The session of a token; raises NotSignedIn."""
        ...


@attrs.frozen
class Identity:
    """Knows people by their tokens and our pages by their origin."""

    _sessions: Authenticates
    _surface: Surface

    async def session(self, request: Request) -> Session:
        """The asker's session.

        Raises NotSignedIn, or OriginRefused or ForgedRefused for a change that another
        site may have made the browser ask for: cookies are sent along whoever wrote
        the page.
        """
        token = bearer(request)
        if token is None:
            token = cookie(request)
            if token is None:
                raise NotSignedIn
            if request.method not in SAFE:
                self.own_page(request)
                session = await self._sessions.authenticate(token)
                own_words(request, token)
                return session
        return await self._sessions.authenticate(token)

    def own_page(self, request: Request) -> None:
        """Refuses what does not come from our own pages."""
        own_page(request, self._surface)


def own_page(request: Request, surface: Surface) -> None:
    """Refuses what does not come from the pages of this surface.

    The Origin, where there is one, must be ours; without one the browser itself must
    say that the page was ours (OWASP CSRF cheat sheet).
    """
    origins = request.requestHeaders.getRawHeaders(b"Origin", [])
    if origins:
        if [one.decode("latin-1") for one in origins][1:] or (
            origins[0].decode("latin-1") not in surface.origins
        ):
            raise OriginRefused
        return
    if request.getHeader(b"Sec-Fetch-Site") != b"same-origin":
        raise OriginRefused


def own_words(request: Request, token: str) -> None:
    """Refuses what does not carry the session's proof in a header of its own.

    No other site can read the proof, nor set the header without asking us first.
    """
    given = request.requestHeaders.getRawHeaders(PROOF, [])
    if len(given) != 1 or not hmac.compare_digest(given[0], proof(token).encode()):
        raise ForgedRefused


def proof(token: str) -> str:
    """What our own pages send with a change, to show that they can read our answers.

    Made of the session's secret, which the page's scripts cannot see, so that every
    node knows it without being told (OWASP CSRF cheat sheet: HMAC, bound to session).
    """
    made = hmac.digest(token.encode("latin-1"), b"csrf", "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def bearer(request: Request) -> str | None:
    """The token in the Authorization header; one we cannot read is nobody's."""
    given = request.getHeader(b"Authorization")
    if given is None:
        return None
    match = BEARER.fullmatch(given)
    if match is None:
        raise NotSignedIn
    return match[1].decode()


def cookie(request: Request) -> str | None:
    """The token in the cookie, if there is one."""
    given = request.getCookie(COOKIE)
    return None if given is None else given.decode("latin-1")


def set_cookie(request: Request, token: str) -> None:
    """Gives the browser its session.

    Lax, because the payment gateway leads people back to us by a link.
    """
    _write_cookie(request, token, int(ABSOLUTE.total_seconds()))


def clear_cookie(request: Request) -> None:
    """Takes it back, with whatever else the browser kept for us. Not its cache, where
    nothing of a person is: to fetch the app anew would cost them data."""
    _write_cookie(request, "", 0)
    request.setHeader(b"Clear-Site-Data", b'"cookies", "storage"')


def _write_cookie(request: Request, value: str, age: int) -> None:
    request.addCookie(
        COOKIE,
        value,
        path=b"/",
        max_age=str(age),
        secure=True,
        httpOnly=True,
        sameSite="lax",
    )
