"""Payments in a chat: begun, asked about, and read as the dialogue tells them.

Their news come by themselves, queued in the commit that makes them; so what is said
here is only what no news will say.
"""

from __future__ import annotations

from typing import Final, Protocol

import attrs
from twisted.internet.interfaces import IReactorTime

from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue import paying
from zimgpt.domain.dialogue.acts import BeginTopUp, CheckPayment, EnterCode
from zimgpt.domain.dialogue.facts import About, Offer, offered
from zimgpt.domain.dialogue.paying import Payment
from zimgpt.domain.errors import NotFound
from zimgpt.domain.messages import Message
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups import telling
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.states import Created, Sent, place_of
from zimgpt.flows.ports.payments import Approve, PayCode, Visit
from zimgpt.flows.ports.payments import EnterCode as Typed
from zimgpt.flows.ports.topups import Kept, PaymentId
from zimgpt.flows.topping_up import ToppingUp, Wish

FRESH: Final = 10.0
"""Seconds that a list of packages is shown without looking again; who agrees to a price
that is another by then is told so."""
PATIENCE: Final = 6.0
"""Seconds after which they are told that their wallet is still being asked."""
LOOKED_AT: Final = 5
"""Payments among which one is sought that waits for a code."""


class Recipients(Protocol):
    """Finds whose wallet a gift is for."""

    async def recipient(self, phone: Phone) -> UserId:
        """The account of a number, opened if there is none; raises a Refusal."""
        ...


@attrs.frozen
class Shelf:
    """What can be bought, and how it can be paid."""

    offers: tuple[Offer, ...] = ()
    methods: tuple[Method, ...] = ()


@attrs.define
class Paying:
    """What a chat needs of payments."""

    _topping_up: ToppingUp
    _recipients: Recipients
    _clock: IReactorTime
    _shelf: Shelf = Shelf()
    _until: float = attrs.field(init=False, default=float("-inf"))

    # ---- what is known

    async def shelf(self) -> Shelf:
        """What is sold; nothing where no payments are set up."""
        if self._clock.seconds() >= self._until:
            offers = await self._topping_up.offers()
            deals = [deal for row in zip(*offers.deals, strict=True) for deal in row]
            self._shelf = Shelf(
                tuple(offered(one.package, one.tokens, one.amount) for one in deals),
                offers.methods,
            )
            self._until = self._clock.seconds() + FRESH
        return self._shelf

    async def awaits_code(self, user: UserId) -> str | None:
        """A payment of theirs for which a code can be typed now."""
        if not self._topping_up.open:
            return None
        for kept in await self._topping_up.list(user, limit=LOOKED_AT):
            if kept.payer == user and isinstance(seen_prompt(kept), Typed):
                return kept.id
        return None

    # ---- what is done

    async def begin(
        self, user: UserId, client_id: str, act: BeginTopUp, about: About
    ) -> Message | None:
        """Starts a payment, once for the id; None when the gateway has answered, which
        is news. Raises a Refusal that changed nothing."""
        gift = act.gift
        wish = Wish(
            client_id=client_id,
            package=act.wanted.package,
            currency=act.wanted.currency,
            phone=act.number,
            method=act.method,
            cents=act.wanted.cents,
            channel="whatsapp",
            beneficiary=await self._recipients.recipient(gift) if gift else None,
        )
        kept = await self._topping_up.start(user, wish)
        if isinstance(kept.topup, Created | Sent):
            kept = await self._topping_up.read(
                user, kept.id, version=kept.version, wait=PATIENCE
            )
        if not isinstance(kept.topup, Created | Sent):
            return None
        return paying.told(seen(kept, user), about)

    async def check(
        self, user: UserId, act: CheckPayment, about: About
    ) -> Message | None:
        """Asks the gateway; None when the news that this made are on their way. Raises
        NotFound."""
        payment = await self._named(user, act.payment)
        before = await self._topping_up.read(user, payment)
        after = await self._topping_up.check(user, payment)
        if type(before.topup) is not type(after.topup):
            return None
        shown = seen(after, user)
        if shown.state in ("waiting", "checking"):
            return paying.unpaid(shown, about)
        return paying.told(shown, about)

    async def enter(self, user: UserId, act: EnterCode, about: About) -> Message | None:
        """Hands a code in; likewise. Raises WrongCode or NoCodeAwaited."""
        payment = PaymentId(act.payment)
        kept = await self._topping_up.submit_code(user, payment, act.code)
        shown = seen(kept, user)
        return paying.unpaid(shown, about) if shown.state == "waiting" else None

    async def _named(self, user: UserId, payment: str | None) -> PaymentId:
        if payment is not None:
            return PaymentId(payment)
        for kept in await self._topping_up.list(user, limit=LOOKED_AT):
            if kept.payer == user:
                return kept.id
        raise NotFound


def seen_prompt(kept: Kept) -> object:
    """What the person is to do, while that makes sense."""
    waits = telling.shown(kept.topup, kept.age) == "waiting"
    return kept.prompt if waits else None


def seen(kept: Kept, viewer: UserId) -> Payment:
    """A payment as the dialogue tells it to somebody."""
    order, place = kept.topup.order, place_of(kept.topup)
    payment = Payment(
        id=kept.id,
        state=telling.shown(kept.topup, kept.age),
        reason=telling.reason(kept.topup),
        tokens=order.tokens,
        price=str(order.amount),
        reference=order.reference,
        gateway_reference=place.gateway_reference if place else "",
        mine=viewer == kept.payer,
        gift=kept.beneficiary,
    )
    match seen_prompt(kept):
        case Approve():
            return attrs.evolve(payment, prompt="approve")
        case PayCode(code=code, expires=expires):
            return attrs.evolve(payment, prompt="code", code=code, expires=expires)
        case Typed():
            return attrs.evolve(payment, prompt="otp")
        case Visit(url=url):
            return attrs.evolve(payment, prompt="visit", link=url)
        case _:
            return payment
