"""Processes of ours that never outlive us, whatever ends us.

Each is started through util-linux's ``setpriv``: the kernel then signals it when the
thread that started it dies, even by SIGKILL, and it can run as another user.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import Signals

import attrs

from zimgpt.embedded.errors import CannotRun

STEP = 0.02  # seconds between two looks at a process


class NoSetpriv(CannotRun):
    """The program `setpriv` is missing; it is part of the package util-linux."""


class NotReady(CannotRun):
    """A process took too long to begin its work."""


class ChildEnded(CannotRun):
    """A process ended that should have gone on."""


@attrs.frozen
class User:
    """Whom a child runs as, when we are root."""

    uid: int
    gid: int
    through_closed_folders: bool = False
    """Whether it may pass folders that only root can enter, such as root's home."""


@attrs.frozen
class Child:
    """A running process; its output is in ``log``."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ended(self) -> ChildEnded:
        """How it ended, and the last it said."""
        said = self.log.read_text(errors="replace").strip().splitlines()[-8:]
        return ChildEnded(
            f"{self.name} ended with status {self.process.poll()}."
            f" The end of {self.log}:\n" + "\n".join(f"    {line}" for line in said)
        )

    def until(self, ready: Callable[[], bool], *, patience: float) -> None:
        """Waits until it is ready; raises ChildEnded, or NotReady after a while."""
        for _ in _steps(patience):
            if ready():
                return
            if not self.alive:
                raise self.ended()
        raise NotReady(
            f"{self.name} was not ready within {patience:.0f} seconds. See {self.log}."
        )

    def end(
        self,
        *signals: Signals,
        patience: float,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        """Sends the signals, each when the one before did not end it in ``patience``
        seconds, and at last SIGKILL to all of its family; a hurry waits for none but
        the last.
        """
        for number in signals:
            self.send(number)
            for _ in _steps(patience):
                if not self.alive:
                    return
                if hurried() and number is not signals[-1]:
                    break
        self.kill()

    def send(self, number: Signals) -> None:
        """Signals the process itself, if it still runs."""
        if self.alive:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Ends it and its descendants at once."""
        if self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: User | None = None,
    orphaned: Signals = signal.SIGTERM,
) -> Child:
    """Starts a process in a session of its own; call it from a thread that stays.

    ``orphaned`` is what the kernel sends it when we die.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            [*setpriv(user, orphaned), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    return Child(name, log, process)


def setpriv(user: User | None, orphaned: Signals = signal.SIGTERM) -> list[str]:
    """The beginning of a command that makes it a child of this kind."""
    program = shutil.which("setpriv")
    if program is None:
        raise NoSetpriv
    options = [program, "--pdeathsig", orphaned.name]
    if user is not None:
        options += ["--reuid", str(user.uid), "--regid", str(user.gid)]
        options += ["--clear-groups"]
        if user.through_closed_folders:
            options += ["--inh-caps", "+dac_override"]
            options += ["--ambient-caps", "+dac_override"]
            # or access(2), which initdb asks, would answer without that capability
            options += ["--securebits", "+no_setuid_fixup"]
    return [*options, "--"]


def free_ports(number: int) -> tuple[int, ...]:
    """Different TCP ports of the loopback interface that nobody listens on.

    They lie below those that the kernel gives to outgoing connections, so that none
    of these, least of all one that tries to reach the port itself, can take one. The
    kernel throws the dice: two processes with one seed would be given the same ports
    while neither listens yet.
    """
    found: list[int] = []
    candidates = iter(random.SystemRandom().sample(range(20_000, 32_000), 12_000))
    while len(found) < number:
        port = next(candidates)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return tuple(found)


def _steps(patience: float) -> Iterator[None]:
    """Ticks until ``patience`` seconds are over, at least once."""
    deadline = time.monotonic() + patience
    while True:
        yield
        if time.monotonic() >= deadline:
            return
        time.sleep(STEP)
