"""Signing in, linking and new passwords by a phrase that comes from a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.inbound.browser import ORIGIN, Answer, Browser
from tests.inbound.house import PASSWORD, PHONE, House
from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue import phrases
from zimgpt.domain.phones import Phone
from zimgpt.inbound.http import Root
from zimgpt.inbound.limits import Limits

NUMBER = Phone("+263771234567")
ME = UserId(1)
NEW = "a longer new secret"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Somebody has an account."""
    house = House(str(tmp_path))
    house.person()
    return house


def page(house: House) -> Browser:
    """Our page in a browser of its own, where nobody is signed in."""
    return house.signed_in(Origin=ORIGIN)


def begin(browser: Browser, purpose: str = "sign_in", **more: object) -> Any:  # noqa: ANN401
    """A proof that this browser has begun; it keeps the cookie."""
    answer = browser.ask("POST", "/api/v1/proofs", json={"purpose": purpose, **more})
    assert answer.status == 201, answer.body
    cookies = answer.headers.get("set-cookie", [])
    if cookies:
        kept = browser.headers.get("Cookie")
        mine = cookies[0].split(";")[0]
        browser.headers["Cookie"] = f"{kept}; {mine}" if kept else mine
    return answer.json


def look(browser: Browser, proof: Any, **more: Any) -> Answer:  # noqa: ANN401
    """What the browser hears of it."""
    return browser.ask("GET", f"/api/v1/proofs/{proof['id']}", **more)


def test_a_phrase_and_a_link_are_given(house: House) -> None:
    """What people read and tap, and nothing secret: that is in a cookie which no
    script and no other site can use."""
    answer = page(house).ask("POST", "/api/v1/proofs", json={"purpose": "sign_in"})

    phrase = answer.json["phrase"]
    assert phrases.phrase(phrase) == phrase
    assert answer.json == {
        "id": answer.json["id"],
        "phrase": phrase,
        "link": f"https://wa.me/263771000000?text={phrase}",
        "expires_in": 600,
    }
    cookie = (answer.header("Set-Cookie") or "").split("; ")
    assert cookie[0].startswith("__Host-zg-proof=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Max-Age=600"} <= {*cookie}


def test_neither_phrase_nor_secret_is_kept(house: House) -> None:
    """Whoever reads the database can prove nothing by it."""
    proof = begin(page(house), token=False)
    program = begin(house.browser, token=True)

    stored = repr(house.proofs.kept)
    assert proof["phrase"] not in stored
    assert program["secret"] not in stored


def test_the_browser_is_signed_in(house: House) -> None:
    """When the phrase has come, by the cookie of any other session."""
    browser = page(house)
    proof = begin(browser)
    assert look(browser, proof).json == {"state": "waiting"}

    house.proofs.say(proof["id"], ME, NUMBER)
    answer = look(browser, proof)

    assert answer.json["state"] == "signed_in"
    assert "token" not in answer.json
    session, gone = answer.headers["set-cookie"]
    assert session.startswith("__Host-zg=")
    assert gone.startswith("__Host-zg-proof=;")
    mine = house.signed_in(Cookie=session.split(";")[0]).ask("GET", "/api/v1/me")
    assert mine.json["phone"] == NUMBER
    assert mine.json["csrf"] == answer.json["csrf"]


def test_a_program_is_signed_in_by_a_token(house: House) -> None:
    """It shows its secret in a header and gets no cookie."""
    proof = begin(house.browser, token=True)
    house.proofs.say(proof["id"], ME, NUMBER)

    answer = look(house.browser, proof, headers={"X-ZG-Proof": proof["secret"]})

    assert answer.header("Set-Cookie") is None
    token = answer.json["token"]
    mine = house.signed_in(Authorization=f"Bearer {token}").ask("GET", "/api/v1/me")
    assert mine.json["phone"] == NUMBER


def test_a_proof_is_used_once(house: House) -> None:
    """Who repeats it, with everything that the browser had, gets nothing."""
    browser = page(house)
    proof = begin(browser)
    house.proofs.say(proof["id"], ME, NUMBER)

    assert look(browser, proof).json["state"] == "signed_in"
    assert look(browser, proof).json == {"state": "over"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": None},
        {"Cookie": "__Host-zg-proof=" + "A" * 43},
        {"Cookie": "__Host-zg-proof="},
        {"Cookie": None, "X-ZG-Proof": "A" * 43},
        {"Cookie": None, "X-ZG-Proof": "ZIM-00000000"},
    ],
)
def test_another_browser_gets_nothing(house: House, headers: dict[str, str]) -> None:
    """Though it knows the phrase and the id; and the right one still gets its own."""
    browser = page(house)
    proof = begin(browser)
    house.proofs.say(proof["id"], ME, NUMBER)

    assert look(browser, proof, headers=headers).status == 404
    assert look(browser, proof).json["state"] == "signed_in"


def test_the_secret_of_one_proof_opens_no_other(house: House) -> None:
    """They are bound to each other."""
    mine, theirs = page(house), page(house)
    begin(mine)
    proof = begin(theirs)
    house.proofs.say(proof["id"], ME, NUMBER)

    assert look(mine, proof).status == 404


def test_after_its_time_there_is_nothing(house: House) -> None:
    """The page is told to begin again."""
    browser = page(house)
    proof = begin(browser)
    house.proofs.end(proof["id"])

    assert look(browser, proof).json == {"state": "over"}


