"""PostgreSQL's folder: whose it is, and what an earlier life may leave in it."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from zimgpt.embedded import data_folder
from zimgpt.embedded.children import User
from zimgpt.embedded.data_folder import NotMade, WrongVersion


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def programs(open_folder: Path) -> Path:
    """A `postgres` that says its version and an `initdb` that fails."""
    folder = open_folder / "bin"
    folder.mkdir()
    _script(folder / "postgres", "echo 'postgres (PostgreSQL) 18.6'")
    _script(folder / "initdb", "echo 'no space left' >&2; exit 1")
    return folder


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_an_ordinary_user_runs_it_alone(open_folder: Path, programs: Path) -> None:
    """Who is not root needs nobody else."""
    assert data_folder.user_for(open_folder / "data", programs, root=False) is None


def test_root_runs_it_as_somebody_else(open_folder: Path, programs: Path) -> None:
    """For root a new folder gets the first candidate that the machine has."""
    nobody = pwd.getpwnam("nobody")

    user = data_folder.user_for(
        open_folder / "data", programs, root=True, candidates=("no-such-one", "nobody")
    )

    assert user == User(nobody.pw_uid, nobody.pw_gid)


def test_a_folder_keeps_its_owner(programs: Path) -> None:
    """For root a folder that somebody has is used as that user."""
    homes = [(entry.pw_uid, Path(entry.pw_dir)) for entry in pwd.getpwall()]
    owner, home = next(
        (uid, home)
        for uid, home in homes
        if uid and home.is_dir() and home.stat().st_uid == uid
    )

    user = data_folder.user_for(home, programs, root=True)

    assert user is not None
    assert user.uid == owner


def test_closed_folders_need_a_key(open_folder: Path, programs: Path) -> None:
    """Below a folder that only its owner may enter, another user needs a key."""
    open_folder.chmod(0o700)

    user = data_folder.user_for(
        open_folder / "data", programs, root=True, candidates=("nobody",)
    )

    assert user is not None
    assert user.through_closed_folders


def test_a_failure_to_make_it_is_told(open_folder: Path, programs: Path) -> None:
    """What initdb says reaches the operator, and no folder is left under the name."""
    with pytest.raises(NotMade) as failed:
        data_folder.make(open_folder / "data", programs, None)

    assert "no space left" in str(failed.value)
    assert not (open_folder / "data").exists()


def test_a_half_made_folder_is_made_anew(open_folder: Path, programs: Path) -> None:
    """What an interrupted first start left does not stop the second."""
    (open_folder / "data.unfinished" / "base").mkdir(parents=True)
    _script(
        programs / "initdb",
        'for word in "$@"; do case $word in --pgdata=*) d=${word#*=};; esac; done;'
        ' [ ! -e "$d/base" ] && echo 18 >"$d/PG_VERSION"',
    )

    data_folder.make(open_folder / "data", programs, None)

    assert os.listdir(open_folder / "data") == ["PG_VERSION"]


def test_another_major_version_is_refused(open_folder: Path, programs: Path) -> None:
    """A folder of another PostgreSQL is refused with both versions and a way out."""
    (open_folder / "PG_VERSION").write_text("17\n")

    with pytest.raises(WrongVersion) as refused:
        data_folder.check_version(open_folder, programs)

    assert "was written by PostgreSQL 17, and 18 is installed" in str(refused.value)


def test_a_missing_folder_is_not_in_use(tmp_path: Path) -> None:
    """Nobody works in a folder that does not exist."""
    assert not data_folder.in_use(tmp_path / "none")


def test_the_note_of_a_living_server_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder in which somebody works keeps its note."""
    (tmp_path / "postmaster.pid").touch()
    monkeypatch.chdir(tmp_path)

    data_folder.forget_dead_server(tmp_path)

    assert (tmp_path / "postmaster.pid").exists()
