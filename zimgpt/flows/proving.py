"""Proving a number to a browser without sending anything to it.

The browser shows a phrase, its person sends it to us from their phone, and the signed
message says whose number it is. What only that browser has, a secret, turns the proof
into a session, once. Somebody else who knows the phrase can make it their own number's
and win nothing; who makes another person send it is undone by LOCK, of which the answer
to the phrase tells.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue import phrases
from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.phones import Phone
from zimgpt.domain.rates import TooFast
from zimgpt.flows.ports import NewId
from zimgpt.flows.signing_in import SignedIn, SigningIn

LIVES: Final = timedelta(minutes=10)
EVERY: Final = 1.0
"""Seconds between two looks of a browser that waits."""
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Purpose(StrEnum):
    """What a number is proved for."""

    SIGN_IN = "sign_in"
    LINK = "link"
    """From now on this WhatsApp uses the account that the browser is signed in to."""
    PASSWORD = "password"  # noqa: S105 - a word
    """Who has proved their number may choose another password."""


class Stand(StrEnum):
    """Where a proof stands."""

    WAITING = "waiting"
    PROVED = "proved"
    OVER = "over"


@attrs.frozen
class Standing:
    """And whose it is, once proved; ``phone`` is None for who hides their number."""

    stand: Stand
    purpose: Purpose
    user: UserId | None = None
    phone: Phone | None = None


class TooManyProofs(TooFast):
    """Too many people are proving their numbers just now. Please try again in a few minutes."""  # noqa: E501

    code = "too_many_proofs"


class NoNumber(Refusal):
    """WhatsApp does not tell us your number, so there is nothing to use a password with. Please sign in with WhatsApp."""  # noqa: E501

    code = "no_number"


class Proofs(Protocol):
    """Phrases and secrets, each known by its SHA-256 alone."""

    async def begin(
        self,
        id: str,
        phrase: str,
        secret: bytes,
        purpose: Purpose,
        user: UserId | None,
        lives: timedelta,
    ) -> bool:
        """Keeps one; False if too many wait already. ``phrase`` is in hexadecimal."""
        ...

    async def look(self, id: str, secret: bytes, *, use: bool) -> Standing | None:
        """Where it stands; None for another browser's. With ``use``, one that is
        proved is used up."""
        ...


@attrs.frozen
class Begun:
    """What a browser shows its person, and the secret that it keeps."""

    id: str
    phrase: str
    link: str
    secret: str = attrs.field(repr=False)


@attrs.define
class Proving:
    """``number`` is ours, as people dial it; ``new_secret`` gives 32 random bytes."""

    _proofs: Proofs
    _signing_in: SigningIn
    _clock: IReactorTime
    _number: str
    _new_id: NewId
    _new_secret: Callable[[], bytes]
    _hurried: bool = attrs.field(init=False, default=False)

    def hurry(self) -> None:
        """From now on nobody waits."""
        self._hurried = True

    async def begin(self, purpose: Purpose, user: UserId | None) -> Begun:
        """A new phrase; ``user`` is who is signed in, for a link. Raises
        TooManyProofs."""
        phrase = phrases.made(self._new_secret())
        secret = base64.urlsafe_b64encode(self._new_secret()).rstrip(b"=").decode()
        id, digest = self._new_id(), hashlib.sha256(phrase.encode()).hexdigest()
        kept = await self._proofs.begin(
            id, digest, _digest(secret), purpose, user, LIVES
        )
        if not kept:
            raise TooManyProofs(retry=60)
        link = f"https://wa.me/{self._number}?text={phrase}"
        return Begun(id, phrase, link, secret)

    async def wait(self, id: str, secret: str, seconds: float) -> Standing:
        """Where it stands when it is proved or over, at the latest after ``seconds``.

        Raises NotFound for what another browser has begun.
        """
        until = self._clock.seconds() + seconds
        while True:
            standing = await self._look(id, secret, use=False)
            left = until - self._clock.seconds()
            if standing.stand is not Stand.WAITING or left <= 0 or self._hurried:
                return standing
            await deferLater(self._clock, min(EVERY, left))

    async def use(
        self, id: str, secret: str, *, client: str, replacing: str | None
    ) -> SignedIn | None:
        """Uses up a proof; the session of one for signing in. Raises NotFound if it
        was not proved, or was used before."""
        standing = await self._used(id, secret)
        if standing.purpose is not Purpose.SIGN_IN:
            return None
        assert standing.user is not None
        phone = standing.phone or Phone("")
        return await self._signing_in.admit(
            standing.user, phone, client=client, replacing=replacing
        )

    async def choose_password(
        self, id: str, secret: str, password: str, *, client: str
    ) -> SignedIn:
        """Ends all sessions and begins one with the new password's.

        Raises NotFound, NoNumber, WeakPassword or PasswordsBusy.
        """
        standing = await self._look(id, secret, use=False)
        if standing.stand is not Stand.PROVED or (
            standing.purpose is not Purpose.PASSWORD
        ):
            raise NotFound
        if standing.phone is None:
            raise NoNumber
        made = await self._signing_in.hashed(password, standing.phone)
        user = (await self._used(id, secret)).user
        assert user is not None
        return await self._signing_in.renew(user, standing.phone, made, client=client)

    async def _used(self, id: str, secret: str) -> Standing:
        standing = await self._look(id, secret, use=True)
        if standing.stand is not Stand.PROVED:
            raise NotFound
        return standing

    async def _look(self, id: str, secret: str, *, use: bool) -> Standing:
        if not SECRET.fullmatch(secret):
            raise NotFound  # nothing we ever gave out
        standing = await self._proofs.look(id, _digest(secret), use=use)
        if standing is None:
            raise NotFound
        return standing


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
