"""The fake model, which writes half a megabyte when 510 words are wished for.

``python -m tests.drills.gushing PORT``
"""

from __future__ import annotations

import sys
from typing import Any

from tests.fakes import openai_script
from tests.fakes.openai import OpenAI, listen
from tests.fakes.openai_script import Plan

MANY = 510
"""Words of a kilobyte each; those of other answers are as ever."""

_word = openai_script._word


def word(number: int) -> str:
    """One of them."""
    return f"{number:07}." * 128


def text() -> str:
    """The whole answer."""
    return "".join(map(word, range(MANY)))


def _large_word(plan: Plan, number: int) -> bytes:
    if plan.words != MANY:
        return _word(plan, number)
    return openai_script._chunk(plan, {"content": word(number)})


def main(port: int) -> None:
    """Runs until it is ended."""
    from twisted.internet import reactor

    script: Any = openai_script
    script._word = _large_word
    listen(OpenAI(reactor), port)
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
