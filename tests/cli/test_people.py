"""``users``, ``export`` and ``broadcast``, as typed."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg2.errors import CheckViolation

from tests.store.clerk import Clerk
from tests.store.postbox import Postbox
from zimgpt.cli import main
from zimgpt.store.invariants import violations

Capture = pytest.CaptureFixture[str]
PHONE = "+263771234567"


@pytest.fixture
def owner(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """The owner of a new database, which is named by the environment."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    monkeypatch.setenv("USER", "tariro")
    monkeypatch.setenv("LOGNAME", "tariro")
    with Clerk(database, superuser=True) as owner:
        yield owner
    assert violations(database) == []


@pytest.fixture
def user(owner: Clerk) -> int:
    """Somebody who has asked one question, and is signed in twice."""
    user = int(owner.value("select open_account(%s, 'hash', 1000)", PHONE))
    owner.answered(user, text="What is rain?")
    for number in (1, 2):
        owner.rows(
            "insert into sessions (id, user_id, token_digest, client, expires_at)"
            " values (gen_random_uuid(), %s, %s, 'web', now() + interval '1 day')",
            user,
            bytes([number]) * 32,
        )
    return user


def said(capsys: Capture, *words: str) -> Any:  # noqa: ANN401 - JSON
    """What a command tells programs."""
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def acts(owner: Clerk) -> list[tuple[str, ...]]:
    """What was noted."""
    return owner.rows("select who, act, subject, reason from operator_acts order by id")


def test_people_are_found_by_a_part_of_their_number(user: int, capsys: Capture) -> None:
    """However it is written; the whole number is shown to who asks for it."""
    assert main(["users", "search", "077 123"]) == 0
    shown = capsys.readouterr().out
    assert "…567" in shown
    assert PHONE not in shown

    (one,) = said(capsys, "users", "search", "1234567", "--full")
    assert (one["id"], one["phone"], one["available"]) == (user, PHONE, 960)
    assert said(capsys, "users", "search", "999999") == []
    assert main(["users", "search", "07"]) == 2


def test_one_person(user: int, capsys: Capture) -> None:
    """What moved the balance, and nothing that they said."""
    story = said(capsys, "users", "show", "0771234567")
    assert [move["amount"] for move in story["moves"]] == [60, -100, 1000]
    assert (story["person"]["phone"], story["person"]["sessions"]) == ("…567", 2)

    assert main(["users", "show", f"user:{user}"]) == 0
    shown = capsys.readouterr().out
    assert "welcome" in shown
    assert "rain" not in shown


@pytest.mark.parametrize(
    ("whom", "code"), [("0771234568", 1), ("12", 2), ("user:x", 2), ("user:99", 1)]
)
def test_nobody(owner: Clerk, whom: str, code: int, capsys: Capture) -> None:
    """A number without an account is refused, and what is no number is a mistake."""
    assert main(["users", "show", whom]) == code
    assert capsys.readouterr().err.startswith("zimgpt: ")


def test_a_ban(owner: Clerk, user: int, capsys: Capture) -> None:
    """Sessions end, no question and no session is taken, and who did it why is kept."""
    assert main(["users", "ban", PHONE, "--reason", "sells answers"]) == 0
    assert capsys.readouterr().out == f"user {user} is banned\n"

    assert owner.value("select count(*) from sessions") == 0
    with pytest.raises(CheckViolation, match="banned"):
        owner.ask(user)
    assert owner.wallet(user) == (960, 0)
    assert acts(owner) == [("tariro", "ban", f"user {user}", "sells answers")]
    again = said(capsys, "users", "ban", PHONE, "--reason", "again")
    assert again == {"id": user, "changed": False, "by": "tariro"}


def test_a_ban_taken_back(owner: Clerk, user: int, capsys: Capture) -> None:
    """They may ask again."""
    owner.rows("select ban_user(%s, 'w', 'r')", user)

    done = said(
        capsys, "users", "unban", PHONE, "--reason", "it was not them", "--by", "rudo"
    )

    assert done == {"id": user, "changed": True, "by": "rudo"}
    owner.ask(user)
    assert acts(owner)[-1] == ("rudo", "unban", f"user {user}", "it was not them")


