"""Ctrl-C: once to stop, twice to hurry."""

from __future__ import annotations

import os
import signal
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest

from zimgpt.embedded.stopping import Stopped, Stopping


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP])
def test_the_first_signal_stops_and_the_second_hurries(number: Signals) -> None:
    """Once raises where we are; again only hurries what is being ended."""
    before = signal.getsignal(number)
    stopping = Stopping()

    with stopping.heard():
        with pytest.raises(Stopped):
            os.kill(os.getpid(), number)
        first = stopping.hurried()
        os.kill(os.getpid(), number)
        second = stopping.hurried()

    assert (first, second) == (False, True)
    assert signal.getsignal(number) is before


def test_the_end_is_not_interrupted() -> None:
    """A first signal that comes while everything is being ended raises nothing."""
    stopping = Stopping()

    with stopping.heard():
        stopping.at_end()
        os.kill(os.getpid(), SIGINT)

    assert not stopping.hurried()
