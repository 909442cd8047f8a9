"""Pages of other sites: those that are named get in by a token, no other does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbound.browser import Browser
from tests.inbound.house import PASSWORD, PHONE, House
from zimgpt.inbound.guests import Guests
from zimgpt.inbound.http import Root

GUEST = "https://study.example"
ENTRY = {"phone": PHONE, "password": PASSWORD}


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """What a browser that shows a guest's page reaches."""
    house = House(str(tmp_path))
    root = Root(
        house.rooms,
        websocket=house.websocket,
        website=house.websocket,
        guests=Guests([GUEST]),
    )
    return Browser(root)


def test_a_browser_is_told_what_a_guest_may(browser: Browser) -> None:
    """Before it sends what a page of another site could not always send."""
    answer = browser.ask("OPTIONS", "/api/v1/answers", headers={"Origin": GUEST})

    assert answer.status == 204
    assert answer.header("Access-Control-Allow-Origin") == GUEST
    assert "Authorization" in str(answer.header("Access-Control-Allow-Headers"))
    assert "PATCH" in str(answer.header("Access-Control-Allow-Methods"))


def test_a_guest_signs_in_for_a_token_and_reads(browser: Browser) -> None:
    """No cookie is set, and none would be sent."""
    origin = {"Origin": GUEST}
    entered = browser.ask(
        "POST", "/api/v1/accounts", json={**ENTRY, "token": True}, headers=origin
    )
    token = {"Authorization": f"Bearer {entered.json['token']}"}
    me = browser.ask("GET", "/api/v1/me", headers={**origin, **token})

    assert (entered.status, me.status) == (201, 200)
    for answer in (entered, me):
        assert answer.header("Access-Control-Allow-Origin") == GUEST
        assert answer.header("Access-Control-Allow-Credentials") is None
        assert answer.header("Set-Cookie") is None
        assert answer.header("Vary") == "Origin"


def test_a_guest_gets_no_cookie(browser: Browser) -> None:
    """Signing in as our own pages do is for our own pages."""
    answer = browser.ask(
        "POST", "/api/v1/accounts", json=ENTRY, headers={"Origin": GUEST}
    )

    assert (answer.status, answer.code) == (403, "origin_refused")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", GUEST + ":8443"])
def test_strangers_are_told_nothing(browser: Browser, origin: str) -> None:
    """Nor is anybody where no guests are named."""
    for method in ("GET", "OPTIONS"):
        answer = browser.ask(method, "/api/v1/prices", headers={"Origin": origin})
        assert answer.header("Access-Control-Allow-Origin") is None
