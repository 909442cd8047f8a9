"""Where a request comes from, behind proxies and without."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from zimgpt.inbound.addresses import NOWHERE, Proxies

OURS = Proxies((ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("::1")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7, 192.0.2.9"], "192.0.2.9"),
        ("127.0.0.1", ["198.51.100.7", "192.0.2.9"], "192.0.2.9"),
        ("127.0.0.1", ["198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], None),
        ("127.0.0.1", [], None),
        ("::1", [], None),
        ("::ffff:127.0.0.1", [], None),
        ("", [], None),
        ("", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("127.0.0.1", ["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["2001:db8:1:2:ffff::1"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("127.0.0.1", ["unknown"], NOWHERE),
        ("127.0.0.1", [""], NOWHERE),
        ("127.0.0.1", ["evil, 192.0.2.9"], "192.0.2.9"),
    ],
)
def test_the_right_most_stranger_counts(
    peer: str, forwarded: list[str], client: str | None
) -> None:
    """What a stranger claims is not looked at; what our proxies say is."""
    assert client == OURS.client(peer, forwarded)


def test_without_proxies_nobody_is_believed() -> None:
    """The other end of the wire is the client."""
    assert Proxies().client("127.0.0.1", ["192.0.2.1"]) == "127.0.0.1"
