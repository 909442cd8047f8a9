"""Too much over HTTP: a sentence, 429 and a time to come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.inbound.browser import Answer, Browser
from tests.inbound.house import PASSWORD, House
from zimgpt.inbound.limits import Gate, Limits
from zimgpt.inbound.website import Website


def told(answer: Answer) -> tuple[int, str, str | None]:
    """Status, code and when to come back."""
    return answer.status, answer.code, answer.header("Retry-After")


def entry(number: int) -> dict[str, object]:
    """Somebody who signs up."""
    return {"phone": f"07712000{number:02}", "password": PASSWORD, "token": True}


def test_sign_ups_from_one_address(tmp_path: Path) -> None:
    """The third account in an hour is refused before its password is hashed."""
    house = House(str(tmp_path), limits=Limits(sign_ups_per_hour=2))
    ask = house.browser.ask
    for number in range(2):
        assert ask("POST", "/api/v1/accounts", json=entry(number)).status == 201

    refused = ask("POST", "/api/v1/accounts", json=entry(2))

    assert told(refused) == (429, "too_many_sign_ups", "1800")
    assert len(house.accounts.people) == 2


def test_sign_ins_from_one_address(tmp_path: Path) -> None:
    """Guesses have an end by address as well as by account."""
    house = House(str(tmp_path), limits=Limits(sign_ins_per_minute=1))
    house.browser.ask("POST", "/api/v1/sessions", json=entry(0))

    refused = house.browser.ask("POST", "/api/v1/sessions", json=entry(1))

    assert told(refused) == (429, "too_fast", "60")


def test_questions_of_one_person(tmp_path: Path) -> None:
    """They count over HTTP as on the websocket."""
    house = House(str(tmp_path), limits=Limits(questions_per_minute=1))
    person = house.person()
    asked = {"id": "1", "text": "Sadza?"}
    assert person.ask("POST", "/api/v1/answers", json=asked).status == 202

    refused = person.ask("POST", "/api/v1/answers", json={**asked, "id": "2"})

    assert told(refused) == (429, "too_fast", "60")
    assert len(house.desk.asked) == 1


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A client of a site that takes two requests a minute and two connections."""
    browser = Browser(Website(str(tmp_path)))
    limits = Limits(requests_per_minute=2, connections=2)
    browser.site.gate = Gate(browser.clock.seconds, limits)
    return browser


def test_requests_of_one_address(browser: Browser) -> None:
    """Whatever is asked for."""
    connection = browser.connect()
    for _ in range(3):
        connection.send(b"GET / HTTP/1.1\r\nHost: zimgpt.example\r\n\r\n")

    *served, refused = connection.answers()

    assert [answer.status for answer in served] == [404, 404]
    assert told(refused) == (429, "too_fast", "30")


def test_a_connection_too_many_is_cut(browser: Browser) -> None:
    """It costs nobody a word; when one has gone there is room again."""
    first, second, third = (browser.connect() for _ in range(3))
    assert [one.transport.disconnected for one in (first, second, third)] == [
        False, False, True,
    ]  # fmt: skip

    first.channel.connectionLost(Failure(ConnectionDone()))

    assert not browser.connect().transport.disconnected
