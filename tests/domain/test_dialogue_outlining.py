"""An outline in the chat, from the wish to the essay that follows it."""

from __future__ import annotations

import attrs
import pytest

from zimgpt.domain.answers import Finish
from zimgpt.domain.answers import State as Written
from zimgpt.domain.chat_format.graphemes import units
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import (
    About,
    AskEssay,
    AskOutline,
    Brief,
    Outlined,
    Quote,
    Quoted,
    Say,
    Sketching,
    Standing,
    State,
    TakeOutline,
    hear,
    taps,
)
from zimgpt.domain.dialogue.delivering import Delivery, delivered
from zimgpt.domain.dialogue.orders import brief_of, order
from zimgpt.domain.dialogue.outlining import written
from zimgpt.domain.dialogue.states import (
    Chatting,
    EssayConfirm,
    EssayLength,
    EssayOutlined,
    EssayOutlining,
    EssayPoints,
    EssayPricing,
    Level,
    Menu,
)
from zimgpt.domain.essays import briefs
from zimgpt.domain.essays.briefs import Section, Step, Style
from zimgpt.domain.heard import Chose, MediaKind, Said
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Text
from zimgpt.domain.texts import Language, say

ENGLISH, SHONA, NDEBELE = Language
ABOUT = About(
    language=ENGLISH,
    available=Tokens(5_000),
    question_cost=Tokens(40),
    essay_cost=Tokens(400),
)
ID = AnswerId("5c6e7a1c-08a4-4f4e-9f0e-6f1b7f1a2b3c")
SECTIONS = (Section("Introduction"), Section("Rain", ("Dams",)), Section("End"))
CHOSEN = Brief("Why?", Level.A_LEVEL, 800, ENGLISH, Style.APA, ("Dams",))
BRIEF = attrs.evolve(CHOSEN, outline=SECTIONS)
CONFIRM = EssayConfirm(
    brief=CHOSEN,
    tokens=Tokens(900),
    usual=Tokens(500),
    sketch=Tokens(77),
)
OUTLINING, _ = hear(CONFIRM, Sketching(ID), ABOUT)
PRICE = Quoted(Tokens(800), Tokens(400), 800, Tokens(77))
OUTLINED, _ = hear(
    hear(OUTLINING, Outlined(ID, Standing.THERE, BRIEF), ABOUT)[0], PRICE, ABOUT
)


def texts(state: State, heard: object, about: About = ABOUT) -> list[str]:
    """The bodies of what is said."""
    _, acts = hear(state, heard, about)  # type: ignore[arg-type]
    return [getattr(act.message, "body", "") for act in acts if isinstance(act, Say)]


def button(state: State, place: int, about: About = ABOUT) -> Chose:
    """A tap on a button of a state's message."""
    _, (act,) = hear(state, Said("what?"), about)
    assert isinstance(act, Say)
    assert isinstance(act.message, Buttons)
    return Chose(act.message.buttons[place].id, "x")


@pytest.mark.parametrize("word", ["outline", "Hurongwa kutanga", "uhlaka", "2"])
def test_an_outline_is_ordered_by_word_number_and_button(word: str) -> None:
    """Its price stands beside the essay's; nothing changes until it is accepted."""
    assert hear(CONFIRM, Said(word), ABOUT) == (CONFIRM, (AskOutline(CHOSEN),))
    assert hear(CONFIRM, button(CONFIRM, 1), ABOUT)[1] == (AskOutline(CHOSEN),)
    assert "at most 77 in tokens" in texts(CONFIRM, Said("what?"))[0]


def test_the_wish_of_an_earlier_order_costs_nothing() -> None:
    """A button is tied to its order here, too."""
    other = attrs.evolve(CONFIRM, brief=attrs.evolve(CHOSEN, topic="Other"))

    assert hear(other, button(CONFIRM, 1), ABOUT)[0] == other
    assert texts(other, button(CONFIRM, 1))[0].startswith(say(ENGLISH, "steps.stale"))


