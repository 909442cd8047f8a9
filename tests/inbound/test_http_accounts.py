"""Signing up, in and out over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.logger import LogEvent

from tests.inbound.browser import ORIGIN
from tests.inbound.house import NOTHING, PASSWORD, PHONE, House
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.inbound.identity import proof

ENTRY = {"phone": PHONE, "password": PASSWORD}
PAGE = {"Origin": ORIGIN}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


def test_a_browser_signs_up(house: House) -> None:
    """201, the balance, and a cookie that scripts and other sites cannot have."""
    answer = house.browser.ask("POST", "/api/v1/accounts", json=ENTRY, headers=PAGE)

    assert answer.status == 201
    token = (answer.header("Set-Cookie") or "").partition("=")[2].partition(";")[0]
    assert answer.json == {
        "session": {"id": "00000009-0000-4000-8000-000000000000"},
        "balance": {"available": 5_000, "held": 0},
        "csrf": proof(token),
    }
    name, *attributes = (answer.header("Set-Cookie") or "").split("; ")
    assert name.startswith("__Host-zg=")
    assert len(name) == len("__Host-zg=") + 43
    assert {one.lower() for one in attributes} == {
        "secure",
        "httponly",
        "path=/",
        "samesite=lax",
        "max-age=2592000",
    }
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("Content-Type") == "application/json"


def test_a_program_signs_up(house: House) -> None:
    """It asks for a token and gets no cookie; no Origin is needed."""
    answer = house.browser.ask(
        "POST", "/api/v1/accounts", json={**ENTRY, "token": True, "client": "curl"}
    )

    assert answer.status == 201
    assert len(answer.json["token"]) == 43
    assert answer.header("Set-Cookie") is None
    program = house.signed_in(Authorization=f"Bearer {answer.json['token']}")
    [line] = program.ask("GET", "/api/v1/sessions").json["sessions"]
    assert line["client"] == "curl"


def test_signing_in_has_the_same_shape(house: House) -> None:
    """201 with another session of the same account."""
    first = house.browser.ask("POST", "/api/v1/accounts", json=ENTRY, headers=PAGE)

    second = house.browser.ask("POST", "/api/v1/sessions", json=ENTRY, headers=PAGE)

    assert second.status == 201
    assert second.json["balance"] == first.json["balance"]
    assert second.json["session"] != first.json["session"]
    assert second.header("Set-Cookie") != first.header("Set-Cookie")


def test_signing_in_ends_the_session_of_the_cookie(house: House) -> None:
    """A cookie from before, planted or old, is no longer good for anything."""
    page = house.own_page()

    page.ask("POST", "/api/v1/sessions", json=ENTRY)

    assert len(house.ended) == 1
    assert page.ask("GET", "/api/v1/me").status == 401


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"phone": "0242 700 000"}, 400, "phone_invalid"),
        ({"password": "password"}, 400, "password_weak"),
        ({"phone": 771234567}, 400, "bad_request"),
        ({"extra": 1}, 400, "bad_request"),
        ({"balance": 1_000_000}, 400, "bad_request"),
        ({"phone": "0771\x00234567"}, 400, "bad_request"),
        ({"password": "x" * 1_000}, 400, "password_weak"),
    ],
)
def test_a_bad_sign_up_says_what_is_wrong(
    house: House, change: dict[str, object], status: int, code: str
) -> None:
    """Codes for programs, sentences for people."""
    answer = house.browser.ask(
        "POST", "/api/v1/accounts", json={**ENTRY, **change}, headers=PAGE
    )

    assert (answer.status, answer.code) == (status, code)
    assert house.accounts.people == {}


def test_a_number_that_is_taken(house: House) -> None:
    """409."""
    house.person()

    answer = house.browser.ask("POST", "/api/v1/accounts", json=ENTRY, headers=PAGE)

    assert (answer.status, answer.code) == (409, "phone_taken")


def test_a_wrong_password_and_an_unknown_number_are_one(house: House) -> None:
    """The same status, words and headers."""
    house.person()
    wrong = {**ENTRY, "password": "another one"}
    unknown = {**ENTRY, "phone": "0772222222"}

    answers = [
        house.browser.ask("POST", "/api/v1/sessions", json=entry, headers=PAGE)
        for entry in (wrong, unknown)
    ]

    assert [(one.status, one.code) for one in answers] == [(401, "wrong_password")] * 2
    assert answers[0].body == answers[1].body
    assert {**answers[0].headers, "date": []} == {**answers[1].headers, "date": []}


def test_many_wrong_passwords_lock(house: House) -> None:
    """429 with a time to wait, also for the right password."""
    house.person()
    wrong = {**ENTRY, "password": "another one"}
    for _ in range(5):
        house.browser.ask("POST", "/api/v1/sessions", json=wrong, headers=PAGE)

    answer = house.browser.ask("POST", "/api/v1/sessions", json=ENTRY, headers=PAGE)

    assert (answer.status, answer.code) == (429, "too_many_tries")
    assert answer.header("Retry-After") == "60"


def test_a_crowd_is_asked_to_come_back(house: House) -> None:
    """503 with a time to wait."""
    house.passwords.busy = {"hash"}

    answer = house.browser.ask("POST", "/api/v1/accounts", json=ENTRY, headers=PAGE)

    assert (answer.status, answer.code) == (503, "busy")
    assert answer.header("Retry-After") == "5"


def test_me(house: House) -> None:
    """One's own number, balance and session."""
    answer = house.person().ask("GET", "/api/v1/me")

    assert answer.status == 200
    assert answer.json == {
        "phone": "+263771234567",
        "balance": {"available": 5_000, "held": 0},
        "session": {"id": "00000009-0000-4000-8000-000000000000"},
    }


