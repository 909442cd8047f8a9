"""Refusals, each with a code and a sentence."""

from __future__ import annotations

import re

import pytest

from zimgpt.domain import (
    accounts,
    answers,
    conversations,
    errors,
    ledger,
    phones,
    questions,
)
from zimgpt.domain.errors import BadRequest, Refusal

ROOMS = (accounts, answers, conversations, errors, ledger, phones, questions)


def refusals() -> list[type[Refusal]]:
    """Every refusal of the domain, by its code."""
    found = {
        value
        for room in ROOMS
        for value in vars(room).values()
        if isinstance(value, type) and issubclass(value, Refusal)
    }
    return sorted(found, key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: str(kind.code))
def test_a_refusal_says_a_sentence(kind: type[Refusal]) -> None:
    """Raised bare, it says its docstring: one line, begun and ended as a sentence."""
    message = kind().message

    assert message == kind.__doc__
    assert re.fullmatch(r"[A-Z][^\n]*\.", message)


def test_a_refusal_can_say_more() -> None:
    """A sentence of the moment replaces the general one."""
    assert (
        BadRequest("This message is not JSON.").message == "This message is not JSON."
    )


def test_codes_tell_refusals_apart() -> None:
    """Programs see one code for each thing that can go wrong."""
    codes = [kind.code for kind in refusals()]

    assert sorted(set(codes)) == sorted(codes)
    assert all(re.fullmatch("[a-z_]{2,30}", code) for code in codes)
