"""Files as they are sent: the smallest form, kept for long, found by their names."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from tests.inbound.browser import Browser
from zimgpt.inbound.surface import Surface
from zimgpt.inbound.website import Website, website

CODE = "document.title = 'x'"
BROTLI = {"Accept-Encoding": "br"}
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app as it is exported, with its packed forms."""
    files = {
        "index.html": f"<script>{CODE}</script><script src='a.js'></script>start",
        "404.html": "<p>lost",
        "chat/[[...id]].html": "<p>chat",
        "word/[word].html": "<p>a word",
        "_next/static/a.js": "plain script",
        "_next/static/a.js.br": "brotli",
        "_next/static/a.js.gz": "gzipped",
        "data.gz": "not a packed form of anything",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def browser(folder: Path) -> Browser:
    """Somebody who visits it."""
    return Browser(website(folder))


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", b"gzipped"),
        ("br;q=0, gzip;q=0.5", "gzip", b"gzipped"),
        ("GZIP", "gzip", b"gzipped"),
        ("identity", None, b"plain script"),
        ("br;q=0.0", None, b"plain script"),
        (None, None, b"plain script"),
    ],
)
def test_the_smallest_form_that_a_browser_takes(
    browser: Browser, accepted: str | None, coding: str | None, body: bytes
) -> None:
    """Caches in between are told that there is more than one."""
    headers = {} if accepted is None else {"Accept-Encoding": accepted}

    answer = browser.ask("GET", "/_next/static/a.js", headers=headers)

    assert answer.body == body
    assert answer.header("Content-Encoding") == coding
    assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
    assert answer.header("Content-Length") == str(len(body))
    assert answer.header("Vary") == "Accept-Encoding"
    assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"


def test_each_form_has_its_own_tag(browser: Browser) -> None:
    """One is not taken for the other; a kept one is not sent again."""
    tags = {
        browser.ask(
            "GET", "/_next/static/a.js", headers={"Accept-Encoding": one}
        ).header("ETag")
        for one in ("br", "gzip", "identity")
    }
    assert len(tags) == 3

    tag = browser.ask("GET", "/_next/static/a.js", headers=BROTLI).header("ETag")
    known = {**BROTLI, "If-None-Match": str(tag)}
    assert browser.ask("GET", "/_next/static/a.js", headers=known).status == 304
    assert browser.ask("GET", "/_next/static/a.js", headers={**known, **GZIP}).body


def test_packed_forms_have_no_address(browser: Browser) -> None:
    """A file that only looks like one has."""
    assert browser.ask("GET", "/_next/static/a.js.br").status == 404
    assert browser.ask("GET", "/data.gz").status == 200


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/chat", b"<p>chat"),
        ("/chat/0194f0c0-0000", b"<p>chat"),
        ("/chat/a/b", b"<p>chat"),
        ("/word/mvura", b"<p>a word"),
    ],
)
def test_a_page_may_stand_for_many_addresses(
    browser: Browser, address: str, body: bytes
) -> None:
    """Its name says for which."""
    assert browser.ask("GET", address).body == body


@pytest.mark.parametrize("address", ["/chatter", "/word", "/word/a/b", "/chat.html"])
def test_and_for_no_others(browser: Browser, address: str) -> None:
    """The name is no prefix."""
    assert browser.ask("GET", address).status == 404


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/404/", "/404"), ("/word/x/?a=1&b=/", "/word/x?a=1&b=/"), ("/404///", "/404")],
)
def test_a_slash_too_many_is_taken_away(
    browser: Browser, typed: str, meant: str
) -> None:
    """People type one after a page's name; the page is where it was."""
    answer = browser.ask("GET", typed)

    assert (answer.status, answer.header("Location")) == (308, meant)


@pytest.mark.parametrize("address", ["//", "//study.example/", "/nothing/", "/%2e%2e/"])
def test_and_leads_nowhere_else(browser: Browser, address: str) -> None:
    """What is no page of ours with a slash less is no page."""
    assert browser.ask("GET", address).status == 404


def test_people_who_are_lost_get_a_page(browser: Browser) -> None:
    """Programs get JSON."""
    person = browser.ask("GET", "/nowhere", headers={"Accept": "text/html,*/*"})
    program = browser.ask("GET", "/nowhere", headers={"Accept": "*/*"})

    assert (person.status, person.body) == (404, b"<p>lost")
    assert (program.status, program.code) == (404, "not_found")


def test_code_in_a_page_is_allowed_by_its_hash(folder: Path) -> None:
    """And no other; scripts of their own files need none."""
    digest = base64.b64encode(hashlib.sha256(CODE.encode()).digest()).decode()
    pages = website(folder)
    assert isinstance(pages, Website)

    assert pages.scripts == (f"'sha256-{digest}'",)
    surface = Surface(frozenset({"https://z.example"}), True, pages.scripts)
    policy = dict(surface.headers())[b"Content-Security-Policy"].decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy


def test_a_server_without_the_app_says_so(tmp_path: Path) -> None:
    """At the start, to whoever reads; other addresses lead nowhere."""
    browser = Browser(website(tmp_path / "missing"))

    start = browser.ask("GET", "/")

    assert start.status == 503
    assert b"make web" in start.body
    assert b"/api/v1" in start.body
    assert browser.ask("GET", "/chat").status == 404
    assert browser.ask("POST", "/").status == 405
