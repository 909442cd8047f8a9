"""Single values of Paynow's messages: amounts, statuses, refusals, addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import paynow_bodies as bodies
from zimgpt.domain.phones import NotAMobileNumber
from zimgpt.domain.topups import networks
from zimgpt.domain.topups.news import Status
from zimgpt.domain.topups.states import Reason
from zimgpt.wire.paynow import amounts, refusals, statuses
from zimgpt.wire.paynow.addresses import StrangeAddress, own
from zimgpt.wire.paynow.replies import digits

GATEWAY = "https://www.paynow.co.zw"


@given(st.integers(1, 10**14 - 1))
def test_an_amount_survives_the_way(cents: int) -> None:
    """What we write is what we read."""
    assert amounts.minor(amounts.plain(cents)) == cents


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("5", 500),
        ("5.0", 500),
        ("5.00", 500),
        ("5.000", 500),
        (" 5.5 ", 550),
        ("1,000.00", 100_000),
        ("1000", 100_000),
        ("12,345,678.90", 1_234_567_890),
        ("0.01", 1),
    ],
)
def test_an_amount_has_many_spellings(written: str, cents: int) -> None:
    """All of them exact."""
    assert amounts.minor(written) == cents


@pytest.mark.parametrize(
    "written",
    [
        "", "5.005", "0.30000000000000004", "-5.00", "+5", "5,00", "1,00.00",
        "1000,000", "5.", ".5", "5e2", "US$5", "5.00 USD", "\u0665", "5.0.0",
        "1 000.00", "9" * 13,
        "0x5", "nan", "inf",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_none(written: str) -> None:
    """It is never rounded, nor guessed at."""
    assert amounts.minor(written) is None


@pytest.mark.parametrize("cents", [0, -1])
def test_nothing_is_not_asked_for(cents: int) -> None:
    """An amount is more than nothing."""
    with pytest.raises(ValueError, match="more than nothing"):
        amounts.plain(cents)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Paid", Status.PAID),
        (" PAID ", Status.PAID),
        ("Awaiting Delivery", Status.PAID),
        ("awaiting  delivery", Status.PAID),
        ("Delivered", Status.PAID),
        ("Created", Status.PENDING),
        ("Sent", Status.PENDING),
        ("Pending", Status.PENDING),
        ("Pending 3ds", Status.PENDING),
        ("Created but not paid", Status.PENDING),
        ("awaiting redirect", Status.PENDING),
        ("Cancelled", Status.CANCELLED),
        ("FAILED", Status.FAILED),
        ("Disputed", Status.DISPUTED),
        ("Refunded", Status.REFUNDED),
        ("Ok", Status.UNCLEAR),
        ("Message", Status.UNCLEAR),
        ("Paid?", Status.UNCLEAR),
        ("Unpaid", Status.UNCLEAR),
        ("", Status.UNCLEAR),
    ],
)
def test_each_word_has_one_meaning(word: str, status: Status) -> None:
    """What nobody told us of is unclear, and never taken for paid."""
    assert statuses.status(word) is status


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Insufficient balance", Reason.NO_FUNDS),
        ("Invalid Hash.  Hash should start with: 8AB116", Reason.OUR_FAULT),
        ("Hashes do not match", Reason.OUR_FAULT),
        ("Invalid id.", Reason.OUR_FAULT),
        ("Invalid amount field", Reason.OUR_FAULT),
        ("The ID specified is currently in test mode. This is not permitted for"
         " remote InnBucks transactions", Reason.OUR_FAULT),
        ("Invalid phone number", Reason.WRONG_NUMBER),
        ("Mobile number not registered", Reason.WRONG_NUMBER),
        ("The amount is above the wallet's limit", Reason.REFUSED),
        ("Something else", Reason.REFUSED),
        ("", Reason.REFUSED),
    ],
)  # fmt: skip
def test_a_refusal_says_why(sentence: str, reason: Reason) -> None:
    """As far as the gateway's own sentence does."""
    assert refusals.reason(sentence) is reason


@pytest.mark.parametrize(
    "address",
    [
        bodies.POLL,
        "https://paynow.co.zw/Interface/CheckPayment/?guid=1",
        "https://WWW.PAYNOW.CO.ZW:443/Payment/ConfirmPayment/9510/a@b.c//",
    ],
)
def test_the_gateways_own_addresses_are_taken(address: str) -> None:
    """With or without www, whatever the case."""
    assert own(address, GATEWAY) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://www.paynow.co.zw/Interface/CheckPayment/?guid=1",
        "https://www.paynow.co.zw",
        "https://www.paynow.co.zw:8443/x",
        "https://www.paynow.co.zw.evil.example/x",
        "https://evilpaynow.co.zw/x",
        "https://www.paynow.co.zw@evil.example/x",
        "https://evil.example/www.paynow.co.zw/",
        "https://evil.example#www.paynow.co.zw/",
        "https://www.paynow.co.zw\\@evil.example/x",
        "https://staging.paynow.co.zw/x",
        "https://127.0.0.1/x",
        "http://169.254.169.254/latest/",
        "//www.paynow.co.zw/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://www.paynow.co.zw/x\r\nHost: evil.example",
        "https://www.paynow.co.zw/x y",
        " https://www.paynow.co.zw/x",
    ],
)
def test_no_other_address_is_asked(address: str) -> None:
    """Not another host, scheme or port, however alike it is written."""
    with pytest.raises(StrangeAddress):
        own(address, GATEWAY)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("1,082", "1082"),
        ("36225925", "36225925"),
        ("", ""),
        ("a\nb", "ab"),
        ("\u0663", "\u0663"),
    ],
)
def test_a_gateways_reference_is_its_digits(said: str, known: str) -> None:
    """Written with commas or without, it is the same one."""
    assert digits(said) == known


def test_every_example_number_is_known() -> None:
    """Numbers that pay, and those that cannot, where examples are at hand."""
    for one in bodies.vectors("phone_zw_mobile"):
        if one["error"] is not None:
            with pytest.raises(NotAMobileNumber):
                networks.payer(one["input"])
            continue
        phone = networks.payer(one["input"])
        whose = networks.network(phone)
        assert phone == one["e164"], one["id"]
        assert networks.national(phone) == one["local"], one["id"]
        assert whose is not None
        assert whose.value == one["network"], one["id"]
