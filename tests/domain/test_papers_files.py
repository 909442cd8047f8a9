"""Names of files."""

from __future__ import annotations

import pytest

from zimgpt.domain.papers.files import LONGEST_NAME, file_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The causes of the First Chimurenga", "The causes of the First Chimurenga"),
        ("Why? Because/therefore: a <b>|*", "Why Because therefore a b"),
        ("two\nlines\tand\x00nothing", "two lines and nothing"),
        ("ends with dots...", "ends with dots"),
        ("../../etc/passwd", "etc passwd"),
        ("Café ya\u202eTino", "Café yaTino"),
        ("", "ZimGPT"),
        ("???", "ZimGPT"),
        ("CON", "ZimGPT CON"),
        ("x" * 500, "x" * LONGEST_NAME),
    ],
)
def test_names_are_taken_by_every_system(title: str, name: str) -> None:
    """No separators, no devices, nothing invisible, not too long."""
    assert file_name(title, "pdf") == f"{name}.pdf"
