"""The page that is a handset, for whoever sits at this machine.

It is served on loopback alone and answers no other name, so that no page from elsewhere
can play with it.
"""

from __future__ import annotations

from typing import Any, Final

from klein import Klein
from twisted.web.http import Request

from zimgpt.embedded.doubles import doors
from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.callbacks import Callbacks
from zimgpt.embedded.paynow.timeline import Timeline
from zimgpt.embedded.paynow.transactions import Delivery, Transaction

SHOWN: Final = 50  # payments, the latest


class Page:
    """The page and what it asks for."""

    app = Klein()

    def __init__(self, book: Book, callbacks: Callbacks, timeline: Timeline) -> None:
        self._book = book
        self._callbacks = callbacks
        self._timeline = timeline

    @app.route("/", methods=["GET"])
    def _index(self, request: Request) -> bytes:
        return doors.page(request, __package__, "index.html")

    @app.route("/<name>", methods=["GET"])
    def _static(self, request: Request, name: str) -> bytes:
        return doors.page(request, __package__, name)

    @app.route("/payments/", methods=["GET"])
    def _payments(self, request: Request) -> bytes:
        latest = list(self._book.transactions.values())[-SHOWN:]
        every = [self._row(one) for one in reversed(latest)]
        return doors.said(request, {"now": self._book.now(), "payments": every})

    @app.route("/payments/<guid>/<act>", methods=["POST"])
    def _act(self, request: Request, guid: str, act: str) -> bytes:
        if doors.foreign(request):
            return b""
        try:
            one = self._book.find(guid)
            if act == "tell":
                said = self._callbacks.body(one).decode()
                self._callbacks.send(one, Delivery(self._book.now(), said))
            else:
                self._timeline.act(one, act)
        except NothingThere:
            request.setResponseCode(409)
        return b""

    @app.route("/events", methods=["GET"])
    async def _events(self, request: Request) -> bytes:
        """Tells which payments change, until the page goes away."""
        return await doors.news(request, self._book.watch)

    def _row(self, one: Transaction) -> dict[str, Any]:
        keep = ("guid", "reference", "method", "phone", "info", "code", "ignored")
        checkout = f"{self._book.url}/Payment/ConfirmPayment/{one.number}/"
        return {name: getattr(one, name) for name in keep} | {
            "number": one.shown_number,
            "amount": one.charged,
            "currency": self._book.merchants[one.merchant].currency,
            "status": one.status,
            "checkout": checkout if one.method == "web" else "",
            "history": [[change.at, change.status] for change in one.history],
            "calls": [_call(delivery) for delivery in one.deliveries],
        }


def _call(delivery: Delivery) -> dict[str, Any]:
    return {
        "at": delivery.at,
        "kind": delivery.kind,
        "answers": delivery.answers,
        "over": delivery.over,
        "body": delivery.body,
    }
