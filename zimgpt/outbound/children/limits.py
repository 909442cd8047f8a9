"""What a child gives up before it begins. It imports nothing of the server."""

from __future__ import annotations

import os
import resource
from typing import Final

MEMORY: Final = 768 * 1024 * 1024


def limit(*, cpu: int, memory: int = MEMORY, files: int = 32, nice: int = 10) -> None:
    """At most so many seconds of work, bytes and open files; nothing is written, no
    core is dumped, it is in nobody's folder, and the server goes first."""
    os.chdir("/")
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
