"""Signing up, in and out: who is asking, and how they prove it.

A session's token is shown once, to the browser or program it is made for; we keep
its SHA-256. Guesses are counted on the account before they are checked, so neither
many addresses nor many at once buy more of them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

import attrs

from zimgpt.domain import accounts as rules
from zimgpt.domain import phones
from zimgpt.domain.accounts import (
    PhoneTaken,
    Session,
    SessionId,
    TooManyTries,
    UserId,
    Wallet,
    WrongPassword,
)
from zimgpt.domain.errors import NotFound, NotSignedIn
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import (
    Accounts,
    Credentials,
    NewId,
    Passwords,
    PasswordsBusy,
    SessionInfo,
    Sessions,
)

CLIENT_LENGTH: Final = 80
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@attrs.frozen
class SignedIn:
    """A new session, its secret and the balances of its owner."""

    session: Session
    token: str = attrs.field(repr=False)
    wallet: Wallet


@attrs.frozen(kw_only=True)
class SigningIn:
    """``new_secret`` returns 32 random bytes; ``on_ended`` hears of ended sessions."""

    _accounts: Accounts
    _sessions: Sessions
    _passwords: Passwords
    _new_id: NewId
    _new_secret: Callable[[], bytes]
    _on_ended: Callable[[tuple[SessionId, ...]], None]
    _welcome: Tokens = rules.WELCOME

    async def sign_up(
        self, phone: str, password: str, *, client: str, replacing: str | None = None
    ) -> SignedIn:
        """Opens an account, with its welcome grant, and a session.

        ``replacing`` is the token of a session that this one takes the place of.
        Raises NotAMobileNumber, WeakPassword, PhoneTaken or PasswordsBusy.
        """
        number = phones.parse(phone)
        rules.check_password(password, number)
        password_hash = await self._passwords.hash(password)
        user = await self._accounts.open(number, password_hash, self._welcome)
        if user is None:
            raise PhoneTaken
        return await self._begin(user, number, client, replacing)

    async def sign_in(
        self, phone: str, password: str, *, client: str, replacing: str | None = None
    ) -> SignedIn:
        """Opens a session.

        Raises NotAMobileNumber, WrongPassword (an unknown number takes as long),
        TooManyTries (whatever the password: the lock tells nobody) or PasswordsBusy.
        """
        number = phones.parse(phone)
        known = await self._proved(number, password)
        await self._accounts.succeeded(known.user, await self._renewed(known, password))
        return await self._begin(known.user, number, client, replacing)

    async def change_password(
        self, session: Session, current: str, password: str, *, client: str
    ) -> SignedIn:
        """Takes another password from whoever knows the present one; ends every
        session and begins one. Raises as signing in does, and WeakPassword."""
        rules.check_password(password, session.phone)
        known = await self._proved(session.phone, current)
        new = await self._passwords.hash(password)
        return await self.renew(known.user, session.phone, new, client=client)

    async def leave(self, session: Session, password: str) -> None:
        """Closes an account for good: words are erased, sessions end, the number is
        free. Its owner says the password, unless there is none. Raises as signing in
        does."""
        known = await self._accounts.attempt(session.phone)
        if known is not None and known.password_hash is not None:
            await self._check(known, password)
        ended = await self._accounts.close(session.user)
        if ended:
            self._on_ended(ended)

    async def admit(
        self, user: UserId, phone: Phone, *, client: str, replacing: str | None = None
    ) -> SignedIn:
        """Opens a session for whom another proof than a password has shown."""
        return await self._begin(user, phone, client, replacing)

    async def hashed(self, password: str, phone: Phone) -> str:
        """A new password's hash; raises WeakPassword or PasswordsBusy."""
        rules.check_password(password, phone)
        return await self._passwords.hash(password)

    async def renew(
        self, user: UserId, phone: Phone, password_hash: str, *, client: str
    ) -> SignedIn:
        """Takes a new password; whoever was signed in by the one before is not now."""
        await self._accounts.succeeded(user, password_hash)
        await self.revoke_all(user)
        return await self._begin(user, phone, client, None)

    async def authenticate(self, token: str) -> Session:
        """The session of a token; raises NotSignedIn."""
        found = await self._find(token)
        if found is None:
            raise NotSignedIn
        return found

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        return await self._accounts.wallet(user)

    async def list(self, user: UserId) -> tuple[SessionInfo, ...]:
        """Where a person is signed in, latest first."""
        return await self._sessions.list(user)

    async def revoke(self, user: UserId, session: SessionId) -> None:
        """Ends one session; raises NotFound if it is not theirs or has ended."""
        if not await self._sessions.revoke(user, session):
            raise NotFound
        self._on_ended((session,))

    async def revoke_all(self, user: UserId) -> None:
        """Signs a person out everywhere."""
        ended = await self._sessions.revoke_all(user)
        if ended:
            self._on_ended(ended)

    async def _proved(self, number: Phone, password: str) -> Credentials:
        known = await self._accounts.attempt(number)
        return await self._check(known, password)

    async def _check(self, known: Credentials | None, password: str) -> Credentials:
        if known is not None and known.locked:
            raise TooManyTries
        if not await self._matches(known, password) or known is None:
            raise WrongPassword
        return known

    async def _matches(self, known: Credentials | None, password: str) -> bool:
        try:
            return await self._passwords.verify(
                known.password_hash if known else None, password
            )
        except PasswordsBusy:
            if known is not None:
                await self._accounts.forgive(known.user)
            raise

    async def _renewed(self, known: Credentials, password: str) -> str | None:
        """A hash with today's parameters, where the stored one has older ones."""
        if known.password_hash is None or not self._passwords.outdated(
            known.password_hash
        ):
            return None
        try:
            return await self._passwords.hash(password)
        except PasswordsBusy:
            return None  # at the next sign-in, then

    async def _begin(
        self, user: UserId, phone: Phone, client: str, replacing: str | None
    ) -> SignedIn:
        session = Session(SessionId(self._new_id()), user, phone)
        token = base64.urlsafe_b64encode(self._new_secret()).rstrip(b"=").decode()
        name = " ".join(client.split())[:CLIENT_LENGTH]
        await self._sessions.open(session.id, user, _digest(token), name)
        replaced = await self._find(replacing) if replacing else None
        if replaced is not None:
            await self._sessions.revoke(replaced.user, replaced.id)
            self._on_ended((replaced.id,))
        return SignedIn(session, token, await self._accounts.wallet(user))

    async def _find(self, token: str) -> Session | None:
        if not TOKEN.fullmatch(token):
            return None  # nothing we ever gave out
        return await self._sessions.find(_digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
