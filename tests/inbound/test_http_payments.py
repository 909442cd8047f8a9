"""``/api/v1/packages``, ``/api/v1/payments`` and the gateway's own door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.fakes.buying import Shop
from tests.fakes.rail import RIGHT_CODE
from tests.fakes.vouchers import CODE
from tests.inbound.browser import Answer, Browser
from tests.inbound.house import NOTHING, House
from zimgpt.domain.topups.news import Status
from zimgpt.domain.topups.states import Reason
from zimgpt.flows.ports.payments import Declined, NotSent, Unheard
from zimgpt.inbound.limits import Limits

WISH = {"id": "p1", "package": "taste", "method": "ecocash", "phone": "0772 345 678"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Somewhere that sells tokens."""
    return House(str(tmp_path))


@pytest.fixture
def person(house: House) -> Browser:
    """Somebody who is signed in."""
    return house.person()


def begin(person: Browser, **other: Any) -> Answer:  # noqa: ANN401
    """A payment."""
    return person.ask("POST", "/api/v1/payments", json={**WISH, **other})


def read(person: Browser, payment: str) -> Any:  # noqa: ANN401
    """How it stands."""
    return person.ask("GET", f"/api/v1/payments/{payment}").json


def test_what_is_sold_is_told_to_anybody(house: House) -> None:
    """With each price as a number and as people write it."""
    shown = house.browser.ask("GET", "/api/v1/packages").json

    assert shown["currencies"] == ["USD"]
    assert {"id": "web", "phone": False} in shown["methods"]
    assert shown["packages"][0] == {
        "id": "taste",
        "tokens": 10_000,
        "prices": [{"currency": "USD", "amount": 50, "price": "US$0.50"}],
    }


def test_without_payments_nothing_is_sold_and_that_is_said(tmp_path: Path) -> None:
    """Lists are empty, and a payment is refused with a way to tokens."""
    house = House(str(tmp_path), buying=Shop(open=False))

    assert house.browser.ask("GET", "/api/v1/packages").json == {
        "currencies": [],
        "methods": [],
        "packages": [],
    }
    refused = begin(house.person())
    assert (refused.status, refused.code) == (503, "payments_off")


def test_a_payment_waits_for_its_person_and_is_credited(
    house: House, person: Browser
) -> None:
    """From the prompt to the receipt with both references; no address of the gateway's
    is told, nor all of the number."""
    began = begin(person, amount=50)
    assert began.status == 202
    path = began.header("Location") or ""

    shown = person.ask("GET", path).json

    assert shown["state"] == "waiting"
    assert shown["prompt"] == {
        "kind": "approve",
        "words": "Dial *151# and enter your PIN",
    }
    assert shown["phone"] == "077 *** 5678"
    assert (shown["price"], shown["tokens"]) == ("US$0.50", 10_000)
    assert "never ask" in shown["message"]
    house.buying.rail.only.status = Status.PAID
    paid = person.ask("POST", f"{path}/check").json
    assert (paid["state"], paid["text"]) == ("credited", "pay.credited")
    assert paid["reference"].startswith("ZG-")
    assert paid["gateway_reference"] == "36225925"
    assert "prompt" not in paid
    assert paid["version"] > shown["version"]
    assert "gateway/poll" not in person.ask("GET", path).body.decode()
    assert person.ask("GET", "/api/v1/payments").json["payments"] == [paid]


def test_repeats_find_the_first(house: House, person: Browser) -> None:
    """However often it is sent, the gateway is asked once; for something else the id is
    refused, and a price that is another by now is no reason to refuse a repeat."""
    first = begin(person, amount=50).json

    assert begin(person, amount=50).json["id"] == first["id"]
    assert begin(person, amount=49).json["id"] == first["id"]
    other = begin(person, package="small")
    assert (other.status, other.code) == (409, "payment_id_reused")
    assert len(house.buying.rail.begun) == 1


@pytest.mark.parametrize(
    ("other", "status", "code"),
    [
        ({"package": "huge"}, 400, "package_unknown"),
        ({"currency": "ZWG"}, 400, "currency_off"),
        ({"currency": "ZAR"}, 400, "bad_request"),
        ({"amount": 49}, 409, "price_changed"),
        ({"phone": "0242 123 456"}, 400, "phone_invalid"),
        ({"phone": "0751 234 567"}, 400, "phone_without_wallet"),
        ({"id": ""}, 400, "bad_request"),
        ({"id": "x" * 65}, 400, "bad_request"),
        ({"pin": "1234"}, 400, "bad_request"),
    ],
)
def test_what_cannot_be_is_refused(
    house: House, person: Browser, other: dict[str, Any], status: int, code: str
) -> None:
    """Before anybody is asked for money; and nobody is ever asked for a PIN."""
    refused = begin(person, **other)

    assert (refused.status, refused.code) == (status, code)
    assert house.buying.rail.begun == []


