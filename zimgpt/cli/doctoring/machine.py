"""This machine: room on its disks, files that a node may open, what is open to whom."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

from zimgpt.cli.doctoring.finding import Finding, Findings, broken, warning, well
from zimgpt.config import Config, Role

SPARE = 500
"""Files that a node needs besides its connections."""
FOLDERS = ("/", "/var", "/var/lib/postgresql", "/var/lib/rabbitmq", "/var/log")
LITTLE, NEXT_TO_NOTHING = 0.10, 0.03
"""Of a disk, free."""


def look(config: Config, file: Path | None) -> Findings:
    """Everything about it; ``file`` is the configuration's, if there is one."""
    yield from disks()
    yield files(config)
    yield from doors(config)
    if file is not None:
        yield from secrets(file)


def disks() -> Findings:
    """Each file system once."""
    seen: set[int] = set()
    for folder in map(Path, FOLDERS):
        if not folder.exists() or (device := folder.stat().st_dev) in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(folder)
        free = usage.free / usage.total
        says = f"{usage.free // 2**20} MB free at {folder} ({free:.0%})"
        mend = "Make room, or add some: a full disk stops PostgreSQL and RabbitMQ."
        if free < NEXT_TO_NOTHING:
            yield broken("disk", says, mend)
        elif free < LITTLE:
            yield warning("disk", says, mend)
        else:
            yield well("disk", says)


def files(config: Config) -> Finding:
    """What this process could be allowed; units have their own LimitNOFILE=."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = config.connections + SPARE
    if most != resource.RLIM_INFINITY and most < wanted:
        return warning(
            "files",
            f"a process started here may open {most} files, and a node wants {wanted}",
            "Start nodes from the units, which set LimitNOFILE=, or raise the limit"
            " (ulimit -n), or lower `connections`.",
        )
    return well("files", f"{wanted} are wanted, and may be opened")


def doors(config: Config) -> Findings:
    """Who may come in, as far as the configuration tells."""
    plain = [one for one in config.origins if one.startswith("http://")]
    strangers = [
        one for one in plain if not one.startswith(("http://127.", "http://localhost"))
    ]
    if strangers and Role.WEB in config.roles:
        yield warning(
            "origins",
            f"{strangers[0]} is not https, so passwords pass in the clear",
            "Put a proxy with TLS in front, and name its https address in origins.",
        )
    by_unit = config.listen.startswith("systemd:")  # whose units say it for each node
    if config.metrics_listen is None and not by_unit:
        yield warning(
            "metrics",
            "nobody can watch this node: metrics_listen is not set",
            'Set metrics_listen = "tcp:9100:interface=127.0.0.1".',
        )


def secrets(file: Path) -> Findings:
    """Whether others on this machine can read what they should not."""
    for path in _open_to_all(file.parent / "secrets"):
        yield broken(
            "secrets",
            f"everybody on this machine can read {path}",
            f"chmod o-rwx {path.parent} {path}, and change that secret if others have"
            " accounts here.",
        )
    if not os.access(file, os.R_OK):
        yield broken("configuration", f"{file} cannot be read", "Run this as root.")


def _open_to_all(folder: Path) -> list[Path]:
    """Files that anybody may read, in a folder that anybody may enter."""
    try:
        if not folder.stat().st_mode & 0o001:
            return []
        return [one for one in sorted(folder.iterdir()) if one.stat().st_mode & 0o004]
    except OSError:  # not there, or not ours to see, and so well kept
        return []
