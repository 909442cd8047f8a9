"""Buying tokens in a chat: signed webhooks in, the gateway's double beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system import till
from tests.system.harness import House, Plan, wait_until
from tests.system.phone import (
    Exchange,
    Somebody,
    body,
    choices,
    joined,
    new_wamid,
    post,
)
from tests.system.soundness import assert_sound
from tests.system.till import Till

Json = dict[str, Any]
TASTE = 10_000
WELCOME = 1_000_000
REFERENCE = re.compile(r"ZG-[0-9A-Z]{12}")


@pytest.fixture(scope="module")
def market(postgres: PostgreSQL) -> Iterator[tuple[Exchange, Till]]:
    """One node with both doubles beside it."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database())
        folder = stack.enter_context(TemporaryDirectory(prefix="zimgpt-market-"))
        gateway = Till(Path(folder))
        more = till.settings(gateway.port)

        @contextmanager
        def house(phones: Json) -> Iterator[House]:
            with House(url, nodes=[Plan("shop")], **{**more, **phones}) as made:
                yield made

        exchange = stack.enter_context(joined(house, "shop"))  # type: ignore[arg-type]
        stack.callback(gateway.end)
        gateway.start([exchange.url])
        exchange.phones.control("habits", limits=False)  # they do not type, but tap
        yield exchange, gateway


@pytest.fixture
def gateway(market: tuple[Exchange, Till]) -> Till:
    """Who is asked for money."""
    return market[1]


@pytest.fixture
def exchange(market: tuple[Exchange, Till]) -> Exchange:
    """The node and its phones."""
    return market[0]


@pytest.fixture
def buyer(exchange: Exchange) -> Somebody:
    """Somebody who has said hello."""
    someone = exchange.phones.somebody()
    someone.ask("hi")
    return someone


def rested(exchange: Exchange, someone: Somebody) -> None:
    """A while passes: the messenger lets us write only so often to one person."""
    exchange.house.query(
        "update whatsapp_outgoing o set sent_at = o.sent_at - interval '1 minute'"
        "  from whatsapp_contacts c where c.id = o.contact_id and c.bsuid = %s"
        " returning o.id",
        someone.bsuid,
    )


def choose(
    exchange: Exchange,
    someone: Somebody,
    *,
    way: str | None = None,
    gift: Somebody | None = None,
) -> None:
    """From the packages to having agreed."""
    if gift is None:
        someone.say("buy")
    else:
        someone.ask("gift")
        someone.say("0" + gift.phone.removeprefix("+263"))
    packages = someone.next()
    rested(exchange, someone)
    someone.tap(packages, "US$0.50")
    number = someone.next()
    if way is not None:
        someone.tap(number, "Pay another way")
        ways = someone.next()
        rested(exchange, someone)
        someone.tap(ways, way)
        number = someone.next()
    if any(title.startswith("0") for _, title in choices(number)):
        own = next(title for _, title in choices(number) if title.startswith("0"))
        someone.tap(number, own)
        number = someone.next()
    assert "US$0.50" in body(number)
    rested(exchange, someone)
    someone.tap(number, "Yes, pay")


def latest(exchange: Exchange, someone: Somebody) -> str:
    """Our reference of the payment that they began last."""
    [(reference,)] = exchange.house.query(
        "select p.merchant_ref from payments p"
        "  join whatsapp_contacts c on c.user_id = p.payer_id"
        " where c.bsuid = %s order by p.created_at desc limit 1",
        someone.bsuid,
    )
    return str(reference)


def balance(exchange: Exchange, someone: Somebody) -> int:
    """What they have."""
    [(tokens,)] = exchange.house.query(
        "select a.balance from accounts a"
        "  join whatsapp_contacts c on c.user_id = a.user_id"
        " where c.bsuid = %s and a.kind = 'available'",
        someone.bsuid,
    )
    return int(tokens)


