"""What we ask of Paynow, and what we make of its answers and of its calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest

from tests.wire import paynow_bodies as bodies
from tests.wire.paynow_bodies import GATEWAY, KEY, OTHER_KEY, POLL
from zimgpt.domain.topups import matching
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import News, Status
from zimgpt.domain.topups.states import Doubt, Order, Pending, Place, Reason
from zimgpt.wire.paynow import callbacks, replies, requests
from zimgpt.wire.paynow.callbacks import NotGenuine
from zimgpt.wire.paynow.judging import Verdict
from zimgpt.wire.paynow.replies import GatewayRefusal, Ours, UnclearReply
from zimgpt.wire.paynow.requests import Integration, Payment

US = Integration(1201, KEY)
OURS = Ours((KEY,), GATEWAY)
WALLET = Payment(
    reference="zg-0001",
    cents=50,
    method=Method.ECOCASH,
    email="pay@example.org",
    result_url="https://chat.example.org/webhooks/paynow/usd/s3cret",
    return_url="https://chat.example.org/payments/zg-0001",
    phone="0771111111",
    info="10 000 tokens",
)


def said(body: bytes) -> list[tuple[str, str]]:
    """A body's fields, as anybody's parser reads them."""
    return parse_qsl(body.decode("ascii"), keep_blank_values=True)


# ---- what we ask


def test_a_wallet_is_asked_by_its_number() -> None:
    """Every field that is sent is signed, in the order in which it is sent."""
    body = requests.initiate(WALLET, US)

    fields = said(body)
    assert requests.path(WALLET) == "/interface/remotetransaction"
    assert fields[:-1] == [
        ("id", "1201"),
        ("reference", "zg-0001"),
        ("amount", "0.50"),
        ("additionalinfo", "10 000 tokens"),
        ("returnurl", WALLET.return_url),
        ("resulturl", WALLET.result_url),
        ("authemail", "pay@example.org"),
        ("phone", "0771111111"),
        ("method", "ecocash"),
        ("merchanttrace", "zg-0001"),
        ("status", "Message"),
    ]
    assert fields[-1] == ("hash", bodies.hashed(fields))


def test_the_web_needs_no_number() -> None:
    """Nor is a wallet named there."""
    payment = attrs.evolve(WALLET, method=Method.WEB, info="")

    names = [name for name, _ in said(requests.initiate(payment, US))]

    assert requests.path(payment) == "/interface/initiatetransaction"
    assert not {"phone", "method", "additionalinfo"} & set(names)
    assert names[-1] == "hash"


def test_a_trace_and_a_code_are_signed() -> None:
    """Each with the fields that are documented, in that order."""
    trace = said(requests.trace("zg-0001", US))
    code = said(requests.code("123456", US))

    assert [name for name, _ in trace] == ["id", "merchanttrace", "status", "hash"]
    assert [name for name, _ in code] == ["id", "otp", "status", "hash"]
    assert trace[-1][1] == bodies.hashed(trace)
    assert code[-1][1] == bodies.hashed(code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "a" * 33},
        {"reference": "Order #1"},
        {"phone": ""},
        {"phone": "+263771111111"},
        {"phone": "077111111"},
    ],
)
def test_what_could_not_be_signed_alike_is_not_asked(wrong: dict[str, Any]) -> None:
    """References and numbers survive any encoding, or are not sent."""
    with pytest.raises(ValueError, match=r"reference|number"):
        attrs.evolve(WALLET, **wrong)


@pytest.mark.parametrize("code", ["", "123", "12345678 9", "12a456", "١٢٣٤٥٦"])
def test_what_is_no_code_is_not_handed_in(code: str) -> None:
    """A try is not wasted on it."""
    assert not requests.plausible(code)
    with pytest.raises(ValueError, match="four to eight digits"):
        requests.code(code, US)


# ---- what it answers


def opening(**more: str) -> bytes:
    """An answer to a new payment."""
    fields = {"status": "Ok", **more, "paynowreference": "1,082", "pollurl": POLL}
    return bodies.body(fields.items())


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({"instructions": "Dial *151*2*4#"}, {"instructions": "Dial *151*2*4#"}),
        (
            {"browserurl": GATEWAY + "/Payment/ConfirmPayment/9510"},
            {"browser": GATEWAY + "/Payment/ConfirmPayment/9510"},
        ),
        (
            {
                "authorizationcode": "AB-12",
                "authorizationexpires": "26-Nov-2026 10:15",
            },
            {"code": "AB-12", "expires": "26-Nov-2026 10:15"},
        ),
        ({"otpreference": "ABCD"}, {"code_reference": "ABCD"}),
    ],
)
def test_an_opening_says_what_the_person_is_to_do(
    more: dict[str, str], known: dict[str, str]
) -> None:
    """Each kind of wallet has its own."""
    opened = replies.opened(opening(**more), OURS)

    assert opened == replies.Opened(
        place=Place(poll=POLL, gateway_reference="1082"), **known
    )


def test_a_code_is_handed_in_at_the_gateways_own_address() -> None:
    """It is kept with the payment."""
    url = GATEWAY + "/Interface/RemoteOtp/?guid=1"

    assert replies.opened(opening(remoteotpurl=url), OURS).place.code == url


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Just a moment</html>",
        b"",
        bodies.body([("status", "Ok"), ("pollurl", POLL)], None),
        bodies.body([("status", "Ok"), ("pollurl", POLL)], OTHER_KEY),
        bodies.body([("status", "Ok")]),
        bodies.body([("status", "Ok"), ("pollurl", "https://evil.example/")]),
        bodies.body([("status", "Message"), ("pollurl", POLL)]),
        opening(browserurl="https://evil.example/"),
        opening(remoteotpurl="https://evil.example/"),
        opening(authorizationcode="<b>1</b>"),
    ],
)
def test_an_answer_that_is_not_understood_says_nothing(body: bytes) -> None:
    """Nobody knows then whether it can be paid, so it is asked about later."""
    with pytest.raises(UnclearReply):
        replies.opened(body, OURS)


@pytest.mark.parametrize(
    "body",
    [
        b"status=Error&error=Insufficient+balance",
        b"Status=Error&Error=Insufficient+balance",
        bodies.body([("status", "Error"), ("error", "Insufficient balance")]),
    ],
)
def test_a_refusal_is_believed_on_our_own_connection(body: bytes) -> None:
    """Signed or not, in its own words."""
    with pytest.raises(GatewayRefusal) as caught:
        replies.opened(body, OURS)

    refusal = caught.value
    assert (refusal.reason, refusal.sentence) == (
        Reason.NO_FUNDS,
        "Insufficient balance",
    )


def test_a_refusals_words_are_short_and_plain() -> None:
    """They go into logs and before people."""
    long = "x\n\u202e" + "y" * 500
    with pytest.raises(GatewayRefusal) as caught:
        replies.standing(bodies.body([("status", "Error"), ("error", long)]), [KEY])

    assert caught.value.sentence == "x" + "y" * 299


def test_a_poll_says_how_it_stands() -> None:
    """In whole cents, with the gateway's reference as digits."""
    body = bodies.body(bodies.status(number="1,069,420", amount="1,000.00"))

    assert replies.standing(body, [KEY]) == News(
        reference="ZG-1",
        gateway_reference="1069420",
        minor=100_000,
        status=Status.PAID,
        word="Paid",
    )