def test_sessions_are_listed(house: House) -> None:
    """Latest first, with what they are known by and which one asks."""
    page = house.own_page()
    agent = {"User-Agent": "Firefox\tat   home"}
    house.browser.ask("POST", "/api/v1/sessions", json=ENTRY, headers={**PAGE, **agent})

    lines = page.ask("GET", "/api/v1/sessions").json["sessions"]

    assert [(one["client"], one["current"]) for one in lines] == [
        ("Firefox at home", False),
        ("unknown", True),
        ("unknown", False),
    ]
    assert lines[0]["created_at"].endswith(("Z", "+00:00"))


def test_one_of_ones_sessions_is_ended(house: House) -> None:
    """204; it can do nothing any more, and its sockets are told."""
    page = house.own_page()
    lines = page.ask("GET", "/api/v1/sessions").json["sessions"]
    [other] = [one["id"] for one in lines if not one["current"]]

    answer = page.ask("DELETE", f"/api/v1/sessions/{other}")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Clear-Site-Data") is None
    assert house.ended == [other]
    assert len(page.ask("GET", "/api/v1/sessions").json["sessions"]) == 1


def test_ending_this_session_by_its_id_signs_out(house: House) -> None:
    """The cookie is taken back with it."""
    page = house.own_page()
    mine = page.ask("GET", "/api/v1/me").json["session"]["id"]

    answer = page.ask("DELETE", f"/api/v1/sessions/{mine.upper()}")

    assert answer.header("Clear-Site-Data") == '"cookies", "storage"'
    assert page.ask("GET", "/api/v1/me").status == 401


@pytest.mark.parametrize("path", ["/api/v1/sessions/current", "/api/v1/sessions"])
def test_signing_out(house: House, path: str) -> None:
    """204; the browser forgets what it kept for us, and the token is worth nothing."""
    page = house.own_page()

    answer = page.ask("DELETE", path)

    assert answer.status == 204
    assert answer.header("Clear-Site-Data") == '"cookies", "storage"'
    cookie = (answer.header("Set-Cookie") or "").split("; ")
    assert {"__Host-zg=", "Max-Age=0", "Path=/", "Secure"} <= {*cookie}
    refused = page.ask("GET", "/api/v1/me")
    assert (refused.status, refused.code) == (401, "not_signed_in")


