"""The doors of the admin pages: who gets in, from where, and what an act needs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.inbound.house import House
from tests.inbound.office import ALONE, NUMBER, Office
from zimgpt.domain.operators import IDLE
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.states import Stage
from zimgpt.flows.ports.back_office import By, Wanted

WHY: dict[str, object] = {"reason": "she rang us"}
BY = By("tariro", "she rang us")
GIFT: dict[str, object] = {"tokens": 500, "key": "a key of it", **WHY}
LOOKS = (
    *("session", "users", "users/7", "users/7/moves", "payments", "payments/queue"),
    *("payments/ZG-1", "acts"),
)
ACTS: dict[str, dict[str, object]] = {
    "users/7/number": WHY,
    "users/7/grant": GIFT,
    "users/7/ban": WHY,
    "users/7/unban": WHY,
    "payments/ZG-1/check": WHY,
    "payments/ZG-1/approve": WHY,
    "payments/ZG-1/reinstate": WHY,
    "payments/ZG-1/dismiss": WHY,
    "payments/ZG-1/credit": GIFT,
    "payments/ZG-1/refund": GIFT,
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A site with a page for anybody and one for operators."""
    (tmp_path / "index.html").write_text("welcome")
    (tmp_path / "admin.html").write_text("the desk")
    (tmp_path / "admin").mkdir()
    (tmp_path / "admin" / "users.html").write_text("people")
    return House(str(tmp_path))


@pytest.fixture
def office(house: House) -> Office:
    """Nobody has signed in yet."""
    return Office(house)


def test_two_steps_lead_in(office: Office) -> None:
    """By a cookie of its own, which is another one after the second."""
    knocked = office.knock()
    assert (knocked.status, [*knocked.json]) == (201, ["csrf"])
    assert office.browser.ask("GET", "/admin/api/session").status == 401

    inside = office.prove(knocked)

    assert inside.status == 201
    assert inside.json["name"] == "tariro"
    cookie = str(inside.header("Set-Cookie"))
    assert cookie.startswith("__Host-zg-admin=")
    rest = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"path=/", "secure", "httponly", "samesite=strict"} <= rest
    assert cookie.split(";")[0] != str(knocked.header("Set-Cookie")).split(";")[0]
    office.keep(inside)
    here = office.browser.ask("GET", "/admin/api/session")
    assert (here.status, here.json["name"]) == (200, "tariro")
    assert here.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_shown_to_strangers(office: Office, look: str) -> None:
    """Nor to who has only said a password."""
    address = f"/admin/api/{look}"
    assert office.browser.ask("GET", address).status == 401
    office.keep(office.knock())
    assert office.browser.ask("GET", address).status == 401

    office.enter()

    assert office.browser.ask("GET", address).status == 200


@pytest.mark.parametrize("act", ACTS)
def test_an_act_needs_an_operator_their_page_and_a_reason(
    office: Office, act: str
) -> None:
    """Whatever lacks one of these does nothing."""
    address = f"/admin/api/{act}"
    strange = office.browser.ask("POST", address, json=ACTS[act])
    browser = office.enter()
    forged = [
        browser.ask("POST", address, json=ACTS[act], headers=headers)
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": None},
            {"X-ZG-CSRF": None},
            {"X-ZG-CSRF": "x" * 43},
        )
    ]
    bare = [
        browser.ask("POST", address, json=ACTS[act] | {"reason": reason})
        for reason in ("", "no", "x" * 251)
    ]

    assert (strange.status, strange.code) == (401, "not_signed_in")
    assert {answer.status for answer in forged} == {403}
    assert {answer.status for answer in bare} == {400}
    assert office.files.done == []

    assert browser.ask("POST", address, json=ACTS[act]).status == 200
    [(*_, by)] = office.files.done
    assert by == BY


def test_a_person_is_no_operator(office: Office, house: House) -> None:
    """Neither by their cookie nor by a bearer token, whichever name it comes under."""
    person = house.own_page()
    cookie = person.headers["Cookie"]
    token = cookie.split("=", 1)[1]
    for headers in (
        {"Cookie": cookie},
        {"Cookie": f"__Host-zg-admin={token}"},
        {"Authorization": f"Bearer {token}"},
    ):
        answer = office.browser.ask("GET", "/admin/api/users", headers=headers)
        assert answer.status == 401

    office.enter()
    admin = office.browser.headers["Cookie"].split("=", 1)[1]
    headers = {"Cookie": f"__Host-zg={admin}"}
    assert office.browser.ask("GET", "/api/v1/me", headers=headers).status == 401


def test_a_code_opens_once(office: Office) -> None:
    """Who saw it typed cannot use it."""
    assert office.prove(office.knock()).status == 201

    again = office.prove(office.knock())

    assert (again.status, again.code) == (401, "wrong_code")


