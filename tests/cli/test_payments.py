"""``payments``, ``packages`` and ``rates``, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.store.clerk import Clerk
from zimgpt.cli import main
from zimgpt.store.invariants import violations

Capture = pytest.CaptureFixture[str]
NOBODY = "00000000-0000-4000-8000-000000000000"
BY = ["--by", "ops", "--reason", "seen in the list"]


@pytest.fixture
def owner(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """A new database, named by the environment, and sound at the end."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    with Clerk(database, superuser=True) as owner:
        yield owner
    assert violations(database) == []


@pytest.fixture
def payment(owner: Clerk) -> str:
    """One that waits for a person."""
    payment = owner.pay(owner.person(0))
    owner.decide(payment, 2, "review", matched=False, body=b"status=Paid&amount=0.45")
    owner.rows("update payments set reason = 'amount'")
    return payment


def test_a_day_at_the_desk(owner: Clerk, payment: str, capsys: Capture) -> None:
    """Queue, evidence, decision; then nothing needs anybody."""
    reference = f"ZG-{payment[:8]}"
    assert main(["payments", "queue"]) == 0
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split()[0] == "REFERENCE"
    assert line.split()[0] == reference
    assert "review (amount)" in line
    assert "US$0.50" in line

    assert main(["payments", "show", reference]) == 0
    shown = capsys.readouterr().out
    assert "  body: status=Paid&amount=0.45\n" in shown
    assert "gateway/poll" not in shown

    assert main(["payments", "check", reference, "--by", "ops"]) == 0
    assert main(["payments", "approve", reference]) == 2
    assert main(["payments", "approve", reference, *BY]) == 0
    assert f"payment {reference} is credited\n" in capsys.readouterr().out
    assert main(["payments", "approve", reference, *BY]) == 1
    assert "this one is credited" in capsys.readouterr().err

    assert main(["payments", "queue"]) == 0
    assert main(["payments", "queue", "--json"]) == 0
    assert capsys.readouterr().out == "nothing needs you\n[]\n"
    assert owner.rows("select who, act from operator_acts order by id") == [
        ("ops", "check_payment"),
        ("ops", "approve_payment"),
    ]


def test_list(owner: Clerk, payment: str, capsys: Capture) -> None:
    """Newest first, of one state, currency or number; numbers are not spelled out."""
    owner.buy(owner.person(0))
    assert main(["payments", "list"]) == 0
    _, credited, review = capsys.readouterr().out.splitlines()
    assert " credited " in credited
    assert review.split()[0] == f"ZG-{payment[:8]}"
    assert "…567" in review
    assert "+263771234567" not in review

    for options, count in (
        (["--state", "review"], 1),
        (["--currency", "ZWG"], 0),
        (["--phone", "0771234567"], 2),
        (["--limit", "1"], 1),
    ):
        assert main(["payments", "list", "--json", *options]) == 0
        assert len(json.loads(capsys.readouterr().out)) == count


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["payments", "show", NOBODY], 1, "no payment with that id or reference"),
        (["payments", "approve", "ZG-1", *BY], 1, "no payment with that id"),
        (["payments", "list", "--phone", "7"], 2, "zimgpt: "),
        (["payments", "list", "--state", "paid"], 2, "invalid choice"),
        (["packages", "set", "Big", "1", "1"], 2, "expected 1 to 32 of"),
        (["packages", "set", "big", "1", "1.5"], 2, "not an amount such as"),
        (["packages", "withdraw", "none", "--by", "o"], 1, "no package of that name"),
        (["rates", "set", "0"], 2, "expected 0.01"),
    ],
)
def test_mistakes(words: list[str], code: int, sentence: str, capsys: Capture) -> None:
    """Each is told in a sentence."""
    assert main(words) == code
    assert sentence in capsys.readouterr().err


def test_packages(owner: Clerk, capsys: Capture) -> None:
    """A change is a new version; what is withdrawn stays in the list, not sold."""
    assert main(["packages", "set", "small", "25000", "1.00", "--by", "ops"]) == 0
    said = "package small is 25000 tokens for US$1.00 (version 2)\n"
    assert capsys.readouterr().out == said
    assert main(["packages", "withdraw", "taste", "--by", "ops"]) == 0
    assert main(["packages", "set", "new", "5", "0.05", "--by", "ops"]) == 0
    capsys.readouterr()

    assert main(["packages", "list", "--json"]) == 0
    rows = {row["package"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["small"]["version"], rows["small"]["tokens"]) == (2, 25_000)
    assert (rows["taste"]["offered"], rows["new"]["cents"]) == (False, 5)
    acts = owner.rows("select act, subject from operator_acts order by id")
    assert acts[0] == ("package", "package small")


def test_rates(owner: Clerk, capsys: Capture) -> None:
    """The newest counts; one that looks like a slip has to be confirmed."""
    assert main(["rates", "list"]) == 0
    assert "there is no rate yet" in capsys.readouterr().out
    assert main(["rates", "set", "26.80", "--by", "ops"]) == 0
    assert main(["rates", "set", "268", "--by", "ops"]) == 1
    assert "say --sure" in capsys.readouterr().err
    assert main(["rates", "set", "268", "--sure", "--by", "ops"]) == 0
    capsys.readouterr()

    assert main(["rates", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("US$1.00 is ZiG 268.00, since 20")
    assert second.startswith("US$1.00 is ZiG 26.80, since 20")
    assert owner.value("select count(*) from operator_acts where act = 'rate'") == 2