def test_signing_out_everywhere_ends_the_others(house: House) -> None:
    """Every device of the person, and nobody else's."""
    program, other = house.person(), house.person("0772222222")
    page = house.own_page()

    page.ask("DELETE", "/api/v1/sessions")

    assert program.ask("GET", "/api/v1/me").status == 401
    assert other.ask("GET", "/api/v1/me").status == 200
    assert len(house.ended) == 2


@pytest.mark.parametrize("session", [NOTHING, "nonsense", "1", "%27", "..%2fcurrent"])
def test_what_is_not_ones_own_session_is_not_found(house: House, session: str) -> None:
    """404, whether it is another's or no session at all."""
    answer = house.person().ask("DELETE", f"/api/v1/sessions/{session}")

    assert (answer.status, answer.code) == (404, "not_found")


def test_nobody_ends_anothers_session(house: House) -> None:
    """Another's session is not found, and goes on."""
    mine = house.person()
    mine_id = mine.ask("GET", "/api/v1/me").json["session"]["id"]

    answer = house.person("0772222222").ask("DELETE", f"/api/v1/sessions/{mine_id}")

    assert answer.status == 404
    assert mine.ask("GET", "/api/v1/me").status == 200


async def broken(user: UserId) -> Wallet:
    """Fails as nobody foresaw."""
    raise ZeroDivisionError("a secret")


def test_what_nobody_foresaw(house: House, tidy: list[LogEvent]) -> None:
    """500 without details; they are in the log, with the path and without the query."""
    person = house.person()
    object.__setattr__(
        house.rooms.accounts,
        "_signing_in",
        type("Broken", (), {"wallet": staticmethod(broken)})(),
    )

    answer = person.ask("GET", "/api/v1/me?private=1")

    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.body
    [event] = tidy
    assert event["log_failure"].type is ZeroDivisionError
    assert (event["method"], event["path"]) == ("GET", "/api/v1/me")
    tidy.clear()


def test_another_password_ends_what_the_first_began(house: House) -> None:
    """The new password alone is good, and the page that chose it stays signed in."""
    page = house.own_page()
    change = {"current": PASSWORD, "password": "four other words here"}

    answer = page.ask("POST", "/api/v1/me/password", json=change)

    assert answer.status == 201
    assert house.ended
    old = house.browser.ask("POST", "/api/v1/sessions", json=ENTRY, headers=PAGE)
    assert (old.status, old.code) == (401, "wrong_password")
    entry = {**ENTRY, "password": "four other words here"}
    new = house.browser.ask("POST", "/api/v1/sessions", json=entry, headers=PAGE)
    assert new.status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"current": "a guess"}, 401, "wrong_password"),
        ({"password": "password"}, 400, "password_weak"),
        ({"more": 1}, 400, "bad_request"),
    ],
)
def test_a_refused_change_changes_nothing(
    house: House, change: dict[str, object], status: int, code: str
) -> None:
    """The password there is must be known, and the new one good."""
    page = house.own_page()
    wanted = {"current": PASSWORD, "password": "four other words here", **change}

    answer = page.ask("POST", "/api/v1/me/password", json=wanted)

    assert (answer.status, answer.code) == (status, code)
    assert page.ask("GET", "/api/v1/me").status == 200


def test_an_account_is_closed_by_its_password(house: House) -> None:
    """Everything of it ends; a guess ends nothing."""
    page = house.own_page()

    guess = page.ask("DELETE", "/api/v1/me", json={"password": "a guess"})
    assert (guess.status, guess.code) == (401, "wrong_password")
    assert house.accounts.people
    answer = page.ask("DELETE", "/api/v1/me", json={"password": PASSWORD})

    assert answer.status == 204
    assert answer.header("Clear-Site-Data")
    assert house.accounts.people == {}
    assert house.ended
    assert page.ask("GET", "/api/v1/me").status == 401


def test_who_has_no_password_closes_without(house: House) -> None:
    """An account that WhatsApp made has none to say."""
    page = house.own_page()
    [person] = house.accounts.people.values()
    person.password_hash = None

    assert page.ask("DELETE", "/api/v1/me", json={}).status == 204
