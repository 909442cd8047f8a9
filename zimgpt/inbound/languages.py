"""Which of our languages a request would like to be answered in."""

from __future__ import annotations

from twisted.web.server import Request

from zimgpt.domain.texts import Language


def language(request: Request) -> Language:
    """The first in ``Accept-Language`` that is ours, as browsers order it; English
    otherwise."""
    asked = request.getHeader("Accept-Language") or ""
    for part in asked.split(",")[:20]:
        name = part.split(";")[0].strip().lower().split("-")[0]
        if name in {one.value for one in Language}:
            return Language(name)
    return Language.ENGLISH
