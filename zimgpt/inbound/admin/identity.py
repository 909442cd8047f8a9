"""Which operator is asking: by a cookie that is no person's, and from our own page."""

from __future__ import annotations

from typing import Final, Protocol

import attrs
from twisted.web.server import Request

from zimgpt.domain.errors import NotSignedIn
from zimgpt.domain.operators import ABSOLUTE, Operator
from zimgpt.inbound.identity import SAFE, own_page, own_words
from zimgpt.inbound.surface import Surface

COOKIE: Final = b"__Host-zg-admin"


class Admits(Protocol):
    """What is asked of ``flows.admitting``."""

    async def authenticate(self, token: str) -> Operator:
        """Whose session it is; raises NotSignedIn."""
        ...


@attrs.frozen
class AdminIdentity:
    """Knows operators by their cookie alone: there are no bearer tokens here."""

    _operators: Admits
    _surface: Surface
    """Where the admin pages are."""

    async def operator(self, request: Request) -> Operator:
        """The asker.

        Raises NotSignedIn, or OriginRefused or ForgedRefused for a change that another
        site may have made the browser ask for.
        """
        token = cookie(request)
        if request.method not in SAFE:
            self.own_page(request)
            operator = await self._operators.authenticate(token)
            own_words(request, token)
            return operator
        return await self._operators.authenticate(token)

    def own_page(self, request: Request) -> None:
        """Refuses what does not come from our own admin pages."""
        own_page(request, self._surface)


def cookie(request: Request) -> str:
    """The token in the cookie; raises NotSignedIn without one."""
    given = request.getCookie(COOKIE)
    if given is None:
        raise NotSignedIn
    return str(given.decode("latin-1"))


def set_cookie(request: Request, token: str) -> None:
    """Gives the browser its session. Strict: no link of another site opens a page here
    as somebody."""
    _write(request, token, int(ABSOLUTE.total_seconds()))


def clear_cookie(request: Request) -> None:
    """Takes it back."""
    _write(request, "", 0)


def _write(request: Request, value: str, age: int) -> None:
    request.addCookie(
        COOKIE,
        value,
        path=b"/",  # as __Host- asks
        max_age=str(age),
        secure=True,
        httpOnly=True,
        sameSite="strict",
    )
