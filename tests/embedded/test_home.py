"""The folder of one instance keeps others out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zimgpt.embedded.errors import CannotRun
from zimgpt.embedded.home import HomeInUse, occupied


def test_a_second_instance_is_kept_out(tmp_path: Path) -> None:
    """Who comes second is told which process was first, and what to do."""
    with (
        occupied(tmp_path / "var"),
        pytest.raises(HomeInUse) as kept_out,
        occupied(tmp_path / "var"),
    ):
        raise AssertionError("both are in")

    assert f"(process {os.getpid()})" in str(kept_out.value)
    assert "ZIMGPT_HOME" in str(kept_out.value)


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    """The next instance comes in, and its own number is in the folder."""
    (tmp_path / "lock").write_text("1234567")
    with occupied(tmp_path):
        within = (tmp_path / "lock").read_text()
    with occupied(tmp_path):
        again = (tmp_path / "lock").read_text()

    assert within == again == str(os.getpid())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A wrong ZIMGPT_HOME is answered with a sentence that names it."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotRun) as refused, occupied(tmp_path / "file" / "var"):
        raise AssertionError("it is in")

    assert "cannot be used" in str(refused.value)
    assert "ZIMGPT_HOME" in str(refused.value)
