"""Where a request really comes from, when proxies of ours stand in between."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

import attrs

Network: TypeAlias = IPv4Network | IPv6Network

NOWHERE: Final = "unknown"
"""What an address counts as that no proxy of ours should have sent."""

HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that one customer of a provider has as many of as wished."""


@attrs.frozen
class Proxies:
    """The networks whose X-Forwarded-For is believed."""

    networks: tuple[Network, ...] = ()

    def client(self, peer: str, forwarded: Sequence[str] = ()) -> str | None:
        """The right-most address that is not one of our own proxies.

        None if there is no other, as for programs on the machine itself; they are
        nobody's customers and have no limits by address. ``peer`` is '' for a Unix
        socket, which only our own can open.
        """
        hops = [hop.strip() for line in forwarded for hop in line.split(",")]
        for hop in reversed([*hops, peer]):
            if hop == "" and hop is peer:
                continue
            found = self._stranger(hop)
            if found is not None:
                return found
        return None

    def _stranger(self, hop: str) -> str | None:
        try:
            address = ip_address(_bare(hop))
        except ValueError:
            return NOWHERE
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self.networks):
            return None
        if isinstance(address, IPv6Address):
            return str(ip_network((int(address), HOUSEHOLD), strict=False))
        return str(address)


def host_of(address: object) -> str:
    """The IP address of a Twisted address; '' for a Unix socket."""
    host: str = getattr(address, "host", "")
    return host


def _bare(hop: str) -> str:
    """An address without the port, brackets or scope that some proxies write."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    return hop.partition("%")[0]
