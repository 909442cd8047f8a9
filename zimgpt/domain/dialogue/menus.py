"""Messages that can be asked for at any time, all of them free."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.messages import Button, Buttons, Choices, Link, Message, Row, Text
from zimgpt.domain.texts import NAMES, Language, say

ROWS: Final = (
    (Intent.ASK, "menu.ask.title", "menu.ask.more"),
    (Intent.ESSAY, "menu.essay.title", "menu.essay.more"),
    (Intent.BALANCE, "menu.balance.title", "menu.balance.more"),
    (Intent.BUY, "menu.buy.title", "menu.buy.more"),
    (Intent.STATEMENT, "menu.statement.title", "menu.statement.more"),
    (Intent.NEW, "menu.new.title", "menu.new.more"),
    (Intent.LANGUAGE, "menu.language.title", "menu.language.more"),
    (Intent.HELP, "menu.help.title", "menu.help.more"),
    (Intent.STOP, "menu.stop.title", "menu.stop.more"),
)

_BUTTONS: Final = {
    Intent.MENU: "button.menu",
    Intent.ESSAY: "button.essay",
    Intent.BUY: "button.buy",
    Intent.BACK: "button.back",
    Intent.CANCEL: "button.cancel",
    Intent.START: "button.start",
}


def button(language: Language, intent: Intent) -> Button:
    """A button that does what the word would do."""
    return Button(taps.go(intent), say(language, _BUTTONS[intent]))


def noted(note: str, body: str) -> str:
    """A body with what must be said first above it."""
    return f"{note}\n\n{body}" if note else body


def menu(about: About, note: str = "") -> Choices:
    """All that can be done here."""
    tongue = about.language
    return Choices(
        body=noted(note, say(tongue, "menu.body")),
        label=say(tongue, "menu.label"),
        rows=tuple(
            Row(taps.go(intent), say(tongue, title), say(tongue, more))
            for intent, title, more in ROWS
        ),
        footer=say(tongue, "menu.footer"),
    )


def languages(about: About, note: str = "") -> Buttons:
    """The languages, each in its own name."""
    return Buttons(
        body=noted(note, say(about.language, "language.body")),
        buttons=tongues(taps.Asked.TONGUE),
    )


def tongues(asked: taps.Asked) -> tuple[Button, ...]:
    """A button for each language."""
    return tuple(
        Button(taps.written(asked, language), NAMES[language]) for language in Language
    )


def balance(about: About, footer: str = "") -> Buttons:
    """What is left, and what it buys."""
    tongue = about.language
    if about.questions == 0:
        note = say(tongue, "balance.none")
    else:
        note = say(
            tongue, "balance.buys", questions=about.questions, essays=about.essays
        )
    return Buttons(
        body=f"{left(about)}\n{note}",
        buttons=(button(tongue, Intent.BUY), button(tongue, Intent.MENU)),
        footer=footer,
    )


def left(about: About) -> str:
    """What can be spent, and what is set aside besides."""
    tongue = about.language
    free = say(tongue, "balance.body", tokens=max(about.available, 0))
    if about.held <= 0:
        return free
    return f"{free}\n{say(tongue, 'balance.held', tokens=about.held)}"


def help_(about: About, footer: str = "") -> Buttons:
    """How all this works and what it costs."""
    tongue = about.language
    body = say(
        tongue,
        "help.body",
        question=max(about.question_cost, 1),
        essay=max(about.essay_cost, 1),
    )
    if about.voice_cost is not None:
        body += "\n" + say(tongue, "help.voice", tokens=about.voice_cost)
    if about.picture_cost is not None:
        body += "\n" + say(tongue, "help.picture", tokens=about.picture_cost)
    return Buttons(
        body=body,
        buttons=(button(tongue, Intent.MENU), button(tongue, Intent.BUY)),
        footer=footer,
    )


def how_to_get_tokens(about: About, note: str = "") -> Message:
    """The way to tokens while nothing can be bought in the chat."""
    tongue = about.language
    body = noted(note, say(tongue, "buy.closed"))
    if about.web:
        return Link(body, say(tongue, "buy.open_web"), about.web)
    return Buttons(body, (button(tongue, Intent.MENU),))


def goodbye(about: About) -> Buttons:
    """The last thing said to whoever opts out, with the way back."""
    return Buttons(
        say(about.language, "stop.done"), (button(about.language, Intent.START),)
    )


def ready(about: About) -> Text:
    """Words to start with, for whoever wants to ask."""
    return Text(
        say(about.language, "ask.body", question=max(about.question_cost, 1)),
    )