def test_from_the_package_to_the_receipt(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """Choose, agree, approve on the phone; the receipt has both references and the
    balance, and the statement its line."""
    choose(exchange, buyer)
    prompt = buyer.next()
    assert "Approve the payment on the phone" in body(prompt)
    reference = latest(exchange, buyer)

    buyer.tap(prompt, "I have paid")
    assert "has no payment of yours yet" in body(buyer.next())
    rested(exchange, buyer)
    gateway.act(reference, "approve")
    receipt = body(buyer.next())

    assert REFERENCE.search(receipt)
    assert reference in receipt
    assert str(gateway.payment(reference)["number"]) in receipt
    assert f"{WELCOME + TASTE:,}" in receipt
    assert balance(exchange, buyer) == WELCOME + TASTE
    assert "Tokens bought: +10,000" in buyer.ask("statement")
    assert_sound(exchange.house)


def test_a_code_is_typed_in_the_chat(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """O'mari's; a wrong one is said to be wrong, and no question is made of either."""
    choose(exchange, buyer, way="O'mari")
    assert "Type that code here" in body(buyer.next())
    there = gateway.payment(latest(exchange, buyer))

    wrong = "000000" if there["code"] != "000000" else "111111"
    assert "not the right code" in buyer.ask(wrong)
    rested(exchange, buyer)
    assert "Paid." in buyer.ask(there["code"])

    assert balance(exchange, buyer) == WELCOME + TASTE


def test_a_code_for_the_wallets_app(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """InnBucks: the code stands in the message."""
    choose(exchange, buyer, way="InnBucks")
    prompt = body(buyer.next())
    there = gateway.payment(latest(exchange, buyer))
    assert there["code"] in prompt

    gateway.act(there["reference"], "approve")

    assert "Paid." in body(buyer.next())


def test_a_page_for_cards(exchange: Exchange, gateway: Till, buyer: Somebody) -> None:
    """No number is asked for, and the way to the page is in the message."""
    choose(exchange, buyer, way="Card or bank")
    prompt = body(buyer.next())
    assert f"http://127.0.0.1:{gateway.port}/" in prompt
    gateway.act(latest(exchange, buyer), "approve")

    assert "Paid." in body(buyer.next())


@pytest.mark.parametrize(
    ("act", "sentence"),
    [("wrong-pin", "The wallet did not pay"), ("cancel", "was cancelled")],
)
def test_what_went_wrong_is_said_with_the_way_on(
    exchange: Exchange, gateway: Till, buyer: Somebody, act: str, sentence: str
) -> None:
    """And nothing is credited."""
    choose(exchange, buyer)
    buyer.next()

    gateway.act(latest(exchange, buyer), act)
    told = buyer.next()

    assert sentence in body(told)
    assert "Buy tokens" in dict(map(reversed, choices(told)))  # type: ignore[arg-type]
    assert balance(exchange, buyer) == WELCOME


def test_a_webhook_that_comes_twice_begins_one_payment(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """The yes is delivered again and again: one payment, one request for money."""
    buyer.say("buy")
    buyer.tap(buyer.next(), "US$0.50")
    buyer.next()  # or a messenger may deliver the number first
    buyer.say("0771234567")
    assert "0771 234 567" in body(buyer.next())
    yes = [buyer.message("yes", new_wamid())]

    for _ in range(4):
        assert post(exchange.url, yes).status == 200
    assert "Approve the payment" in body(buyer.next())

    [(count,)] = exchange.house.query(
        "select count(*) from payments p join whatsapp_contacts c"
        "  on c.user_id = p.payer_id where c.bsuid = %s",
        buyer.bsuid,
    )
    assert count == 1
    asked = [p for p in gateway.state()["payments"] if p["phone"] == "0771234567"]
    assert len([p for p in asked if p["reference"] == latest(exchange, buyer)]) == 1


def test_somebody_else_gets_the_tokens(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """One pays, the other is credited, and both are told."""
    sister = exchange.phones.somebody()
    sister.ask("hi")
    choose(exchange, buyer, gift=sister)
    buyer.next()
    gateway.act(latest(exchange, buyer), "approve")

    assert "The tokens are in the balance of" in body(buyer.next())
    assert "Somebody bought tokens for you: 10,000" in body(sister.next())
    assert balance(exchange, sister) == WELCOME + TASTE
    assert balance(exchange, buyer) == WELCOME


def test_a_gift_waits_for_who_has_never_written(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """Their account is opened by the gift, and they hear of it when they come."""
    stranger = exchange.phones.somebody()
    choose(exchange, buyer, gift=stranger)
    buyer.next()
    gateway.act(latest(exchange, buyer), "approve")
    assert "The tokens are in the balance of" in body(buyer.next())

    stranger.say("hi")
    said = {body(stranger.next()), body(stranger.next())}

    assert any("Somebody bought tokens for you" in one for one in said)
    assert balance(exchange, stranger) == WELCOME + TASTE
    assert_sound(exchange.house)


def test_buying_while_an_answer_is_written(
    exchange: Exchange, gateway: Till, buyer: Somebody
) -> None:
    """Money does not wait for words."""
    question = "words:30 delay:1000 a long one"
    buyer.say(question)
    wait_until(lambda: bool(exchange.house.upstream.asked(question)))

    choose(exchange, buyer)

    assert "Approve the payment" in body(buyer.next())
    assert "w29" not in "".join(map(body, buyer.bubbles()))
