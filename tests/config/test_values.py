"""How each kind of value is written, and what is refused."""

from enum import StrEnum
from typing import Any

import pytest

from zimgpt.config import values
from zimgpt.config.values import Kind


class Colour(StrEnum):
    """Words to choose from."""

    RED = "red"
    BLUE = "blue"


def read(kind: Kind[Any], written: str) -> object:
    """What a variable of this kind means."""
    return kind.check(kind.text(written))


@pytest.mark.parametrize(
    ("kind", "native", "written", "value"),
    [
        (values.string("a name", "[a-z]+"), "abc", "abc", "abc"),
        (values.whole(1, 9), 9, "9", 9),
        (values.number(0.5, 9), 1, "1", 1.0),
        (values.number(0.5, 9), 0.5, "0.5", 0.5),
        (values.choice(Colour), "red", "red", Colour.RED),
        (values.several(Colour), ["red"], "red", frozenset({Colour.RED})),
        (values.several(Colour), ["red", "blue"], " red,,blue ", frozenset(Colour)),
        (values.origins(), [], ",", ()),
        (values.http_url(), "http://h:1/v1/", "http://h:1/v1", "http://h:1/v1"),
        (values.broker_url(), "local:", "local:", "local:"),
        (values.broker_url(), "amqps://h/v", "amqps://h/v", "amqps://h/v"),
        (values.database_url(), "host=/run dbname=x", "host=/run dbname=x",
         "host=/run dbname=x"),
        (values.endpoint(), "unix:/run/z", "unix:/run/z", "unix:/run/z"),
        (values.endpoint(), "tcp:port=0", "tcp:port=0", "tcp:port=0"),
    ],
)  # fmt: skip
def test_good_values(
    kind: Kind[object], native: object, written: str, value: object
) -> None:
    """A value means the same in TOML and as text."""
    assert kind.check(native) == value
    assert read(kind, written) == value


@pytest.mark.parametrize(
    ("kind", "native"),
    [
        (values.string("a name", "[a-z]+"), "ab1"),
        (values.string("a name"), ""),
        (values.string("a name"), "a\0b"),
        (values.string("a name"), 3),
        (values.whole(1, 9), 0),
        (values.whole(1, 9), 10),
        (values.whole(1, 9), True),
        (values.whole(1, 9), 1.0),
        (values.whole(1, 9), "1"),
        (values.number(1, 9), 9.1),
        (values.number(1, 9), float("nan")),
        (values.number(1, 9), False),
        (values.number(1, 9), "1"),
        (values.choice(Colour), "green"),
        (values.several(Colour), []),
        (values.several(Colour), "red"),
        (values.several(Colour), ["red", "green"]),
        (values.origins(), "https://a.example"),
        (values.origins(), ["ftp://a.example"]),
        (values.origins(), ["https://"]),
        (values.origins(), ["https://a.example/app"]),
        (values.origins(), ["https://me@a.example"]),
        (values.origins(), ["https://*.example"]),
        (values.origins(), ["https://a.example:port"]),
        (values.origins(), ["https://a.example https://b.example"]),
        (values.http_url(), "ftp://h/"),
        (values.http_url(), "https:///v1"),
        (values.http_url(), "https://h/v1?key=1"),
        (values.http_url(), "https://me@h/v1"),
        (values.http_url(), "https://h:0/v1"),
        (values.broker_url(), "redis://h"),
        (values.broker_url(), "amqp:///v"),
        (values.database_url(), "somewhere"),
        (values.endpoint(), "8080"),
        (values.endpoint(), "tcp:65536"),
        (values.endpoint(), "tcp:http"),
    ],
)
def test_bad_values(kind: Kind[object], native: object) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - its words are made by the caller
        kind.check(native)


@pytest.mark.parametrize(
    ("kind", "written"),
    [(values.whole(1, 9), "x"), (values.number(1, 9), "x")],
)
def test_bad_text(kind: Kind[object], written: str) -> None:
    """Text that is of no such type is refused in the same way."""
    with pytest.raises(ValueError):  # noqa: PT011
        read(kind, written)


def test_a_bad_database_url_is_not_repeated() -> None:
    """libpq's own words, which hold what was written, are not passed on."""
    with pytest.raises(ValueError, match=r"^$") as refused:
        values.database_url().check("password:hunter2")

    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://Chat.Example.org/", "https://chat.example.org"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_origins_are_as_browsers_send_them(written: str, origin: str) -> None:
    """Lower case, without the usual port and the last slash."""
    assert values.origins().check([written]) == (origin,)


@pytest.mark.parametrize(
    ("described", "port"),
    [
        ("tcp:8080", 8080),
        ("tcp:port=8080:interface=::1", 8080),
        ("tcp:99999", None),
        ("unix:/x", None),
    ],
)
def test_tcp_port(described: str, port: int | None) -> None:
    """The port is known of tcp endpoints alone."""
    assert values.tcp_port(described) == port


def test_passwords_in_urls_are_noticed() -> None:
    """Whether a URL holds a secret depends on its password, not on its user."""
    assert values.database_password("postgresql://u:p@h/d")
    assert values.database_password("host=h password=p")
    assert not values.database_password("postgresql://u@h/d")
    assert values.url_password("amqp://u:p@h")
    assert not values.url_password("amqp://u@h")
    assert not values.url_password("local:")