def test_an_outline_under_way_is_waited_for() -> None:
    """Whoever writes to it before it has come is told so, and loses nothing."""
    assert isinstance(OUTLINING, EssayOutlining)
    assert hear(OUTLINING, Said("3 1"), ABOUT) == (
        OUTLINING,
        (TakeOutline(ID, "3 1"),),
    )
    found = Outlined(ID, Standing.UNDER_WAY, CHOSEN, "3 1")
    assert hear(OUTLINING, found, ABOUT)[0] == OUTLINING
    assert texts(OUTLINING, found) == [say(ENGLISH, "outline.under_way")]


def test_what_is_accepted_late_changes_no_other_order() -> None:
    """The dialogue may stand elsewhere when its own house tells it."""
    for state in (Menu(), OUTLINED):
        assert hear(state, Sketching(ID), ABOUT) == (state, ())


@pytest.mark.parametrize("said", [None, "yes", "hongu"])
def test_an_outline_that_is_taken_gets_its_price(said: str | None) -> None:
    """And the essay that is agreed to follows it, at that price."""
    state, acts = hear(OUTLINING, Outlined(ID, Standing.THERE, BRIEF, said), ABOUT)
    assert acts == (Quote(BRIEF),)
    state, acts = hear(state, PRICE, ABOUT)
    assert isinstance(state, EssayOutlined)
    (act,) = acts
    assert isinstance(act, Say)
    assert "800" in getattr(act.message, "body", "")

    for agreed in (Said("yes"), button(state, 0)):
        after, acts = hear(state, agreed, ABOUT)
        assert acts == (AskEssay(BRIEF, Tokens(800)),)
        assert isinstance(after, Chatting)


@pytest.mark.parametrize(
    "state",
    [
        Menu(),
        Chatting(),
        OUTLINED,
        EssayLength(brief=Brief("x")),
    ],
)
def test_its_button_works_whenever_it_is_tapped(state: State) -> None:
    """What was paid for is not lost by a look at the menu."""
    tap = Chose(taps.written(taps.Asked.OUTLINE, ID), "x")

    assert hear(state, tap, ABOUT) == (state, (TakeOutline(ID),))
    after, acts = hear(state, Outlined(ID, Standing.THERE, BRIEF), ABOUT)
    assert isinstance(after, EssayPricing)
    assert acts == (Quote(BRIEF),)


@pytest.mark.parametrize("language", Language)
def test_an_outline_that_is_changed_is_shown_again(language: Language) -> None:
    """With its new price, as often as they like, before any yes."""
    about = attrs.evolve(ABOUT, language=language)
    changed = attrs.evolve(BRIEF, outline=(SECTIONS[1], SECTIONS[0]))
    shown = Say(Text("*1. Rain*\n• Dams\n*2. Introduction*"))
    found = Outlined(ID, Standing.THERE, BRIEF, "2 1")

    for step in (hear(OUTLINING, found, about), hear(OUTLINED, Said("2 1"), about)):
        state, acts = step
        assert acts == (shown, Quote(changed))
        state, _ = hear(state, PRICE, about)
        assert hear(state, Said("yes"), about)[1] == (AskEssay(changed, Tokens(800)),)


@pytest.mark.parametrize("language", Language)
def test_what_changes_nothing_is_told_with_the_way(language: Language) -> None:
    """Neither outline nor price is another, and nothing is charged."""
    about = attrs.evolve(ABOUT, language=language)
    unclear = say(language, "outline.unclear")
    found = Outlined(ID, Standing.THERE, BRIEF, "what?")

    assert hear(OUTLINING, found, about)[0] == OUTLINING
    (told,) = texts(OUTLINING, found, about)
    assert told == f"{unclear}\n\n{say(language, 'outline.rules')}"
    assert hear(OUTLINED, Said("what?"), about)[0] == OUTLINED
    assert texts(OUTLINED, Said("what?"), about)[0].startswith(unclear)


