"""The small page's files: small, alone, and free of what our policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

FOLDER = Path(str(files("zimgpt.inbound"))) / "pages"
MOST = 12_000  # bytes, before compression
SINKS = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "Function(",
    "srcdoc",
)
"""What our policy's Trusted Types would refuse, and nobody should need."""


class Outline(HTMLParser):
    """Elements with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        """Text; within some elements it would be code."""
        if self._in in ("script", "style") and data.strip():
            self.inline.append(data)

    def handle_endtag(self, _tag: str) -> None:
        """An element ends."""
        self._in = ""


@pytest.fixture
def page() -> Outline:
    """The page."""
    return Outline((FOLDER / "index.html").read_text())


@pytest.fixture
def script() -> str:
    """What it does."""
    return (FOLDER / "app.js").read_text()


def test_it_is_small() -> None:
    """Every byte is paid for by somebody: all files together have a bound."""
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= MOST


def test_code_and_style_are_files(page: Outline) -> None:
    """The policy allows no code or style inside the page."""
    names = [name for _, attributes in page.elements for name in attributes]

    assert page.inline == []
    assert [name for name in names if name == "style" or name.startswith("on")] == []


def test_it_needs_nobody_else(page: Outline) -> None:
    """Whatever it names lies beside it; no file has an address of another server."""
    named = [
        attributes.get("src") or attributes.get("href") or ""
        for tag, attributes in page.elements
        if tag in ("script", "link", "img")
    ]

    assert [name for name in named if name != "data:,"] == ["style.css", "app.js"]
    for path in FOLDER.iterdir():
        assert re.findall(r"(?:https?:)?//[a-z0-9]", path.read_text()) == []


def test_words_never_become_markup(script: str) -> None:
    """Answers come from a model, and are put in as text."""
    assert [sink for sink in SINKS if sink in script] == []


def test_script_and_page_know_each_other(page: Outline, script: str) -> None:
    """Every element that the script reaches for is there."""
    there = {attributes.get("id") for _, attributes in page.elements}

    assert set(re.findall(r'\$\("(\w+)"\)', script)) <= there


def test_fields_have_names(page: Outline) -> None:
    """Whoever cannot see the page hears what each field is for."""
    labelled = {a["for"] for tag, a in page.elements if tag == "label" and "for" in a}
    fields = [a for tag, a in page.elements if tag in ("input", "textarea")]

    nameless = [
        field.get("id")
        for field in fields
        if field.get("id") not in labelled
        and "aria-label" not in field
        and field.get("type") not in ("radio", "checkbox")  # inside their labels
    ]

    assert nameless == []


def test_news_is_read_aloud(page: Outline) -> None:
    """Screen readers tell what happens, when their user is not busy."""
    [status] = [a for _, a in page.elements if a.get("role") == "status"]

    assert status["aria-live"] == "polite"


def test_it_says_what_it_is() -> None:
    """Nobody takes the small page for the whole app."""
    assert "This is the small page" in (FOLDER / "index.html").read_text()
