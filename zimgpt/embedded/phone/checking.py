"""Whether a message may be sent: its shape, and every limit, in UTF-16 units."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import attrs

from zimgpt.embedded.phone.refusing import invalid, malformed, missing

Json: TypeAlias = dict[str, Any]

MEDIA: Final = ("image", "document", "audio", "video", "sticker")


@attrs.frozen
class Order:
    """A message that may be sent, and to whom."""

    to: str
    by_id: bool
    kind: str
    content: Json
    reply_to: str | None
    opaque: str | None


def check(body: Json) -> Order:
    """The order in a request's body; raises Refused."""
    if body.get("messaging_product") != "whatsapp":
        raise malformed("messaging_product must be whatsapp")
    if body.get("recipient_type", "individual") != "individual":
        raise invalid("recipient_type", "must be individual")
    to = body.get("to") or body.get("recipient")
    if not isinstance(to, str) or not to:
        raise missing("to")
    kind = body.get("type", "text")
    if kind not in _CHECKS:
        raise malformed(f"type {kind!r} is not known")
    content = body.get(kind)
    if not isinstance(content, dict):
        raise missing(str(kind))
    _CHECKS[kind](content)
    return Order(
        to=to,
        by_id=not body.get("to"),
        kind=kind,
        content=content,
        reply_to=_context(body, kind),
        opaque=_opaque(body),
    )


def _context(body: Json, kind: str) -> str | None:
    context = body.get("context")
    if context is None:
        return None
    if kind == "reaction":
        raise invalid("context", "is not allowed with a reaction")
    if not isinstance(context, dict):
        raise invalid("context", "must be an object")
    return _text(context, "message_id", 512)


def _opaque(body: Json) -> str | None:
    if "biz_opaque_callback_data" not in body:
        return None
    return _text(body, "biz_opaque_callback_data", 512)


def _check_text(content: Json) -> None:
    _text(content, "body", 4096)


def _check_interactive(content: Json) -> None:
    sort = content.get("type")
    action = content.get("action")
    if sort not in _INTERACTIVE:
        raise invalid("interactive.type", f"{sort!r} is not known")
    if not isinstance(action, dict):
        raise missing("interactive.action")
    if not isinstance(content.get("body"), dict):
        raise missing("interactive.body")
    _text(content["body"], "text", 4096 if sort == "list" else 1024)
    if "footer" in content:
        _text(_object(content, "footer"), "text", 60)
    header = content.get("header")
    if isinstance(header, dict) and header.get("type") == "text":
        _text(header, "text", 60)
    _INTERACTIVE[sort](action)


def _check_buttons(action: Json) -> None:
    buttons = _array(action, "buttons", 3)
    replies = [_object(button, "reply") for button in buttons]
    if any(button.get("type") != "reply" for button in buttons):
        raise invalid("button.type", "must be reply")
    _distinct("button.id", [_text(reply, "id", 256) for reply in replies])
    _distinct("button.title", [_text(reply, "title", 20) for reply in replies])


def _check_list(action: Json) -> None:
    _text(action, "button", 20)
    sections = _array(action, "sections", 10)
    rows = [row for section in sections for row in _array(section, "rows", 10)]
    if len(rows) > 10:
        raise invalid("rows", "are more than 10 in all")
    for section in sections:
        if len(sections) > 1 or "title" in section:
            _text(section, "title", 24)
    _distinct("row.id", [_text(row, "id", 200) for row in rows])
    for row in rows:
        _text(row, "title", 24)
        if "description" in row:
            _text(row, "description", 72)


def _check_link(action: Json) -> None:
    if action.get("name") != "cta_url":
        raise invalid("action.name", "must be cta_url")
    parameters = _object(action, "parameters")
    _text(parameters, "display_text", 20)
    if not _text(parameters, "url", 2000).startswith(("http://", "https://")):
        raise invalid("url", "must begin with http:// or https://")


def _check_media(content: Json) -> None:
    if not isinstance(content.get("id"), str) and not content.get("link"):
        raise missing("id or link")
    if "caption" in content:
        _text(content, "caption", 1024)
    if "filename" in content:
        _text(content, "filename", 240)


def _check_reaction(content: Json) -> None:
    _text(content, "message_id", 512)
    if not isinstance(content.get("emoji"), str):
        raise missing("emoji")


def _check_template(content: Json) -> None:
    _text(content, "name", 512)
    _text(_object(content, "language"), "code", 15)


def _object(holder: Any, name: str) -> Json:  # noqa: ANN401 - any JSON
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise missing(name)
    return found


def _array(holder: Any, name: str, most: int) -> list[Json]:  # noqa: ANN401
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, list) or not all(isinstance(x, dict) for x in found):
        raise missing(name)
    if not 1 <= len(found) <= most:
        raise invalid(name, f"must be 1 to {most}")
    return found


def _text(holder: Json, name: str, most: int) -> str:
    found = holder.get(name)
    if not isinstance(found, str):
        raise missing(name)
    if not found.strip():
        raise invalid(name, "is empty")
    if len(found.encode("utf-16-le", "surrogatepass")) // 2 > most:
        raise invalid(name, f"is longer than {most} characters")
    return found


def _distinct(name: str, values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise invalid(name, "must be unique")


_INTERACTIVE: Final = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
}
_CHECKS: Final = {
    "text": _check_text,
    "interactive": _check_interactive,
    "reaction": _check_reaction,
    "template": _check_template,
    **dict.fromkeys(MEDIA, _check_media),
}
