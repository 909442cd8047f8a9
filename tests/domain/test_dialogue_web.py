"""Whoever shares their number with an account on the web is told so, once."""

from __future__ import annotations

import attrs
import pytest

from zimgpt.domain.dialogue import About, Lock, OptOut, Say, ToldOfWeb, Welcomed, hear
from zimgpt.domain.dialogue.states import Menu
from zimgpt.domain.heard import Said
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Text
from zimgpt.domain.texts import Language, say

UNTOLD = About(Language.ENGLISH, Tokens(1000), Tokens(10), Tokens(90), web_untold=True)


@pytest.mark.parametrize("language", Language)
def test_it_is_told_after_the_answer(language: Language) -> None:
    """What was wanted comes first, then the warning with its way out."""
    about = attrs.evolve(UNTOLD, language=language)

    _, acts = hear(Menu(), Said("balance"), about)

    warning = Say(Text(say(language, "web.known")))
    assert (warning, ToldOfWeb()) == acts[-2:]
    assert "LOCK" in warning.message.body  # type: ignore[union-attr]  # a text


def test_it_is_told_with_the_welcome() -> None:
    """Both once-told things are told to whoever is new."""
    _, acts = hear(Menu(), Said("help"), attrs.evolve(UNTOLD, welcomed=False))

    assert Welcomed() in acts
    assert ToldOfWeb() in acts


def test_who_locks_needs_no_word_about_it() -> None:
    """LOCK is the answer to the warning already."""
    _, acts = hear(Menu(), Said("lock"), UNTOLD)

    assert (Lock(), ToldOfWeb()) == acts


def test_who_leaves_hears_no_more() -> None:
    """STOP is answered alone; the warning waits until they come back."""
    _, leaving = hear(Menu(), Said("stop"), UNTOLD)
    gone = attrs.evolve(UNTOLD, opted_out=True)
    _, silent = hear(Menu(), Said("hello?"), gone)
    _, back = hear(Menu(), Said("start"), gone)

    assert OptOut() in leaving
    assert ToldOfWeb() not in (*leaving, *silent)
    assert ToldOfWeb() in back


def test_it_is_told_once() -> None:
    """Who was told hears no more of it."""
    _, acts = hear(Menu(), Said("balance"), attrs.evolve(UNTOLD, web_untold=False))

    assert ToldOfWeb() not in acts
