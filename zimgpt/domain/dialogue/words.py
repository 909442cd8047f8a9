"""Typed words that mean something by themselves, in three languages.

Only a whole message counts: "help" is a call for help, "help me with fractions" is a
question. All languages are understood at once, for people mix them.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from zimgpt.domain.dialogue.states import Level
from zimgpt.domain.essays.briefs import Style
from zimgpt.domain.texts import Language


class Intent(StrEnum):
    """What a word or a tap of the menu asks for; the value is its button's name."""

    MENU = "menu"
    ASK = "ask"
    ESSAY = "essay"
    BALANCE = "balance"
    STATEMENT = "statement"
    BUY = "buy"
    GIFT = "gift"
    PAID = "paid"
    NEW = "new"
    LANGUAGE = "language"
    HELP = "help"
    STOP = "stop"
    START = "start"
    BACK = "back"
    CANCEL = "cancel"
    FORGET = "forget"
    LOCK = "lock"


_WORDS: Final = {
    Intent.MENU: "menu, main menu, hi, hello, hey, good morning, good afternoon, "
    "good evening, menyu, hesi, mhoro, mhoroi, makadii, makadini, mangwanani, "
    "masikati, manheru, imenyu, sawubona, salibonani, unjani, linjani, livukenjani",
    Intent.ASK: "ask, ask a question, bvunza, bvunza mubvunzo, buza, buza umbuzo",
    Intent.ESSAY: "essay, write an essay, rondedzero, nyora rondedzero, eseyi, "
    "i-eseyi, bhala i-eseyi",
    Intent.BALANCE: "balance, my balance, tokens, my tokens, bhalansi, matokeni, "
    "matokeni asara, matokeni angu, ibhalansi, amathokheni, amathokheni ami",
    Intent.STATEMENT: "statement, history, chitatimende, isitatimende",
    Intent.BUY: "buy, buy tokens, top up, topup, tenga, tenga matokeni, thenga, "
    "thenga amathokheni",
    Intent.GIFT: "gift, buy for somebody, buy for someone, buy for somebody else, "
    "chipo, tengera mumwe, isipho, thengela omunye",
    Intent.PAID: "paid, i have paid, i paid, ndabhadhara, ndatobhadhara, "
    "sengibhadele, ngibhadele",
    Intent.NEW: "new, new chat, new conversation, new topic, itsva, hurukuro itsva, "
    "nyaya itsva, entsha, ingxoxo entsha",
    Intent.LANGUAGE: "language, change language, mutauro, chinja mutauro, ulimi, "
    "guqula ulimi",
    Intent.HELP: "help, rubatsiro, ndibatsirei, batsira, usizo, uncedo, ngisize",
    Intent.STOP: "stop, stop messages, stop all, unsubscribe, opt out, mira, "
    "misa mameseji, mana, misa imilayezo",
    Intent.START: "start, subscribe, opt in, unstop, tanga, qala",
    Intent.BACK: "back, go back, dzokera, dzokera shure, shure, emuva, buyela emuva",
    Intent.CANCEL: "cancel, quit, exit, kanzura, siya, regera, khansela, yekela",
    Intent.FORGET: "forget, forget me, delete my chats, delete my data, kanganwa, "
    "dzima, khohlwa, sula",
    Intent.LOCK: "lock, lock my account, sign out, log out, kiya, khiya",
}


class Edit(StrEnum):
    """What a line does to an outline."""

    ADD = "add"
    DELETE = "delete"


