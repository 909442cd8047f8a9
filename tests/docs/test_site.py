"""The documentation as a site: whole, and sufficient to itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
LOADS = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//"""
    r"""|<link\b(?![^>]*rel=["'](?:canonical|license))[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    made = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-EnW", "--keep-going", "-q"]
    command += ["-c", "docs/site", "-d", str(made / "read"), ".", str(made / "html")]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made / "html"


def test_every_page_is_led_to(site: Path) -> None:
    """Who stands on the first page finds every page of docs/ in its navigation."""
    front = (site / "docs/index.html").read_text()
    pages = {page.relative_to(TOP / "docs") for page in (TOP / "docs").rglob("*.md")}
    led_to = {page for page in pages if f'href="{page.with_suffix(".html")}"' in front}
    assert pages - led_to <= {Path("index.md")}


def test_nothing_comes_from_another_host(site: Path) -> None:
    """A page of the site loads no script, style, font or picture from elsewhere."""
    files = [file for kind in ("html", "css") for file in site.rglob(f"*.{kind}")]
    assert [file for file in files if LOADS.search(file.read_text())] == []


def test_the_descriptions_are_told_to_people(site: Path) -> None:
    """Addresses, messages and their shapes can be read, and shapes are linked."""
    http = (site / "docs/reference/http-addresses.html").read_text()
    assert "/api/v1/answers/{answer}" in http
    assert 'href="#http-question"' in http
    messages = (site / "docs/reference/websocket-messages.html").read_text()
    assert 'href="#websocket-ask"' in messages
