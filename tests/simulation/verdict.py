"""What must hold when a world has come to rest: the invariants, and what was shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.fakes.memory import MOST_ATTEMPTS, Record
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.essays.briefs import Brief
from zimgpt.domain.essays.counting import words

if TYPE_CHECKING:
    from tests.simulation.people import Device
    from tests.simulation.polls import Poller
    from tests.simulation.world import World


def faults_of(world: World) -> Iterator[str]:
    """Everything that is wrong."""
    for line in world.stored.lines.values():
        yield from (f"answer {line.new.answer[:8]}: {one}" for one in _wrong(line))
        if line.conversation not in world.stored.erased:
            yield from _text(world, line)
    yield from _money(world)
    for device in world.devices:
        yield from (f"{device.name}: {one}" for one in _shown(world, device))
    for poller in world.pollers:
        yield from (f"{poller.name}: {one}" for one in _polled(world, poller))


def _wrong(line: Record) -> Iterator[str]:
    """Of one answer."""
    if not line.state.ended:
        yield f"not ended: {line.state}, job {line.job_state}, attempt {line.attempts}"
        return
    if line.settled is None:
        yield "open hold of an ended answer"
        return
    if line.settlements != 1:
        yield f"{line.settlements} settlements"
    if not 0 <= line.settled <= line.new.terms.hold:
        yield f"charged {line.settled} of a hold of {line.new.terms.hold}"
    if line.state is State.FAILED and line.settled:
        yield f"a failed answer cost {line.settled}"
    if line.job_state not in ("done", "failed", "dead"):
        yield f"its job is {line.job_state}"
    if line.attempts > MOST_ATTEMPTS:
        yield f"{line.attempts} attempts"
    if line.epoch != line.attempts:
        yield f"epoch {line.epoch} of attempt {line.attempts}"


def _text(world: World, line: Record) -> Iterator[str]:
    """One attempt wrote all of it, without a gap."""
    name = f"answer {line.new.answer[:8]}"
    seqs = [seq for epoch, seq in sorted(line.texts) if epoch == line.epoch]
    if seqs != list(range(1, line.last_seq + 1)):
        yield f"{name}: pieces {seqs} of {line.last_seq}"
    if max((epoch for epoch, _ in line.texts), default=0) > line.epoch:
        yield f"{name}: pieces of no attempt"
    if line.new.brief is not None:
        yield from _essay(world, line, line.new.brief)
        return
    for epoch in sorted({epoch for epoch, _ in line.texts}):
        text = line.text_of(epoch)
        call = int(text[1 : text.index("w")])
        if not world.calls.texts[call].startswith(text):
            yield f"{name}: epoch {epoch} is not what call {call} wrote: {text!r}"
    if line.state is State.COMPLETE and line.text:
        call = int(line.text[1 : line.text.index("w")])
        if world.calls.texts[call] != line.text:
            yield f"{name}: words are lost: {line.text!r}"


def _essay(world: World, line: Record, brief: Brief) -> Iterator[str]:
    """Sections in their order, of whole sentences, each call's from its beginning."""
    name = f"essay {line.new.answer[:8]}"
    for epoch in sorted({epoch for epoch, _ in line.texts}):
        text = line.text_of(epoch)
        said = [word for word in text.split() if re.fullmatch(r"c\d+w\d+\.?", word)]
        calls = [int(word[1 : word.index("w")]) for word in said]
        if calls != sorted(calls):
            yield f"{name}: epoch {epoch} mixes its calls: {text!r}"
        for call in set(calls):
            mine = [word for word, of in zip(said, calls, strict=True) if of == call]
            if world.calls.texts[call].split()[: len(mine)] != mine:
                yield f"{name}: words of call {call} are lost: {mine}"
    headings = [one.heading for one in brief.outline]
    shown = re.findall("^## (.+)$", line.text, re.MULTILINE)
    whole = line.state is State.COMPLETE and line.finish is not Finish.FILTERED
    if shown != headings[: len(shown)] or (whole and shown != headings):
        yield f"{name}: has the sections {shown}"
    if line.words != (None if line.state is State.FAILED else words(line.text)):
        yield f"{name}: {line.words} words were counted of {line.text!r}"
    if (line.words or 0) > brief.words * 11 // 10:
        yield f"{name}: {line.words} words instead of {brief.words}"


def _money(world: World) -> Iterator[str]:
    """Nothing is made or lost."""
    lines = world.stored.lines.values()
    held = sum(one.new.terms.hold for one in lines if one.settled is None)
    spent = sum(one.settled or 0 for one in lines)
    left = sum(world.stored.balances.values())
    if left + held + spent != world.given:
        yield f"{left} left, {held} held and {spent} spent of {world.given}"
    for user, balance in world.stored.balances.items():
        if balance < 0:
            yield f"the balance of {user} is {balance}"


def _shown(world: World, device: Device) -> Iterator[str]:
    """What a device shows is what is stored."""
    yield from device.faults
    outcome = device.dialogue.outcome
    line = world.line(device)
    if outcome is None:
        yield "waits for ever"
    elif device.name.startswith("thief"):
        if outcome.finish != "not_found":
            yield f"was told {outcome.finish}"
    elif device.known is not None and line is None:
        yield f"lost: acknowledged as {device.known[:8]}, told {outcome.finish}"
    elif line is None or line.conversation in world.stored.deleted:
        return
    elif outcome.finish != str(line.finish):
        yield f"was told {outcome.finish}, it ended {line.finish}"
    elif outcome.text != line.text:
        yield f"shows {outcome.text!r}, stored is {line.text!r}"
    elif outcome.cost != line.settled:
        yield f"was told {outcome.cost}, charged was {line.settled}"


def _polled(world: World, poller: Poller) -> Iterator[str]:
    """What a program has read is what is stored."""
    line = world.stored.lines.get(poller.answer)
    if not poller.done:
        yield "polls for ever"
    elif line is None:
        yield f"lost: acknowledged as {poller.answer[:8]}"
    elif line.conversation in world.stored.deleted:
        return
    elif poller.finish is not line.finish:
        yield f"was told {poller.finish}, it ended {line.finish}"
    elif poller.text != line.text:
        yield f"read {poller.text!r}, stored is {line.text!r}"