_EDITS: Final = {
    Edit.ADD: "add, wedzera, wedzerai, engeza, engezela",
    Edit.DELETE: "delete, remove, dzima, dzimai, bvisa, bvisai, sula, susa",
}
_YES: Final = (
    "yes, y, yeah, yep, ok, okay, confirm, sure, hongu, ehe, ehee, hezvo, zvakanaka, "
    "yebo, ye, kulungile, vuma"
)
_NO: Final = "no, n, nope, kwete, aiwa, bodo, hayi, hatshi, hatshibo"
_SKIP: Final = (
    "skip, none, no points, nothing, darika, darikai, hapana, pasina, yeqa, "
    "kungelalutho"
)
_SKETCH: Final = (
    "outline, outline first, hurongwa, hurongwa kutanga, uhlaka, uhlaka kuqala"
)
_LANGUAGES: Final = {
    Language.ENGLISH: "english, chirungu, isingisi, en",
    Language.SHONA: "shona, chishona, isishona, sn",
    Language.NDEBELE: "ndebele, isindebele, chindebele, sindebele, nd",
}
_LEVELS: Final = {
    Level.O_LEVEL: "o level, o-level, olevel, o",
    Level.A_LEVEL: "a level, a-level, alevel, a",
    Level.CAMBRIDGE_O: "igcse, cambridge, cambridge o level, cambridge igcse",
    Level.CAMBRIDGE_A: "cambridge a level",
    Level.UNIVERSITY: "university, college, yunivhesiti, koreji, iyunivesithi, "
    "ikolitshi",
    Level.GENERAL: "general, anyone, everybody, munhu wese, vanhu vese, wonke umuntu, "
    "abantu bonke",
}

_STYLES: Final = {
    Style.NONE: "none, no, no sources, without, kwete, aiwa, hayi, hatshi, "
    "pasina mabhuku, kungelamithombo",
    Style.HARVARD: "harvard",
    Style.APA: "apa",
    Style.MLA: "mla",
}


def plain(text: str) -> str:
    """A message without case, accents, marks around it, or spaces too many."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", kept).strip()


def _table(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split(","))


_INTENTS = {word: intent for intent, words in _WORDS.items() for word in _table(words)}
_ASSENT = _table(_YES)
_DISSENT = _table(_NO)
_SKIPS = _table(_SKIP) | _DISSENT
_SKETCHES = _table(_SKETCH)
_VERBS = {word: edit for edit, words in _EDITS.items() for word in _table(words)}
_TONGUES = {word: tongue for tongue, ws in _LANGUAGES.items() for word in _table(ws)}
_CITATIONS = {word: style for style, ws in _STYLES.items() for word in _table(ws)}
_GRADES = {word: level for level, ws in _LEVELS.items() for word in _table(ws)}


def intent(text: str) -> Intent | None:
    """The command that this message is, if it is one."""
    return _INTENTS.get(plain(text))


def yes(text: str) -> bool:
    """Whether this message agrees."""
    return plain(text) in _ASSENT


def no(text: str) -> bool:
    """Whether this message declines."""
    return plain(text) in _DISSENT


def skip(text: str) -> bool:
    """Whether this message leaves out what it was asked for."""
    return plain(text) in _SKIPS


def sketch(text: str) -> bool:
    """Whether this message wants an outline first."""
    return plain(text) in _SKETCHES


def edit(line: str) -> tuple[Edit, str] | None:
    """What a line says is to be done to an outline, and with what."""
    verb, _, rest = line.strip().partition(" ")
    order = _VERBS.get(plain(verb))
    return (order, rest.strip()) if order and rest.strip() else None


def language(text: str) -> Language | None:
    """The language that this message names."""
    return _TONGUES.get(plain(text))


def level(text: str) -> Level | None:
    """The level that this message names."""
    return _GRADES.get(plain(text))


def style(text: str) -> Style | None:
    """The style of citation that this message names."""
    return _CITATIONS.get(plain(text))


def number(text: str) -> int | None:
    """The one whole number of this message: ``500``, ``1,500``, ``800 words``."""
    found = re.findall(r"\d+", re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", text))
    return int(found[0]) if len(found) == 1 and len(found[0]) <= 6 else None


def month(text: str) -> str | None:
    """The month of a statement that this message asks for: ``statement 2026-10``."""
    word, _, rest = text.strip().rstrip(".!").partition(" ")
    found = re.fullmatch(r"(20\d\d)[-/ ](\d\d?)", rest.strip(), re.ASCII)
    if intent(word) is not Intent.STATEMENT or not found:
        return None
    return f"{found[1]}-{found[2]:0>2}"


def pick(text: str) -> int | None:
    """The number of a choice, when the message is nothing else: ``2`` or ``2.``"""
    short = text.strip().rstrip(".)")
    return int(short) if re.fullmatch(r"[0-9]{1,2}", short) else None
