"""What the operator says to everybody, in the web app."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.browser.app import sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_pages import looked_at

pytestmark = pytest.mark.patience(240)

BEGIN = "select begin_broadcast(%s, %s, false, true, interval '1 hour', 'w', 'r')"
NONE = "document.querySelector('.notice') === null"


def say(site: Site, name: str, **words: str) -> None:
    """As the command does it, on the web only."""
    texts = {key: {"type": "text", "body": body} for key, body in words.items()}
    site.house.query(BEGIN, name, json.dumps(texts))


@pytest.fixture
def silence(site: Site) -> Iterator[None]:
    """Nothing is said any more after the test: others look at the same server."""
    yield
    site.house.query("update broadcasts set until = now()")


async def test_notices_are_read_and_hidden(tab: Tab, site: Site, silence: None) -> None:
    """The latest is shown, to anybody, then the one before; hidden ones stay so."""
    say(site, "older", en="Prices change on Friday.")
    say(site, "newer", en="No service tonight.", sn="Hapana basa manheru ano.")
    await tab.go(site.url)
    await tab.reads(".notice", "No service tonight.")
    await sign_up(tab, site)
    await tab.reads(".notice", "No service tonight.")
    await looked_at(tab, "a notice")

    await tab.click(".notice button")
    await tab.reads(".notice", "Prices change on Friday.")
    await tab.go(f"{site.url}/account")
    await tab.reads(".notice", "Prices change on Friday.")
    await tab.click(".notice button")

    await tab.until(NONE)
    await tab.go(f"{site.url}/help")
    await tab.reads("main", "Asking")
    await tab.run("fetch('/api/v1/notices').then((reply) => reply.text())")
    assert await tab.run(NONE)


async def test_a_notice_is_in_the_readers_language(
    tab: Tab, site: Site, silence: None
) -> None:
    """In English where it was not said in theirs; words are never markup."""
    say(site, "both", en="No service.", sn="Hapana basa.")
    await tab.go(site.url)
    await tab.run("localStorage.setItem('zimgpt-language', 'sn')")
    await tab.go(site.url)
    await tab.reads(".notice [lang=sn]", "Hapana basa.")

    await tab.click(".notice button")
    say(site, "one", en="<b>Prices</b> change.")
    await tab.go(site.url)

    await tab.reads(".notice [lang=en]", "<b>Prices</b> change.")