@pytest.mark.parametrize(
    ("trouble", "state", "text"),
    [
        (NotSent("ConnectionRefused"), "failed", "pay.failed.not_sent"),
        (Declined(Reason.NO_FUNDS), "failed", "pay.failed.no_funds"),
        (Declined(Reason.WRONG_NUMBER), "failed", "pay.failed.wrong_number"),
        (Unheard("nothing came"), "checking", "pay.checking"),
    ],
)
def test_each_trouble_has_its_sentence(
    house: House, person: Browser, trouble: Exception, state: str, text: str
) -> None:
    """In the language that the browser prefers."""
    house.buying.rail.trouble = [trouble]

    payment = begin(person).json["id"]

    shown = read(person, payment)
    assert (shown["state"], shown["text"]) == (state, text)
    path = f"/api/v1/payments/{payment}"
    said = {
        person.ask("GET", path, headers={"Accept-Language": name}).json["message"]
        for name in ("fr, sn-ZW;q=0.8, en", "nd", "en-GB", "*", "xx")
    }
    assert len(said) == 3


def test_news_are_waited_for(house: House, person: Browser) -> None:
    """A request that knows a version is answered as soon as there is a later one, or
    when its time is over."""
    shown = read(person, begin(person).json["id"])
    path = f"/api/v1/payments/{shown['id']}?version={shown['version']}&wait=25"
    waiting = person.begin("GET", path)
    assert waiting.answers() == []
    house.buying.rail.only.status = Status.PAID

    person.ask("POST", f"/api/v1/payments/{shown['id']}/check")

    assert waiting.answer().json["state"] == "credited"
    path = path.replace(f"version={shown['version']}", "version=99")
    late = person.begin("GET", path)
    house.buying.clock.advance(25)
    assert late.answer().json["state"] == "credited"


def test_a_code_is_typed(house: House, person: Browser) -> None:
    """A wrong one is refused and may be tried again; the right one pays."""
    payment = begin(person, method="omari").json["id"]
    path = f"/api/v1/payments/{payment}"
    prompt = read(person, payment)["prompt"]
    assert prompt == {"kind": "otp", "reference": "AB12"}

    wrong = person.ask("POST", f"{path}/code", json={"code": "000000"})
    assert (wrong.status, wrong.code) == (400, "code_wrong")
    right = person.ask("POST", f"{path}/code", json={"code": RIGHT_CODE})
    assert right.json["state"] == "credited"
    again = person.ask("POST", f"{path}/code", json={"code": RIGHT_CODE})
    assert (again.status, again.code) == (409, "no_code_awaited")


def test_a_code_is_drawn(house: House, person: Browser) -> None:
    """As a picture that is made here; there is none of a payment without one."""
    payment = begin(person, id="a", method="innbucks").json["id"]
    prompt = read(person, payment)["prompt"]
    assert prompt["code"] == "12345678"

    picture = person.ask("GET", prompt["qr"])

    assert picture.header("Content-Type") == "image/svg+xml"
    assert picture.body.startswith(b"<svg")
    other = begin(person, id="b").json["id"]
    assert person.ask("GET", f"/api/v1/payments/{other}/qr.svg").status == 404


def test_others_payments_are_not_found(house: House, person: Browser) -> None:
    """Not to be read, checked, paid or listed."""
    payment = begin(person, method="omari").json["id"]
    other = house.person("0773 333 333")
    path = f"/api/v1/payments/{payment}"

    assert other.ask("GET", path).status == 404
    assert other.ask("POST", f"{path}/check").status == 404
    assert other.ask("POST", f"{path}/code", json={"code": RIGHT_CODE}).status == 404
    assert other.ask("GET", f"{path}/qr.svg").status == 404
    assert other.ask("GET", "/api/v1/payments").json == {"payments": []}
    assert other.ask("GET", f"/api/v1/payments?before={payment}").status == 404


def test_who_gets_the_tokens_sees_less_than_who_pays(
    house: House, person: Browser
) -> None:
    """That it is on its way, but not whose wallet pays nor what to do there."""
    payment = begin(person).json["id"]
    other = house.person("0773 333 333")
    row = house.buying.store.row()
    people = [house.accounts.people[number] for number in house.accounts.people]
    row.kept = attrs.evolve(row.kept, user=people[-1].user)

    shown = read(other, payment)

    assert shown["state"] == "waiting"
    assert "phone" not in shown
    assert "prompt" not in shown
    assert read(person, payment)["phone"] == "077 *** 5678"


