"""A payment's row as a value, and the other way round."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Credited,
    Disputed,
    Doubt,
    Failed,
    Order,
    Pending,
    Place,
    Reason,
    Refunded,
    Review,
    Sent,
    Stage,
    TopUp,
    Unknown,
    place_of,
)
from zimgpt.flows.ports.payments import Approve, EnterCode, PayCode, Prompt, Visit
from zimgpt.flows.ports.topups import Kept, PaymentId
from zimgpt.store.pool import Row

SELECT: Final = """
select p.id, p.user_id, p.payer_id, p.channel, p.client_key, p.merchant_ref, p.package,
       p.amount_minor, p.currency, p.tokens, p.method, p.phone_e164, p.state, p.reason,
       p.clawed, p.provider_ref, p.poll_url, p.code_url, p.prompt, p.version,
       p.created_at, p.credited_at,
       clock_timestamp() - coalesce(p.sent_at, p.created_at) as age,
       p.polls, p.absents, p.misses,
       coalesce(p.hinted_at > clock_timestamp() - interval '1 minute', false) as hinted,
       p.reinstated_transfer is not null as reinstated,
       case when p.user_id <> p.payer_id then u.phone_e164 end as beneficiary
  from payments p join users u on u.id = p.user_id
"""

PROMPTS: Final[dict[str, type[Prompt]]] = {
    "approve": Approve,
    "code": PayCode,
    "otp": EnterCode,
    "visit": Visit,
}


@attrs.frozen
class _Row:
    """``SELECT``'s columns, in its order."""

    id: str
    user: int
    payer: int
    channel: str
    client: str
    reference: str
    package: str
    minor: int
    currency: str
    tokens: int
    method: str
    phone: str | None
    state: str
    reason: str | None
    clawed: bool
    gateway: str | None
    poll: str | None
    code: str | None
    prompt: Any
    version: int
    created_at: Any
    credited_at: Any
    age: timedelta
    polls: int
    absents: int
    misses: int
    hinted: bool
    reinstated: bool
    beneficiary: str | None


def kept(columns: Row) -> Kept:
    """The payment of a row."""
    row = _Row(*columns)
    return Kept(
        id=PaymentId(row.id),
        topup=_topup(row),
        user=UserId(row.user),
        payer=UserId(row.payer),
        channel=row.channel,
        client_id=row.client,
        package=row.package,
        phone=None if row.phone is None else Phone(row.phone),
        beneficiary=None if row.beneficiary is None else Phone(row.beneficiary),
        prompt=read(row.prompt),
        version=row.version,
        created_at=row.created_at,
        credited_at=row.credited_at,
        age=row.age,
        polls=row.polls,
        absents=row.absents,
        misses=row.misses,
        hinted=row.hinted,
    )


def _topup(row: _Row) -> TopUp:
    order = Order(
        id=row.id,
        reference=row.reference,
        amount=Amount(row.minor, Currency(row.currency)),
        tokens=Tokens(row.tokens),
        method=Method(row.method),
    )
    place = _place(row)
    made: dict[Stage, TopUp] = {
        Stage.CREATED: Created(order),
        Stage.SENT: Sent(order),
        Stage.UNKNOWN: Unknown(order),
        Stage.CANCELLED: Cancelled(order, place),
        Stage.CREDITED: Credited(order, place, reinstated=row.reinstated),
        Stage.DISPUTED: Disputed(order, row.clawed, place),
        Stage.REFUNDED: Refunded(order, row.clawed, place),
    }
    match Stage(row.state):
        case Stage.PENDING:
            assert place is not None, "the table has a check of that"
            return Pending(order, place)
        case Stage.FAILED:
            return Failed(order, Reason(str(row.reason)), place)
        case Stage.REVIEW:
            return Review(order, Doubt(str(row.reason)), place)
        case state:
            return made[state]


def _place(row: _Row) -> Place | None:
    if row.poll is None:
        return None
    return Place(
        poll=row.poll, gateway_reference=row.gateway or "", code=row.code or ""
    )


def columns(topup: TopUp) -> dict[str, object]:
    """What a row says of where a payment stands."""
    place, reason = place_of(topup), None
    if isinstance(topup, Failed):
        reason = topup.reason.value
    elif isinstance(topup, Review):
        reason = topup.doubt.value
    return {
        "reason": reason,
        "clawed": isinstance(topup, Disputed | Refunded) and topup.clawed,
        "gateway": (place.gateway_reference or None) if place else None,
        "poll": place.poll if place else None,
        "code": (place.code or None) if place else None,
    }


def written(prompt: Prompt | None) -> str | None:
    """A prompt as JSON."""
    if prompt is None:
        return None
    [kind] = [kind for kind, made in PROMPTS.items() if isinstance(prompt, made)]
    return json.dumps({"kind": kind, **attrs.asdict(prompt)})


def read(stored: Any) -> Prompt | None:  # noqa: ANN401 - JSON
    """The prompt that was written."""
    if stored is None:
        return None
    fields = dict(stored)
    kind = PROMPTS[fields.pop("kind")]
    if kind is PayCode:
        fields["links"] = tuple(fields["links"])
    made: Prompt = kind(**fields)
    return made
