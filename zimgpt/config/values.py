"""How one setting's value is written: in TOML with its type, elsewhere as text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Generic, TypeAlias, TypeVar
from urllib.parse import SplitResult, urlsplit

import attrs
from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

Network: TypeAlias = IPv4Network | IPv6Network


@attrs.frozen
class Kind(Generic[T]):
    """``text`` makes of a variable or option what TOML would hold; ``check`` makes of
    that the value. Both raise ValueError for anything but what is ``expected``."""

    expected: str
    check: Callable[[object], T]
    text: Callable[[str], object] = str


def _string(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError
    return value


def string(expected: str, pattern: str = ".+") -> Kind[str]:
    """Text that is as a whole of this pattern."""

    def check(value: object) -> str:
        if not re.fullmatch(pattern, _string(value)):
            raise ValueError
        return _string(value)

    return Kind(expected, check)


def whole(low: int, high: int) -> Kind[int]:
    """A whole number in this range."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError
        if not low <= value <= high:
            raise ValueError
        return value

    return Kind(f"a whole number from {low} to {high}", check, int)


def number(low: float, high: float) -> Kind[float]:
    """A number in this range, with or without a fraction."""

    def check(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError
        return float(value)

    return Kind(f"a number from {low:g} to {high:g}", check, float)


def choice(words: type[E]) -> Kind[E]:
    """One of these words."""
    return Kind(_either(words), lambda value: words(_string(value)))


def several(words: type[E]) -> Kind[frozenset[E]]:
    """At least one of these words: a list, or text with commas."""

    def check(value: object) -> frozenset[E]:
        if not isinstance(value, list) or not value:
            raise ValueError
        return frozenset(words(_string(word)) for word in value)

    return Kind(f"one or more of {', '.join(words)}", check, _listed)


def origins() -> Kind[tuple[str, ...]]:
    """Browser origins, written as a browser sends them."""

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError
        return tuple(_origin(_string(item)) for item in value)

    return Kind("a list of origins like https://chat.example.org", check, _listed)


def networks() -> Kind[tuple[Network, ...]]:
    """Networks or single addresses, of IPv4 and IPv6."""

    def check(value: object) -> tuple[Network, ...]:
        if not isinstance(value, list):
            raise ValueError
        return tuple(ip_network(_string(item)) for item in value)

    return Kind("a list of networks like 10.0.0.0/8 or ::1", check, _listed)


def http_url() -> Kind[str]:
    """The beginning of an API's addresses, without a slash at its end."""

    def check(value: object) -> str:
        url = _split(_string(value))
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError
        if url.query or url.fragment or url.username is not None:
            raise ValueError
        return url.geturl().rstrip("/")

    return Kind("a URL like https://api.example.org/v1", check)


def database_url() -> Kind[str]:
    """Anything that libpq connects to."""

    def check(value: object) -> str:
        try:
            parse_dsn(_string(value))
        except ProgrammingError:
            raise ValueError from None  # its words may repeat the password
        return _string(value)

    return Kind("a libpq URL like postgresql://zimgpt@127.0.0.1/zimgpt", check)


def broker_url() -> Kind[str]:
    """``local:``, or where RabbitMQ is."""

    def check(value: object) -> str:
        if value == "local:":
            return "local:"
        url = _split(_string(value))
        if url.scheme not in ("amqp", "amqps") or not url.hostname:
            raise ValueError
        return url.geturl()

    return Kind("local: or a URL like amqps://user:password@host:5671/zimgpt", check)


def endpoint() -> Kind[str]:
    """A server endpoint of Twisted; only tcp's is read closer here."""

    def check(value: object) -> str:
        described = _string(value)
        if not re.match(r"[a-z0-9]+:.", described):
            raise ValueError
        if described.startswith("tcp:") and tcp_port(described) is None:
            raise ValueError
        return described

    return Kind(
        "a Twisted endpoint like tcp:8080:interface=127.0.0.1, unix:/run/zimgpt.sock"
        " or systemd:domain=INET:index=0",
        check,
    )


def tcp_port(described: str) -> int | None:
    """The port of a tcp endpoint; None for another kind of endpoint or a bad port."""
    found = re.match(r"tcp:(?:port=)?([0-9]{1,5})(?::|$)", described)
    port = int(found[1]) if found else None
    return port if port is not None and port <= 65535 else None


def database_password(url: str) -> bool:
    """Whether a database URL that was checked holds a password."""
    return "password" in parse_dsn(url)


def url_password(url: str) -> bool:
    """Whether a URL that was checked holds a password."""
    return urlsplit(url).password is not None


def _origin(written: str) -> str:
    url = _split(written)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError
    if url.path not in ("", "/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError
    if "*" in url.netloc:
        raise ValueError
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    usual = {"http": 80, "https": 443}[url.scheme]
    port = "" if url.port in (None, usual) else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def _split(url: str) -> SplitResult:
    """The parts of a URL; a bad port or bracket is a ValueError here, not later."""
    parts = urlsplit(url)
    if parts.port == 0 or any(letter.isspace() for letter in url):
        raise ValueError
    return parts


def _listed(written: str) -> list[str]:
    return [item.strip() for item in written.split(",") if item.strip()]


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}"
