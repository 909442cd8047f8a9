"""WhatsApp's Graph API: messages, read marks and files.

A message has no idempotency key there. So what went wrong before anything was sent is
told apart from silence after it, when nobody knows whether a phone will ring.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final, cast
from urllib.parse import urlsplit

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.error import TimeoutError as TooLate
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from zimgpt.domain.messages import Message
from zimgpt.flows.ports.messenger import File, FileTooLarge, SendTrouble, Unheard
from zimgpt.outbound.bodies import Body, BodyLost, BodyTooLarge, leave
from zimgpt.outbound.connections import Connections
from zimgpt.wire.whatsapp import outgoing, replies, troubles
from zimgpt.wire.whatsapp.limits import OverLimit
from zimgpt.wire.whatsapp.people import Person
from zimgpt.wire.whatsapp.replies import Place
from zimgpt.wire.whatsapp.troubles import Trouble

PATIENCE: Final = 20.0
"""Seconds that an answer may take."""

SMALL: Final = replies.MOST
HOSTS: Final = (".fbsbx.com", ".facebook.com", ".whatsapp.net")
"""Where files are; the key is shown to nobody else."""

MEDIA: Final = re.compile(r"[0-9]{1,40}", re.ASCII)


def _silence(_: object, seconds: float) -> Any:  # noqa: ANN401 - never returns
    raise Unheard(f"nothing came for {seconds:g} s")


@attrs.frozen
class WhatsApp:
    """One business number at ``url``, which ends with the API's version.

    ``hosts`` are endings of host names that files may be fetched from, besides the
    API's own host.
    """

    _url: str
    _phone_id: str
    _token: str = attrs.field(repr=False)
    _http: HTTPClient = attrs.field(repr=False)
    _clock: IReactorTime = attrs.field(repr=False)
    _hosts: tuple[str, ...] = HOSTS

    log = Logger()

    async def send(
        self,
        to: Person,
        message: Message,
        *,
        our_id: str,
        reply_to: str | None = None,
        media: str | None = None,
    ) -> str:
        """The message's id there; raises SendTrouble or Unheard."""
        try:
            body = outgoing.send(
                to, message, our_id=our_id, reply_to=reply_to, media=media
            )
        except (OverLimit, outgoing.NoAddress) as error:
            raise SendTrouble(Trouble.OUR_BUG, None, str(error)) from error
        answer = await self._post("messages", body)
        try:
            return replies.accepted(answer).wamid
        except replies.UnclearReply as unclear:
            raise Unheard from unclear

    async def read(self, wamid: str, *, typing: bool) -> None:
        """Marks a message as read; a mark that is lost costs nobody anything."""
        try:
            await self._post("messages", outgoing.read(wamid, typing=typing))
        except (SendTrouble, Unheard, OverLimit) as error:
            self.log.info("not marked as read: {reason}", reason=str(error))

    async def upload(self, content: bytes, mime: str, filename: str) -> str:
        """The file's id there; raises SendTrouble or Unheard."""
        response = await self._request(
            "POST",
            f"{self._url}/{self._phone_id}/media",
            data=outgoing.upload(mime),
            files={"file": (filename, mime, content)},
        )
        answer = await self._read(response)
        self._check(response, answer)
        try:
            return replies.uploaded(answer)
        except replies.UnclearReply as unclear:
            raise Unheard from unclear

    async def fetch(self, media: str, *, sha256: str, most: int) -> File:
        """A person's file in two steps; raises SendTrouble or Unheard."""
        if MEDIA.fullmatch(media) is None:
            raise SendTrouble(Trouble.OUR_BUG, None, "This is no file's id.")
        place = await self._place(media, most)
        content = await self._bytes(place.url, most)
        if content is None:  # an address lives for five minutes: there is another
            place = await self._place(media, most)
            content = await self._bytes(place.url, most)
        if content is None:
            raise SendTrouble(Trouble.INBOUND_MEDIA, None, "The file is gone.")
        wanted = {digest for digest in (sha256, place.sha256) if digest}
        if wanted - {hashlib.sha256(content).hexdigest()}:
            raise SendTrouble(Trouble.INBOUND_MEDIA, None, "The file came damaged.")
        return File(place.mime, content)

    async def _place(self, media: str, most: int) -> Place:
        """Where a file is, if it may be fetched from there."""
        query = f"?phone_number_id={self._phone_id}"
        response = await self._request("GET", f"{self._url}/{media}{query}")
        answer = await self._read(response)
        self._check(response, answer)
        try:
            place = replies.place(answer)
        except replies.UnclearReply as unclear:
            raise Unheard from unclear
        if not self._trusted(place.url):
            raise SendTrouble(Trouble.OUR_BUG, None, "The file is on a strange host.")
        if place.size is not None and place.size > most:
            raise FileTooLarge
        return place

    # ---- one request

    async def _bytes(self, url: str, most: int) -> bytes | None:
        """What is at an address; None if there is nothing any more."""
        response = await self._request("GET", url)
        if response.code == 200:
            try:
                return await self._body(response, most)
            except BodyTooLarge:
                raise FileTooLarge from None
        leave(response)
        if response.code == 404:
            return None
        raise SendTrouble(
            Trouble.INBOUND_MEDIA, None, f"The file's host says {response.code}."
        )

    async def _post(self, path: str, body: bytes) -> bytes:
        response = await self._request(
            "POST",
            f"{self._url}/{self._phone_id}/{path}",
            headers={"Content-Type": "application/json"},
            data=body,
        )
        answer = await self._read(response)
        self._check(response, answer)
        return answer

    async def _request(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        **given: Any,  # noqa: ANN401 - as treq takes it
    ) -> IResponse:
        request = self._http.request(
            method,
            url,
            headers=self._headers(headers or {}),
            allow_redirects=False,
            unbuffered=True,
            reactor=cast(Any, self._clock),
            **given,
        )
        request.addTimeout(PATIENCE, self._clock, _silence)
        try:
            return await request
        except (Unheard, CancelledError):
            raise
        except (ConnectError, DNSLookupError, TooLate) as error:
            raise SendTrouble(Trouble.RETRY, None, type(error).__name__) from None
        except Exception as error:  # whatever else the network and TLS have in store
            raise Unheard(type(error).__name__) from None

    def _headers(self, more: dict[str, str]) -> Headers:
        always = {"Authorization": f"Bearer {self._token}", "User-Agent": "ZimGPT"}
        return Headers({name: [value] for name, value in (always | more).items()})

    async def _read(self, response: IResponse) -> bytes:
        """What the API itself says."""
        try:
            return await self._body(response, SMALL)
        except BodyTooLarge as lost:
            raise Unheard(str(lost)) from None

    async def _body(self, response: IResponse, most: int) -> bytes:
        body = Body(most)
        response.deliverBody(body)
        try:
            return await body.read.addTimeout(PATIENCE, self._clock, _silence)
        except BodyTooLarge:
            raise
        except BodyLost as lost:
            raise Unheard(str(lost)) from None

    def _check(self, response: IResponse, answer: bytes) -> None:
        if response.code == 200:
            return
        error = replies.refusal(
            response.code,
            answer,
            retry_after=_header(response, b"Retry-After"),
            usage=_header(response, b"X-Business-Use-Case-Usage"),
        )
        trouble = troubles.of(error.code, error.http)
        why = error.message or f"status {response.code}"
        raise SendTrouble(
            trouble, error.code, why.replace(self._token, "(key)"), error.wait
        )

    def _trusted(self, url: str) -> bool:
        ours, theirs = urlsplit(self._url), urlsplit(url)
        host = theirs.hostname or ""
        if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc):
            return True
        known = any(host == h.lstrip(".") or host.endswith(h) for h in self._hosts)
        return known and theirs.scheme == ours.scheme and "@" not in theirs.netloc


def make_whatsapp(
    url: str,
    phone_id: str,
    token: str,
    connections: Connections,
    clock: IReactorTime,
) -> WhatsApp:
    """The number as it is configured."""
    return WhatsApp(url.rstrip("/"), phone_id, token, connections.http, clock)


def _header(response: IResponse, name: bytes) -> str | None:
    values = response.headers.getRawHeaders(name, [])
    return values[0].decode("latin-1") if values else None
