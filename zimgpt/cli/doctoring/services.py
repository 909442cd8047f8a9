"""Others' services: broker, models, WhatsApp, Paynow, each asked one cheap thing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlsplit

import attrs
import pika
from pika.exceptions import AMQPError

from zimgpt.cli.doctoring.finding import Finding, Findings, broken, warning, well
from zimgpt.config import Config, Upstream
from zimgpt.wire.paynow import replies, requests
from zimgpt.wire.paynow.replies import Ours, UnclearReply
from zimgpt.wire.paynow.requests import Integration

PATIENCE = 5.0
"""Seconds."""
MOST_BYTES = 1_000_000
NOBODYS = "zimgpt-doctor"
"""A reference under which there is no payment."""


@attrs.frozen
class Reply:
    """A status, and JSON if there was some; status 0 and why, if nobody answered."""

    status: int
    body: Any = None
    why: str = ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key is sent to the address that was configured and to no other."""

    def redirect_request(self, *_: object) -> None:
        """Never."""


def ask(url: str, key: str | None, form: bytes | None = None) -> Reply:
    """A GET with a bearer key, or a POST of a form; never raises, and never repeats
    the key."""
    headers = {"User-Agent": "ZimGPT", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(url, form, headers)  # noqa: S310 - checked as http
    try:
        with urllib.request.build_opener(_NoRedirects).open(
            request, timeout=PATIENCE
        ) as answer:
            raw = answer.read(MOST_BYTES)
            return Reply(answer.status, raw if form else _json(raw))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, _json(error.read(MOST_BYTES)))
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return Reply(0, why=" ".join(str(reason).split()))


def broker(config: Config) -> Findings:
    """Whether RabbitMQ lets us in."""
    if config.broker == "local:":
        yield well("broker", "none: jobs stay within this one node")
        return
    parameters = pika.URLParameters(config.broker)
    parameters.socket_timeout = PATIENCE
    parameters.blocked_connection_timeout = PATIENCE
    parameters.stack_timeout = 2 * PATIENCE
    place = f"{parameters.host}:{parameters.port}"
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError) as error:
        yield broken(
            "broker",
            f"RabbitMQ at {place} refuses: {type(error).__name__}",
            "See that it runs (systemctl status rabbitmq-server), and that the user,"
            " password and virtual host of the broker's URL exist there"
            " (rabbitmqctl list_permissions -p zimgpt).",
        )
    else:
        yield well("broker", f"RabbitMQ at {place} lets us in")


def models(config: Config) -> Findings:
    """Whether each server answers when it is asked for its models, which is free."""
    for model in config.models:
        yield _model(model)


def _model(model: Upstream) -> Finding:
    part = f"model {model.name}"
    reply = ask(f"{model.base_url}/models", model.key)
    if reply.status == 0:
        return broken(
            part,
            f"{_host(model.base_url)} cannot be reached: {reply.why}",
            "See that base_url is right and that this machine may go there.",
        )
    if reply.status in (401, 403):
        return broken(
            part,
            f"its server refuses our key (status {reply.status})",
            "Give its key, or key_file, a key that is valid there.",
        )
    if reply.status >= 500:
        return warning(
            part,
            f"its server is in trouble (status {reply.status})",
            "Wait, and look at its provider's status page; the next model of the"
            " list is asked meanwhile.",
        )
    names = _names(reply.body)
    if reply.status == 200 and names and model.name not in names:
        return warning(
            part,
            "its server answers, and does not list a model of that name",
            f"It lists {', '.join(sorted(names)[:5])}; see whether name is meant so.",
        )
    return well(part, f"its server answers (status {reply.status})")


def _names(body: Any) -> set[str]:  # noqa: ANN401 - others' JSON
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return set()
    return {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}


def whatsapp(config: Config) -> Findings:
    """Whether Meta knows our token and our number."""
    if config.whatsapp_phone_id is None:
        return
    url = f"{config.whatsapp_url}/{quote(config.whatsapp_phone_id)}"
    reply = ask(
        f"{url}?fields=display_phone_number,quality_rating", config.whatsapp_token
    )
    if reply.status == 0:
        yield broken(
            "whatsapp",
            f"{_host(url)} cannot be reached: {reply.why}",
            "See that this machine may go there, and that whatsapp_url is right.",
        )
    elif reply.status != 200 or not isinstance(reply.body, dict):
        yield broken(
            "whatsapp",
            f"Meta refuses our token or number (status {reply.status})",
            "Make a system user's token with whatsapp_business_messaging, put it into"
            " whatsapp_token, and see that whatsapp_phone_id is the id of the number.",
        )
    else:
        yield _number(config, reply.body)


def _number(config: Config, body: dict[str, Any]) -> Finding:
    theirs = "".join(filter(str.isdigit, str(body.get("display_phone_number", ""))))
    if theirs and theirs != config.whatsapp_number:
        return broken(
            "whatsapp",
            "whatsapp_number is not the number that Meta has under whatsapp_phone_id",
            "Correct whichever of the two is wrong: people are shown whatsapp_number.",
        )
    if str(body.get("quality_rating", "")).upper() == "RED":
        return warning(
            "whatsapp",
            "Meta rates the quality of our number as low",
            "Write less that nobody asked for; Meta lowers the limits of such numbers.",
        )
    return well("whatsapp", "Meta knows our token and number")


def paynow(config: Config) -> Findings:
    """Whether Paynow knows each integration: asked for a payment that nobody made."""
    for currency in ("usd", "zwg"):
        id = getattr(config, f"paynow_{currency}_id")
        if id is not None:
            key = getattr(config, f"paynow_{currency}_key") or ""
            yield _integration(
                config.paynow_url, currency.upper(), Integration(id, key)
            )


def _integration(url: str, currency: str, us: Integration) -> Finding:
    part = f"paynow {currency}"
    reply = ask(f"{url}{requests.TRACE}", None, requests.trace(NOBODYS, us))
    if reply.status != 200:
        return broken(
            part,
            f"{_host(url)} cannot be asked: {reply.why or f'status {reply.status}'}",
            "See that this machine may go there, and that paynow_url is right.",
        )
    try:
        replies.traced(reply.body, Ours(keys=(us.key,), gateway=url))
    except UnclearReply:
        return broken(
            part,
            "it does not accept our integration's id and key, or answers with another",
            f"Copy both anew from Paynow's page into paynow_{currency.lower()}_id and"
            f" paynow_{currency.lower()}_key.",
        )
    return well(part, "it knows our integration, and signs with our key")


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _json(raw: bytes) -> Any:  # noqa: ANN401 - others' JSON
    try:
        return json.loads(raw)
    except ValueError:
        return None
