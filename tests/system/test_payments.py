"""Buying tokens from a node, through the gateway's double, as people do."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan, wait_until
from tests.system.people import Person
from tests.system.soundness import assert_sound
from tests.system.till import Shop, begun, opened, read, wish
from zimgpt.cli import main

Json = dict[str, Any]
TASTE = 10_000
LATER = """
    update payments set looked_at = looked_at - interval '1 minute'
     where merchant_ref = %s
"""
"""What is settled is asked about twice a minute at most."""
MUCH_LATER = """
    update payments set next_poll_at = now() + interval '1 day'
     where merchant_ref = %s
"""


@pytest.fixture(scope="module")
def shop(postgres: PostgreSQL) -> Iterator[Shop]:
    """One node, and a gateway that calls it."""
    with (
        postgres.database() as url,
        opened(lambda more: House(url, nodes=[Plan("shop")], **more)) as made,
    ):
        yield made


@pytest.fixture
def person(shop: Shop) -> Person:
    """Somebody new."""
    return Person.sign_up(shop.house["shop"].url)


def until(person: Person, payment: Json, *states: str) -> Json:
    """The payment, when it stands so and the person knows what to do."""
    found: list[Json] = []

    def there() -> bool:
        found[:] = [read(person, payment)]
        waits = found[0]["state"] == "waiting" and found[0].get("prompt") is None
        return found[0]["state"] in states and not waits

    wait_until(there, what=f"{states}")
    return found[0]


@pytest.mark.parametrize("method", ["ecocash", "onemoney", "innbucks", "omari", "web"])
def test_each_way_pays(shop: Shop, person: Person, method: str) -> None:
    """The person is told what to do, does it, and has the tokens."""
    before = person.balance()[0]
    payment = until(person, begun(person, wish(method=method)), "waiting")
    reference, prompt = payment["reference"], payment["prompt"]
    there = shop.till.payment(reference)

    match method:
        case "web":
            press(prompt["url"])
        case "omari":
            path = f"/api/v1/payments/{payment['id']}/code"
            wrong = person.call("POST", path, {"code": "000000"})
            assert 400 <= wrong.status < 500
            person.call("POST", path, {"code": there["code"]})
        case "innbucks":
            assert prompt["code"] == there["code"]
            picture = person.call("GET", prompt["qr"])
            assert picture.headers["content-type"] == "image/svg+xml"
            shop.till.act(reference, "approve")
        case _:
            assert "PIN" in prompt["words"]
            shop.till.act(reference, "approve")

    paid = until(person, payment, "credited")
    assert paid["gateway_reference"] == str(there["number"])
    assert person.balance()[0] == before + TASTE
    assert_sound(shop.house)


def press(url: str) -> None:
    """Pays on the gateway's own page."""
    with urllib.request.urlopen(url, timeout=60) as page:
        assert "Faked Success" in page.read().decode()

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    sent = urllib.parse.urlencode({"act": "success"}).encode()
    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(Stay).open(url, sent, timeout=60)
    moved.value.close()
    assert moved.value.code == 302
    assert "/pay?payment=" in moved.value.headers["location"]


def test_news_come_on_an_open_socket(shop: Shop, person: Person) -> None:
    """Each change, and the new balance, without asking."""
    talk = person.connect()
    payment = begun(person, wish())
    wait_until(lambda: shop.till.payment(payment["reference"]))
    shop.till.act(payment["reference"], "approve")

    def credited(said: Json) -> bool:
        return said.get("type") == "payment" and said["state"] == "credited"

    assert talk.until(credited)["tokens"] == TASTE


@pytest.mark.parametrize(
    ("act", "state"),
    [("wrong-pin", "failed"), ("no-funds", "failed"), ("cancel", "cancelled")],
)
def test_what_was_called_off_and_paid_after_all(
    shop: Shop, person: Person, act: str, state: str
) -> None:
    """It costs nothing, says what to do, and is credited if the gateway thinks
    better of it."""
    before = person.balance()[0]
    payment = until(person, begun(person, wish()), "waiting")
    shop.till.act(payment["reference"], act)
    off = until(person, payment, state)
    between = person.balance()[0]
    shop.till.act(payment["reference"], "late")
    until(person, payment, "credited")

    assert off["message"]
    assert between == before
    assert person.balance()[0] == before + TASTE


