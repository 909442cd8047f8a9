"""One document, made in a process of its own.

``python -m zimgpt.outbound.press_child`` reads an order from its standard input and
writes the file to its standard output. What people and models wrote may be more than a
library stands, so it first gives up what it does not need. It imports nothing of the
server.
"""

from __future__ import annotations

import sys
from typing import Final

from zimgpt.outbound.children.limits import limit

CPU: Final = 15
"""Seconds of work; a document of a thousand pages takes some ten."""

FAILED: Final = 4
"""Exit status: there is no such document; what went wrong is in the error output."""


def main() -> int:
    """Reads, makes, writes."""
    limit(cpu=CPU, nice=5)  # somebody waits for it
    from zimgpt.wire.papers import orders

    try:
        content = orders.made(orders.decode(sys.stdin.buffer.read()))
    except Exception as error:  # whatever a strange text makes a library do
        # Its kind alone: what it says may quote the text.
        sys.stderr.write(type(error).__name__)
        return FAILED
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
