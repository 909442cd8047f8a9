"""Keys of programs on the account's page, and a program that asks with one."""

from __future__ import annotations

import pytest

from tests.browser.app import sign_up
from tests.browser.chromium import Tab
from tests.browser.conftest import Site
from tests.browser.test_app_pages import looked_at
from tests.system.people import call

pytestmark = pytest.mark.patience(240)

FORM = "document.querySelector('#keys form')"


async def press(tab: Tab, words: str) -> None:
    """Presses the button of the card that says this."""
    await tab.run(
        "[...document.querySelectorAll('#keys button')]"
        f".find((one) => one.innerText === '{words}').click()"
    )


async def fill(tab: Tab, **values: str) -> None:
    """Types into fields in place of what was there, and sends the form."""
    await tab.until(FORM)
    for name, value in values.items():
        await tab.run(f"document.querySelector('#keys input[name={name}]').select()")
        await tab.do("Input.insertText", text=value)
    await tab.run(f"{FORM}.requestSubmit()")


def status(site: Site, secret: str) -> int:
    """What a program with this key is answered."""
    headers = {"Authorization": f"Bearer {secret}"}
    return call(site.house["one"].url, "GET", "/v1/models", headers=headers).status


async def test_a_key_is_made_changed_and_revoked(tab: Tab, site: Site) -> None:
    """Its secret is shown once and opens; a change is kept; revoked, it is shut."""
    await sign_up(tab, site)
    await tab.go(f"{site.url}/account")
    await tab.reads("#keys", f"{site.url}/v1")
    await tab.reads("#keys", "Make a key")
    await press(tab, "Make a key")
    await fill(tab, name="", rate="601")
    await tab.reads("#keys .note.bad", "1 to 600 requests")
    await looked_at(tab, "a form of a key")

    await fill(tab, name="homework", budget="50,000", rate="12")
    await tab.until("document.querySelector('#keys code')")
    secret = await tab.text("#keys code")
    await tab.reads("#keys .lines", "homework")
    await tab.reads("#keys .lines", "0 of 50,000 tokens taken")
    await tab.reads("#keys .lines", "12 requests a minute · Not used yet")
    await looked_at(tab, "a new key")
    assert status(site, secret) == 200

    await tab.go(f"{site.url}/account")
    await tab.reads("#keys .lines", secret[-4:])
    assert secret not in await tab.text("#keys")
    await press(tab, "Change")
    await fill(tab, budget="")
    await tab.reads("#keys .lines", "0 tokens taken, no budget")

    await press(tab, "Revoke")
    await tab.reads("#keys .note.warn", "cannot be undone")
    await looked_at(tab, "a key to be revoked")
    assert status(site, secret) == 200
    await press(tab, "Yes, revoke")
    await tab.until("document.querySelector('#keys .lines') === null")
    assert status(site, secret) == 401
