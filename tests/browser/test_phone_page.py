"""The page that is a phone, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest_twisted
import treq
from twisted.internet import reactor
from twisted.web.http_headers import Headers

from tests.browser.chromium import Tab
from tests.fakes.whatsapp import NUMBER, TOKEN, Phones, Server, listen, phones


@attrs.frozen
class Phone:
    """The double behind the page, and our side of it."""

    url: str
    phones: Phones

    async def send(self, **body: object) -> None:
        """We write to Tendai."""
        sent = {"messaging_product": "whatsapp", "to": "+263771234567", **body}
        answer = await treq.post(
            f"{self.url}/v25.0/{NUMBER}/messages",
            json=sent,
            headers=Headers({"Authorization": [f"Bearer {TOKEN}"]}),
            persistent=False,
        )
        assert answer.code == 200, await answer.content()
        await answer.content()

    def last(self) -> dict[str, Any]:
        """What Tendai did last."""
        return self.phones.world.chats["tendai"].bubbles[-1].content


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def phone() -> AsyncIterator[Phone]:
    """A double whose webhooks are all taken."""
    clock: Any = reactor
    made = phones(Server(), clock)
    listening: Any
    listening, url = listen(made)
    yield Phone(url, made)
    made.close()
    await listening.stopListening()


async def test_a_person_types_and_is_answered(phone: Phone, tab: Tab) -> None:
    """Words go out, ticks turn, typing shows, an answer appears with its marks."""
    await tab.go(f"{phone.url}/#tendai")
    await tab.until("!document.querySelector('#chat').hidden")
    await tab.type("#text", "Mhoro <b>")
    await tab.press("Enter", "\r")
    await tab.reads("#bubbles .mine", "Mhoro <b>")
    hi = phone.phones.world.chats["tendai"].bubbles[0].wamid

    await phone.send(status="read", message_id=hi, typing_indicator={"type": "text"})
    await tab.until(
        "document.querySelector('.typing') && document.querySelector('.read')"
    )
    words = "*bold* _it_ ~no~ `code`\n```\nx *y*\n```\n- one\n1. two\n> said\n2*3*4 <i>"
    await phone.send(type="text", text={"body": words})

    await tab.until(
        "!document.querySelector('.typing') && document.querySelector('pre')"
    )
    html = await tab.run("document.querySelector('.theirs .bubble').innerHTML")
    for part in (
        "<strong>bold</strong> <em>it</em> <s>no</s> <code>code</code>",
        "<pre>x *y*</pre>",
        "<ul><li>one</li></ul>",
        "<li>two</li>",
        "<blockquote><div>said</div></blockquote>",
        "<p>2*3*4 &lt;i&gt;</p>",
    ):
        assert part in html
    await tab.reads("#presence", "online")


async def test_a_person_taps_buttons_and_lists(phone: Phone, tab: Tab) -> None:
    """What is tapped comes back by its id; a document can be fetched."""
    phone.phones.acting.say(phone.phones.world.people["tendai"], "menu")
    buttons = [{"type": "reply", "reply": {"id": "b1", "title": "Balance"}}]
    await phone.send(
        type="interactive",
        interactive={
            "type": "button",
            "body": {"text": "What now?"},
            "action": {"buttons": buttons},
        },
    )
    rows = [{"id": "r1", "title": "Essay", "description": "Long"}]
    await phone.send(
        type="interactive",
        interactive={
            "type": "list",
            "body": {"text": "Menu"},
            "action": {"button": "Open", "sections": [{"rows": rows}]},
        },
    )
    file = phone.phones.world.files.keep(b"%PDF", "application/pdf", "e.pdf", 1e9)
    await phone.send(type="document", document={"id": file.id, "filename": "e.pdf"})

    await tab.go(f"{phone.url}/#tendai")
    await tab.reads("#bubbles", "e.pdf")
    await tab.click(".choices button")
    await tab.reads("#bubbles .mine:last-child", "Balance")
    assert phone.last()["button_reply"] == {"id": "b1", "title": "Balance"}
    await tab.run("document.querySelectorAll('.choices button')[1].click()")
    await tab.reads("#list", "Essay")
    await tab.click("#rows button")
    await tab.reads("#bubbles .mine:last-child", "Essay")
    assert phone.last()["list_reply"]["id"] == "r1"
    fetched = "fetch(document.querySelector('.file').href).then((r) => r.text())"
    assert await tab.run(fetched) == "%PDF"


async def test_the_page_loads_nothing_from_elsewhere(phone: Phone, tab: Tab) -> None:
    """Several phones to choose from, at any width, and no other host."""
    await tab.go(phone.url)
    await tab.reads("#people", "Rudo")
    await tab.shown(360, 640)
    await tab.click("#people li:nth-child(2) button")
    await tab.reads("#whose", "Nomsa")

    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert await tab.run(wide)
    assert [url for url in tab.asked if not url.startswith((phone.url, "data:"))] == []