def test_an_export(owner: Clerk, user: int, tmp_path: Path, capsys: Capture) -> None:
    """All that is kept, words included, for the operator's eyes; and that is noted."""
    file = tmp_path / "all.json"
    words = ["export", PHONE, "--reason", "asked for it", "--output", str(file)]

    assert main(words) == 0

    whole = json.loads(file.read_text())
    (conversation,) = whole["conversations"]
    (turn,) = conversation["turns"]
    assert (turn["question"], turn["answer"]) == ("What is rain?", "Because.")
    assert whole["account"]["phone"] == PHONE
    assert len(whole["sessions"]) == 2
    assert "digest" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert acts(owner) == [("tariro", "export", f"user {user}", "asked for it")]
    capsys.readouterr()
    assert main(words) == 1
    assert "File exists" in capsys.readouterr().err


def test_grants_and_prices_are_noted(owner: Clerk, user: int, capsys: Capture) -> None:
    """Who gave what to whom, and who changed a price."""
    words = ["grant", PHONE, "50", "--key", "k", "--reason", "sorry"]
    assert main(words) == main(words) == 0
    price = ["prices", "set", "m", "--prompt", "1", "--completion", "2", "--by", "rudo"]
    assert main(price) == 0

    assert acts(owner) == [
        ("tariro", "grant", f"user {user}", "50 tokens under key k: sorry"),
        ("rudo", "price", "model m", ""),
    ]


# ---- broadcasts


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A broadcast in two languages."""
    (tmp_path / "en").write_text("Tonight at eight we mend something.\n")
    (tmp_path / "sn").write_text("Manheru ano na8 tichagadzirisa chimwe chinhu.")
    texts = ["--en", str(tmp_path / "en"), "--sn", str(tmp_path / "sn")]
    return ["broadcast", "mend-1", *texts, "--reason", "planned work"]


def people(owner: Clerk) -> dict[str, Postbox]:
    """One of each sort, each of whom has just written."""
    all = {
        name: Postbox.of(owner)
        for name in ("reads", "shona", "stopped", "banned", "silent")
    }
    for one in all.values():
        one.write()
        one.account()
    change = "update whatsapp_contacts set {} where id = %s"
    owner.rows(change.format("language = 'sn'"), all["shona"].contact)
    owner.rows(change.format("opted_out_at = now()"), all["stopped"].contact)
    owner.rows(
        change.format("heard_at = now() - interval '25 hours'"), all["silent"].contact
    )
    owner.rows("select ban_user(%s, 'w', 'r')", all["banned"].account()[0])
    return all


def outgoing(owner: Clerk, one: Postbox) -> list[str]:
    """What waits to be sent to somebody."""
    rows = owner.rows(
        "select message ->> 'body' from whatsapp_outgoing where contact_id = %s",
        one.contact,
    )
    return [body for (body,) in rows]


def test_a_broadcast(owner: Clerk, words: list[str], capsys: Capture) -> None:
    """Whoever wrote within the day and said no STOP gets it, in their language."""
    all = people(owner)
    assert said(capsys, *words, "--dry-run")["would_send"] == 2

    done = said(capsys, *words)

    assert done == {"id": "mend-1", "new": True, "sent": 2, "web": True}
    assert outgoing(owner, all["reads"]) == ["Tonight at eight we mend something."]
    assert outgoing(owner, all["shona"])[0].startswith("Manheru")
    for name in ("stopped", "banned", "silent"):
        assert outgoing(owner, all[name]) == []
    state = "select state from jobs where id = %s"
    assert owner.value(state, all["reads"].job("wa_send")) == "queued"
    assert acts(owner)[-1] == (
        "tariro",
        "broadcast",
        "broadcast mend-1",
        "planned work",
    )


def test_nobody_gets_it_twice(owner: Clerk, words: list[str], capsys: Capture) -> None:
    """The same command again goes on with those who have written meanwhile."""
    all = people(owner)
    said(capsys, *words)
    all["silent"].write()

    done = said(capsys, *words)

    assert (done["new"], done["sent"]) == (False, 1)
    assert (
        len(outgoing(owner, all["reads"])) == len(outgoing(owner, all["silent"])) == 1
    )


def test_other_words_want_another_id(
    owner: Clerk, words: list[str], capsys: Capture
) -> None:
    """Nothing is sent, and the operator is told what to do."""
    said(capsys, *words, "--only", "web")

    assert main(words) == 1

    assert "an id of their own" in capsys.readouterr().err


def test_words_that_cannot_be_read(owner: Clerk, tmp_path: Path) -> None:
    """No file, an empty one, and one that is too long are mistakes."""
    for text in ("", "x" * 1001):
        (tmp_path / "en").write_text(text)
        words = ["broadcast", "b", "--en", str(tmp_path / "en"), "--reason", "r"]
        assert main(words) == 2
    assert main(["broadcast", "b", "--en", "/none", "--reason", "r"]) == 2
