"""What the gateway answers when it is asked: refusals, openings, where things stand.

An answer is believed when its hash is good and its addresses are the gateway's own. A
refusal is never signed, so it is believed because it came on our own connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Place, Reason
from zimgpt.wire.paynow import amounts, refusals, statuses
from zimgpt.wire.paynow.addresses import StrangeAddress, own
from zimgpt.wire.paynow.forms import Fields, value
from zimgpt.wire.paynow.judging import Verdict, judge

_CODE: Final = re.compile(r"[A-Za-z0-9-]{1,32}", re.ASCII)
LONGEST: Final = 300  # characters of a sentence that is passed on


class UnclearReply(Exception):  # noqa: N818 - named for what came
    """The gateway's answer is not understood, so nobody knows what was done."""


@attrs.frozen
class GatewayRefusal(Exception):  # noqa: N818 - a refusal is an answer
    """The gateway refused."""

    reason: Reason
    sentence: str


@attrs.frozen(kw_only=True)
class Opened:
    """A payment that waits for its person."""

    place: Place
    browser: str = ""
    """Where the person pays by the web."""
    instructions: str = ""
    """The gateway's own words for the person."""
    code: str = ""
    """To be given to the wallet by the person (InnBucks)."""
    expires: str = ""
    """When the code does, in the gateway's words; it names no time zone."""
    code_reference: str = ""
    """Which of the codes in the person's messages is asked for (O'mari)."""


@attrs.frozen
class Ours:
    """What is needed to believe an answer: our keys, and where we asked."""

    keys: tuple[str, ...] = attrs.field(repr=False)
    gateway: str


def opened(body: bytes, ours: Ours) -> Opened:
    """The answer to a new payment; raises GatewayRefusal or UnclearReply."""
    fields = _believed(body, ours.keys)
    if value(fields, "status").lower() != "ok":
        raise UnclearReply("the answer to a new payment says neither yes nor no")
    browser = value(fields, "browserurl")
    code = value(fields, "authorizationcode")
    if code and _CODE.fullmatch(code) is None:
        raise UnclearReply("the code has no shape of one")
    return Opened(
        place=_place(fields, ours),
        browser=_own(browser, ours) if browser else "",
        instructions=_sentence(fields, "instructions"),
        code=code,
        expires=_sentence(fields, "authorizationexpires")[:40],
        code_reference=_sentence(fields, "otpreference")[:40],
    )


def standing(body: bytes, keys: Sequence[str]) -> News:
    """The answer to a poll, or to a code; raises GatewayRefusal or UnclearReply."""
    return _kept(news(_believed(body, keys)), body)


def traced(body: bytes, ours: Ours) -> tuple[News, Place] | None:
    """What a trace found, None for nothing; raises UnclearReply.

    An error does not mean that there is nothing.
    """
    try:
        fields = _believed(body, ours.keys)
    except GatewayRefusal as refusal:
        raise UnclearReply(refusal.sentence) from None
    if value(fields, "status").replace(" ", "").lower() == "notfound":
        return None
    return _kept(news(fields), body), _place(fields, ours)


def news(fields: Fields) -> News:
    """A status message whose hash was good."""
    word = value(fields, "status")
    return News(
        reference=value(fields, "reference"),
        gateway_reference=digits(value(fields, "paynowreference")),
        minor=amounts.minor(value(fields, "amount")),
        status=statuses.status(word),
        word=_printable(word)[:40],
    )


def digits(reference: str) -> str:
    """A reference of the gateway's, which may be written with commas in it."""
    plain = reference.replace(",", "")
    return plain if plain.isascii() and plain.isdigit() else _printable(reference)[:64]


def links(code: str) -> tuple[str, ...]:
    """Links that open a code in the wallet's app; which of the two an app knows is
    not documented, so both are offered, the newer first."""
    return (
        f"com.innbucks.customer://purchase?paymentToken={code}",
        f"schinn.wbpycode://innbucks.co.zw?pymInnCode={code}",
    )


def _kept(said: News, body: bytes) -> News:
    """With the evidence."""
    return attrs.evolve(said, body=body)


def _believed(body: bytes, keys: Sequence[str]) -> Fields:
    verdict, fields = judge(body, keys)
    refused = value(fields, "status").lower() == "error"
    if verdict is Verdict.ERROR_UNSIGNED or (verdict is Verdict.OK and refused):
        sentence = _sentence(fields, "error")
        raise GatewayRefusal(refusals.reason(sentence), sentence)
    if verdict is not Verdict.OK:
        raise UnclearReply(verdict.value)
    return fields


def _place(fields: Fields, ours: Ours) -> Place:
    code = value(fields, "remoteotpurl")
    return Place(
        poll=_own(value(fields, "pollurl"), ours),
        gateway_reference=digits(value(fields, "paynowreference")),
        code=_own(code, ours) if code else "",
    )


def _own(address: str, ours: Ours) -> str:
    try:
        return own(address, ours.gateway)
    except StrangeAddress:
        raise UnclearReply("an address is not the gateway's own") from None


def _sentence(fields: Fields, name: str) -> str:
    return _printable(value(fields, name))[:LONGEST]


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
