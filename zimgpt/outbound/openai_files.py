"""Models that listen and look, behind OpenAI's API or anything that speaks it."""

from __future__ import annotations

from typing import Any, Final, cast

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers

from zimgpt.flows.ports.files import NotRead
from zimgpt.outbound.bodies import Body, BodyLost
from zimgpt.wire import openai_files as wire

PATIENCE: Final = 60.0
"""Seconds for a whole answer; the person sees that we type for the first 25."""

MOST: Final = 1024 * 1024


def _silence(_: object, seconds: float) -> Any:  # noqa: ANN401 - never returns
    raise NotRead(f"nothing came for {seconds:g} s")


@attrs.frozen
class Upstream:
    """One model at ``url``, which ends with the API's version."""

    model: str
    _url: str
    _key: str | None = attrs.field(repr=False)
    _http: HTTPClient = attrs.field(repr=False)
    _clock: IReactorTime = attrs.field(repr=False)

    async def asked(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        **given: Any,  # noqa: ANN401 - as treq takes it
    ) -> bytes:
        """A whole answer; raises NotRead."""
        request = self._http.request(
            "POST",
            self._url.rstrip("/") + path,
            headers=self._headers(headers or {}),
            allow_redirects=False,
            unbuffered=True,
            reactor=cast(Any, self._clock),
            **given,
        )
        try:
            code, answer = await self._read(request)
        except (NotRead, CancelledError):
            raise
        except BodyLost as lost:
            raise NotRead(str(lost)) from None
        except Exception as error:  # whatever the network and TLS have in store
            raise NotRead(type(error).__name__) from None
        if code != 200:
            raise NotRead(f"{self.model} answered with status {code}")
        return answer

    async def _read(self, request: Deferred[Any]) -> tuple[int, bytes]:
        """Status and body; raises NotRead at a silence, and what the network has."""
        request.addTimeout(PATIENCE, self._clock, _silence)
        response = await request
        body = Body(MOST)
        response.deliverBody(body)
        read = await body.read.addTimeout(PATIENCE, self._clock, _silence)
        return response.code, read

    def _headers(self, more: dict[str, str]) -> Headers:
        always = {"Accept": "application/json", "User-Agent": "ZimGPT"}
        if self._key:
            always["Authorization"] = f"Bearer {self._key}"
        return Headers({name: [value] for name, value in (always | more).items()})


@attrs.frozen
class Ear:
    """Writes down what voice notes say."""

    _upstream: Upstream

    async def words(self, content: bytes, mime: str) -> str:
        """What was said; raises NotRead."""
        answer = await self._upstream.asked(
            "/audio/transcriptions",
            data=wire.listen(self._upstream.model),
            files={"file": ("note.ogg", mime, content)},
        )
        try:
            return wire.heard(answer)
        except wire.Unclear as unclear:
            raise NotRead(str(unclear)) from None


@attrs.frozen
class Eye:
    """Puts pictures into words."""

    _upstream: Upstream

    async def words(self, content: bytes, mime: str) -> str:
        """What it shows; raises NotRead."""
        answer = await self._upstream.asked(
            "/chat/completions",
            {"Content-Type": "application/json"},
            data=wire.look(self._upstream.model, content, mime),
        )
        try:
            return wire.seen(answer)
        except wire.Unclear as unclear:
            raise NotRead(str(unclear)) from None
