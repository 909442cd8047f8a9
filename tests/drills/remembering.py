"""The fake model with a memory for every request of a drill.

``python -m tests.drills.remembering PORT``
"""

from __future__ import annotations

import sys
from collections import deque

from tests.fakes.openai import OpenAI, listen

COMMAND = (sys.executable, "-m", "tests.drills.remembering")
"""How a house is told to take it as its model."""


def main(port: int) -> None:
    """Runs until it is ended."""
    from twisted.internet import reactor

    upstream = OpenAI(reactor)
    upstream.requests = deque()
    listen(upstream, port)
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
