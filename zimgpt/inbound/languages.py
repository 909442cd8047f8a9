"""Which of our languages a request would like to be answered in."""

from __future__ import annotations

from twisted.web.server import Request

from zimgpt.domain.texts import Language


def language(request: Request) -> Language:
    """The first in ``Accept-Language`` that is ours, as browsers order it; English
    otherwise."""
    return preferred(request.getHeader("Accept-Language") or "")


def preferred(asked: str) -> Language:
    """The same of the header's value."""
    for part in asked.split(",")[:20]:
        name = part.split(";")[0].strip().lower().split("-")[0]
        if name in {one.value for one in Language}:
            return Language(name)
    return Language.ENGLISH
