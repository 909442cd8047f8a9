"""The settings of payments by Paynow; without an integration nothing is sold."""

from __future__ import annotations

import attrs

from zimgpt.config import values
from zimgpt.config.setting import setting
from zimgpt.config.whatsapp import WhatsAppSettings
from zimgpt.domain.topups.networks import Method

GROUP = "Payments"
CURRENCIES = ("usd", "zwg")
WHOLE = ("id", "key", "email")
"""What an integration consists of."""

_ID = values.whole(1, 10**9)
_SECRET = values.string("text without spaces", r"\S+")
_EMAIL = values.string("an e-mail address", r"[^@\s]+@[^@\s]+")


def _always(_value: str) -> bool:
    return True


@attrs.frozen(kw_only=True)
class PaynowSettings(WhatsAppSettings):
    """An integration with Paynow for each currency that is taken."""

    paynow_usd_id: int | None = setting(
        GROUP,
        _ID,
        "The id of your Paynow integration for US dollars. Given, tokens can be bought"
        " in them.",
        default=None,
        shown="nothing is sold in US dollars",
    )
    paynow_usd_key: str | None = setting(
        GROUP,
        _SECRET,
        "Its key.",
        default=None,
        shown="required with the id",
        holds_secret=_always,
        file_key="paynow_usd_key_file",
    )
    paynow_usd_old_keys: str | None = setting(
        GROUP,
        _SECRET,
        "Keys it had before, with commas between them. They are believed but not used,"
        " while payments that were begun with them are under way.",
        default=None,
        shown="none",
        holds_secret=_always,
        file_key="paynow_usd_old_keys_file",
    )
    paynow_usd_email: str | None = setting(
        GROUP,
        _EMAIL,
        "The address that goes with every payment. In Paynow's test mode it must be one"
        " that the merchant signs in with.",
        default=None,
        shown="required with the id",
    )
    paynow_zwg_id: int | None = setting(
        GROUP,
        _ID,
        "The same of your integration for ZiG. Something is sold for it once there is a"
        " rate, too.",
        default=None,
        shown="nothing is sold for ZiG",
    )
    paynow_zwg_key: str | None = setting(
        GROUP,
        _SECRET,
        "Its key.",
        default=None,
        shown="required with the id",
        holds_secret=_always,
        file_key="paynow_zwg_key_file",
    )
    paynow_zwg_old_keys: str | None = setting(
        GROUP,
        _SECRET,
        "Keys it had before, with commas between them.",
        default=None,
        shown="none",
        holds_secret=_always,
        file_key="paynow_zwg_old_keys_file",
    )
    paynow_zwg_email: str | None = setting(
        GROUP,
        _EMAIL,
        "The address that goes with every payment.",
        default=None,
        shown="required with the id",
    )
    paynow_methods: frozenset[Method] = setting(
        GROUP,
        values.several(Method),
        "How people may pay. Paynow's test mode refuses innbucks and omari.",
        default=frozenset(Method),
        shown="all of them",
    )
    paynow_url: str = setting(
        GROUP,
        values.http_url(),
        "Where Paynow is. What it answers is believed only about addresses of this"
        " host.",
        default="https://www.paynow.co.zw",
    )
    public_url: str | None = setting(
        GROUP,
        values.http_url(),
        "Where this service is for Paynow, which posts at /webhooks/paynow, and for"
        " people who come back from its page.",
        default=None,
        shown="the first of origins",
    )
