"""What a dialogue wants done; a flow carries the acts out in their order."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue.facts import Offer
from zimgpt.domain.dialogue.states import Brief
from zimgpt.domain.heard import Sent
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Message
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.domain.topups.networks import Method


@attrs.frozen
class Say:
    """Send this, free of charge."""

    message: Message


@attrs.frozen
class Ask:
    """Put a question to the model; without a conversation, begin one and tell the
    dialogue by ``Began``."""

    text: str
    conversation: ConversationId | None


@attrs.frozen
class Quote:
    """Work out what this essay costs and tell the dialogue by ``Quoted``."""

    brief: Brief


@attrs.frozen
class AskEssay:
    """Have this essay written; ``tokens`` is the price that was agreed to."""

    brief: Brief
    tokens: Tokens


@attrs.frozen
class AskOutline:
    """Have the outline of this essay written; tell the dialogue by ``Sketching``."""

    brief: Brief


@attrs.frozen
class TakeOutline:
    """Look up an outline of theirs and tell the dialogue by ``Outlined``; ``said`` is
    what they wrote to it."""

    answer: AnswerId
    said: str | None = None


@attrs.frozen
class Read:
    """Turn a file into words and let the dialogue hear them as ``Said``, or tell the
    person kindly why not (``replies.unreadable``)."""

    media: Sent


@attrs.frozen
class NewConversation:
    """The conversation under way is over; nothing is deleted."""


@attrs.frozen
class SetLanguage:
    """Speak this language from now on."""

    language: Language


@attrs.frozen
class ShowStatement:
    """Look up the latest entries, and send ``replies.statement``, ``papers.month`` and
    ``papers.earlier``."""


@attrs.frozen
class SendMonth:
    """Send the wallet in a month as a file; ``month`` is what a button or a person
    said, such as 2026-10."""

    month: str


@attrs.frozen
class SendWord:
    """Send an answer as a Word file, if it is theirs; the id is what a button said."""

    answer: str


@attrs.frozen
class SendPdf:
    """The same on paper."""

    answer: str


@attrs.frozen
class OptOut:
    """Send nothing after what is said with this, until ``OptIn``. What was asked and
    paid for is still written and kept."""


@attrs.frozen
class OptIn:
    """Messages may be sent again; answers that were kept go out now."""


@attrs.frozen
class BeginTopUp:
    """Start a payment at the price that was shown, and send how it stands.

    ``number`` is whose wallet pays, None on a page; ``gift`` is whose tokens they will
    be, if not the person's.
    """

    wanted: Offer
    number: Phone | None
    method: Method
    gift: Phone | None = None


@attrs.frozen
class CheckPayment:
    """They say that they have paid: ask, and send how it stands. Without an id it is
    the latest of theirs."""

    payment: str | None = None


@attrs.frozen
class EnterCode:
    """Hand in the code that their wallet sent for this payment."""

    payment: str
    code: str


@attrs.frozen
class Redeem:
    """Put a voucher's tokens into their wallet, and say so."""

    code: str


@attrs.frozen
class ProvePhone:
    """Somebody at a browser shall be known by this one-time phrase, in the form of
    ``phrases.phrase``; then send ``replies.proof`` unless opted out."""

    phrase: str


@attrs.frozen
class Lock:
    """Sign every browser of theirs out, and let none wait for a phrase; then send
    ``replies.locked``."""


@attrs.frozen
class Forget:
    """Delete the person's conversations; money is remembered."""


@attrs.frozen
class Welcomed:
    """Remember that the sentence about consent and privacy was said."""


@attrs.frozen
class ToldUnclear:
    """Remember, for an hour, that we said what cannot be read."""


@attrs.frozen
class ToldOfWeb:
    """Remember that we said that this number has sign-ins on the web."""


Act: TypeAlias = (
    Say
    | Ask
    | Quote
    | AskEssay
    | AskOutline
    | TakeOutline
    | Read
    | NewConversation
    | SetLanguage
    | ShowStatement
    | SendMonth
    | SendWord
    | SendPdf
    | OptOut
    | OptIn
    | BeginTopUp
    | CheckPayment
    | EnterCode
    | Redeem
    | ProvePhone
    | Lock
    | Forget
    | Welcomed
    | ToldUnclear
    | ToldOfWeb
)
