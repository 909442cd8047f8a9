"""The page of docs/howto/nextjs.md, shown by another site than the server's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import blockon
from twisted.web.server import Site

from tests.browser.app import PASSWORD, new_number
from tests.browser.chromium import Tab
from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan, text_of
from zimgpt.embedded import children
from zimgpt.inbound.website import Website

pytestmark = pytest.mark.patience(240)

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
ELSEWHERE = (
    'import shown from "./shown.config.mjs";\n'
    "const typescript = { ignoreBuildErrors: true };\n"  # tools/web check looks at them
    'export default { ...shown, output: "export", typescript };\n'
)
"""The configuration that the documentation shows, for a site that is files."""


def built(site: Path, server: str) -> Path:
    """The site as Next.js makes it of what the documentation shows."""
    tests = shutil.ignore_patterns("tests")
    shutil.copytree(WEB / "lib" / "zimgpt", site / "lib" / "zimgpt", ignore=tests)
    (site / "pages").mkdir()
    shutil.copy(WEB / "example" / "ask.tsx", site / "pages" / "index.tsx")
    shutil.copy(WEB / "example" / "next.config.mjs", site / "shown.config.mjs")
    (site / "next.config.mjs").write_text(ELSEWHERE)
    (site / "package.json").write_text('{"private": true}')
    (site / "node_modules").symlink_to(WEB / "node_modules")
    node = shutil.which("node") or str(ROOT / ".web" / "node" / "bin" / "node")
    more = {"NEXT_PUBLIC_ZIMGPT": server, "NEXT_TELEMETRY_DISABLED": "1"}
    made = subprocess.run(
        [node, "node_modules/next/dist/bin/next", "build", "--webpack"],
        cwd=site,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return site / "out"


@pytest.fixture
def study(postgres: PostgreSQL, tmp_path: Path) -> Iterator[tuple[str, House]]:
    """Another site, which the server knows as a guest."""
    from twisted.internet import reactor

    (near,) = children.free_ports(1)
    url = f"http://127.0.0.1:{near}"
    plan = Plan("guest", settings={"guest_origins": url})
    with postgres.database() as database, House(database, nodes=[plan]) as house:
        reached: Any = reactor
        files = Site(Website(built(tmp_path, house["guest"].url)))
        port = reached.listenTCP(near, files, interface="127.0.0.1")
        yield url, house
        blockon(port.stopListening())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("name", "language"), [("ask.tsx", "tsx"), ("next.config.mjs", "js")]
)
def test_what_is_built_is_what_is_shown(name: str, language: str) -> None:
    """Who copies it from the documentation copies what is tested."""
    shown = (ROOT / "docs" / "howto" / "nextjs.md").read_text("utf-8")
    written = (WEB / "example" / name).read_text("utf-8")
    assert f"```{language}\n{written}```" in shown


async def test_a_page_of_another_site_asks(tab: Tab, study: tuple[str, House]) -> None:
    """It signs in for a token, asks, and is answered; no cookie is left behind."""
    url, house = study
    number = new_number()
    entry = json.dumps({"phone": number, "password": PASSWORD, "token": True})
    await tab.go(url)
    await tab.until("document.querySelector('input[name=phone]')")
    made = f"fetch('{house['guest'].url}/api/v1/accounts', {{ method: 'POST', headers:"
    made += f" {{ 'Content-Type': 'application/json' }}, body: {json.dumps(entry)} }})"
    assert await tab.run(f"{made}.then((reply) => reply.status)") == 201

    await tab.type("input[name=phone]", number)
    await tab.type("input[name=password]", PASSWORD)
    await tab.click("button")
    await tab.until("document.querySelector('input[name=question]')")
    await tab.type("input[name=question]", "words:12 delay:20")
    await tab.click("button")

    await tab.until("document.querySelector('article[data-state=done]')")
    answer = str(await tab.run("document.querySelector('article p').textContent"))
    assert answer == text_of(12)
    assert (await tab.do("Network.getCookies"))["cookies"] == []
