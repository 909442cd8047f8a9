"""The websocket protocol ``zimgpt.v1``: JSON text frames between a client and us.

::

    -> {"type":"ask","id":ID,"kind"?:"chat"|"essay","text":STR,
        "conversation"?:UUID,"max_tokens"?:INT,"brief"?:BRIEF,"replaces"?:UUID}
       <- {"type":"accepted","id":ID,"answer":UUID,"a":N,"e":EPOCH,"conversation":UUID,
           "max_tokens":INT,"hold":INT,"balance":INT,"note"?:STR}
    -> {"type":"read","answer":UUID,"epoch"?:INT,"seq"?:INT}   what the client has
       <- {"type":"reading","answer":UUID,"a":N,"e":EPOCH,"s":SEQ}
       <- {"a":N,"s":SEQ,"t":STR}          text, see below
       <- {"type":"reset","a":N,"e":EPOCH} forget the text of N: it begins again
       <- {"type":"done","a":N,"cost":INT,"balance":INT,"finish":STR,"note"?:STR,
           "words"?:INT,"memory"?:INT}
       <- {"type":"failed","a":N,"reason":STR,"message":STR,
           "refunded":INT,"balance":INT}
    -> {"type":"stop","answer":UUID}       ends it; paid for what was written
    -> {"type":"pace","slow":BOOL}         data saver: text about once a second
    -> {"type":"ping"}  <- {"type":"pong"}
       <- {"type":"balance","available":INT,"held":INT}   on connecting and on changes
       <- {"type":"payment","id":UUID,"client_id":STR,"version":INT,"state":STR,
           "method":STR,"amount":INT,"currency":STR,"price":STR,"tokens":INT,
           "package":STR,"reference":STR,"created_at":TIME,"text":STR,"message":STR,
           "gateway_reference"?:STR,"phone"?:STR,"prompt"?:PROMPT,"reason"?:STR,
           "credited_at"?:TIME,"beneficiary"?:STR}
       <- {"type":"asked","conversation":UUID,"answer":UUID}   on another device
       <- {"type":"replaced","conversation":UUID,"answer":UUID,"by":UUID}
       <- {"type":"error","id"?:ID,"code":STR,"message":STR,"retry"?:SECONDS}
       <- {"type":"bye","retry":SECONDS}   the server is going; come back

``a`` numbers the answers of one connection. The text frame is the one that is paid
for in data: it alone has no ``type``, and it leaves out what the client knows. A
missing ``a`` is that of the text frame before it; a missing ``s`` is one more than
that answer's last. ``s`` is the position *after* the text, so a frame may carry
several stored pieces at once. Anything may be repeated: an ``ask`` with the same id
finds the first answer, a ``read`` begins where it says.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias, assert_never

import msgspec

from zimgpt.wire import strict
from zimgpt.wire.essays import Brief
from zimgpt.wire.payments import PaymentFields

SUBPROTOCOL: Final = "zimgpt.v1"
LARGEST: Final = strict.LARGEST  # bytes of a frame, either way

# What PostgreSQL would refuse is refused here, with a sentence.
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Ask(msgspec.Struct, tag="ask", forbid_unknown_fields=True, frozen=True):
    """A question; ``id`` is the client's own, and makes repeats harmless."""

    id: ClientId
    text: str
    kind: Literal["chat", "essay"] = "chat"
    conversation: str | None = None
    max_tokens: AtLeastOne | None = None
    brief: Brief | None = None
    replaces: str | None = None


class Read(msgspec.Struct, tag="read", forbid_unknown_fields=True, frozen=True):
    """Subscribes to an answer from where the client is."""

    answer: str
    epoch: Count = 0
    seq: Count = 0


class Stop(msgspec.Struct, tag="stop", forbid_unknown_fields=True, frozen=True):
    """Ends an answer early."""

    answer: str


class Pace(msgspec.Struct, tag="pace", forbid_unknown_fields=True, frozen=True):
    """Whether text should come in few large frames."""

    slow: bool


class Ping(msgspec.Struct, tag="ping", forbid_unknown_fields=True, frozen=True):
    """Asks for a pong."""


Request: TypeAlias = Ask | Read | Stop | Pace | Ping


class Accepted(msgspec.Struct, tag="accepted", frozen=True, omit_defaults=True):
    """The question is committed and its price held."""

    id: str
    answer: str
    a: int
    e: int
    conversation: str
    max_tokens: int
    hold: int
    balance: int
    note: str | None = None


class Reading(msgspec.Struct, tag="reading", frozen=True):
    """The subscription's number and where its text begins."""

    answer: str
    a: int
    e: int
    s: int


class Reset(msgspec.Struct, tag="reset", frozen=True):
    """The answer begins again, as epoch ``e``; what was shown is void."""

    a: int
    e: int


class Done(msgspec.Struct, tag="done", frozen=True, omit_defaults=True):
    """The answer is whole, or as whole as ``finish`` says, and paid for."""

    a: int
    cost: int
    balance: int
    finish: str
    note: str | None = None
    words: int | None = None
    memory: int | None = None


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """No answer came; nothing was charged."""

    a: int
    reason: str
    message: str
    refunded: int
    balance: int


class Balance(msgspec.Struct, tag="balance", frozen=True):
    """The wallet."""

    available: int
    held: int


class Payment(PaymentFields, tag="payment", frozen=True, omit_defaults=True):
    """A payment of the person's has changed."""


class Asked(msgspec.Struct, tag="asked", frozen=True):
    """A question was asked elsewhere: a hint, its words and its answer can be read."""

    conversation: str
    answer: str


class Replaced(msgspec.Struct, tag="replaced", frozen=True):
    """A turn, with all that came after it, has made room for another question's."""

    conversation: str
    answer: str
    by: str


class Bye(msgspec.Struct, tag="bye", frozen=True):
    """The server is going away; ``retry`` is in seconds."""

    retry: int


class Error(msgspec.Struct, tag="error", frozen=True, omit_defaults=True):
    """A request was refused; ``retry`` is in seconds."""

    code: str
    message: str
    id: str | None = None
    retry: int | None = None


class Pong(msgspec.Struct, tag="pong", frozen=True):
    """The answer to a ping."""


Event: TypeAlias = (
    Accepted
    | Reading
    | Reset
    | Done
    | Failed
    | Balance
    | Payment
    | Asked
    | Replaced
    | Bye
    | Error
    | Pong
)

_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_encoder = msgspec.json.Encoder()


def decode(payload: bytes) -> Request:
    """The request in a frame; raises BadRequest with what is wrong and where."""
    return strict.decode(_decoder, payload)


def name(request: Request) -> str | None:
    """What a refusal of a request is called by, if it can be told from others."""
    match request:
        case Ask(id=name) | Read(answer=name) | Stop(answer=name):
            return name
        case Pace() | Ping():
            return None
        case _:
            assert_never(request)


def encode(event: Event) -> bytes:
    """The frame's payload for an event."""
    return _encoder.encode(event)


def quoted(text: str) -> bytes:
    """A text as JSON: encoded once, however many sockets it goes to."""
    return _encoder.encode(text)


def encode_text(
    quoted_text: bytes, *, a: int | None = None, s: int | None = None
) -> bytes:
    """A text frame's payload; leave out what the client knows."""
    numbers = b"" if a is None else b'"a":%d,' % a
    if s is not None:
        numbers += b'"s":%d,' % s
    return b"{" + numbers + b'"t":' + quoted_text + b"}"
