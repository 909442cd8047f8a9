"""What a flow says around answers and of its own doings, in the person's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import attrs

from zimgpt.domain import answers
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import title
from zimgpt.domain.dialogue import menus
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.menus import button, how_to_get_tokens
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Message, Text
from zimgpt.domain.texts import Language, count, say

NOTHING: Final = Tokens(0)

LOW: Final = 3
"""Questions left, at which a footer says that tokens are running out."""

_ENDS: Final = {
    Finish.LENGTH: "end.length",
    Finish.FILTERED: "end.filtered",
    Finish.STOPPED: "end.stopped",
    Finish.CUT: "end.cut",
    Finish.BUSY: "end.busy",
    Finish.UNREACHABLE: "end.unreachable",
    Finish.GAVE_UP: "end.gave_up",
    Finish.EXPIRED: "end.expired",
}

_PROOFS: Final = {
    "sign_in": "proof.sign_in",
    "password": "proof.password",
    "link": "proof.link",
}
_REFUSALS: Final = {
    "question_empty": "refused.question_empty",
    "question_too_long": "refused.question_too_long",
    "question_unstorable": "refused.question_unstorable",
    "no_price": "refused.no_price",
    "banned": "refused.banned",
    "too_many_answers": "refused.too_many_answers",
    "unavailable": "refused.unavailable",
    "payments_off": "refused.payments_off",
    "currency_off": "refused.method_off",
    "no_rate": "refused.method_off",
    "method_off": "refused.method_off",
    "package_unknown": "refused.price_changed",
    "price_changed": "refused.price_changed",
    "phone_without_wallet": "buy.number.no_wallet",
    "too_many_payments": "refused.too_many_payments",
    "code_wrong": "refused.code_wrong",
    "no_code_awaited": "refused.no_code_awaited",
    "not_found": "refused.payment_unknown",
    "voucher_unknown": "refused.voucher_unknown",
    "voucher_used": "refused.voucher_used",
    "voucher_expired": "refused.voucher_expired",
    "voucher_revoked": "refused.voucher_revoked",
    "too_many_vouchers": "refused.too_many_vouchers",
    "beneficiary_unknown": "refused.beneficiary_unknown",
}


class Entry(StrEnum):
    """Why tokens came or went."""

    WELCOME = "statement.welcome"
    BOUGHT = "statement.bought"
    CHAT = "statement.chat"
    ESSAY = "statement.essay"
    VOUCHER = "statement.voucher"
    CLAWED = "statement.clawback"
    VOICE = "statement.voice"
    PICTURE = "statement.picture"
    BACK = "statement.back"
    OTHER = "statement.other"


@attrs.frozen
class Line:
    """One line of a statement; ``tokens`` is negative for what was spent, ``when`` is
    the person's own time."""

    when: datetime
    entry: Entry
    tokens: int


class Unreadable(StrEnum):
    """Why a file did not become words."""

    NO_VOICE = "unreadable.no_voice"
    NO_IMAGE = "unreadable.no_image"
    NO_DOCUMENT = "unreadable.no_document"
    TOO_LARGE = "unreadable.too_large"
    EMPTY = "unreadable.empty"
    BROKEN = "unreadable.broken"
    UNHEARD = "unreadable.unheard"
    NO_RECORDING = "unreadable.no_recording"
    UNSEEN = "unreadable.unseen"
    NO_TOKENS = "unreadable.no_tokens"


def footer(about: About, cost: Tokens, read: Tokens = NOTHING) -> str:
    """The end of an answer: its cost and that of ``read``ing the file which asked for
    it, what is left, and whether that is little."""
    tongue = about.language
    left = max(about.available, 0)
    if read:
        said = say(tongue, "answer.footer.read", cost=cost, read=read, balance=left)
    else:
        said = say(tongue, "answer.footer", cost=cost, balance=left)
    line = f"_{said}_"
    if about.questions > LOW:
        return line
    return f"{line}\n_{say(tongue, 'answer.low', questions=about.questions)}_"


def ending(language: Language, state: answers.State, finish: Finish) -> str | None:
    """What is said of an answer's end, and the way on; None for a plain one."""
    if finish is Finish.STOP and state is answers.State.COMPLETE:
        return None
    if state in (answers.State.FAILED, answers.State.REFUSED):
        if finish is Finish.STOPPED:
            return say(language, "end.unbegun")
        if finish not in (
            Finish.BUSY,
            Finish.UNREACHABLE,
            Finish.GAVE_UP,
            Finish.EXPIRED,
        ):
            return say(language, "end.silent")
    key = _ENDS.get(finish)
    return say(language, key) if key else None


def shorter(language: Language, max_tokens: int) -> Message:
    """That the balance covers only part of the usual length."""
    words = max(1, max_tokens * 3 // 4)
    return Text(say(language, "answer.shorter", words=words))


def late(language: Language, asked: datetime, question: str) -> str:
    """Which question a late answer belongs to; ``asked`` is the person's own time."""
    return say(language, "answer.late", time=f"{asked:%H:%M}", question=title(question))


def no_tokens(about: About) -> Message:
    """That the balance does not cover a question, and the way on."""
    note = say(about.language, "refused.no_tokens", balance=max(about.available, 0))
    if not about.offers:
        return how_to_get_tokens(about, note)
    ways = (button(about.language, Intent.BUY), button(about.language, Intent.MENU))
    return Buttons(note, ways)


def redeemed(about: About, tokens: Tokens, left: Tokens) -> Message:
    """What a voucher gave, and the balance."""
    tongue = about.language
    given = say(tongue, "voucher.done", tokens=tokens)
    body = f"{given}\n{say(tongue, 'balance.body', tokens=max(left, 0))}"
    return Buttons(body, (button(tongue, Intent.MENU),))


def refusal(about: About, why: Refusal) -> Message:
    """A refusal in the person's language."""
    if why.code == "insufficient_tokens":
        return no_tokens(about)
    key = _REFUSALS.get(why.code, "refused.other")
    return Text(say(about.language, key))


def trouble(about: About) -> Text:
    """That something of ours went wrong; nothing was charged."""
    return Text(say(about.language, "refused.other"))


def unreadable(language: Language, why: Unreadable) -> Message:
    """Why a file could not be read, and what to do instead."""
    return Text(say(language, why))


def no_paper(language: Language, *, failed: bool) -> Message:
    """That a file which was asked for does not come, and the way on."""
    return Text(say(language, "paper.failed" if failed else "paper.gone"))


def proof(language: Language, outcome: str, purpose: str | None) -> Message:
    """What a browser may do now by their phrase, and how to undo it.

    Who sends us a phrase may have been talked into it by somebody else.
    """
    if outcome == "taken":
        return Text(say(language, "proof.taken"))
    key = _PROOFS.get(purpose or "") if outcome == "proved" else None
    return Text(say(language, key or "proof.unknown"))


def locked(language: Language) -> Message:
    """That browsers were signed out."""
    return Text(say(language, "lock.done"))


def statement(about: About, lines: Sequence[Line]) -> Message:
    """The latest entries, newest first, and the balance."""
    tongue = about.language
    shown = [
        f"{line.when:%d/%m %H:%M} {say(tongue, line.entry)}: {_signed(line.tokens)}"
        for line in lines
    ]
    body = "\n".join(shown) or say(tongue, "statement.empty")
    return Text(f"*{say(tongue, 'statement.title')}*\n{body}\n\n{menus.left(about)}")


def _signed(tokens: int) -> str:
    return f"+{count(tokens)}" if tokens >= 0 else f"-{count(-tokens)}"
