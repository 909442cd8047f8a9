"""The folder of one running instance: its data, its logs, and nobody else's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zimgpt.embedded.errors import CannotRun


class HomeInUse(CannotRun):
    """Another ZimGPT runs in this folder."""


@contextmanager
def occupied(home: Path) -> Iterator[None]:
    """Makes the folder and keeps others out; the kernel lets them in when we die."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotRun(
            f"The folder {home} cannot be used: {error.strerror}. Choose another with"
            " ZIMGPT_HOME."
        ) from None
    with os.fdopen(descriptor, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeInUse(
                f"Another ZimGPT runs in {home} (process {lock.read().strip()})."
                " Stop it, or choose another folder with ZIMGPT_HOME."
            ) from None
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield
