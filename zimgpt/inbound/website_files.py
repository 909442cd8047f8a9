"""The web app's files as addresses, made when the server starts.

An address is looked up, never made into a path: none leads out of the folder, and
nothing is served that was not there at the start.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
UNKNOWN: Final = "application/octet-stream"

PACKED: Final = {"br": ".br", "gzip": ".gz"}
"""Content codings and how the names of files in them end, the smallest first."""

NAMED_BY_CONTENT: Final = "/_next/static/"
"""Files whose names change with what is in them: never asked about again."""

ANY: Final = re.compile(r"/\\\[\\\[\\\.\\\.\\\.\w+\\\]\\\]|\\\[\w+\\\]")
"""What ``re.escape`` makes of the parts of a page's name that stand for others."""

SCRIPT: Final = re.compile(r"<script(?P<about>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)


@attrs.frozen
class Form:
    """A file's content in one coding; ``coding`` is empty for the content as it is."""

    coding: str
    path: Path
    size: int


@attrs.frozen
class Page:
    """One file and its forms, the smallest first."""

    kind: str
    digest: str
    cache: str
    forms: tuple[Form, ...]


@attrs.frozen
class Files:
    """All pages: by address, and by pattern where a name stands for many addresses."""

    plain: Mapping[str, Page]
    patterns: tuple[tuple[re.Pattern[str], Page], ...]
    scripts: tuple[str, ...]
    """CSP sources (``'sha256-…'``) of the code inside the pages (CSP 3, 2.3.1)."""

    def find(self, address: str) -> Page | None:
        """The page of an address, if there is one."""
        page = self.plain.get(address)
        if page is None:
            for pattern, one in self.patterns:
                if pattern.fullmatch(address):
                    return one
        return page


def read(folder: Path) -> Files:
    """Everything below ``folder``; packed forms belong to the files they pack."""
    folder = folder.resolve()
    plain: dict[str, Page] = {}
    patterns: list[tuple[re.Pattern[str], Page]] = []
    scripts: set[str] = set()
    for path in _originals(folder):
        name = "/" + path.relative_to(folder).as_posix()
        page = _page(path, name)
        plain.update(dict.fromkeys(_addresses(name), page))
        if path.suffix == ".html":
            scripts.update(_inline(path.read_text("utf-8")))
            if "[" in name:
                patterns.append((_pattern(name), page))
    return Files(plain, tuple(patterns), tuple(sorted(scripts)))


def _originals(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        packed = path.suffix in PACKED.values() and path.with_suffix("").exists()
        if path.is_file() and not packed and path.resolve().is_relative_to(folder):
            yield path


def _page(path: Path, address: str) -> Page:
    content = path.read_bytes()
    packed = [
        Form(coding, place, place.stat().st_size)
        for coding, ending in PACKED.items()
        if (place := path.with_name(path.name + ending)).is_file()
    ]
    forever = address.startswith(NAMED_BY_CONTENT)
    return Page(
        KINDS.get(path.suffix, UNKNOWN),
        hashlib.sha256(content).hexdigest()[:32],
        "public, max-age=31536000, immutable" if forever else "no-cache",
        (*packed, Form("", path, len(content))),
    )


def _addresses(name: str) -> set[str]:
    """``/about.html`` is also ``/about``; ``/about/index.html`` also ``/about/``."""
    plain = name.removesuffix(".html")
    place = plain.removesuffix("index") if plain.endswith("/index") else plain
    return {name, plain, place, place.rstrip("/") or "/"}


def _pattern(name: str) -> re.Pattern[str]:
    """``/chat/[[...id]].html`` is ``/chat`` and all below, ``/a/[b].html`` any ``/a/x``
    (the names that Next.js gives to pages with parameters)."""

    def any_of(found: re.Match[str]) -> str:
        return "(?:/.*)?" if found[0].startswith("/") else "[^/]+"

    return re.compile(ANY.sub(any_of, re.escape(name.removesuffix(".html"))))


def _inline(page: str) -> Iterator[str]:
    """Sources of the scripts whose code stands in the page; data is no code."""
    for found in SCRIPT.finditer(page):
        if "src=" not in found["about"] and "application/json" not in found["about"]:
            digest = hashlib.sha256(found["code"].encode()).digest()
            yield f"'sha256-{b64encode(digest).decode()}'"
