"""``/webhooks/whatsapp``: where Meta posts what people write to us.

Anything that is signed is answered 200 once it is committed, or it would come again for
days; anything that is not changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
from twisted.logger import Logger
from twisted.web.server import Request

from zimgpt.flows.receiving import Receiving
from zimgpt.inbound.refusals import NotMeta
from zimgpt.inbound.rooms import room, whole
from zimgpt.wire.whatsapp import handshake, signature
from zimgpt.wire.whatsapp.incoming import MalformedBody, read

PATH: Final = b"/webhooks/whatsapp"


@attrs.frozen
class WhatsAppRoutes:
    """The two requests that Meta makes.

    ``_secrets`` are the app's secrets, one or, while it is changed, two.
    """

    _receiving: Receiving
    _secrets: Sequence[bytes] = attrs.field(repr=False)
    _verify_token: str = attrs.field(repr=False)
    router = room()
    log = Logger()

    @router.route("/webhooks/whatsapp", methods=["GET"])
    def verify(self, request: Request) -> bytes:
        """Says that this address is ours, when it is asked with our token."""
        challenge = handshake.reply(
            _query(request, b"hub.mode"),
            _query(request, b"hub.verify_token"),
            _query(request, b"hub.challenge"),
            ours=self._verify_token,
        )
        if challenge is None:
            raise NotMeta
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        return challenge

    @router.route("/webhooks/whatsapp", methods=["POST"])
    @whole
    async def receive(self, request: Request) -> bytes:
        """Keeps what is told, and says so when it is safe."""
        assert request.content is not None  # the server reads it before it asks us
        body = request.content.read()
        given = request.getHeader(signature.HEADER)
        if not signature.verified(given, body, self._secrets):
            raise NotMeta
        try:
            delivery = read(body)
        except MalformedBody as error:  # signed all the same: sending it again is vain
            self.log.error("a webhook is not understood: {reason}", reason=str(error))
            return b""
        for name, count in delivery.junk.items():
            self.log.warn(
                "{count} odd things in a webhook: {name}", count=count, name=name
            )
        await self._receiving.receive(delivery)
        return b""


def _query(request: Request, name: bytes) -> str | None:
    values = (request.args or {}).get(name, [])
    try:
        return values[0].decode() if len(values) == 1 else None
    except UnicodeDecodeError:
        return None