@pytest.mark.parametrize(
    "body",
    [
        bodies.body(bodies.status(), None),
        bodies.body(bodies.status(), OTHER_KEY),
        bodies.body([*bodies.status(), ("status", "Paid")]),
        b"<html>502</html>",
    ],
)
def test_a_poll_that_nobody_signed_says_nothing(body: bytes) -> None:
    """Whatever word is in it."""
    with pytest.raises(UnclearReply):
        replies.standing(body, [KEY])


def test_a_trace_finds_news_and_place() -> None:
    """Or says, signed, that there is none; an error is not that."""
    found = replies.traced(bodies.body(bodies.status("Sent")), OURS)
    none = replies.traced(bodies.body([("status", "NotFound")]), OURS)

    assert found is not None
    assert found[0].status is Status.PENDING
    assert found[1] == Place(poll=POLL, gateway_reference="1069420")
    assert none is None
    for body in (
        b"status=Error&error=Trace+failed",
        b"status=NotFound",
        bodies.body([("status", "NotFound")], OTHER_KEY),
        bodies.body(bodies.status(poll="https://evil.example/x")),
    ):
        with pytest.raises(UnclearReply):
            replies.traced(body, OURS)


def test_a_code_opens_in_either_app() -> None:
    """Nobody documents which link an app knows."""
    assert [link.partition("?")[2] for link in replies.links("AB12")] == [
        "paymentToken=AB12",
        "pymInnCode=AB12",
    ]


