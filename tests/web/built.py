"""The web app as it was built."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

EXPORT = Path(str(files("zimgpt.inbound"))) / "web_export"


def built() -> bool:
    """Whether `make web` was run."""
    return (EXPORT / "index.html").is_file()


def pages() -> list[str]:
    """The pages' names."""
    assert built(), "the web app is not built; run: make web"
    return sorted(
        path.relative_to(EXPORT).as_posix() for path in EXPORT.rglob("*.html")
    )


def first_load(page: str) -> set[str]:
    """The page and what it names: style, scripts, icon."""
    text = (EXPORT / page).read_text("utf-8")
    named = re.findall(r'(?:src|href)="/([^"]+\.(?:js|css|svg|webmanifest))"', text)
    return {page, *map(unquote, named)}
