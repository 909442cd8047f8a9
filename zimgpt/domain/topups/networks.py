"""Whose number it is, and by which wallets it can pay.

A prefix is a good guess and no more: numbers move between networks and keep their
prefix. So a wallet that does not fit is doubted, never refused; the gateway knows.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from zimgpt.domain.phones import NotAMobileNumber, Phone, parse


class Network(StrEnum):
    """A mobile network of Zimbabwe."""

    ECONET = "econet"
    NETONE = "netone"
    TELECEL = "telecel"


class Method(StrEnum):
    """How it is paid."""

    ECOCASH = "ecocash"
    ONEMONEY = "onemoney"
    INNBUCKS = "innbucks"
    OMARI = "omari"
    WEB = "web"
    """On the gateway's own page: cards, bank transfers and other wallets."""

    @property
    def by_phone(self) -> bool:
        """Whether a wallet's number is needed to begin."""
        return self is not Method.WEB


BRANDS: Final = {
    Method.ECOCASH: "EcoCash",
    Method.ONEMONEY: "OneMoney",
    Method.INNBUCKS: "InnBucks",
    Method.OMARI: "O'mari",
}
"""What each wallet calls itself, in every language."""

_PREFIXES: Final = {
    "71": Network.NETONE,
    "72": Network.NETONE,
    "73": Network.TELECEL,
    "77": Network.ECONET,
    "78": Network.ECONET,
    "79": Network.ECONET,
}
_WALLETS: Final = {Method.ECOCASH: Network.ECONET, Method.ONEMONEY: Network.NETONE}
_USUAL: Final = {Network.ECONET: Method.ECOCASH, Network.NETONE: Method.ONEMONEY}


class NoWallet(NotAMobileNumber):
    """No mobile-money wallet belongs to this number. Please give a number of Econet, NetOne or Telecel."""  # noqa: E501

    code = "phone_without_wallet"


def payer(written: str) -> Phone:
    """The number that pays; raises NotAMobileNumber, or NoWallet."""
    phone = parse(written)
    if network(phone) is None:
        raise NoWallet
    return phone


def network(phone: Phone) -> Network | None:
    """Whose number it is, by its prefix."""
    return _PREFIXES.get(phone.removeprefix("+263")[:2])


def usual(phone: Phone) -> Method:
    """How a number most likely pays; a network without a wallet pays by InnBucks."""
    whose = network(phone)
    return Method.INNBUCKS if whose is None else _USUAL.get(whose, Method.INNBUCKS)


def doubtful(method: Method, phone: Phone) -> bool:
    """Whether the wallet is another network's than the number seems to be of."""
    return method in _WALLETS and _WALLETS[method] is not network(phone)


def national(phone: Phone) -> str:
    """As gateways want it: ``0`` and nine digits."""
    return "0" + phone.removeprefix("+263")
