"""The settings of how much may be asked for, by whom."""

from __future__ import annotations

from ipaddress import ip_network

import attrs

from zimgpt.config import values
from zimgpt.config.paynow import PaynowSettings
from zimgpt.config.setting import setting

GROUP = "Limits"


@attrs.frozen(kw_only=True)
class LimitSettings(PaynowSettings):
    """By address, by person, and for the node as a whole."""

    trusted_proxies: tuple[values.Network, ...] = setting(
        GROUP,
        values.networks(),
        "The networks of your own proxies. Of requests that come from there,"
        " X-Forwarded-For is believed, up to the first address that is not one of"
        " them. What comes from there without it has no limits by address.",
        default=tuple(map(ip_network, ("127.0.0.0/8", "::1"))),
        shown="127.0.0.0/8,::1",
    )
    connections: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many connections this node keeps; one more is cut at once. The process"
        " must be allowed some hundred files more than that.",
        default=12_000,
    )
    connections_per_address: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many of them may come from one address, and how many websockets through"
        " your proxies. Carriers put thousands of people behind one.",
        default=1_000,
    )
    connects_per_second: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How often one address may connect in a second.",
        default=100,
    )
    requests_per_minute: int = setting(
        GROUP,
        values.whole(1, 100_000_000),
        "How many HTTP requests one address may make in a minute.",
        default=3_000,
    )
    sign_ins_per_minute: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many times people may sign in from one address in a minute, rightly or"
        " wrongly.",
        default=60,
    )
    sign_ups_per_hour: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many accounts one address may open in an hour.",
        default=60,
    )
    node_sign_ups_per_hour: int = setting(
        GROUP,
        values.whole(1, 100_000_000),
        "How many accounts this node opens in an hour, whoever asks.",
        default=3_600,
    )
    sockets_per_account: int = setting(
        GROUP,
        values.whole(1, 100_000),
        "How many websockets one person may have open at this node.",
        default=20,
    )
    messages_per_minute: int = setting(
        GROUP,
        values.whole(1, 100_000_000),
        "How many messages one person's websockets may send to this node in a minute.",
        default=240,
    )
    questions_per_minute: int = setting(
        GROUP,
        values.whole(1, 100_000_000),
        "How many questions one person may ask this node in a minute.",
        default=30,
    )
    exports_per_minute: int = setting(
        GROUP,
        values.whole(1, 100_000_000),
        "How many files, of answers, conversations and statements, one person may fetch"
        " from this node in a minute.",
        default=20,
    )
    payments_per_hour: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many payments one person may begin at this node in an hour. Each makes"
        " somebody's phone ask for a PIN.",
        default=20,
    )
    answers_per_account: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How many answers of one person may be under way at the same time, on all"
        " nodes together.",
        default=5,
    )
