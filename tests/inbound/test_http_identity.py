"""Who is asking, and from which web site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inbound.browser import ORIGIN
from tests.inbound.house import ANSWER, CONVERSATION, NOTHING, PASSWORD, PHONE, House

ROUTES = [
    ("GET", "/api/v1/me"),
    ("DELETE", "/api/v1/me"),
    ("POST", "/api/v1/me/password"),
    ("GET", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions/current"),
    ("DELETE", f"/api/v1/sessions/{NOTHING}"),
    ("GET", "/api/v1/conversations"),
    ("GET", f"/api/v1/conversations/{CONVERSATION}/turns"),
    ("PATCH", f"/api/v1/conversations/{CONVERSATION}"),
    ("DELETE", f"/api/v1/conversations/{CONVERSATION}"),
    ("GET", f"/api/v1/conversations/{CONVERSATION}"),
    ("POST", "/api/v1/essays/price"),
    ("GET", f"/api/v1/essays/{ANSWER}"),
    ("POST", "/api/v1/answers"),
    ("GET", f"/api/v1/answers/{ANSWER}"),
    ("POST", f"/api/v1/answers/{ANSWER}/stop"),
    ("GET", f"/api/v1/answers/{ANSWER}/export"),
    ("GET", f"/api/v1/conversations/{CONVERSATION}/export"),
    ("GET", "/api/v1/statement"),
    ("GET", "/api/v1/payments"),
    ("POST", "/api/v1/payments"),
    ("GET", f"/api/v1/payments/{ANSWER}"),
    ("POST", f"/api/v1/payments/{ANSWER}/check"),
    ("POST", f"/api/v1/payments/{ANSWER}/code"),
    ("GET", f"/api/v1/payments/{ANSWER}/qr.svg"),
    ("POST", "/api/v1/vouchers"),
    ("GET", "/api/v1/preferences"),
    ("PATCH", "/api/v1/preferences"),
    ("GET", "/api/v1/keys"),
    ("POST", "/api/v1/keys"),
    ("PATCH", f"/api/v1/keys/{ANSWER}"),
    ("DELETE", f"/api/v1/keys/{ANSWER}"),
]
UNSAFE = [(method, path) for method, path in ROUTES if method != "GET"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


def test_every_route_that_needs_a_session_is_tried(house: House) -> None:
    """The tests below forget no route: all but signing in, in either way, and what
    anybody may see."""
    routes = {
        (method, str(rule).replace("<revoked>", NOTHING))
        for router in house.rooms.by_name().values()
        for rule in router.url_map.iter_rules()
        for method in rule.methods or ()
        if method != "HEAD"
    }
    named = {
        (
            method,
            path.replace("<conversation>", CONVERSATION)
            .replace("<answer>", ANSWER)
            .replace("<payment>", ANSWER)
            .replace("<key>", ANSWER),
        )
        for method, path in routes
    }

    assert named - set(ROUTES) == {
        ("POST", "/api/v1/accounts"),
        ("POST", "/api/v1/sessions"),
        ("POST", "/api/v1/proofs"),
        ("GET", "/api/v1/proofs/<proof_id>"),
        ("POST", "/api/v1/proofs/<proof_id>/password"),
        ("GET", "/api/v1/about"),
        ("GET", "/api/v1/prices"),
        ("GET", "/api/v1/packages"),
        ("GET", "/api/v1/notices"),
        ("GET", "/healthz"),
    }
    assert set(ROUTES) <= named


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "__Host-zg=" + "A" * 43, "Origin": ORIGIN},
        {"Cookie": "__Host-zg=", "Origin": ORIGIN},
        {"Cookie": "other=" + "A" * 43, "Origin": ORIGIN},
        {"Cookie": "__Host-zg=\udcff", "Origin": ORIGIN},
        {"Authorization": "Bearer " + "A" * 43},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer a b"},
        {"Authorization": "Bearer \udcff"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": ""},
    ],
)
def test_strangers_are_asked_to_sign_in(
    house: House, method: str, path: str, headers: dict[str, str]
) -> None:
    """401 on every route, whatever they show instead of a token."""
    answer = house.browser.ask(method, path, headers=headers)

    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert answer.header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://zimgpt.example"},
        {"Origin": "https://zimgpt.example:8443"},
        {"Origin": "https://zimgpt.example.evil.example"},
        {"Origin": "https://evilzimgpt.example"},
        {"Origin": "https://ZIMGPT.example"},
        {"Origin": f"{ORIGIN}\r\nOrigin: https://evil.example"},
        {"Origin": f"{ORIGIN}\r\nOrigin: {ORIGIN}"},
        {"Origin": "\udcff"},
        {"Origin": None, "Sec-Fetch-Site": "cross-site"},
        {"Origin": None, "Sec-Fetch-Site": "same-site"},
        {"Origin": None, "Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_other_sites_change_nothing(
    house: House, method: str, path: str, headers: dict[str, str | None]
) -> None:
    """A page elsewhere that makes a browser send our cookie gets 403."""
    page = house.own_page()

    answer = page.ask(method, path, headers=headers)

    assert (answer.status, answer.code) == (403, "origin_refused")
    assert page.ask("GET", "/api/v1/me").status == 200


def test_our_own_page_may(house: House) -> None:
    """By its origin, or where the browser sends none, by the browser's word."""
    page = house.own_page()
    rename = {"title": "Other"}
    path = f"/api/v1/conversations/{CONVERSATION}"
    without = {"Origin": None, "Sec-Fetch-Site": "same-origin"}

    assert page.ask("PATCH", path, json=rename).status == 200
    assert page.ask("PATCH", path, json=rename, headers=without).status == 200


