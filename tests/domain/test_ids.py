"""Ids that come back from clients."""

from __future__ import annotations

import pytest

from zimgpt.domain.errors import NotFound
from zimgpt.domain.ids import known_shape

OURS = "0194f0c0-7b1e-4c3a-9d55-0a1b2c3d4e5f"


def test_an_id_of_ours_passes() -> None:
    """What we gave out is taken back."""
    assert known_shape(OURS) == OURS


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        OURS.upper(),
        OURS.replace("-", ""),
        "{" + OURS + "}",
        OURS + "\n",
        " " + OURS,
        OURS[:-1],
        OURS[:-1] + "\u0661",
        "' or true --",
    ],
)
def test_what_we_never_gave_out_is_not_found(written: str) -> None:
    """An id that cannot exist never reaches the database."""
    with pytest.raises(NotFound):
        known_shape(written)
