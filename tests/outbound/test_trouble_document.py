"""The table of a model's troubles says what people are really told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zimgpt.config.settings import SETTINGS
from zimgpt.domain.answers import NOTES, Finish
from zimgpt.domain.texts import Language, say

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "upstream-trouble.md"
PAGE = DOCUMENT.read_text()


@pytest.mark.parametrize(
    "finish",
    [Finish.UNREACHABLE, Finish.BUSY, Finish.CUT, Finish.LENGTH, Finish.FILTERED],
)
def test_sentences_are_those_that_people_read(finish: Finish) -> None:
    """Word for word, under the name of the finish."""
    assert f"| *{finish}* | {say(Language.ENGLISH, NOTES[finish])} |" in PAGE


@pytest.mark.parametrize("number", range(20, 35))
def test_each_drill_has_its_row(number: int) -> None:
    """At least one."""
    assert f"\n| D{number} |" in PAGE


@pytest.mark.parametrize(
    "name", ["connect_seconds", "first_byte_seconds", "idle_seconds", "whole_seconds"]
)
def test_times_are_the_defaults(name: str) -> None:
    """As the settings have them."""
    [setting] = [one for one in SETTINGS if one.name == name]
    found = re.search(rf"`{name}`\s\((\d+)\)", PAGE)

    assert found is not None
    assert float(found[1]) == setting.default
