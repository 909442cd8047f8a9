"""``payments``, ``packages`` and ``rates``, as typed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.cli import main
from zimgpt.store.invariants import violations

Capture = pytest.CaptureFixture[str]
NOBODY = "00000000-0000-4000-8000-000000000000"
LATE = ["--since", "2001-01-01"]
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
    assert "(--sure)" in capsys.readouterr().err
    assert main(["rates", "set", "268", "--sure", "--by", "ops"]) == 0
    capsys.readouterr()

    assert main(["rates", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("US$1.00 is ZiG 268.00, since 20")
    assert second.startswith("US$1.00 is ZiG 26.80, since 20")
    assert owner.value("select count(*) from operator_acts where act = 'rate'") == 2


def test_corrections(owner: Clerk, payment: str, capsys: Capture) -> None:
    """Given once for a key, and told so; nothing is taken that was not credited."""
    command = ["payments", "credit", payment, "900", "--key", "k", *BY]
    assert main(command) == 0
    assert main(command) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "900 tokens were given under key k; the balance is 900"
    assert second.startswith("nothing changed: this was done under key k before")

    assert main(["payments", "refund", payment, "900", *BY]) == 1
    assert "not in the wallet" in capsys.readouterr().err
    bought = owner.buy(owner.person(0))
    assert main(["payments", "refund", bought, "400", "--json", *BY]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["available"], said["new"], said["by"]) == (9_600, True, "ops")


def test_the_books(owner: Clerk, payment: str, capsys: Capture) -> None:
    """The day's sums, and a line for each payment."""
    bought = owner.buy(owner.person(0))
    assert main(["payments", "reconcile"]) == 0
    _, line = capsys.readouterr().out.splitlines()
    assert line.split()[1:] == ["USD", "1", "US$0.50", "US$0.50", "0", "0", "0"]
    assert main(["payments", "reconcile", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["paid"], row["difference"]) == (50, 0)

    assert main(["payments", "export"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [line["id"] for line in lines] == [payment, bought]
    assert (lines[1]["amount_minor"], lines[1]["wallet"]) == ("50", "…567")
    assert main(["payments", "export", "--until", "2020-01-31"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert main(["payments", "export", "--since", "2020-02-30"]) == 2
    assert main(["payments", "reconcile", "--until", "2000-01-01", *LATE]) == 2


def test_a_difference_ends_with_1(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """So that whatever runs it each night can tell."""
    with postgres.database() as broken, Clerk(broken, superuser=True) as owner:
        owner.decide(owner.pay(owner.person(0)), 2, "pending", matched=True)
        monkeypatch.setenv("ZIMGPT_DATABASE_URL", broken)
        assert main(["payments", "reconcile"]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split()[-1] == "US$0.50"
    assert "what was paid is not what was credited" in said.err