def test_pages_of_payments(person: Browser) -> None:
    """Latest first, a page at a time."""
    ids = [begin(person, id=str(n)).json["id"] for n in range(3)]

    first = person.ask("GET", "/api/v1/payments?limit=2").json["payments"]
    rest = person.ask("GET", f"/api/v1/payments?before={ids[1]}").json["payments"]

    assert [one["id"] for one in (*first, *rest)] == ids[::-1]
    assert person.ask("GET", "/api/v1/payments?limit=0").status == 400


def test_nobody_makes_phones_ring_all_day(tmp_path: Path) -> None:
    """So many in an hour, and so many that wait at the same time."""
    house = House(str(tmp_path), limits=Limits(payments_per_hour=7))
    person = house.person()
    for number in range(5):
        assert begin(person, id=str(number)).status == 202

    full = begin(person, id="6")
    assert (full.status, full.code) == (429, "too_many_payments")
    begin(person, id="7")
    fast = begin(person, id="8")
    assert (fast.status, fast.code) == (429, "too_fast")
    assert house.person("0773 333 333").ask("GET", "/api/v1/payments").status == 200


def called(house: House, payment: str, body: bytes, currency: str = "usd") -> Answer:
    """What anybody may post."""
    return house.browser.ask(
        "POST", f"/webhooks/paynow/{currency}/{payment}", body=body
    )


def test_a_call_is_a_reason_to_ask(house: House, person: Browser) -> None:
    """What it said is not believed, but what the gateway says when it is asked."""
    payment = begin(person).json["id"]
    rail = house.buying.rail

    answer = called(house, payment, b"signed ZG-1")
    assert (answer.status, answer.body) == (200, b"")
    assert rail.asked == ["poll"]
    assert read(person, payment)["state"] == "waiting"
    rail.only.status = Status.PAID
    house.buying.clock.advance(2.5)
    assert called(house, payment, b"signed ZG-1").status == 200
    assert read(person, payment)["state"] == "credited"


def test_what_is_not_signed_is_refused_and_kept(house: House, person: Browser) -> None:
    """400, so that the gateway comes again if our key is late; nobody is asked."""
    payment = begin(person).json["id"]

    answer = called(house, payment, b"status=Paid&amount=50.00")

    assert (answer.status, answer.code) == (400, "not_gateway")
    [(kept, evidence)] = house.buying.store.calls
    assert (kept, evidence.genuine) == (payment, False)
    assert house.buying.rail.asked == []


def test_odd_calls(house: House, person: Browser) -> None:
    """Of payments that nobody knows, of other currencies, too large, or while the
    database is away: each answered so that it comes again only if that helps."""
    payment = begin(person).json["id"]

    assert called(house, NOTHING, b"signed x").status == 200
    assert called(house, "nonsense", b"signed x").status == 404
    assert called(house, payment, b"signed x", currency="zar").status == 404
    assert called(house, payment, b"signed x", currency="zwg").status == 400
    assert called(house, payment, b"x" * 16_385).status == 413
    house.buying.store.away = True
    assert called(house, payment, b"signed x").status == 503
    assert house.browser.ask("GET", f"/webhooks/paynow/usd/{payment}").status == 405


def test_somebody_else_can_be_given_the_tokens(person: Browser) -> None:
    """A number that has an account; another one is refused before anything is asked."""
    begun = begin(person, beneficiary="0779 999 999")
    refused = begin(person, id="p2", beneficiary="0778 888 888")

    assert begun.status == 202
    assert (refused.status, refused.json["error"]["code"]) == (
        400,
        "beneficiary_unknown",
    )


def test_a_voucher_is_redeemed_once(house: House, person: Browser) -> None:
    """Repeated by its owner it gives nothing more; another one is told so."""
    first = person.ask("POST", "/api/v1/vouchers", json={"code": CODE}).json
    again = person.ask("POST", "/api/v1/vouchers", json={"code": CODE.lower()}).json
    wrong = person.ask("POST", "/api/v1/vouchers", json={"code": CODE[:-1] + "0"})

    assert first == {"tokens": 10_000, "available": 15_000, "repeat": False}
    assert again["repeat"]
    assert [left for _, left in house.buying.sockets.wallets] == [15_000, 15_000]
    assert (wrong.status, wrong.json["error"]["code"]) == (404, "voucher_unknown")