@pytest.mark.parametrize("word", ["no", "kwete", "hatshi"])
def test_whoever_says_no_leaves(word: str) -> None:
    """The outline stays in the chat with its button."""
    for step in (
        hear(OUTLINED, Said(word), ABOUT),
        hear(OUTLINING, Outlined(ID, Standing.THERE, BRIEF, word), ABOUT),
    ):
        assert step[0] == Menu()


def test_an_outline_that_failed_leads_to_the_price_again() -> None:
    """The order is not lost with it."""
    after, acts = hear(OUTLINING, Outlined(ID, Standing.FAILED, CHOSEN, "yes"), ABOUT)

    assert isinstance(after, EssayPricing)
    assert acts == (Quote(CHOSEN),)
    assert isinstance(hear(after, PRICE, ABOUT)[0], EssayConfirm)


def test_an_outline_that_is_not_theirs_is_an_old_button() -> None:
    """Anybody can write an id."""
    found = Outlined(ID, Standing.UNKNOWN)

    assert hear(Menu(), found, ABOUT)[0] == Menu()
    assert texts(Menu(), found)[0].startswith(say(ENGLISH, "steps.stale"))


def test_an_essay_by_an_outline_that_is_too_dear_says_so() -> None:
    """And leads to what can be paid."""
    state, _ = hear(Menu(), Outlined(ID, Standing.THERE, BRIEF), ABOUT)

    after, _ = hear(state, attrs.evolve(PRICE, tokens=Tokens(6_000)), ABOUT)

    assert after == EssayLength(brief=BRIEF)


@pytest.mark.parametrize("state", [CONFIRM, OUTLINING, OUTLINED])
def test_back_leads_to_the_points(state: State) -> None:
    """From the price and from the outline alike."""
    assert isinstance(hear(state, Said("back"), ABOUT)[0], EssayPoints)


CHANGED = attrs.evolve(BRIEF, outline=(SECTIONS[1], SECTIONS[0]))
ANSWERS = {"level": "2", "length": "800", "language": "1", "style": "apa"}


@pytest.mark.parametrize("steps_back", range(1, 6))
def test_a_changed_outline_is_kept_on_the_way_back(steps_back: int) -> None:
    """However far they went: with the questions answered again it is shown as they had
    left it, with its price."""
    state, _ = hear(OUTLINED, Said("2 1"), ABOUT)
    state, _ = hear(state, PRICE, ABOUT)
    for _ in range(steps_back):
        state, _ = hear(state, Said("back"), ABOUT)

    for answer in list(ANSWERS.values())[len(ANSWERS) + 1 - steps_back :]:
        state, _ = hear(state, Said(answer), ABOUT)
    state, acts = hear(state, Said("Dams"), ABOUT)

    shown = Text("*1. Rain*\n• Dams\n*2. Introduction*")
    assert acts == (Say(shown), Quote(CHANGED))
    state, _ = hear(state, PRICE, ABOUT)
    assert hear(state, Said("yes"), ABOUT)[1] == (AskEssay(CHANGED, Tokens(800)),)


def test_an_outline_is_of_no_use_in_another_language() -> None:
    """Nor for another topic: the price is that of an essay without one."""
    state: State = OUTLINED
    for word in ("back", "back", "back", "shona", "none", "skip"):
        state, acts = hear(state, Said(word), ABOUT)
    assert acts == (Quote(Brief("Why?", Level.A_LEVEL, 800, SHONA)),)

    for word in ("back",) * 6 + ("Rain", "1", "500", "english", "none", "skip"):
        state, acts = hear(state, Said(word), ABOUT)
    assert acts == (Quote(Brief("Rain", Level.O_LEVEL, 500, ENGLISH)),)


