"""Everything that buying tokens needs, in memory, with a clock of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count

import attrs
from twisted.internet.task import Clock

from tests.fakes.payments import MemoryPayments
from tests.fakes.rail import MemoryRail
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.refusals import BeneficiaryUnknown
from zimgpt.flows.callbacks import Callbacks
from zimgpt.flows.heralding import Herald
from zimgpt.flows.initiating import Addresses, Initiating
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.topups import Kept, PaymentId
from zimgpt.flows.rails import Rails
from zimgpt.flows.reconciling import Reconciling
from zimgpt.flows.settling import Settling
from zimgpt.flows.topping_up import ToppingUp

FRIEND = Phone("+263779999999")


@attrs.define
class Sockets:
    """``heralding.Watchers``: who watches, and what they were told."""

    open: set[UserId] = attrs.field(factory=set)
    payments: list[tuple[UserId, Kept]] = attrs.field(factory=list)
    wallets: list[tuple[UserId, int]] = attrs.field(factory=list)

    def watching(self, users: Collection[UserId]) -> frozenset[UserId]:
        """Who of these has a socket."""
        return frozenset(self.open & set(users))

    def tell_payment(self, user: UserId, kept: Kept) -> None:
        """A payment's news."""
        self.payments.append((user, kept))

    def tell_wallet(self, user: UserId, wallet: Wallet) -> None:
        """Balances."""
        self.wallets.append((user, wallet.available))


@attrs.frozen
class Friends:
    """``paying.Recipients``: one number has an account."""

    async def recipient(self, phone: Phone) -> UserId:
        """Whose it is."""
        if phone != FRIEND:
            raise BeneficiaryUnknown
        return UserId(77)


@attrs.define
class Shop:
    """The flows of buying, on a store, a rail and sockets in memory."""

    clock: Clock = attrs.field(factory=Clock)
    rail: MemoryRail = attrs.field(factory=MemoryRail)
    sockets: Sockets = attrs.field(factory=Sockets)
    open: bool = True
    elsewhere: list[PaymentId] = attrs.field(factory=list)
    numbers: Iterator[int] = attrs.field(factory=count)
    store: MemoryPayments = attrs.field(init=False)
    rails: Rails = attrs.field(init=False)
    herald: Herald = attrs.field(init=False)
    settling: Settling = attrs.field(init=False)
    looking: Looking = attrs.field(init=False)
    initiating: Initiating = attrs.field(init=False)
    callbacks: Callbacks = attrs.field(init=False)
    reconciling: Reconciling = attrs.field(init=False)
    topping_up: ToppingUp = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.store = MemoryPayments(self.clock)
        rails = {Currency.USD: self.rail} if self.open else {}
        self.rails = Rails(self.clock, rails)
        self.herald = Herald(
            self.clock,
            self.store,
            self.store,
            self.sockets,
            lambda payment, _: self.elsewhere.append(payment),
        )
        self.settling = Settling(self.store, lambda: 0.5, self.herald.changed)
        self.looking = Looking(self.store, self.rails, self.settling)
        self.initiating = Initiating(
            self.rails,
            self.settling,
            self.looking,
            Addresses(lambda kept: f"result/{kept.id}", lambda kept: f"pay/{kept.id}"),
        )
        self.callbacks = Callbacks(
            self.store, self.rails, self.looking, self.initiating
        )
        self.reconciling = Reconciling(self.clock, self.store, self.rails, self.looking)
        self.topping_up = ToppingUp(
            payments=self.store,
            rails=self.rails,
            settling=self.settling,
            looking=self.looking,
            initiating=self.initiating,
            herald=self.herald,
            methods=tuple(Method),
            new_id=lambda: f"0000000b-0000-4000-8000-{next(self.numbers):012}",
            new_secret=lambda: next(self.numbers).to_bytes(32, "little"),
        )