def test_money_that_goes_back_takes_the_tokens_along_once(
    shop: Shop, person: Person
) -> None:
    """Disputed, then refunded, and told of four times each."""
    before = person.balance()[0]
    payment = until(person, begun(person, wish()), "waiting")
    reference = payment["reference"]
    shop.till.act(reference, "approve")
    until(person, payment, "credited")
    for act, state in (("dispute", "disputed"), ("refund", "refunded")):
        shop.house.query(LATER, reference)
        shop.till.act(reference, act)
        shop.till.control("tell", payment=reference, copies=4)
        until(person, payment, state)
        assert person.balance()[0] == before

    assert_sound(shop.house)


def test_two_taps_are_one_and_two_wishes_are_two(shop: Shop, person: Person) -> None:
    """The same wish twice is one payment; another is another, and both are credited."""
    before = person.balance()[0]
    wished = wish()
    first, again = begun(person, wished), begun(person, wished)
    second = begun(person, wish())
    for payment in (first, second):
        until(person, payment, "waiting")
        shop.till.act(payment["reference"], "approve")
        until(person, payment, "credited")

    assert first["id"] == again["id"]
    assert person.balance()[0] == before + 2 * TASTE


def test_what_awaits_delivery_is_credited_once(shop: Shop, person: Person) -> None:
    """Money that the gateway holds back has been paid all the same."""
    before = person.balance()[0]
    shop.till.control("trouble", word="Awaiting Delivery")
    payment = until(person, begun(person, wish()), "waiting")
    shop.till.act(payment["reference"], "approve")
    until(person, payment, "credited")
    shop.till.act(payment["reference"], "deliver")
    wait_until(lambda: shop.till.state()["idle"])

    assert person.balance()[0] == before + TASTE
    assert_sound(shop.house)


def test_no_money_is_told_at_once(shop: Shop, person: Person) -> None:
    """The wallet refuses, and the person hears why."""
    payment = until(person, begun(person, wish("0774444444")), "failed")

    assert payment["reason"] == "no_funds"
    assert shop.till.payment(payment["reference"]) == {}


def at_the_desk(shop: Shop, *words: str) -> int:
    """An operator's command; how it ended."""
    said = ["--by", "ops", "--reason", "seen", "--database-url", shop.house.database]
    return main(["payments", *words, *said])


def test_a_person_decides_where_the_gateway_cannot(shop: Shop, person: Person) -> None:
    """Paid short and approved, twice; then disputed, and won."""
    before = person.balance()[0]
    shop.till.control("trouble", amount="short")
    payment = until(person, begun(person, wish()), "waiting")
    reference = payment["reference"]
    shop.till.act(reference, "approve")
    until(person, payment, "review")
    assert person.balance()[0] == before

    assert at_the_desk(shop, "approve", reference) == 0
    assert at_the_desk(shop, "approve", reference) == 1
    assert person.balance()[0] == before + TASTE
    shop.house.query(LATER, reference)
    shop.till.act(reference, "dispute")
    until(person, payment, "disputed")
    assert at_the_desk(shop, "reinstate", reference) == 0

    assert read(person, payment)["state"] == "credited"
    assert person.balance()[0] == before + TASTE
    assert_sound(shop.house)


def test_what_was_refunded_by_hand_is_not_taken_again(
    shop: Shop, person: Person
) -> None:
    """The gateway says so afterwards, and the wallet loses only the rest."""
    before = person.balance()[0]
    payment = until(person, begun(person, wish()), "waiting")
    reference = payment["reference"]
    shop.till.act(reference, "approve")
    until(person, payment, "credited")
    assert at_the_desk(shop, "refund", reference, "4000") == 0
    assert person.balance()[0] == before + TASTE - 4_000
    shop.house.query(LATER, reference)

    shop.till.act(reference, "refund")

    until(person, payment, "refunded")
    assert person.balance()[0] == before
    assert_sound(shop.house)


def test_an_operator_has_the_gateway_asked(shop: Shop, person: Person) -> None:
    """Whatever its own time is, and though no call came."""
    shop.till.control("trouble", lost=True)
    payment = until(person, begun(person, wish()), "waiting")
    shop.house.query(MUCH_LATER, payment["reference"])
    shop.till.act(payment["reference"], "approve")

    assert at_the_desk(shop, "check", payment["reference"]) == 0

    until(person, payment, "credited")
