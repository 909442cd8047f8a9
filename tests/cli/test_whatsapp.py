"""``whatsapp``, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.store.clerk import Clerk
from tests.store.postbox import Postbox, new_wamid, receive, status
from zimgpt.cli import main

Capture = pytest.CaptureFixture[str]
NUMBER = "106540352242922"


@pytest.fixture
def owner(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """The owner of a new database, which is named by the environment."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    with Clerk(database, superuser=True) as owner:
        yield owner


def shown(capsys: Capture) -> Any:  # noqa: ANN401 - JSON
    """What ``show`` tells programs."""
    assert main(["whatsapp", "show", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_all_is_well(owner: Clerk, capsys: Capture) -> None:
    """Nothing is stopped, nothing waits, nothing was charged."""
    assert shown(capsys) == {"stopped": [], "open": {}, "charged": []}
    assert main(["whatsapp", "show"]) == 0
    assert capsys.readouterr().out == "sending: yes\non their way: none\n"


def test_a_stopped_number_sends_again(owner: Clerk, capsys: Capture) -> None:
    """It is shown with its reason and the way on; who let it go on is noted."""
    owner.value("select pause_number(%s, null, '190: token')", NUMBER)

    assert main(["whatsapp", "show"]) == 0
    assert f"zimgpt whatsapp resume {NUMBER} (190: token)" in capsys.readouterr().out
    (one,) = shown(capsys)["stopped"]
    assert one == {"phone_id": NUMBER, "seconds": None, "reason": "190: token"}

    words = ["whatsapp", "resume", NUMBER, "--by", "tariro", "--reason", "new token"]
    assert main(words) == 0
    assert capsys.readouterr().out == f"{NUMBER} sends again\n"
    assert shown(capsys)["stopped"] == []
    assert owner.rows("select who, act, subject, reason from operator_acts") == [
        ("tariro", "resume", f"whatsapp {NUMBER}", "new token")
    ]
    assert main(words) == 1
    assert "is not stopped" in capsys.readouterr().err


def test_a_pause_has_an_end(owner: Clerk, capsys: Capture) -> None:
    """It is told, and nobody needs to do anything."""
    owner.value("select pause_number(%s, interval '1 hour', '130429: fast')", NUMBER)

    (one,) = shown(capsys)["stopped"]

    assert 3_500 < one["seconds"] <= 3_600
    assert main(["whatsapp", "show"]) == 0
    assert "for 3" in capsys.readouterr().out


def test_what_is_charged(owner: Clerk, capsys: Capture) -> None:
    """By day and kind, and what is still on its way."""
    tendai = Postbox.of(owner)
    charged = {"category": "service", "billable": True, "pricing": "regular"}
    for _ in range(2):
        id = tendai.outgoing()
        receive(owner, status(new_wamid(), "delivered", id, **charged))
    tendai.outgoing()

    stands = shown(capsys)

    assert stands["open"] == {"waiting": 1}
    (one,) = stands["charged"]
    assert (one["category"], one["billable"], one["messages"]) == ("service", True, 2)
    assert main(["whatsapp", "show"]) == 0
    assert ": 2 service\n" in capsys.readouterr().out