def test_a_change_needs_the_proof_of_its_own_session(house: House) -> None:
    """The cookie alone, or with another session's proof, changes nothing."""
    page, other = house.own_page(), house.own_page("0772 222 222")
    address = "/api/v1/sessions/current"
    proofs = [None, "", other.headers["X-ZG-CSRF"], page.headers["X-ZG-CSRF"] + "x"]

    for wrong in proofs:
        answer = page.ask("DELETE", address, headers={"X-ZG-CSRF": wrong})
        assert (answer.status, answer.code) == (403, "csrf_refused")

    assert page.ask("DELETE", address).status == 204


def test_a_page_that_is_loaded_again_is_told_its_proof(house: House) -> None:
    """It is the same as long as the session is; programs are told none."""
    page, program = house.own_page(), house.person("0772 222 222")

    told = page.ask("GET", "/api/v1/me").json

    assert told["csrf"] == page.headers["X-ZG-CSRF"]
    assert "csrf" not in program.ask("GET", "/api/v1/me").json


def test_reading_needs_no_origin(house: House) -> None:
    """Browsers send none when a page of ours reads, or when a link leads here."""
    page = house.own_page()

    assert page.ask("GET", "/api/v1/me", headers={"Origin": None}).status == 200


def test_a_bearer_token_needs_no_origin(house: House) -> None:
    """No browser sends one by itself, so no other site can use it."""
    program = house.person()

    assert program.ask("DELETE", "/api/v1/sessions/current").status == 204


def test_the_token_in_the_header_counts(house: House) -> None:
    """Where both are sent, the one that was put there on purpose."""
    page, program = house.own_page(), house.person("0772222222")

    both = house.signed_in(**page.headers, **program.headers)

    assert both.ask("GET", "/api/v1/me").json["phone"] == "+263772222222"


@pytest.mark.parametrize("path", ["/api/v1/accounts", "/api/v1/sessions"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_no_other_site_signs_people_in(
    house: House, path: str, headers: dict[str, str]
) -> None:
    """Nor up: a person would unknowingly use somebody else's account."""
    entry = {"phone": PHONE, "password": PASSWORD}

    answer = house.browser.ask("POST", path, json=entry, headers=headers)

    assert (answer.status, answer.code) == (403, "origin_refused")
    assert house.accounts.people == {}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "application/json\r\nContent-Type: text/plain",
    ],
)
def test_only_json_is_read(house: House, method: str, kind: str | None) -> None:
    """415 for what a form on another site could send without being asked."""
    path = {"POST": "/api/v1/answers", "PATCH": f"/api/v1/conversations/{NOTHING}"}

    answer = house.person().ask(
        method, path[method], body=b"{}", headers={"Content-Type": kind}
    )

    assert (answer.status, answer.code) == (415, "not_json")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_may_name_its_charset(house: House, kind: str) -> None:
    """As long as it is UTF-8."""
    answer = house.browser.ask(
        "POST",
        "/api/v1/accounts",
        json={"phone": PHONE, "password": PASSWORD, "token": True},
        headers={"Content-Type": kind},
    )

    assert answer.status == 201
