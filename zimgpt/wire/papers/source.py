"""A manuscript as Markdown: the answers exactly as they were written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimgpt.domain.papers.manuscripts import (
    Manuscript,
    date,
    paper,
)
from zimgpt.domain.texts import say

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def markdown(manuscript: Manuscript) -> bytes:
    """UTF-8; what we say around the texts is Markdown as well."""
    return ("\n\n".join(filter(None, _parts(manuscript))).rstrip("\n") + "\n").encode()


def _parts(manuscript: Manuscript) -> Iterator[str]:
    set_ = paper(manuscript)
    yield f"# {_plain(set_.title)}"
    yield "  \n".join(f"**{label}:** {_plain(value)}" for label, value in set_.facts)
    for remark in set_.remarks:
        yield f"*{_plain(remark)}*"
    for section in manuscript.sections:
        if manuscript.conversation:
            label = say(manuscript.language, "paper.question")
            yield f"## {label}, {date(manuscript.language, section.asked_at)}"
        yield _quoted(section.question)
        yield section.text.strip("\n")
        if section.cut and manuscript.conversation:
            yield f"*{_plain(say(manuscript.language, 'paper.cut'))}*"


def _quoted(question: str) -> str:
    return "\n".join(f"> {_plain(line)}".rstrip() for line in question.split("\n"))


def _plain(line: str) -> str:
    return _SPECIAL.sub(r"\\\1", line)
