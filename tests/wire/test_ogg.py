"""How long voice notes are, which is what they are paid by."""

from __future__ import annotations

import pytest

from tests.wire.notes import note, page
from zimgpt.wire import ogg


@pytest.mark.parametrize("seconds", [0.02, 1.0, 61.5, 900.0])
def test_the_length_of_a_note(seconds: float) -> None:
    """It is what its last page says, less what a player skips at the start."""
    assert ogg.seconds(note(seconds)) == pytest.approx(seconds)


def test_a_page_without_a_place_says_nothing() -> None:
    """A packet that goes on to the next page has none; the last known place counts."""
    content = note(2.0) + page(-1, b"more")

    assert ogg.seconds(content) == pytest.approx(2.0)


def test_a_length_that_cannot_be_is_not_believed() -> None:
    """Nobody makes a long note short by writing another length into it."""
    content = note(0.5) + b"".join(page(24_312, bytes(250) * 4) for _ in range(640))

    assert ogg.seconds(content) == pytest.approx(len(content) / ogg.DENSEST)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"OggS",
        b"ID3 and so on, for a while longer than one header of a page",
        page(0, b"\x01vorbis and its numbers"),
        note(1.0) + b"not a page at all, but as long as one could be",
        page(-1, b"OpusHead" + bytes(11)),
    ],
)
def test_what_is_no_voice_note(content: bytes) -> None:
    """It has no length, rather than a wrong one."""
    assert ogg.seconds(content) is None
