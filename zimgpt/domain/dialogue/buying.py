"""Buying tokens: package, number or another way, yes; or the way to tokens while
nothing is sold. Bought for somebody else, it begins with that one's number."""

from __future__ import annotations

from typing import Final, TypeAlias

from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.acts import Act, BeginTopUp
from zimgpt.domain.dialogue.facts import About, Offer
from zimgpt.domain.dialogue.menus import button, how_to_get_tokens, noted
from zimgpt.domain.dialogue.states import (
    BuyConfirm,
    BuyFor,
    BuyMethod,
    BuyNumber,
    BuyPackage,
    Chatting,
    State,
)
from zimgpt.domain.dialogue.taps import Asked, Tap
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.messages import Button, Buttons, Choices, Message, Row
from zimgpt.domain.phones import NotAMobileNumber, Phone, parse
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.networks import (
    BRANDS,
    Method,
    NoWallet,
    doubtful,
    payer,
    usual,
)

MOST_ROWS: Final = 10
OTHER_WAY: Final = Tap(Asked.METHODS, "")
Step: TypeAlias = tuple[State, str]
"""The next state; or the same, and the key of what was wrong."""


def offer(about: About, id_: str) -> Offer | None:
    """The package, if it is still on offer."""
    return next((one for one in about.offers if one.id == id_), None)


# ---- what is shown


def gift_shown(about: About, note: str) -> Message:
    """Whose tokens they will be."""
    tongue = about.language
    ways = (button(tongue, Intent.BACK), button(tongue, Intent.CANCEL))
    return Buttons(noted(note, say(tongue, "buy.for")), ways)


def packages_shown(state: BuyPackage, about: About, note: str) -> Message:
    """What can be bought, and what each buys."""
    if not about.offers:
        return how_to_get_tokens(about, note)
    tongue = about.language
    if state.gift:
        body = say(tongue, "buy.package.gift", number=local(state.gift))
    else:
        body = f"{say(tongue, 'buy.package')}\n{say(tongue, 'buy.gift.way')}"
    return Choices(
        body=noted(note, body),
        label=say(tongue, "buy.package.label"),
        rows=tuple(_row(about, one) for one in about.offers[:MOST_ROWS]),
        footer=say(tongue, "steps.way"),
    )


def number_shown(state: BuyNumber, about: About, note: str) -> Message:
    """Whose wallet pays."""
    tongue = about.language
    ways = [button(tongue, Intent.CANCEL)]
    if len(about.methods) > 1 and state.method is None:
        ways.insert(0, _other_way(tongue))
    if about.phone:
        own = taps.written(Asked.NUMBER, "own")
        ways.insert(0, Button(own, local(about.phone)))
    if len(ways) < 3:
        ways.insert(-1, button(tongue, Intent.BACK))
    body = say(tongue, "buy.number")
    if state.method:
        body = f"*{name(tongue, state.method)}*\n{body}"
    return Buttons(noted(note, body), tuple(ways))


def methods_shown(about: About, note: str) -> Message:
    """The ways to pay."""
    tongue = about.language
    return Choices(
        body=noted(note, say(tongue, "buy.method")),
        label=say(tongue, "buy.method.label"),
        rows=tuple(
            Row(taps.written(Asked.METHOD, one), name(tongue, one))
            for one in about.methods
        ),
        footer=say(tongue, "steps.way"),
    )


def confirm_shown(state: BuyConfirm, about: About, note: str) -> Message:
    """What will be bought, for whom, and how it is paid."""
    wanted = offer(about, state.package)
    if wanted is None:
        again = BuyPackage(gift=state.gift, conversation=state.conversation)
        return packages_shown(again, about, note)
    tongue = about.language
    yes = taps.written(Asked.BUY_YES, seal(state, wanted))
    other = len(about.methods) > 1
    return Buttons(
        noted(note, "\n".join(_lines(state, wanted, tongue))),
        (
            Button(yes, say(tongue, "buy.confirm.yes")),
            _other_way(tongue) if other else button(tongue, Intent.BACK),
            button(tongue, Intent.CANCEL),
        ),
    )


def _lines(state: BuyConfirm, wanted: Offer, tongue: Language) -> list[str]:
    way, number = name(tongue, state.method), state.number
    lines = [say(tongue, "buy.confirm", tokens=wanted.tokens, price=wanted.price)]
    if state.gift:
        lines.append(say(tongue, "buy.confirm.gift", number=local(state.gift)))
    if number is None:
        lines += [say(tongue, "buy.confirm.way", way=way), ""]
        return [*lines, say(tongue, "buy.confirm.page")]
    paid = f"{way}, {local(number)}"
    lines += [say(tongue, "buy.confirm.way", way=paid), ""]
    if doubtful(state.method, number):
        lines.append(say(tongue, "buy.confirm.doubt", way=way))
    return [*lines, say(tongue, "buy.confirm.ask")]


