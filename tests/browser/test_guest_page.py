"""The page of docs/howto/nextjs.md, shown by another site than the server's."""

from __future__ import annotations

import json
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

pytestmark = pytest.mark.patience(90)

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
MODULES = {
    "react": "preact/compat/dist/compat.mjs",
    "react/jsx-runtime": "preact/jsx-runtime/dist/jsxRuntime.mjs",
    "preact": "preact/dist/preact.mjs",
    "preact/hooks": "preact/hooks/dist/hooks.mjs",
}
"""What Next.js would put together, as a browser finds it by itself."""


def page(server: str) -> str:
    """The component in a page of its own."""
    found = {name: f"/modules/{place}" for name, place in MODULES.items()}
    script = (
        "import { h, render } from 'preact';"
        "import Ask from '/build/example/ask.js';"
        "render(h(Ask, null), document.body);"
    )
    return (
        "<!doctype html><html lang=en><title>Study</title><link rel=icon href=data:,>"
        f"<script type=importmap>{json.dumps({'imports': found})}</script>"
        "<script>globalThis.process = { env: { NEXT_PUBLIC_ZIMGPT: "
        f"{json.dumps(server)} }} }}</script>"
        f"<body><script type=module>{script}</script></body></html>"
    )


@pytest.fixture
def study(postgres: PostgreSQL, tmp_path: Path) -> Iterator[tuple[str, House]]:
    """Another site, which the server knows as a guest."""
    from twisted.internet import reactor

    node = shutil.which("node") or str(ROOT / ".web" / "node" / "bin" / "node")
    compiler = "node_modules/typescript/bin/tsc"
    subprocess.run([node, compiler, "-p", "example"], cwd=WEB, check=True)
    shutil.copytree(WEB / "build", tmp_path / "build")
    for place in MODULES.values():
        module = tmp_path / "modules" / place
        module.parent.mkdir(parents=True)
        shutil.copy(WEB / "node_modules" / place, module)
    (near,) = children.free_ports(1)
    url = f"http://127.0.0.1:{near}"
    plan = Plan("guest", settings={"guest_origins": url})
    with postgres.database() as database, House(database, nodes=[plan]) as house:
        (tmp_path / "index.html").write_text(page(house["guest"].url))
        reached: Any = reactor
        files = Site(Website(tmp_path))
        port = reached.listenTCP(near, files, interface="127.0.0.1")
        yield url, house
        blockon(port.stopListening())  # type: ignore[no-untyped-call]


def test_the_page_is_the_one_that_is_shown() -> None:
    """Who copies it from the documentation copies what is tested."""
    shown = (ROOT / "docs" / "howto" / "nextjs.md").read_text("utf-8")
    assert f"```tsx\n{(WEB / 'example' / 'ask.tsx').read_text('utf-8')}```" in shown


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
