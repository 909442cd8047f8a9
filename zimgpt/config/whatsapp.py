"""The settings of the WhatsApp channel; without its number there is none."""

from __future__ import annotations

import attrs

from zimgpt.config import values
from zimgpt.config.files import FileSettings
from zimgpt.config.setting import setting

GROUP = "WhatsApp"

_ID = values.string("digits", r"[0-9]{5,40}")
_SECRET = values.string("text without spaces", r"\S+")


def _always(_value: str) -> bool:
    return True


@attrs.frozen(kw_only=True)
class WhatsAppSettings(FileSettings):
    """A number of WhatsApp's Business Platform, and how its webhooks are known."""

    whatsapp_phone_id: str | None = setting(
        GROUP,
        _ID,
        "The id that Meta gave to your number (not the number itself). Given, people"
        " can write to it, at /webhooks/whatsapp; Meta's terms decide whether yours"
        " may be such a service.",
        default=None,
        shown="no WhatsApp",
    )
    whatsapp_number: str | None = setting(
        GROUP,
        _ID,
        "The number as people dial it, with its country and without a plus, such as"
        " 263771234567. The web app shows it to whoever signs in by WhatsApp.",
        default=None,
        shown="required with WhatsApp",
    )
    whatsapp_token: str | None = setting(
        GROUP,
        _SECRET,
        "The system user's token, which does not end after a day.",
        default=None,
        shown="required with WhatsApp",
        holds_secret=_always,
        file_key="whatsapp_token_file",
    )
    whatsapp_app_secret: str | None = setting(
        GROUP,
        _SECRET,
        "The secret of your Meta app, which signs webhooks; two with a comma between"
        " them while one replaces the other.",
        default=None,
        shown="required with WhatsApp",
        holds_secret=_always,
        file_key="whatsapp_app_secret_file",
    )
    whatsapp_verify_token: str | None = setting(
        GROUP,
        _SECRET,
        "The word that you made up and gave to Meta together with the address.",
        default=None,
        shown="required with WhatsApp",
        holds_secret=_always,
        file_key="whatsapp_verify_token_file",
    )
    whatsapp_url: str = setting(
        GROUP,
        values.http_url(),
        "Meta's Graph API, with its version.",
        default="https://graph.facebook.com/v25.0",
    )
    whatsapp_per_second: int = setting(
        GROUP,
        values.whole(1, 1000),
        "How many messages this node sends in a second. Meta allows 80 to a number,"
        " in both directions together, unless it has raised that.",
        default=40,
    )
