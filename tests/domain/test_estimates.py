"""Guesses of how many model tokens a text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.estimates import PER_MESSAGE, at_least, at_most


def written(text: str) -> int:
    """The bytes of a text as a model's stream brings it."""
    return len(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, PER_MESSAGE),
        ("a", 0, PER_MESSAGE + 1),
        ("abcd", 1, PER_MESSAGE + 2),
        ("Mhoroi, makadii henyu?", 5, PER_MESSAGE + 8),
        ("🌍🌍🌍", 3, PER_MESSAGE + 4),
        ("\ud800", 0, PER_MESSAGE + 1),
    ],
)
def test_estimates_count_bytes(text: str, least: int, most: int) -> None:
    """Bytes of UTF-8 decide: three a token for holds, four for charging."""
    assert (at_least(written(text)), at_most(text)) == (least, most)


@given(st.text(), st.text())
def test_estimates_keep_their_order(text: str, more: str) -> None:
    """What is charged on a guess is below what is held on one; longer is more."""
    assert 0 <= at_least(written(text)) < at_most(text)
    assert at_least(written(text)) <= at_least(written(text + more))
    assert at_most(text) <= at_most(text + more)
