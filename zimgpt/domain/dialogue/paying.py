"""How a payment stands, as a message: what to do now, and the way on if it failed."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.buying import local
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.menus import button
from zimgpt.domain.dialogue.taps import Asked
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Button, Buttons, Link, Message, Text
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import say
from zimgpt.domain.topups import telling
from zimgpt.domain.topups.telling import Shown

LONGEST_LINK: Final = 2000


@attrs.frozen(kw_only=True)
class Payment:
    """How one stands, for somebody who pays it or is given its tokens.

    ``prompt`` is what the person is to do: approve, code, otp or visit, with the
    ``code`` or ``link`` that belongs to it, while there is one.
    """

    id: str
    state: Shown
    reason: str | None
    tokens: Tokens
    price: str
    reference: str
    gateway_reference: str = ""
    mine: bool = True
    """They began it."""
    gift: Phone | None = None
    """Whose tokens they are, if not the payer's."""
    prompt: str | None = None
    code: str = ""
    expires: str = ""
    link: str = ""


def told(payment: Payment, about: About) -> Message:
    """The message that says how it stands."""
    if not payment.mine:
        return _given(payment, about)
    match payment.state:
        case "waiting":
            return _waiting(payment, about)
        case "checking":
            return _asked(payment, about, _sentence(payment, about))
        case "credited":
            return _receipt(payment, about)
        case "failed" | "cancelled":
            ways = (button(about.language, Intent.BUY), _menu(about))
            return Buttons(_with_references(payment, about), ways)
        case _:
            return Text(_with_references(payment, about))


def unpaid(payment: Payment, about: About) -> Message:
    """That the gateway, just asked, knows of no payment yet."""
    note = say(about.language, "pay.not_yet")
    return _asked(payment, about, f"{note}\n\n{_sentence(payment, about)}")


def _sentence(payment: Payment, about: About) -> str:
    key = telling.key(payment.state, payment.reason, payment.prompt)
    return say(about.language, key)


def _waiting(payment: Payment, about: About) -> Message:
    tongue, body = about.language, _sentence(payment, about)
    price = say(tongue, "pay.price", price=payment.price)
    match payment.prompt:
        case None:
            return Text(f"{body}\n{price}")
        case "otp":
            return Text(f"{body}\n{price}")
        case "code":
            until = say(tongue, "pay.code", code=payment.code, until=payment.expires)
            return _asked(payment, about, f"{body}\n\n{until}\n{price}")
        case "visit":
            return _page(payment, about, f"{body}\n{price}")
        case _:
            return _asked(payment, about, f"{body}\n{price}")


def _page(payment: Payment, about: About, body: str) -> Message:
    """A link that can be tapped: only over TLS can it be a button."""
    body = f"{body}\n{say(about.language, 'pay.visit.after')}"
    if payment.link.startswith("https:") and len(payment.link) <= LONGEST_LINK:
        return Link(body, say(about.language, "pay.visit.label"), payment.link)
    return Text(f"{body}\n\n{payment.link}")


def _asked(payment: Payment, about: About, body: str) -> Message:
    """With the button by which they say that they have paid."""
    paid = taps.written(Asked.PAID, payment.id)
    title = say(about.language, "button.paid")
    return Buttons(body, (Button(paid, title), _menu(about)))


def _receipt(payment: Payment, about: About) -> Message:
    tongue = about.language
    lines = [
        say(tongue, "pay.receipt", tokens=payment.tokens, price=payment.price),
        _references(payment, about),
    ]
    if payment.gift:
        head = say(tongue, "pay.gift.sent", number=local(payment.gift))
    else:
        head = _sentence(payment, about)
        balance = say(tongue, "balance.body", tokens=max(about.available, 0))
        lines.append(balance)
    return Buttons("\n".join((f"{head}\n", *lines)), (_menu(about),))


def _given(payment: Payment, about: About) -> Message:
    """For whoever got the tokens from somebody else."""
    tongue = about.language
    key = "pay.gift.came" if payment.state == "credited" else "pay.gift.back"
    balance = say(tongue, "balance.body", tokens=max(about.available, 0))
    body = f"{say(tongue, key, tokens=payment.tokens)}\n{balance}"
    return Buttons(f"{body}\n{_references(payment, about)}", (_menu(about),))


def _with_references(payment: Payment, about: About) -> str:
    return f"{_sentence(payment, about)}\n\n{_references(payment, about)}"


def _references(payment: Payment, about: About) -> str:
    tongue = about.language
    ours = say(tongue, "pay.reference", reference=payment.reference)
    if not payment.gateway_reference:
        return ours
    theirs = say(tongue, "pay.reference.gateway", reference=payment.gateway_reference)
    return f"{ours}\n{theirs}"


def _menu(about: About) -> Button:
    return button(about.language, Intent.MENU)
