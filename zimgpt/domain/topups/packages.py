"""What is sold: packages of tokens with a price in US cents, and ZiG at a day's rate.

Packages and rates have versions. What was agreed to is a ``Deal``, kept with the
payment, so that no later price or rate touches a payment that has begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups.money import Amount, Currency

DOLLAR: Final = 100  # cents


class NoSuchPackage(Refusal):
    """That package is not offered any more. Please choose another one."""

    code = "package_unknown"


class NoRate(Refusal):
    """There is no rate for ZiG just now. Please pay in US dollars, or try later."""

    code = "no_rate"


@attrs.frozen(kw_only=True)
class Package:
    """So many tokens for so many US cents, as one version has it."""

    id: str
    version: int
    tokens: Tokens
    cents: int

    def __attrs_post_init__(self) -> None:
        if self.tokens <= 0 or self.cents <= 0:
            raise ValueError("a package has tokens and a price")


@attrs.frozen(kw_only=True)
class Rate:
    """How many ZiG cents one US dollar is, as one version has it."""

    version: int
    cents_per_dollar: int

    def __attrs_post_init__(self) -> None:
        if self.cents_per_dollar <= 0:
            raise ValueError("a dollar is worth something")


@attrs.frozen(kw_only=True)
class Deal:
    """What a person agrees to: tokens for an amount. ``rate`` is None for dollars."""

    package: str
    version: int
    tokens: Tokens
    amount: Amount
    rate: Rate | None = None


def deal(package: Package, currency: Currency, rate: Rate | None = None) -> Deal:
    """The package's price in a currency; raises NoRate.

    A fraction of a ZiG cent is rounded up: the other way, a price could become nothing.
    """
    if currency is Currency.USD:
        cents, used = package.cents, None
    elif rate is None:
        raise NoRate
    else:
        cents, used = -(-package.cents * rate.cents_per_dollar // DOLLAR), rate
    return Deal(
        package=package.id,
        version=package.version,
        tokens=package.tokens,
        amount=Amount(cents, currency),
        rate=used,
    )


def chosen(packages: Sequence[Package], id_: str) -> Package:
    """The package of that id; raises NoSuchPackage."""
    for package in packages:
        if package.id == id_:
            return package
    raise NoSuchPackage
