"""``jobs``, as typed."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator

import pytest

from tests.store.clerk import Asked, Clerk
from tests.store.test_dead_jobs import die
from zimgpt.cli import main
from zimgpt.store.invariants import violations

Capture = pytest.CaptureFixture[str]
WORDS = "a question that is nobody's business"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def clerk(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """A new database, named by the environment, and sound at the end."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    with Clerk(database) as clerk:
        yield clerk
    assert violations(database) == []


@pytest.fixture
def dead(clerk: Clerk) -> Asked:
    """A question whose job has died."""
    asked = clerk.ask(clerk.person(500), text=WORDS)
    die(clerk, asked, "ValueError: broken\nin two")
    return asked


@pytest.mark.usefixtures("clerk")
def test_nothing_to_list(capsys: Capture) -> None:
    """It says so, or prints an empty list."""
    assert main(["jobs", "list"]) == 0
    assert main(["jobs", "list", "--json"]) == 0
    assert capsys.readouterr().out == "no such jobs\n[]\n"


def test_list(clerk: Clerk, dead: Asked, capsys: Capture) -> None:
    """A line for each, in columns."""
    clerk.claim(clerk.ask(clerk.person(500)).job, "a-node")

    assert main(["jobs", "list"]) == 0
    heading, running, died = capsys.readouterr().out.splitlines()

    assert " ".join(heading.split()) == "ID KIND STATE ATTEMPTS AGE LEASE LAST ERROR"
    assert running.split()[1:4] == ["chat", "running", "1/5"]
    assert "a-node 29s" in running or "a-node 30s" in running
    assert died.split()[:4] == [dead.job, "chat", "dead", "5/5"]
    assert died.endswith(" ValueError: broken in two")
    assert heading.index("LAST") == died.index("ValueError")


def test_list_for_programs(dead: Asked, capsys: Capture) -> None:
    """One object for each."""
    assert main(["jobs", "list", "--state", "dead", "--kind", "chat", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)

    assert (one["id"], one["state"], one["attempts"]) == (dead.job, "dead", 5)
    assert one["created_at"].startswith("20")


def test_show(dead: Asked, capsys: Capture) -> None:
    """Part by part, without a word of the question."""
    assert main(["jobs", "show", dead.job]) == 0
    shown = capsys.readouterr().out

    lines = [line for line in shown.splitlines() if not line.startswith(" ")]
    assert lines == ["job", "answer", "hold", "outbox"]
    assert "  state: dead\n" in shown
    assert "  finish reason: gave_up\n" in shown
    assert WORDS not in shown


def test_show_for_programs(dead: Asked, capsys: Capture) -> None:
    """The same as one object, with what was done about it."""
    assert main(["jobs", "retry", dead.job, "--by", "ops", "--reason", "fixed"]) == 0
    capsys.readouterr()

    assert main(["jobs", "show", dead.job, "--json"]) == 0
    story = json.loads(capsys.readouterr().out)

    assert story["job"]["state"] == "queued"
    assert (story["hold"]["state"], story["hold"]["round"]) == ("open", 2)
    [act] = story["acts"]
    assert (act["who"], act["act"], act["reason"]) == ("ops", "retry", "fixed")
    assert WORDS not in str(story)


def test_retry(clerk: Clerk, dead: Asked, capsys: Capture) -> None:
    """It says so, and notes who did it; a second time there is nothing to retry."""
    assert main(["jobs", "retry", dead.job]) == 0
    assert capsys.readouterr().out == f"job {dead.job} will be tried again\n"
    assert clerk.value("select who from operator_acts") == getpass.getuser()

    assert main(["jobs", "retry", dead.job]) == 1
    assert capsys.readouterr().err.startswith("zimgpt: This job has not ended")


def test_drop(clerk: Clerk, dead: Asked, capsys: Capture) -> None:
    """For good, and for a reason."""
    assert main(["jobs", "drop", dead.job]) == 2
    assert "--reason" in capsys.readouterr().err

    command = ["jobs", "drop", dead.job, "--reason", "spam", "--by", "ops", "--json"]
    assert main(command) == 0
    done = {"id": dead.job, "state": "failed", "by": "ops"}
    assert json.loads(capsys.readouterr().out) == done
    assert main(command) == 1
    assert capsys.readouterr().err.startswith("zimgpt: This job has ended")
    assert clerk.value("select reason from operator_acts") == "spam"


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["show", NOBODY], 1, "There is no job with that id."),
        (["retry", NOBODY], 1, "There is no job with that id."),
        (["drop", NOBODY, "--reason", "r"], 1, "There is no job with that id."),
        (["show", "7"], 2, "'7' is not a job's id"),
        (["drop", NOBODY, "--reason", " "], 2, "expected 1 to 1000 bytes"),
        (["retry", NOBODY, "--by", "x" * 201], 2, "expected 1 to 200 bytes"),
        (["list", "--state", "odd"], 2, "invalid choice"),
        (["list", "--limit", "0"], 2, "expected 1 to 1000000"),
        ([], 2, "VERB"),
    ],
)
def test_mistakes(words: list[str], code: int, sentence: str, capsys: Capture) -> None:
    """Each is told in a sentence."""
    assert main(["jobs", *words]) == code
    assert sentence in capsys.readouterr().err


def test_who_has_no_name_says_it(
    dead: Asked, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container whose user has none."""

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nameless)

    assert main(["jobs", "retry", dead.job]) == 2
    assert "say who you are with --by" in capsys.readouterr().err


def test_ages(clerk: Clerk, dead: Asked, database: str, capsys: Capture) -> None:
    """In the unit that a person would use."""
    with Clerk(database, superuser=True) as owner:
        for age, shown in (("119 s", "119s"), ("119 min", "119m"), ("47 h", "47h"),
                           ("72 h", "3d")):  # fmt: skip
            owner.rows("update jobs set created_at = now() - %s::interval", age)
            main(["jobs", "list"])
            assert shown in capsys.readouterr().out.split()
