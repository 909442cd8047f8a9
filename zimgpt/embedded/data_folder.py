"""The folder in which PostgreSQL keeps its data: who owns it, how it is made, and what
an earlier life may have left in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

from zimgpt.embedded.children import User, setpriv
from zimgpt.embedded.errors import CannotRun

SUPERUSER = "zimgpt"


class WrongVersion(CannotRun):
    """The data were written by another major version of PostgreSQL."""


class NotMade(CannotRun):
    """PostgreSQL could not make its folder."""


def user_for(
    folder: Path,
    programs: Path,
    *,
    root: bool,
    candidates: Sequence[str] = ("postgres", "nobody"),
) -> User | None:
    """Whom the server runs as: ourselves, unless we are root, which it refuses.

    Then it is the folder's owner, or for a new one the first candidate there is.
    """
    if not root:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _first(candidates)
    needed = (folder.parent, programs / "postgres")
    closed = not all(_open_to(entry, path.resolve()) for path in needed)
    return User(entry.pw_uid, entry.pw_gid, through_closed_folders=closed)


def _first(candidates: Sequence[str]) -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in candidates if name in known)


def _open_to(entry: pwd.struct_passwd, path: Path) -> bool:
    """Whether this user may enter or execute a path, as far as modes tell."""

    def may(status: os.stat_result) -> bool:
        bit = stat.S_IXUSR if status.st_uid == entry.pw_uid else stat.S_IXOTH
        return bool(status.st_mode & bit)

    return all(may(step.stat()) for step in (path, *path.parents))


def make(folder: Path, programs: Path, user: User | None) -> None:
    """Makes it if it is not there; a half-made one is never left under its name."""
    if (folder / "PG_VERSION").exists():
        return
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    give(unfinished, user)
    made = subprocess.run(  # noqa: S603
        [
            *setpriv(user),
            programs / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # the folder's mode keeps everybody else out
            "--encoding=UTF8",
            "--no-locale",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if made.returncode:
        raise NotMade(f"PostgreSQL could not make {folder}:\n{made.stderr.strip()}")
    unfinished.rename(folder)


def give(folder: Path, user: User | None) -> None:
    """Makes it the folder of whoever the server runs as."""
    if user is not None:
        os.chown(folder, user.uid, user.gid)


def check_version(folder: Path, programs: Path) -> None:
    """Raises WrongVersion unless these programs can read the folder."""
    written = (folder / "PG_VERSION").read_text().strip()
    says = subprocess.run(  # noqa: S603
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout  # postgres (PostgreSQL) 18.6
    installed = says.split()[2].split(".")[0]
    if written != installed:
        raise WrongVersion(
            f"{folder} was written by PostgreSQL {written}, and {installed} is"
            " installed. Move the folder away to begin anew, or bring the data over"
            " with pg_dump."
        )


def in_use(folder: Path) -> bool:
    """Whether a server works in it: all of its processes do, with it as their place."""
    try:
        wanted = folder.stat()
    except FileNotFoundError:
        return False
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = (process / "cwd").stat()
        except OSError:  # it has just ended, or is another's
            continue
        if os.path.samestat(place, wanted):
            return True
    return False


def forget_dead_server(folder: Path) -> None:
    """Removes the note of a server that a power cut ended.

    PostgreSQL would do so itself, but not if the number of that process belongs to
    another program now, which after a restart of the machine is likely.
    """
    if not in_use(folder):
        (folder / "postmaster.pid").unlink(missing_ok=True)