def test_the_second_step_is_our_own_page_s(office: Office) -> None:
    """Another site cannot finish what it did not begin."""
    office.keep(office.knock())
    for headers in ({"Origin": "https://evil.example"}, {"X-ZG-CSRF": "x"}):
        answer = office.browser.ask(
            "POST", "/admin/api/session/code", json={"code": "1"}, headers=headers
        )
        assert answer.status == 403
    foreign = {"Origin": "https://evil.example"}
    knock = {"name": "tariro", "password": "x"}
    answer = office.browser.ask(
        "POST", "/admin/api/session", json=knock, headers=foreign
    )
    assert answer.status == 403


def test_tries_are_counted(office: Office) -> None:
    """Then the right password is refused, too, for a while."""
    for _ in range(5):
        assert office.knock("a wrong one").code == "wrong_password"

    locked = office.knock()

    assert (locked.status, locked.code) == (429, "too_many_tries")


def test_a_session_ends(office: Office) -> None:
    """By idleness, by being disabled, and by signing out."""
    browser = office.enter()
    office.operators.now += IDLE
    assert browser.ask("GET", "/admin/api/users").status == 401

    browser = office.enter()
    office.operators.people["tariro"].disabled = True
    assert browser.ask("GET", "/admin/api/users").status == 401
    assert office.knock().code == "wrong_password"

    office.operators.people["tariro"].disabled = False
    office.operators.now += timedelta(minutes=1)
    browser = office.enter()
    left = browser.ask("DELETE", "/admin/api/session")
    assert left.status == 204
    assert "Max-Age=0" in str(left.header("Set-Cookie"))
    assert browser.ask("GET", "/admin/api/users").status == 401


def test_what_is_asked_arrives(office: Office) -> None:
    """Digits without the 0 of home; filters; pages."""
    browser = office.enter()
    browser.ask("GET", "/admin/api/users?digits=0771%20234")
    browser.ask("GET", "/admin/api/users?digits=0771&before=9")
    browser.ask("GET", "/admin/api/users/7/moves?before=12")
    browser.ask("GET", "/admin/api/payments?state=review&currency=USD&phone=0771234567")
    browser.ask("GET", "/admin/api/acts?before=9")

    wanted = Wanted(state=Stage.REVIEW, currency=Currency.USD, phone=NUMBER)
    assert office.files.asked == [
        ("771234", None, 50),
        ("771", 9, 50),
        (7, 12, 50),
        (wanted, 50),
        (9, 50),
    ]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "users/8", 404),
        ("GET", "users/x", 404),
        ("GET", "payments/ZG-2", 404),
        ("GET", "payments?state=nothing", 400),
        ("GET", "payments?phone=7", 400),
        ("GET", "payments?before=x", 404),
        ("GET", "nothing", 404),
        ("GET", "", 404),
        ("POST", "payments/ZG-1/forget", 404),
        ("POST", "users", 405),
    ],
)
def test_what_is_not_there(
    office: Office, method: str, address: str, status: int
) -> None:
    """Is said in JSON."""
    browser = office.enter()
    json = WHY if method == "POST" else None

    answer = browser.ask(method, f"/admin/api/{address}", json=json)

    assert answer.status == status
    assert answer.code
    assert office.files.done == []


ADDRESSES = ("/admin", "/admin.html", "/admin/users", "/admin/api/session")


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_an_address_for_them_there_are_no_such_pages(
    house: House, address: str
) -> None:
    """Nor where the request names another host."""
    shut, open = Office(house, origins=()), Office(house)

    assert shut.browser.ask("GET", address).status == 404
    elsewhere = open.browser.ask("GET", address, headers={"Host": "other.example"})
    assert elsewhere.status == 404
    assert open.browser.ask("GET", address).status in (200, 401)
    assert shut.browser.ask("GET", "/").body == b"welcome"


def test_a_host_of_their_own_serves_nothing_else(house: House) -> None:
    """Its bare address leads to the pages; the app and its API are elsewhere."""
    office = Office(house, origins=(ALONE,))
    browser = office.browser
    browser.headers |= {"Host": "desk.example:8443", "Origin": ALONE}

    bare = browser.ask("GET", "/")
    assert (bare.status, bare.header("Location")) == (302, "/admin")
    assert browser.ask("GET", "/admin").body == b"the desk"
    for address in ("/index.html", "/api/v1/about", "/ws", "/webhooks/paynow/usd"):
        assert browser.ask("GET", address).status == 404
    assert office.enter().ask("GET", "/admin/api/users").status == 200

    public = {"Host": "zimgpt.example"}
    assert browser.ask("GET", "/", headers=public).body == b"welcome"
    assert browser.ask("GET", "/admin", headers=public).status == 404
