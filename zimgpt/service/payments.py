"""Buying tokens, put together; with nothing to pay by, it says so and does nothing."""

from __future__ import annotations

import random
from typing import Any

import attrs

from zimgpt.config import Config
from zimgpt.config.paynow import CURRENCIES
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.flows.callbacks import Callbacks
from zimgpt.flows.heralding import Herald, Watchers
from zimgpt.flows.initiating import Addresses, Initiating
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.payments import Rail
from zimgpt.flows.ports.topups import Kept
from zimgpt.flows.purses import Purses
from zimgpt.flows.rails import Rails
from zimgpt.flows.reconciling import Reconciling
from zimgpt.flows.redeeming import Redeeming
from zimgpt.flows.settling import Settling
from zimgpt.flows.topping_up import ToppingUp
from zimgpt.outbound.paynow import make_paynow
from zimgpt.service.parts import Parts
from zimgpt.service.sources import new_id, new_secret
from zimgpt.store.payments import PgPayments
from zimgpt.store.vouchers import PgVouchers
from zimgpt.wire.paynow.requests import Integration


@attrs.frozen(kw_only=True)
class Payments:
    """What the node's doors, timers and metrics need of it."""

    rails: Rails
    settling: Settling
    initiating: Initiating
    callbacks: Callbacks
    reconciling: Reconciling
    herald: Herald
    topping_up: ToppingUp
    redeeming: Redeeming

    @property
    def on(self) -> bool:
        """Whether anything can be paid by."""
        return self.topping_up.open


def make_payments(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    watchers: Watchers,
) -> Payments:
    """Everything between a person's wish and the ledger."""
    store = PgPayments(parts.pool)
    rails = Rails(reactor, make_rails(config, reactor, parts))
    herald, purses = _tellers(reactor, parts, watchers, store)
    settling = Settling(store, random.random, herald.changed)
    looking = Looking(store, rails, settling)
    initiating = Initiating(rails, settling, looking, make_addresses(config))
    topping_up = ToppingUp(
        payments=store,
        rails=rails,
        settling=settling,
        looking=looking,
        initiating=initiating,
        herald=herald,
        methods=tuple(one for one in Method if one in config.paynow_methods),
        new_id=new_id,
        new_secret=new_secret,
    )
    return Payments(
        rails=rails,
        settling=settling,
        initiating=initiating,
        callbacks=Callbacks(store, rails, looking, initiating),
        reconciling=Reconciling(reactor, store, rails, looking),
        herald=herald,
        topping_up=topping_up,
        redeeming=Redeeming(PgVouchers(parts.pool), parts.desk, purses.changed),
    )


def _tellers(
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    watchers: Watchers,
    store: PgPayments,
) -> tuple[Herald, Purses]:
    """Who tells pages of payments and wallets, and hears of them from other nodes."""
    exchange = parts.carrying.exchange
    herald = Herald(reactor, store, parts.desk, watchers, exchange.payment_changed)
    exchange.on_payment = herald.heard
    purses = Purses(parts.desk, watchers, exchange.wallet_changed)
    exchange.on_wallet = purses.heard
    return herald, purses


def make_rails(config: Config, reactor: Any, parts: Parts) -> dict[Currency, Rail]:  # noqa: ANN401
    """A rail for each integration that is configured."""
    rails: dict[Currency, Rail] = {}
    for name in CURRENCIES:
        given = {
            part: getattr(config, f"paynow_{name}_{part}")
            for part in ("id", "key", "old_keys", "email")
        }
        if given["id"] is None:
            continue
        currency = Currency(name.upper())
        rails[currency] = make_paynow(
            currency,
            Integration(given["id"], given["key"]),
            given["email"],
            parts.writing.connections,
            reactor,
            url=config.paynow_url,
            old_keys=tuple(filter(None, (given["old_keys"] or "").split(","))),
        )
    return rails


def make_addresses(config: Config) -> Addresses:
    """Where the gateway and people find us again."""
    base = (config.public_url or next(iter(config.origins), "")).rstrip("/")

    def result(kept: Kept) -> str:
        currency = kept.topup.order.amount.currency.value.lower()
        return f"{base}/webhooks/paynow/{currency}/{kept.id}"

    def comeback(kept: Kept) -> str:
        return f"{base}/pay?payment={kept.id}"

    return Addresses(result, comeback)