# ---- what comes unasked


def test_a_call_is_a_hint() -> None:
    """Its reference, and its words for the evidence; no address in it is kept."""
    hint = callbacks.parse(bodies.body(bodies.status()), [KEY])

    assert hint == callbacks.Hint("ZG-1", Status.PAID, "Paid", 500)
    assert POLL not in repr(hint)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (bodies.body(bodies.status(), OTHER_KEY), Verdict.MISMATCH),
        (bodies.body(bodies.status(), None), Verdict.MISSING_HASH),
        (b"status=Error&error=Insufficient+balance", Verdict.ERROR_UNSIGNED),
        (
            bodies.body([*bodies.status("Cancelled"), ("Status", "Paid")]),
            Verdict.REJECT_DUPLICATE,
        ),
        (b"{}", Verdict.NOT_A_MESSAGE),
        (bodies.body([*bodies.status(), ("x", "1" * 16_384)]), Verdict.NOT_A_MESSAGE),
    ],
)
def test_what_is_not_genuine_is_refused(body: bytes, verdict: Verdict) -> None:
    """Unsigned refusals too, which only answers of ours may be."""
    with pytest.raises(NotGenuine) as caught:
        callbacks.parse(body, [KEY])

    assert caught.value.verdict is verdict


# ---- cut anew


CUTS = [
    (bodies.status(number="10694", amount="205.00"), Doubt.GATEWAY_REFERENCE),
    (bodies.status(number="", amount="10694205.00"), Doubt.GATEWAY_REFERENCE),
    (bodies.status(reference="ZG-11", number="069420"), Doubt.REFERENCE),
    (bodies.status(reference="ZG-", number="11069420"), Doubt.REFERENCE),
    (bodies.status(number="10694205", amount=".00"), Doubt.GATEWAY_REFERENCE),
    (bodies.status(amount="5.0", word="0Paid"), Doubt.AMOUNT),
]
"""A signed message of five dollars, its values parted in other places."""


@pytest.mark.parametrize(("fields", "doubt"), CUTS[:5])
def test_a_cut_message_is_never_what_was_agreed_to(
    fields: list[tuple[str, str]], doubt: Doubt
) -> None:
    """Its hash is good, and something that we know ourselves is another."""
    good = bodies.hashed(bodies.status())
    news = replies.standing(bodies.body([*fields, ("hash", good)], None), [KEY])

    assert matching.mismatch(_waiting(), news) is doubt


def test_a_cut_status_is_no_status() -> None:
    """A word with something of its neighbour is a word that nobody knows."""
    good = bodies.hashed(bodies.status())
    body = bodies.body([*CUTS[5][0], ("hash", good)], None)

    assert replies.standing(body, [KEY]).status is Status.UNCLEAR


def test_every_known_forgery_is_refused_by_our_own_row() -> None:
    """Those whose hash is good by design, where examples are at hand."""
    for one in bodies.vectors("inbound_message"):
        if one.get("why", "").startswith("KNOWN WEAKNESS"):
            news = replies.standing(one["body"].encode(), [one["key"]])
            assert matching.mismatch(_waiting(), news) is not None, one["id"]


def _waiting() -> Pending:
    order = Order(
        id="1",
        reference="ZG-1",
        amount=Amount(500, Currency.USD),
        tokens=110_000,  # type: ignore[arg-type]
        method=Method.ECOCASH,
    )
    return Pending(order, Place(poll=POLL, gateway_reference="1069420"))
