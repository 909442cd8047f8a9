"""What is sold, and whose number it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import NotAMobileNumber, Phone
from zimgpt.domain.texts import CATALOGUES, Language
from zimgpt.domain.topups import telling
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import (
    Method,
    Network,
    NoWallet,
    doubtful,
    national,
    network,
    payer,
    usual,
)
from zimgpt.domain.topups.packages import (
    NoRate,
    NoSuchPackage,
    Package,
    Rate,
    chosen,
    deal,
)
from zimgpt.domain.topups.states import Reason

TASTE = Package(id="taste", version=3, tokens=Tokens(10_000), cents=50)


def test_a_price_in_dollars_is_the_package_s() -> None:
    """Whatever the rate is."""
    agreed = deal(TASTE, Currency.USD, Rate(version=1, cents_per_dollar=2_680))

    assert (str(agreed.amount), agreed.tokens, agreed.version) == ("US$0.50", 10_000, 3)
    assert agreed.rate is None


@given(some.integers(1, 10**6), some.integers(1, 10**6))
def test_a_price_in_zig_is_never_rounded_down(cents: int, per_dollar: int) -> None:
    """In whole cents, at most one above the exact price, and never nothing."""
    package = Package(id="p", version=1, tokens=Tokens(1), cents=cents)

    minor = deal(
        package, Currency.ZWG, Rate(version=1, cents_per_dollar=per_dollar)
    ).amount.minor

    assert 0 <= minor * 100 - cents * per_dollar < 100
    assert minor > 0


def test_without_a_rate_nothing_is_sold_for_zig() -> None:
    """And what is not sold any more is not either."""
    with pytest.raises(NoRate):
        deal(TASTE, Currency.ZWG)
    with pytest.raises(NoSuchPackage):
        chosen((TASTE,), "other")
    assert chosen((TASTE,), "taste") is TASTE


@pytest.mark.parametrize(
    ("minor", "plain", "shown"),
    [(1, "0.01", "ZiG 0.01"), (50, "0.50", "ZiG 0.50"), (6_500, "65.00", "ZiG 65.00")],
)
def test_amounts_are_written_with_two_decimals(
    minor: int, plain: str, shown: str
) -> None:
    """As gateways and as people write them."""
    amount = Amount(minor, Currency.ZWG)

    assert (amount.plain, str(amount)) == (plain, shown)


@pytest.mark.parametrize("minor", [0, -1])
def test_an_amount_is_more_than_nothing(minor: int) -> None:
    """Neither is there a package of nothing, nor a rate."""
    with pytest.raises(ValueError, match="more than nothing"):
        Amount(minor, Currency.USD)
    with pytest.raises(ValueError, match="tokens and a price"):
        Package(id="p", version=1, tokens=Tokens(minor), cents=1)
    with pytest.raises(ValueError, match="worth something"):
        Rate(version=1, cents_per_dollar=minor)


@pytest.mark.parametrize(
    ("written", "whose", "method"),
    [
        ("0771 234 567", Network.ECONET, Method.ECOCASH),
        ("+263 78 123 4567", Network.ECONET, Method.ECOCASH),
        ("263791234567", Network.ECONET, Method.ECOCASH),
        ("0712345678", Network.NETONE, Method.ONEMONEY),
        ("0731234567", Network.TELECEL, Method.INNBUCKS),
    ],
)
def test_a_number_tells_its_usual_wallet(
    written: str, whose: Network, method: Method
) -> None:
    """A good guess, by the network's prefix."""
    phone = payer(written)

    assert (network(phone), usual(phone)) == (whose, method)
    assert not doubtful(method, phone)
    assert len(national(phone)) == 10


def test_a_wallet_of_another_network_is_doubted_and_not_refused() -> None:
    """Numbers move between networks."""
    assert doubtful(Method.ECOCASH, Phone("+263712345678"))
    assert not doubtful(Method.INNBUCKS, Phone("+263712345678"))


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("0751 234 567", NoWallet),
        ("0242 123 456", NotAMobileNumber),
        ("07", NotAMobileNumber),
    ],
)
def test_numbers_without_a_wallet(written: str, refusal: type[Exception]) -> None:
    """Are refused before anybody is asked."""
    with pytest.raises(refusal):
        payer(written)


def test_every_state_has_a_sentence_in_every_language() -> None:
    """Each reason its own."""
    keys = {
        *(telling.key("failed", reason.value, None) for reason in Reason),
        *(telling.key("waiting", None, kind) for kind in telling.WAITING),
        *(
            telling.key(state, None, None)
            for state in ("checking", "credited", "cancelled", "review")
        ),
        telling.key("disputed", None, None),
        telling.key("refunded", None, None),
    }

    for language in Language:
        said = {CATALOGUES[language][key] for key in keys}
        assert len(said) == len(keys)


def test_a_number_s_middle_is_left_out() -> None:
    """Its owner knows it."""
    assert telling.hint("+263771234567") == "077 *** 4567"
