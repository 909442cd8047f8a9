"""The reference of the commands, and what a shell knows of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from zimgpt.cli import COMMANDS, main

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
ASK = """
source /dev/stdin
COMP_WORDS=({words}); COMP_CWORD={last}
_shtab_zimgpt
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def test_the_page_is_that_of_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Made anew by `python -m zimgpt cli-doc > docs/reference/cli.md`."""
    assert main(["cli-doc"]) == 0

    page = capsys.readouterr().out
    assert page == PAGE.read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"## `zimgpt {command.replace('_', '-')}`" in page


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("zimgpt bro", "broadcast"),
        ("zimgpt users b", "ban"),
        ("zimgpt jobs list --st", "--state"),
    ],
)
def test_tab(words: str, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    """bash completes commands, verbs and options."""
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out

    asked = ASK.format(words=words, last=len(words.split()) - 1)
    done = subprocess.run(
        ["bash", "-c", asked],
        input=script,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert wanted in done.stdout.split()