def test_news_is_waited_for(house: House) -> None:
    """Within a second of the phrase, and no longer than was asked for."""
    browser = page(house)
    proof = begin(browser)
    waiting = browser.begin("GET", f"/api/v1/proofs/{proof['id']}?wait=25")
    idle = browser.begin("GET", f"/api/v1/proofs/{proof['id']}?wait=3")
    house.clock.pump([1.0] * 3)

    assert idle.answer().json == {"state": "waiting"}
    assert waiting.answers() == []
    house.proofs.say(proof["id"], ME, NUMBER)
    house.clock.advance(1.0)
    assert waiting.answer().json["state"] == "signed_in"


def test_a_stopping_node_lets_nobody_wait(house: House) -> None:
    """Who waits is told how it stands within a second, and may ask elsewhere."""
    browser = page(house)
    proof = begin(browser)
    waiting = browser.begin("GET", f"/api/v1/proofs/{proof['id']}?wait=25")

    house.proving.hurry()
    house.clock.advance(1.0)

    assert waiting.answer().json == {"state": "waiting"}


def test_other_sites_begin_nothing(house: House) -> None:
    """They could otherwise sign people in as somebody else."""
    answer = house.browser.ask(
        "POST",
        "/api/v1/proofs",
        json={"purpose": "sign_in"},
        headers={"Origin": "https://evil.example"},
    )

    assert (answer.status, answer.code) == (403, "origin_refused")


def test_a_link_is_for_who_is_signed_in(house: House) -> None:
    """It makes a phone use the account that is open in this browser."""
    stranger = page(house).ask("POST", "/api/v1/proofs", json={"purpose": "link"})
    assert stranger.status == 401

    browser = house.own_page("0772 000 000")
    proof = begin(browser, "link")
    assert house.proofs.kept[proof["id"]].standing.user == UserId(2)
    house.proofs.say(proof["id"], UserId(2), NUMBER)
    answer = look(browser, proof)

    assert answer.json == {"state": "linked"}
    assert answer.header("Set-Cookie") is None


def test_a_new_password_is_chosen(house: House) -> None:
    """The old one is nothing any more, nor what was signed in by it."""
    old = house.own_page()
    browser = page(house)
    proof = begin(browser, "password")
    place = f"/api/v1/proofs/{proof['id']}/password"
    assert browser.ask("POST", place, json={"password": NEW}).status == 404
    house.proofs.say(proof["id"], ME, NUMBER)
    assert look(browser, proof).json == {"state": "proved"}

    weak = browser.ask("POST", place, json={"password": "0771234567"})
    assert (weak.status, weak.code) == (400, "password_weak")
    answer = browser.ask("POST", place, json={"password": NEW})

    assert answer.status == 201
    assert {*answer.json} == {"session", "balance", "csrf"}
    assert old.ask("GET", "/api/v1/me").status == 401
    entry = {"phone": PHONE, "token": True}
    signed = [
        house.browser.ask("POST", "/api/v1/sessions", json={**entry, "password": word})
        for word in (PASSWORD, NEW)
    ]
    assert [one.status for one in signed] == [401, 201]
    assert browser.ask("POST", place, json={"password": NEW}).status == 404


def test_a_proof_for_signing_in_changes_no_password(house: House) -> None:
    """What a person agreed to is what happens."""
    browser = page(house)
    proof = begin(browser)
    house.proofs.say(proof["id"], ME, NUMBER)

    answer = browser.ask(
        "POST", f"/api/v1/proofs/{proof['id']}/password", json={"password": NEW}
    )

    assert answer.status == 404


def test_without_a_number_there_is_no_use_for_a_password(house: House) -> None:
    """Who hides it from us is told to sign in with WhatsApp."""
    browser = page(house)
    proof = begin(browser, "password")
    house.proofs.say(proof["id"], ME, None)

    answer = browser.ask(
        "POST", f"/api/v1/proofs/{proof['id']}/password", json={"password": NEW}
    )

    assert (answer.status, answer.code) == (400, "no_number")


def test_there_is_an_end_to_how_many_wait(house: House) -> None:
    """So that guessing stays hopeless; those who come later are asked to wait."""
    house.proofs.most = 0

    answer = page(house).ask("POST", "/api/v1/proofs", json={"purpose": "sign_in"})

    assert (answer.status, answer.code) == (429, "too_many_proofs")
    assert answer.header("Retry-After") == "60"


def test_one_address_begins_so_many(tmp_path: Path) -> None:
    """As many as it may try passwords."""
    house = House(str(tmp_path), limits=Limits(sign_ins_per_minute=2))

    asked = [
        page(house).ask("POST", "/api/v1/proofs", json={"purpose": "sign_in"}).status
        for _ in range(3)
    ]

    assert asked == [201, 201, 429]


def test_without_whatsapp_there_is_no_such_address(house: House) -> None:
    """Neither begun nor asked for."""

    rooms = attrs.evolve(house.rooms, proofs=None)
    browser = Browser(Root(rooms, websocket=house.websocket, website=house.websocket))

    answer = browser.ask("POST", "/api/v1/proofs", json={"purpose": "sign_in"})

    assert (answer.status, answer.code) == (404, "not_found")
