"""Who is paid: an integration a currency, with its key."""

from __future__ import annotations

from typing import Final

import attrs

METHODS: Final = ("ecocash", "onemoney", "innbucks", "omari")


@attrs.frozen(kw_only=True)
class Merchant:
    """One integration. In ``test`` mode nobody pays: only the test numbers answer."""

    id: int
    key: str = attrs.field(repr=False)
    currency: str = "USD"
    email: str = ""
    """The login of its account: in test mode the only payer there is."""
    test: bool = False
    methods: tuple[str, ...] = METHODS
