"""A payment as the doors tell it: over HTTP and websocket the same fields.

Who pays sees whose wallet it is and what to do there; who gets the tokens sees how it
stands. Addresses of the gateway's are shown to nobody.
"""

from __future__ import annotations

from typing import Any, Final, assert_never

from zimgpt.domain.accounts import UserId
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups import telling
from zimgpt.domain.topups.states import place_of
from zimgpt.flows.ports.payments import Approve, EnterCode, PayCode, Prompt, Visit
from zimgpt.flows.ports.topups import Kept
from zimgpt.wire import payments as wire
from zimgpt.wire import session

PICTURE: Final = "/api/v1/payments/{}/qr.svg"


def payment_frame(kept: Kept, viewer: UserId) -> session.Payment:
    """For a websocket, which knows no language."""
    return session.Payment(**fields(kept, viewer, Language.ENGLISH))


def fields(kept: Kept, viewer: UserId, language: Language) -> dict[str, Any]:
    """What both doors tell."""
    order, pays = kept.topup.order, viewer == kept.payer
    state, why = telling.shown(kept.topup, kept.age), telling.reason(kept.topup)
    awaited = kept.prompt if pays and state == "waiting" else None
    prompt = None if awaited is None else shown(awaited, kept.id)
    text = telling.key(state, why, None if prompt is None else prompt.kind)
    place = place_of(kept.topup)
    return {
        "id": kept.id,
        "client_id": kept.client_id if pays else "",
        "version": kept.version,
        "state": state,
        "method": order.method.value,
        "amount": order.amount.minor,
        "currency": order.amount.currency.value,
        "price": str(order.amount),
        "tokens": order.tokens,
        "package": kept.package,
        "reference": order.reference,
        "created_at": kept.created_at,
        "text": text,
        "message": say(language, text),
        "gateway_reference": (place.gateway_reference or None) if place else None,
        "phone": telling.hint(kept.phone) if kept.phone and pays else None,
        "prompt": prompt,
        "reason": why,
        "credited_at": kept.credited_at,
        "beneficiary": telling.hint(kept.beneficiary) if kept.beneficiary else None,
    }


def shown(prompt: Prompt, payment: str) -> wire.Prompt:
    """What the person is to do."""
    match prompt:
        case Approve(words=words):
            return wire.Prompt("approve", words=words)
        case PayCode(code=code, expires=expires, links=links):
            return wire.Prompt(
                "code",
                code=code,
                expires=expires,
                links=list(links),
                qr=PICTURE.format(payment),
            )
        case EnterCode(reference=reference):
            return wire.Prompt("otp", reference=reference)
        case Visit(url=url):
            return wire.Prompt("visit", url=url)
        case _:
            assert_never(prompt)
