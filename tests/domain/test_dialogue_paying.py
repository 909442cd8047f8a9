"""How a payment stands, as a message: what to do now, in every language."""

from __future__ import annotations

from itertools import product
from typing import get_args

import attrs
import pytest

from tests.domain.test_dialogue_hearing import ABOUT, faults, ids
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.paying import LONGEST_LINK, Payment, told, unpaid
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Link, Message, Text
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.states import Reason
from zimgpt.domain.topups.telling import Shown

SISTER = Phone("+263712345678")
ENGLISH = Language.ENGLISH
WAITING = Payment(
    id="p1",
    state="waiting",
    reason=None,
    tokens=Tokens(10_000),
    price="US$0.50",
    reference="ZG-1",
)
STATES: tuple[Shown, ...] = get_args(Shown)


def body(message: Message) -> str:
    """Its words."""
    return str(getattr(message, "body", ""))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", Language)
def test_every_standing_can_be_sent(state: Shown, language: Language) -> None:
    """To whoever pays and to whoever gets the tokens, with whatever is known."""
    about = attrs.evolve(ABOUT, language=language)
    for mine, gift, prompt, reason, theirs in product(
        (True, False),
        (None, SISTER),
        (None, "approve", "code", "otp", "visit"),
        (None, *Reason),
        ("", "P-77"),
    ):
        payment = attrs.evolve(
            WAITING,
            state=state,
            mine=mine,
            gift=gift,
            prompt=prompt,
            reason=reason,
            gateway_reference=theirs,
            code="12345678",
            expires="25-Nov-2026 17:10",
            link="https://gateway.example/pay",
        )

        assert list(faults(told(payment, about))) == []


@pytest.mark.parametrize("prompt", [None, "approve", "code", "otp", "visit"])
def test_no_prompt_asks_for_a_pin(prompt: str | None) -> None:
    """And each says so, once it says what is to be done."""
    message = told(attrs.evolve(WAITING, prompt=prompt), ABOUT)

    assert "US$0.50" in body(message)
    if prompt is not None:
        assert "PIN" in body(message)


@pytest.mark.parametrize("prompt", ["approve", "code"])
def test_what_is_paid_on_a_phone_has_a_button_to_say_so(prompt: str) -> None:
    """It is tied to that payment."""
    message = told(attrs.evolve(WAITING, prompt=prompt, code="123"), ABOUT)

    assert ids(message)[0] == taps.written(taps.Asked.PAID, "p1")
    assert ("123" in body(message)) == (prompt == "code")


@pytest.mark.parametrize(
    ("link", "button"),
    [
        ("https://gateway.example/pay", True),
        ("http://127.0.0.1/pay", False),
        ("https://gateway.example/" + "x" * LONGEST_LINK, False),
    ],
)
def test_a_page_is_a_button_where_the_messenger_allows_one(
    link: str, button: bool
) -> None:
    """Else its address is written out; the way back is said with both."""
    message = told(attrs.evolve(WAITING, prompt="visit", link=link), ABOUT)

    assert isinstance(message, Link if button else Text)
    assert (link in body(message)) != button
    assert "PAID" in body(message)


def test_a_receipt_has_both_references_and_the_balance() -> None:
    """What somebody needs who disputes it."""
    paid = attrs.evolve(WAITING, state="credited", gateway_reference="P-77")

    text = body(told(paid, ABOUT))

    for part in ("10,000", "US$0.50", "ZG-1", "P-77", "Tokens: 5,000"):
        assert part in text


def test_a_receipt_of_a_gift_names_its_number() -> None:
    """The payer's own balance is not another."""
    gift = attrs.evolve(WAITING, state="credited", gift=SISTER)

    text = body(told(gift, ABOUT))

    assert "0712 345 678" in text
    assert "5,000" not in text


@pytest.mark.parametrize(
    ("state", "key"), [("credited", "pay.gift.came"), ("refunded", "pay.gift.back")]
)
def test_whoever_gets_the_tokens_is_told_of_them(state: Shown, key: str) -> None:
    """That they came, or were taken back; not who pays, nor what."""
    gift = attrs.evolve(WAITING, state=state, mine=False, gift=SISTER)

    text = body(told(gift, ABOUT))

    assert text.startswith(say(ENGLISH, key, tokens=10_000))
    assert "US$0.50" not in text


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_failed_can_be_begun_again(state: Shown) -> None:
    """By a button."""
    failed = attrs.evolve(WAITING, state=state, reason=Reason.NO_FUNDS)

    message = told(failed, ABOUT)

    assert isinstance(message, Buttons)
    assert ids(message)[0] == taps.go(Intent.BUY)


@pytest.mark.parametrize("state", ["review", "disputed", "refunded"])
def test_what_a_person_looks_at_has_its_references(state: Shown) -> None:
    """There is nothing to tap, but something to quote."""
    message = told(attrs.evolve(WAITING, state=state), ABOUT)

    assert isinstance(message, Text)
    assert "ZG-1" in message.body


@pytest.mark.parametrize("language", Language)
def test_not_paid_yet_says_so_and_what_to_do(language: Language) -> None:
    """The gateway was just asked."""
    about = attrs.evolve(ABOUT, language=language)

    message = unpaid(attrs.evolve(WAITING, prompt="approve"), about)

    assert list(faults(message)) == []
    assert body(message).startswith(say(language, "pay.not_yet"))
    assert body(message).endswith(say(language, "pay.waiting.approve"))
