"""Short messages sent one after the other are one question.

People type as they speak: "Hi", "I have a question", "what is osmosis". Answering each
would cost them three times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zimgpt.domain import vouchers
from zimgpt.domain.dialogue import phrases, words
from zimgpt.domain.heard import Heard, Said

MOST_SIGNS: Final = 4_000
MOST_MESSAGES: Final = 20


def joined(heard: Sequence[Heard]) -> tuple[Heard, ...]:
    """The same, with neighbouring words made one message of a line each.

    Commands, phrases and answers by number stay alone, as do taps and files; words on
    either side of them are not joined, for they belong to different moments.
    """
    done: list[Heard] = []
    gathered: list[str] = []
    for one in heard:
        if isinstance(one, Said) and _goes_with(gathered, one.text):
            gathered.append(one.text)
            continue
        done += _said(gathered)
        gathered = []
        if isinstance(one, Said) and not _stands_alone(one.text):
            gathered.append(one.text)
        else:
            done.append(one)
    return (*done, *_said(gathered))


def _goes_with(gathered: list[str], text: str) -> bool:
    length = sum(map(len, gathered)) + len(gathered) + len(text)
    return (
        bool(gathered)
        and not _stands_alone(text)
        and len(gathered) < MOST_MESSAGES
        and length <= MOST_SIGNS
    )


def _stands_alone(text: str) -> bool:
    return (
        words.intent(text) is not None
        or words.language(text) is not None
        or words.pick(text) is not None
        or words.month(text) is not None
        or phrases.phrase(text) is not None
        or vouchers.alone(text) is not None
    )


def _said(gathered: list[str]) -> list[Heard]:
    return [Said("\n".join(gathered))] if gathered else []
