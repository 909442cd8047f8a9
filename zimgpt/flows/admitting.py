"""How operators come in: a password, then a code of their phone, each step counted.

A right password opens nothing but the wait for a code, and does not forgive wrong
codes: who knows the password has no more tries at the code than anybody.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

import attrs

from zimgpt.domain import one_time_codes as codes
from zimgpt.domain.accounts import SessionId, TooManyTries
from zimgpt.domain.errors import NotSignedIn
from zimgpt.domain.operators import Operator, WrongOperator, WrongOperatorCode
from zimgpt.flows.ports import NewId, Passwords, PasswordsBusy
from zimgpt.flows.ports.operators import Operators, Tried

CLIENT_LENGTH: Final = 80
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@attrs.frozen
class Admitted:
    """Somebody who is in, and the secret of their session."""

    operator: Operator
    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Admitting:
    """``new_secret`` returns 32 random bytes."""

    _operators: Operators
    _passwords: Passwords
    _new_id: NewId
    _new_secret: Callable[[], bytes]

    async def sign_in(self, name: str, password: str, *, client: str) -> str:
        """The token of a session that waits for its code.

        Raises WrongOperator (unknown and disabled names take as long), TooManyTries or
        PasswordsBusy.
        """
        known = await self._operators.attempt(name)
        if known is not None and known.locked:
            raise TooManyTries
        if not await self._matches(known, password) or known is None:
            raise WrongOperator
        await self._operators.forgive(known.id)
        token = self._new_token()
        shown = " ".join(client.split())[:CLIENT_LENGTH]
        session = SessionId(self._new_id())
        await self._operators.begin(session, known.id, _digest(token), shown)
        return token

    async def prove(self, token: str, code: str) -> Admitted:
        """Opens the session, under a new token.

        Raises NotSignedIn if none waits, TooManyTries, CodesUnreadable or
        WrongOperatorCode: each code is taken once.
        """
        waiting = await self._operators.proving(_digest(_checked(token)))
        if waiting is None:
            raise NotSignedIn
        if waiting.locked:
            raise TooManyTries
        step = codes.step_of(waiting.secret, code, waiting.now)
        new = self._new_token()
        if step is None or not await self._operators.prove(
            waiting.session, step, _digest(new)
        ):
            raise WrongOperatorCode
        return Admitted(Operator(waiting.session, waiting.id, waiting.name), new)

    async def authenticate(self, token: str) -> Operator:
        """Whose session it is; raises NotSignedIn."""
        found = await self._operators.find(_digest(_checked(token)))
        if found is None:
            raise NotSignedIn
        return found

    async def sign_out(self, token: str) -> None:
        """Ends the session."""
        await self._operators.end(_digest(_checked(token)))

    async def _matches(self, known: Tried | None, password: str) -> bool:
        try:
            return await self._passwords.verify(
                known.password_hash if known else None, password
            )
        except PasswordsBusy:
            if known is not None:
                await self._operators.forgive(known.id)
            raise

    def _new_token(self) -> str:
        return base64.urlsafe_b64encode(self._new_secret()).rstrip(b"=").decode()


def _checked(token: str) -> str:
    if not TOKEN.fullmatch(token):
        raise NotSignedIn  # nothing we ever gave out
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
