"""What nodes tell one another through the broker: MessagePack maps with a ``type``.

::

    reader's node                              writer's node
    -> {"type":"follow","answer":UUID,"node":N}    send me this answer's frames
    -> {"type":"unfollow","answer":UUID,"node":N}
    -> {"type":"stop","answer":UUID}               its asker wants it ended
       <- {"type":"frames","owner":N,"pieces":[[UUID,EPOCH,SEQ,STR],…],"ends":[…]}

    any node, to every other
    <> {"type":"sessions_ended","sessions":[ID,…]}  close their sockets
    <> {"type":"wallet","user":INT}                 its balances have changed
    <> {"type":"payment","payment":UUID,"users":[INT,…]}  it has changed: tell them
    <> {"type":"asked","user":INT,"conversation":UUID,"answer":UUID}
    <> {"type":"replaced","user":INT,"conversation":UUID,"turn":UUID,"by":UUID}

A message may be lost: whoever misses frames reads PostgreSQL. One ``frames`` message
carries all that a node has for another at one tick. Fields that this version does not
know are ignored, so that nodes of two versions understand each other.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.ledger import Tokens


class BadFrame(Exception):  # noqa: N818 - named for what came, like the refusals
    """This is not a message between nodes."""


Piece: TypeAlias = tuple[AnswerId, int, int, str]
"""Answer, epoch, seq, and the stored text: a tuple, for there are many of them."""


class Follow(msgspec.Struct, tag="follow", frozen=True):
    """Asks the writer of an answer for its frames."""

    answer: AnswerId
    node: str


class Unfollow(msgspec.Struct, tag="unfollow", frozen=True):
    """Nobody reads this answer on that node any more."""

    answer: AnswerId
    node: str


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """Asks the writer of an answer to end it."""

    answer: AnswerId


class End(msgspec.Struct, frozen=True):
    """How an answer ended, as its readers are told."""

    answer: AnswerId
    epoch: int
    last_seq: int
    state: State
    finish: Finish
    cost: Tokens
    hold: Tokens
    available: Tokens
    words: int | None = None
    memory: Tokens | None = None


class Frames(msgspec.Struct, tag="frames", frozen=True):
    """What ``owner`` wrote since its last tick, of the answers that a node follows."""

    owner: str
    pieces: tuple[Piece, ...] = ()
    ends: tuple[End, ...] = ()


class SessionsEnded(msgspec.Struct, tag="sessions_ended", frozen=True):
    """These sessions were revoked."""

    sessions: tuple[SessionId, ...]


class Wallet(msgspec.Struct, tag="wallet", frozen=True):
    """A person's balances have changed."""

    user: UserId


class Payment(msgspec.Struct, tag="payment", frozen=True):
    """A payment has changed that concerns these people."""

    payment: str
    users: tuple[UserId, ...]


class Asked(msgspec.Struct, tag="asked", frozen=True):
    """A person has asked a question."""

    user: UserId
    conversation: ConversationId
    answer: AnswerId


class Replaced(msgspec.Struct, tag="replaced", frozen=True):
    """Another question of a person's has taken the place of a turn."""

    user: UserId
    conversation: ConversationId
    turn: AnswerId
    by: AnswerId


NodeMessage: TypeAlias = (
    Follow
    | Unfollow
    | Stop
    | Frames
    | SessionsEnded
    | Wallet
    | Payment
    | Asked
    | Replaced
)

_decoder = msgspec.msgpack.Decoder(NodeMessage)
_encoder = msgspec.msgpack.Encoder()


def decode(body: bytes) -> NodeMessage:
    """The message in ``body``; raises BadFrame with what is wrong and where."""
    try:
        message: NodeMessage = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(f"This is not a message between nodes: {error}.") from None
    return message


def encode(message: NodeMessage) -> bytes:
    """The body for a message."""
    return _encoder.encode(message)