@pytest.mark.parametrize("said", ["skip", "DARIKA", "yeqa", "no", None])
def test_points_may_be_skipped(said: str | None) -> None:
    """By word and by button."""
    state = EssayPoints(brief=Brief("Why?"))
    tap = Chose(taps.written(taps.Asked.POINTS, ""), "x")
    heard = tap if said is None else Said(said)

    after, acts = hear(state, heard, ABOUT)

    assert isinstance(after, EssayPricing)
    assert acts == (Quote(Brief("Why?")),)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("???", "essay.points.unclear"),
        ("x\n" * 21, "essay.points.many"),
        ("x" * 301, "essay.points.long"),
    ],
)
def test_points_that_cannot_be_are_asked_again(text: str, key: str) -> None:
    """With what was wrong."""
    state = EssayPoints(brief=Brief("Why?"))

    assert hear(state, Said(text), ABOUT)[0] == state
    assert texts(state, Said(text))[0].startswith(say(ENGLISH, key))


def test_points_may_be_spoken() -> None:
    """As the topic may."""
    state = EssayPoints(brief=Brief("Why?"))

    after, _ = hear(state, Said("Dams", MediaKind.VOICE), ABOUT)

    assert isinstance(after, EssayPricing)
    assert after.brief.points == ("Dams",)


def test_a_brief_comes_back_as_it_was_ordered() -> None:
    """An outline's button leads to the same essay."""
    assert brief_of("Why?", order(BRIEF)) == BRIEF
    assert order(CHOSEN, Step.OUTLINE).step is Step.OUTLINE


# ---- an outline as it is delivered


DELIVERY = Delivery(
    answer=ID,
    essay=True,
    question="Why?",
    text="## Introduction\n- Why\n\n## Rain\n- Dams\n\n## End",
    state=Written.COMPLETE,
    finish=Finish.STOP,
    cost=Tokens(40),
    brief=order(CHOSEN, Step.OUTLINE),
)


@pytest.mark.parametrize("language", Language)
def test_an_outline_comes_by_number_with_the_rules(language: Language) -> None:
    """As it can be changed, with what it cost, and a button that takes it."""
    about = attrs.evolve(ABOUT, language=language)

    shown, rules = delivered(DELIVERY, about)

    cost = say(language, "answer.footer", cost=40, balance=5_000)
    whole = "*1. Introduction*\n• Why\n*2. Rain*\n• Dams\n*3. End*"
    assert shown == Text(f"{whole}\n\n_{cost}_")
    assert isinstance(rules, Buttons)
    assert rules.body == say(language, "outline.rules")
    assert rules.buttons[0].id == taps.written(taps.Asked.OUTLINE, ID)


def test_an_outline_that_cannot_be_read_is_replaced() -> None:
    """By the plain one that is used then everywhere."""
    shown, _ = delivered(attrs.evolve(DELIVERY, text="I would rather not."), ABOUT)

    assert isinstance(shown, Text)
    assert shown.body.startswith("*1. Introduction*\n*2. Part 1*\n• Dams\n")


@pytest.mark.parametrize("language", Language)
def test_an_outline_that_was_not_written_costs_nothing(language: Language) -> None:
    """And the order goes on by a tap."""
    gone = attrs.evolve(
        DELIVERY, text="", cost=Tokens(0), state=Written.FAILED, finish=Finish.BUSY
    )

    (told,) = delivered(gone, attrs.evolve(ABOUT, language=language))

    assert isinstance(told, Buttons)
    assert say(language, "end.busy") in told.body
    assert say(language, "outline.failed") in told.body
    assert told.buttons[0].id == taps.written(taps.Asked.OUTLINE, ID)


def test_an_essay_by_a_brief_is_delivered_as_ever() -> None:
    """Only outlines are shown by number."""
    essay = attrs.evolve(DELIVERY, brief=order(BRIEF))

    told, files = delivered(essay, ABOUT)

    assert isinstance(told, Text)
    assert told.body.startswith("*Introduction*")
    assert isinstance(files, Buttons)


@pytest.mark.parametrize("language", Language)
def test_a_very_long_outline_fits_a_message(language: Language) -> None:
    """Its points are left out of what is shown, and stay in the outline."""
    section = Section("x" * briefs.LONGEST_HEADING, ("y" * 300,) * 8)

    shown = written((section,) * briefs.MOST_SECTIONS)

    assert units(shown) < 3_500
    assert "y" not in shown
