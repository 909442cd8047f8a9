"""D26: one answer's bytes, cut in two at every place and fed letter by letter.

No node is needed for that: the reader of streams takes bytes and gives text.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

from tests.drills.drill import Order, Result, Servers
from tests.drills.mutants.upstream import careless
from tests.fakes.openai_script import LETTERS, answer, plan, text
from zimgpt.domain.ledger import Usage
from zimgpt.wire.openai import Reply

ENDS = (b"\n", b"\r\n", b"\r")
BOM = b"\xef\xbb\xbf"


def run(_: Servers, order: Order) -> Result:
    """Each trial is an answer of its own, with other oddities."""
    chance = random.Random(order.seed)
    change = careless if order.control else bytes
    faults: list[str] = []
    splits = 0
    for trial in range(order.trials):
        words = chance.randint(1, 6)
        for end in ENDS:
            stream = _stream(words, end, bom=bool(trial % 2))
            for pieces in _all_splits(stream, chance):
                splits += 1
                faults += _amiss(pieces, words, change)
    return Result(f"{splits} splits, {len(faults)} amiss", tuple(faults))


def _stream(words: int, end: bytes, *, bom: bool) -> bytes:
    """An answer with comments, empty events, several data lines and long letters."""
    asked = {"role": "user", "content": f"words:{words} fault:letters"}
    body = {"model": "m", "messages": [asked], "max_tokens": 100}
    events = [*answer(plan(body))]
    events.insert(1, b": a comment\n\n\n\nevent: ping\nid: 1\n\ndata:\n\n")
    events.insert(2, b'data: {"choices":\ndata: [{"delta":\ndata:{}}]}\n\n')
    whole = b"".join(events).replace(b"\n", end)
    return BOM + whole if bom else whole


def _all_splits(stream: bytes, chance: random.Random) -> Iterator[list[bytes]]:
    yield [stream]
    yield [bytes([byte]) for byte in stream]
    for place in range(1, len(stream)):
        yield [stream[:place], stream[place:]]
    for _ in range(200):
        places = sorted(chance.sample(range(len(stream)), 7))
        edges = [0, *places, len(stream)]
        yield [stream[a:b] for a, b in itertools.pairwise(edges)]


def _amiss(
    pieces: list[bytes], words: int, change: Callable[[bytes], bytes]
) -> Iterator[str]:
    reply = Reply()
    read = "".join([reply.feed(change(piece)) for piece in pieces])
    if read != f"{text(words)} {LETTERS}":
        yield f"another text after {len(pieces[0])} bytes: {read!r}"
    elif (reply.usage, reply.trouble) != (Usage(2, words), None):
        yield f"after {len(pieces[0])} bytes: {reply.usage}, {reply.trouble}"
