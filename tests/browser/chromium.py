"""Chromium, without a window, told what to do through a pipe.

It speaks the Chrome DevTools Protocol, JSON messages that end with a NUL, on its files
3 and 4: no driver, no port, and the test's own reactor goes on turning.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

Json = dict[str, Any]

PROGRAM: Final = "chromium"
COMMANDS, EVENTS = 3, 4
FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # it opens our own pages alone, also as root and in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
)

UNTIL: Final = """new Promise((resolve) => {
  const is = () => { try { return (%s); } catch { return false; } };
  const look = () => { is() ? resolve(true) : setTimeout(look, 20); };
  look();
})"""
"""What is not there yet has no properties either: that is no more than "not yet"."""
ALIVE: Final = """document.readyState === 'complete'
  && (!document.querySelector('#__next')
  || performance.getEntriesByName('Next.js-hydration').length > 0)"""
"""The page listens: a press before that is lost, and a form goes to its address."""
LEFT: Final = re.compile("context was destroyed|navigated|Cannot find .*context")
"""What is said of a script whose page went away under it."""


class Refused(Exception):  # noqa: N818 - what the browser said
    """A command that could not be carried out, or a script that threw."""


def installed() -> bool:
    """Whether there is a Chromium on this machine."""
    return shutil.which(PROGRAM) is not None


class Chromium(ProcessProtocol):
    """The browser's process."""

    transport: IProcessTransport

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="zimgpt-chromium-"))
        self._numbers = count(1)
        self._waiting: dict[int, Deferred[Json]] = {}
        self._left = b""
        self._tabs: dict[str, Tab] = {}
        self._ended: Deferred[None] = Deferred()

    def start(self, reactor: Any) -> None:  # noqa: ANN401
        """Spawns it; it takes commands at once."""
        program = shutil.which(PROGRAM)
        assert program is not None
        self._reactor = reactor
        home = str(self._profile)
        place = f"--user-data-dir={home}"
        reactor.spawnProcess(
            self,
            program,
            [PROGRAM, *FLAGS, place, "about:blank"],
            env={"HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin"},
            childFDs={0: "w", 1: "r", 2: "r", COMMANDS: "w", EVENTS: "r"},
        )

    async def stop(self) -> None:
        """Ends it and forgets its profile."""
        self._send("Browser.close", {}, None)
        await self._ended
        for _ in range(100):  # the last of its processes may still write there
            shutil.rmtree(self._profile, ignore_errors=True)
            if not self._profile.exists():
                return
            await deferLater(self._reactor, 0.1)

    async def open(self, beside: Tab | None = None) -> Tab:
        """A tab that shares nothing with the others: cookies, storage, cache; or all
        of it with one, as another tab of the same phone."""
        if beside is None:
            made = await self.do("Target.createBrowserContext")
            context = made["browserContextId"]
        else:
            context = beside.context
        place = {"browserContextId": context}
        target = await self.do("Target.createTarget", url="about:blank", **place)
        attached = await self.do(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        tab = Tab(self, attached["sessionId"], context)
        self._tabs[attached["sessionId"]] = tab
        for domain in ("Page", "Runtime", "Log", "Network"):
            await tab.do(f"{domain}.enable")
        return tab

    def do(self, method: str, **params: Any) -> Deferred[Json]:  # noqa: ANN401
        """Carries out a command of the browser."""
        return self._send(method, params, None)

    def _send(self, method: str, params: Json, session: str | None) -> Deferred[Json]:
        number = next(self._numbers)
        outcome: Deferred[Json] = Deferred()
        self._waiting[number] = outcome
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self.transport.writeToChild(COMMANDS, json.dumps(message).encode() + b"\0")
        return outcome

    # ---- the process's calls

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Bytes on one of its files; what it prints is of no interest."""
        if childFD != EVENTS:
            return
        *messages, self._left = (self._left + data).split(b"\0")
        for message in messages:
            self._heard(json.loads(message))

    def processEnded(self, _reason: Failure) -> None:
        """It has gone, and with it what was asked of it."""
        waiting, self._waiting = self._waiting, {}
        for outcome in waiting.values():
            outcome.addErrback(lambda failure: failure.trap(Refused))
            outcome.errback(Refused("the browser has ended"))
        self._ended.callback(None)

    def _heard(self, message: Json) -> None:
        outcome = self._waiting.pop(message.get("id", 0), None)
        if outcome is None:
            tab = self._tabs.get(message.get("sessionId", ""))
            if tab is not None:
                tab.heard(message["method"], message["params"])
        elif "error" in message:
            outcome.errback(Refused(message["error"]["message"]))
        else:
            outcome.callback(message["result"])


class Tab:
    """One tab and what went wrong in it."""

    def __init__(self, browser: Chromium, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self.context = context
        self.complaints: list[str] = []
        """Exceptions, refusals of the Content-Security-Policy, warnings."""
        self.received: list[str] = []
        """Payloads of websocket frames."""
        self.asked: list[str] = []
        """Addresses of requests."""
        self.loaded: dict[str, int] = {}
        """Bytes that came over the network, headers and all, by request."""

    def do(self, method: str, **params: Any) -> Deferred[Json]:  # noqa: ANN401
        """Carries out a command of this tab."""
        return self._browser._send(method, params, self._session)

    async def close(self) -> None:
        """Closes it and forgets all that it kept."""
        await self._browser.do(
            "Target.disposeBrowserContext", browserContextId=self.context
        )

    async def go(self, url: str) -> None:
        """Opens an address; returns when its script has run and listens, and what was
        there before has gone: it may answer for a while yet."""
        await self._came("window.old = true")
        went = await self.do("Page.navigate", url=url)
        elsewhere = "loaderId" in went  # or only further down on the same page
        await self.until(f"!window.old && {ALIVE}" if elsewhere else ALIVE)

    async def reload(self) -> None:
        """Loads the page anew; returns when the old one has gone and the new one is
        there, for what is looked for meanwhile is found in the old one."""
        await self._came("window.old = true")
        await self.do("Page.reload")
        await self.until(f"!window.old && {ALIVE}")

    async def run(self, script: str) -> Any:  # noqa: ANN401
        """The value of an expression, waited for if it is a promise."""
        said = await self.do(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in said:
            raise Refused(str(said["exceptionDetails"]))
        return said["result"].get("value")

    async def until(self, condition: str) -> None:
        """Waits for a condition in the page; the test's own end bounds it."""
        while not await self._came(UNTIL % condition):
            pass

    async def _came(self, wait: str) -> bool:
        """Whether a promise was kept; not, if the page went away under it."""
        try:
            await self.run(wait)
        except Refused as refused:
            if not LEFT.search(str(refused)):
                raise
            return False
        return True

    async def reads(self, element: str, text: str) -> None:
        """Waits until an element's visible text has these words in it."""
        place, words = json.dumps(element), json.dumps(text)
        await self.until(
            f"document.querySelector({place})?.innerText.includes({words})"
        )

    async def text(self, element: str) -> str:
        """The visible text of an element."""
        return str(await self.run(f"document.querySelector('{element}').innerText"))

    async def type(self, element: str, text: str) -> None:
        """Types into an element, once it is there, as a keyboard does."""
        place = json.dumps(element)
        await self.until(f"document.querySelector({place})")
        await self.run(f"document.querySelector({place}).focus()")
        await self.do("Input.insertText", text=text)

    async def click(self, element: str) -> None:
        """Clicks on an element, once it is there."""
        place = json.dumps(element)
        await self.until(f"document.querySelector({place})")
        await self.run(f"document.querySelector({place}).click()")

    async def press(self, key: str, text: str = "") -> None:
        """Presses a key and lets it go."""
        codes = {"Enter": 13, "Tab": 9, " ": 32}
        more = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            await self.do(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=codes[key],
                **(more if kind == "keyDown" else {}),
            )

    async def offline(self, off: bool) -> None:
        """Takes the network away, or gives it back."""
        await self.do(
            "Network.emulateNetworkConditions",
            offline=off,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    async def shown(self, width: int, height: int, scheme: str = "light") -> bytes:
        """A picture of it on a screen of that size, as PNG."""
        await self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.do("Emulation.setEmulatedMedia", features=[feature])
        picture = await self.do("Page.captureScreenshot", format="png")
        return base64.b64decode(picture["data"])

    def heard(self, event: str, params: Json) -> None:
        """Notes what the browser tells of this tab."""
        match event:
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                entry = params["entry"]
                grave = entry["level"] in ("warning", "error")
                if grave and entry["source"] != "network":  # a 401 is no fault
                    self.complaints.append(entry["text"])
            case "Network.webSocketFrameReceived":
                self.received.append(params["response"]["payloadData"])
            case "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])
            case "Network.loadingFinished":
                self.loaded[params["requestId"]] = params["encodedDataLength"]
