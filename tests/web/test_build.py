"""What was built: packed, small, free of what our policy forbids."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.web.built import EXPORT, first_load, pages

MOST = 90_000
"""Bytes of a page's first load, gzip; issue and figures in bench/README.md."""


@pytest.mark.parametrize("page", pages(), ids=str)
def test_a_page_has_no_style_and_no_foreign_address_in_it(page: str) -> None:
    """The policy allows no style inside a page, nothing of other hosts, one script."""
    text = (EXPORT / page).read_text("utf-8")

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', text) == []
    scripts = re.findall(r"<script(?![^>]* (?:src=|type=\"application/json\"))", text)
    assert len(scripts) == 1


@pytest.mark.parametrize("page", pages(), ids=str)
def test_a_first_load_is_small(page: str) -> None:
    """Page, style and scripts together, as they are sent."""
    files = first_load(page)

    assert sum(len(gzip.compress((EXPORT / one).read_bytes())) for one in files) <= MOST
    assert len(files) <= 12


def test_everything_that_is_text_is_packed() -> None:
    """Brotli and gzip lie beside it, and are smaller."""
    for path in EXPORT.rglob("*"):
        if path.suffix in (".js", ".css", ".html") and path.stat().st_size >= 256:
            for ending in (".br", ".gz"):
                packed = Path(f"{path}{ending}")
                assert packed.stat().st_size < path.stat().st_size, path


def test_the_worker_knows_its_version() -> None:
    """Two builds of other sources are two versions."""
    worker = (EXPORT / "sw.js").read_text("utf-8")

    assert '"VERSION"' not in worker
    assert '["PAGES"]' not in worker


def test_nobody_loads_what_is_for_operators() -> None:
    """Neither a page of a student's nor the worker that keeps the app names any of it,
    and the worker leaves their addresses alone."""
    theirs = [page for page in pages() if page.startswith("admin")]
    assert len(theirs) > 3
    own = set.union(*map(first_load, theirs)) - first_load("index.html")
    assert "admin.css" in own

    for page in set(pages()) - set(theirs):
        assert not {one for one in first_load(page) if "admin" in one}, page
    worker = (EXPORT / "sw.js").read_text("utf-8")
    assert "admin.html" not in worker
    assert "admin/" not in worker
    assert "|admin)" in worker
