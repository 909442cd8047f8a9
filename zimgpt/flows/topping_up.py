"""Buying tokens: choose, agree, pay on the phone, and see it happen.

Whoever starts one gives it an id of their own, so that a start may be repeated until it
has been heard. Nothing here waits for the gateway but "I have paid" and a code, both of
which change nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue.phrases import ALPHABET
from zimgpt.domain.errors import BadRequest
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.events import Heard
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method, NoWallet, network, usual
from zimgpt.domain.topups.packages import Deal, chosen, deal
from zimgpt.domain.topups.refusals import (
    CurrencyOff,
    MethodOff,
    NoCodeAwaited,
    PaymentDiffers,
    PaymentsOff,
    PriceChanged,
    TooManyPayments,
    WrongCode,
)
from zimgpt.domain.topups.states import Created, Pending
from zimgpt.flows.callbacks import LEASE
from zimgpt.flows.heralding import Herald
from zimgpt.flows.initiating import Initiating
from zimgpt.flows.looking import Looking, of
from zimgpt.flows.ports import NewId
from zimgpt.flows.ports import payments as port
from zimgpt.flows.ports.topups import (
    Catalogue,
    Kept,
    NewPayment,
    Opening,
    PaymentId,
    Payments,
    Source,
)
from zimgpt.flows.rails import Rails
from zimgpt.flows.settling import Settling

MOST_WAITING: Final = 5
"""Payments of one person that may wait at the same time."""
LONGEST_ID: Final = 64
PAGE: Final = 30
LONGEST_PAGE: Final = 100


@attrs.frozen(kw_only=True)
class Wish:
    """What somebody wants to buy. ``cents`` is the price they were shown; without a
    method the number's usual wallet pays; ``phone`` is whose wallet it is."""

    client_id: str
    package: str
    currency: Currency
    phone: Phone | None
    method: Method | None = None
    cents: int | None = None
    channel: str = "web"
    beneficiary: UserId | None = None


@attrs.frozen(kw_only=True)
class Offers:
    """What is sold, with each package's price in each currency, and how to pay."""

    currencies: tuple[Currency, ...]
    methods: tuple[Method, ...]
    deals: tuple[tuple[Deal, ...], ...]


