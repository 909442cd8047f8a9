"""Buying tokens: package, number, yes; or the way to tokens while nothing is sold."""

from __future__ import annotations

from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.acts import Act, BeginTopUp
from zimgpt.domain.dialogue.facts import About, Offer
from zimgpt.domain.dialogue.menus import button, how_to_get_tokens, noted
from zimgpt.domain.dialogue.states import (
    BuyConfirm,
    BuyNumber,
    BuyPackage,
    Chatting,
    State,
)
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.messages import Button, Buttons, Choices, Message, Row
from zimgpt.domain.phones import NotAMobileNumber, Phone, parse
from zimgpt.domain.texts import say

MOST_ROWS = 10


def offer(about: About, id_: str) -> Offer | None:
    """The package, if it is still on offer."""
    return next((one for one in about.offers if one.id == id_), None)


def packages_shown(about: About, note: str) -> Message:
    """What can be bought, and what each buys."""
    if not about.offers:
        return how_to_get_tokens(about, note)
    tongue = about.language
    return Choices(
        body=noted(note, say(tongue, "buy.package")),
        label=say(tongue, "buy.package.label"),
        rows=tuple(
            Row(
                taps.written(taps.Asked.PACKAGE, one.id),
                one.price,
                say(
                    tongue,
                    "buy.package.more",
                    tokens=one.tokens,
                    questions=one.tokens // max(about.question_cost, 1),
                ),
            )
            for one in about.offers[:MOST_ROWS]
        ),
        footer=say(tongue, "steps.way"),
    )


def number_shown(about: About, note: str) -> Message:
    """Whose wallet pays."""
    tongue = about.language
    own = (
        (Button(taps.written(taps.Asked.NUMBER, "own"), local(about.phone)),)
        if about.phone
        else ()
    )
    return Buttons(
        noted(note, say(tongue, "buy.number")),
        (*own, button(tongue, Intent.BACK), button(tongue, Intent.CANCEL)),
    )


def confirm_shown(state: BuyConfirm, about: About, note: str) -> Message:
    """What will be bought and who pays."""
    wanted = offer(about, state.package)
    if wanted is None:
        return packages_shown(about, note)
    tongue = about.language
    body = say(
        tongue,
        "buy.confirm",
        tokens=wanted.tokens,
        price=wanted.price,
        number=local(state.number),
    )
    yes = taps.written(taps.Asked.BUY_YES, seal(state, wanted))
    return Buttons(
        noted(note, body),
        (
            Button(yes, say(tongue, "buy.confirm.yes")),
            button(tongue, Intent.BACK),
            button(tongue, Intent.CANCEL),
        ),
    )


def seal(state: BuyConfirm, wanted: Offer) -> str:
    """What ties a yes to the package, price and number it was shown under."""
    return f"{state.package}/{wanted.tokens}/{wanted.cents}/{state.number}"


def package_heard(id_: str, state: BuyPackage, about: About) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    if offer(about, id_) is None:
        return state, "buy.package.gone"
    return BuyNumber(package=id_, conversation=state.conversation), ""


def number_heard(text: str, state: BuyNumber) -> tuple[State, str]:
    """The next state, or the same and the key of what was wrong."""
    try:
        number = parse(text)
    except NotAMobileNumber:
        return state, "buy.number.unclear"
    return BuyConfirm(
        package=state.package, number=number, conversation=state.conversation
    ), ""


def agreed(state: BuyConfirm) -> tuple[State, tuple[Act, ...]]:
    """The payment is begun, and the chat goes on as it was."""
    payment = BeginTopUp(state.package, state.number)
    return Chatting(conversation=state.conversation), (payment,)


def local(number: Phone) -> str:
    """As it is written at home: ``0771 234 567``."""
    digits = "0" + number.removeprefix("+263")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
