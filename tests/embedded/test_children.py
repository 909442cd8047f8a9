"""Processes of ours: how they begin, how they end, and that they never outlive us."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

import psutil
import pytest

from zimgpt.embedded import children
from zimgpt.embedded.children import ChildEnded, NoSetpriv, NotReady, User

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)"
)


def test_a_child_says_how_it_ended(tmp_path: Path) -> None:
    """Whoever waits for a child that ended is told its status and its last words."""
    child = children.start(
        "Sayer", ["sh", "-c", "echo no bread; exit 3"], log=tmp_path / "log"
    )

    with pytest.raises(ChildEnded) as ended:
        child.until(lambda: False, patience=10)

    assert "Sayer ended with status 3" in str(ended.value)
    assert "no bread" in str(ended.value)


def test_waiting_has_an_end(tmp_path: Path) -> None:
    """A child that runs but is never ready is not waited for without end."""
    child = children.start("Sleeper", ["sleep", "60"], log=tmp_path / "log")

    with pytest.raises(NotReady) as late:
        child.until(lambda: False, patience=0.05)
    child.kill()

    assert "Sleeper was not ready" in str(late.value)


def test_signals_come_in_turn(tmp_path: Path) -> None:
    """A child that ignores the first signal gets the next after its patience."""
    child = _stubborn(tmp_path)

    child.end(SIGTERM, SIGINT, patience=0.2)

    assert child.process.returncode in (1, -SIGINT)


def test_a_child_that_ignores_all_signals_is_killed(tmp_path: Path) -> None:
    """When every signal was in vain, it and its descendants are killed."""
    child = _stubborn(tmp_path)

    child.end(SIGTERM, patience=0.1)

    assert child.process.returncode == -SIGKILL


def test_a_hurry_passes_over_patience(tmp_path: Path) -> None:
    """Somebody in a hurry waits for the last signal alone."""
    child = _stubborn(tmp_path)
    began = time.monotonic()

    child.end(SIGTERM, SIGKILL, patience=30, hurried=lambda: True)

    assert time.monotonic() - began < 10
    assert child.process.returncode == -SIGKILL


def test_ending_what_ended_does_nothing(tmp_path: Path) -> None:
    """A child that is gone can be ended and killed again."""
    child = children.start("True", ["true"], log=tmp_path / "log")
    child.process.wait()

    child.end(SIGTERM, patience=1)
    child.kill()

    assert child.process.returncode == 0


def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    """When we are killed without a chance to tidy up, the kernel ends our children."""
    program = (
        "import sys, time; from pathlib import Path;"
        "from zimgpt.embedded import children;"
        "log = Path(sys.argv[1]);"
        "child = children.start('Orphan', ['sh', '-c', 'echo up; sleep 60'], log=log);"
        "child.until(lambda: 'up' in log.read_text(), patience=90);"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "log"], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    orphan = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert _ends(orphan)


def test_a_child_can_be_another_user(tmp_path: Path) -> None:
    """The command begins as that user, with a key to closed folders only if asked."""
    plain = children.setpriv(User(12, 34))
    keyed = children.setpriv(User(12, 34, through_closed_folders=True))

    assert plain[1:] == [
        *("--pdeathsig", "SIGTERM", "--reuid", "12", "--regid", "34"),
        *("--clear-groups", "--"),
    ]
    assert keyed[-7:] == [
        *("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"),
        *("--securebits", "+no_setuid_fixup", "--"),
    ]


def test_without_setpriv_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that could outlive us is not started at all."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoSetpriv) as lack:
        children.start("Sleeper", ["sleep", "60"], log=tmp_path / "log")

    assert "util-linux" in str(lack.value)


def test_free_ports_are_different_and_free() -> None:
    """Ports asked for together are different, and can be listened on."""
    ports = children.free_ports(3)

    assert len(set(ports)) == 3
    for port in ports:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))


def test_who_has_the_same_seed_gets_other_ports() -> None:
    """Two test runs with one seed do not meet at one port before they listen."""
    random.seed(1)
    one = children.free_ports(4)
    random.seed(1)

    assert children.free_ports(4) != one


def test_a_taken_port_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody listens on is passed over."""
    (first, second) = children.free_ports(2)
    monkeypatch.setattr("random.SystemRandom.sample", lambda *_: [first, second])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))

        assert children.free_ports(1) == (second,)


def _stubborn(folder: Path) -> children.Child:
    log = folder / "log"
    child = children.start("Stubborn", [sys.executable, "-c", STUBBORN], log=log)
    child.until(lambda: "up" in log.read_text(), patience=90)
    return child


def _ends(pid: int) -> bool:
    """Whether a process that is not our child ends soon."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False