@attrs.frozen(kw_only=True)
class ToppingUp:
    """What the doors ask for."""

    payments: Payments
    rails: Rails
    settling: Settling
    looking: Looking
    initiating: Initiating
    herald: Herald
    methods: tuple[Method, ...]
    new_id: NewId
    new_secret: Callable[[], bytes]

    @property
    def open(self) -> bool:
        """Whether anything can be bought here."""
        return bool(self.rails.currencies)

    async def offers(self) -> Offers:
        """What is sold; nothing where no payments are set up."""
        if not self.open:
            return Offers(currencies=(), methods=(), deals=())
        catalogue = await self.payments.catalogue()
        currencies = tuple(
            one
            for one in self.rails.currencies
            if one is Currency.USD or catalogue.rate is not None
        )
        deals = tuple(
            tuple(deal(package, one, catalogue.rate) for one in currencies)
            for package in catalogue.packages
        )
        return Offers(currencies=currencies, methods=self.methods, deals=deals)

    async def start(self, payer: UserId, wish: Wish) -> Kept:
        """Keeps a payment and has the gateway asked for it; the same one however often
        it is started. Raises a Refusal that changed nothing, or Unavailable: start it
        again."""
        begun = await self.payments.begun(payer, wish.client_id)
        if begun is not None:
            return await self._again(begun, wish)
        method = self._method(wish)
        agreed = self._agreed(wish, await self.payments.catalogue())
        new = NewPayment(
            id=PaymentId(self.new_id()),
            user=wish.beneficiary or payer,
            payer=payer,
            channel=wish.channel,
            client_id=wish.client_id,
            reference=reference(self.new_secret()),
            deal=agreed,
            method=method,
            phone=wish.phone if method.by_phone else None,
        )
        opening, payment = await self.payments.open(new, MOST_WAITING)
        if opening is Opening.DIFFERS:
            raise PaymentDiffers
        if opening is Opening.TOO_MANY:
            raise TooManyPayments(retry=60)
        return await self._begin(await self.payments.read(payment))

    async def _again(self, begun: Kept, wish: Wish) -> Kept:
        """Said twice, or by somebody whose first try died under way."""
        order = begun.topup.order
        method = wish.method or order.method
        phone = wish.phone if method.by_phone else None
        said = (wish.package, wish.currency, method, phone)
        if said != (begun.package, order.amount.currency, order.method, begun.phone):
            raise PaymentDiffers
        return await self._begin(begun)

    async def _begin(self, kept: Kept) -> Kept:
        if not isinstance(kept.topup, Created):
            return kept
        await self.initiating.begin(kept.id)
        return await self.payments.read(kept.id)

    async def read(
        self, user: UserId, payment: PaymentId, *, version: int = 0, wait: float = 0.0
    ) -> Kept:
        """How it stands, as soon as it is past ``version``, at the latest after
        ``wait`` seconds. Raises NotFound for what is not theirs."""
        with self.herald.listening(payment) as bell:
            kept = await self.payments.mine(user, payment)
            if kept.version > version or wait <= 0:
                return kept
            await bell(wait)
        return await self.payments.mine(user, payment)

    async def list(
        self, user: UserId, before: PaymentId | None = None, limit: int = PAGE
    ) -> Sequence[Kept]:
        """A page, latest first; raises BadRequest, or NotFound for ``before``."""
        if not 1 <= limit <= LONGEST_PAGE:
            raise BadRequest(f"limit is a number from 1 to {LONGEST_PAGE}.")
        if before is not None:
            await self.payments.mine(user, before)
        return await self.payments.list(user, before, limit)

    async def check(self, user: UserId, payment: PaymentId) -> Kept:
        """Asks the gateway now, unless somebody just has; how it stands after that."""
        await self.payments.mine(user, payment)
        if await self.payments.take_look(payment, LEASE):
            await self.looking.look(payment)
        return await self.payments.mine(user, payment)

    async def submit_code(self, user: UserId, payment: PaymentId, code: str) -> Kept:
        """Hands a code in. Raises WrongCode or NoCodeAwaited."""
        kept = await self.payments.mine(user, payment)
        topup = kept.topup
        if kept.payer != user or not isinstance(topup, Pending) or not topup.place.code:
            raise NoCodeAwaited
        rail = self.rails.rail(topup.order.amount.currency)
        try:
            news = await rail.submit_code(topup.place, code.strip())
        except port.WrongCode:
            # The fifth one cancels it, which the gateway says only when it is asked.
            await self.payments.take_look(payment, LEASE)
            await self.looking.look(payment)
            raise WrongCode from None
        except (port.Declined, port.NotSent, port.Unheard):
            return await self.check(user, payment)
        await self.settling.settle(
            payment, Heard(news), of(news, Source.CODE), answered=True
        )
        return await self.payments.mine(user, payment)

    def _method(self, wish: Wish) -> Method:
        if not self.open:
            raise PaymentsOff
        if wish.currency not in self.rails.currencies:
            raise CurrencyOff
        if not 0 < len(wish.client_id) <= LONGEST_ID or "\0" in wish.client_id:
            raise BadRequest("A payment's id has 1 to 64 characters.")
        method = wish.method or _usual(wish.phone)
        if method not in self.methods:
            raise MethodOff
        if method.by_phone and (wish.phone is None or network(wish.phone) is None):
            raise NoWallet
        return method

    def _agreed(self, wish: Wish, catalogue: Catalogue) -> Deal:
        agreed = deal(
            chosen(catalogue.packages, wish.package), wish.currency, catalogue.rate
        )
        if wish.cents is not None and wish.cents != agreed.amount.minor:
            raise PriceChanged
        return agreed


def _usual(phone: Phone | None) -> Method:
    if phone is None:
        raise NoWallet
    return usual(phone)


def reference(random: bytes) -> str:
    """Ours, for receipts and for the gateway: ``ZG-`` and twelve letters and digits."""
    return "ZG-" + "".join(ALPHABET[byte % 32] for byte in random[:12])
