import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Tokens
from zimgpt.wire import frames
from zimgpt.wire.frames import (
    BadFrame,
    End,
    Follow,
    Frames,
    NodeMessage,
    SessionsEnded,
    Stop,
    Unfollow,
    Wallet,
)

ANSWER = AnswerId("3f6c0f0e-6d8b-4f5e-9a43-0d2a4f1b7c11")
END = End(
    answer=ANSWER,
    epoch=2,
    last_seq=9,
    state=State.INTERRUPTED,
    finish=Finish.STOPPED,
    cost=Tokens(41),
    hold=Tokens(300),
    available=Tokens(4_959),
)


@pytest.mark.parametrize(
    "message",
    [
        Follow(ANSWER, "harare-1"),
        Unfollow(ANSWER, "harare-1"),
        Stop(ANSWER),
        Frames("bulawayo-2"),
        Frames("bulawayo-2", ((ANSWER, 1, 4, "Mhoro 🇿🇼"),), (END,)),
        SessionsEnded((SessionId("one"), SessionId("two"))),
        Wallet(UserId(7)),
    ],
)
def test_a_message_is_read_as_it_was_written(message: NodeMessage) -> None:
    """What one node writes, another reads."""
    assert frames.decode(frames.encode(message)) == message


def test_unknown_fields_are_ignored() -> None:
    """A newer node's message is understood while an older one still runs."""
    body = msgspec.msgpack.encode({"type": "wallet", "user": 7, "added": [1, 2]})

    assert frames.decode(body) == Wallet(UserId(7))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        b"\x91" * 100_000,
        msgspec.msgpack.encode({"type": "wallet"}),
        msgspec.msgpack.encode({"type": "wallet", "user": "7"}),
        msgspec.msgpack.encode({"type": "other"}),
        msgspec.msgpack.encode({"type": "frames", "owner": "a", "pieces": [["x", 1]]}),
        b"\x82\xa4type\xa4stop\xa6answer\xa1\xff",
        b"\x83\xa4type\xa6wallet\xa4user\x01\xa4deep" + b"\x91" * 100_000,
    ],
)
def test_what_is_not_a_message_is_refused(body: bytes) -> None:
    """Garbage from a node is one class of error, which says what is wrong."""
    with pytest.raises(BadFrame, match=r"This is not a message between nodes: .+"):
        frames.decode(body)


@given(st.binary())
def test_any_bytes_are_a_message_or_refused(body: bytes) -> None:
    """No bytes raise anything else."""
    try:
        message = frames.decode(body)
    except BadFrame:
        return
    assert isinstance(message, NodeMessage)