def _row(about: About, one: Offer) -> Row:
    tokens, questions = one.tokens, one.tokens // max(about.question_cost, 1)
    more = say(about.language, "buy.package.more", tokens=tokens, questions=questions)
    return Row(taps.written(Asked.PACKAGE, one.id), one.price, more)


def _other_way(tongue: Language) -> Button:
    return Button(taps.written(Asked.METHODS, ""), say(tongue, "button.other_way"))


def name(tongue: Language, method: Method) -> str:
    """What people call a way to pay."""
    return BRANDS.get(method) or say(tongue, "buy.method.page")


def local(number: Phone) -> str:
    """As it is written at home: ``0771 234 567``."""
    digits = "0" + number.removeprefix("+263")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


# ---- what is heard


def said(
    state: BuyFor | BuyPackage | BuyNumber | BuyMethod, text: str, about: About
) -> Step | None:
    """Numbers are typed; None where nothing can be."""
    match state:
        case BuyFor():
            return _gift_heard(text, state)
        case BuyNumber():
            return number_heard(text, state, about)
        case _:
            return None


def tapped(
    state: BuyFor | BuyPackage | BuyNumber | BuyMethod, tap: Tap, about: About
) -> Step | None:
    """None for a button of another step."""
    kept = state.conversation
    match state, tap.asked:
        case BuyPackage(gift=gift), Asked.PACKAGE:
            if offer(about, tap.value) is None:
                return state, "buy.package.gone"
            return BuyNumber(package=tap.value, gift=gift, conversation=kept), ""
        case BuyNumber(), Asked.NUMBER if about.phone:
            return number_heard(about.phone, state, about)
        case BuyNumber(), Asked.METHODS:
            ways = BuyMethod(package=state.package, gift=state.gift, conversation=kept)
            return ways, ""
        case BuyMethod(), Asked.METHOD if tap.value in about.methods:
            return _method_heard(Method(tap.value), state), ""
        case _:
            return None


def number_heard(text: str, state: BuyNumber, about: About) -> Step:
    """The number that pays; its usual wallet, if they have not said which."""
    try:
        number = payer(text)
    except NoWallet:
        return state, "buy.number.no_wallet"
    except NotAMobileNumber:
        return state, "buy.number.unclear"
    method = state.method or usual(number)
    if method not in about.methods:
        ways = BuyMethod(
            package=state.package,
            number=number,
            gift=state.gift,
            conversation=state.conversation,
        )
        return ways, ""
    return _confirm(state, number, method), ""


def _gift_heard(text: str, state: BuyFor) -> Step:
    try:
        gift = parse(text)
    except NotAMobileNumber:
        return state, "buy.number.unclear"
    return BuyPackage(gift=gift, conversation=state.conversation), ""


def _method_heard(method: Method, state: BuyMethod) -> State:
    if not method.by_phone:
        return _confirm(state, None, method)
    if state.number:
        return _confirm(state, state.number, method)
    return BuyNumber(
        package=state.package,
        method=method,
        gift=state.gift,
        conversation=state.conversation,
    )


def _confirm(
    state: BuyNumber | BuyMethod, number: Phone | None, method: Method
) -> BuyConfirm:
    return BuyConfirm(
        package=state.package,
        number=number,
        method=method,
        gift=state.gift,
        conversation=state.conversation,
    )


def other_way(state: BuyConfirm) -> BuyMethod:
    """They would rather pay differently."""
    return BuyMethod(
        package=state.package,
        number=state.number,
        gift=state.gift,
        conversation=state.conversation,
    )


def seal(state: BuyConfirm, wanted: Offer) -> str:
    """What ties a yes to all that it was shown under."""
    parts = (wanted.tokens, wanted.cents, state.number, state.method, state.gift)
    return "/".join([state.package, *(str(part or "") for part in parts)])


def agreed(state: BuyConfirm, wanted: Offer) -> tuple[State, tuple[Act, ...]]:
    """The payment is begun, and the chat goes on as it was."""
    payment = BeginTopUp(wanted, state.number, state.method, state.gift)
    return Chatting(conversation=state.conversation), (payment,)
