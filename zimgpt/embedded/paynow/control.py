"""The control door: drills and people switch what goes wrong, and look at everything.

::

    POST /control/merchant  {"id":1201,"key":"…","currency":"USD",…}  new, or a new key
    POST /control/habits    {"strict":false,"chance":0.2,…}    see book.Habits
    POST /control/outage    {"kind":"html","seconds":600}      for everybody, from now
    POST /control/hurry     {"seconds":600}                    its time goes on at once
    POST /control/trouble   {"times":1,"lost":true,…}          the next payments'
    POST /control/act       {"payment":"…","act":"approve"}    see timeline.Timeline
    POST /control/tell      {"payment":"…","copies":8,"urls":["…"]}   again, now
    POST /control/forge     {"payment":"…","kind":"cut"}
    GET  /control/state     all payments, and what was asked
    GET  /control/payment/<guid or reference>
"""

from __future__ import annotations

from collections import Counter

import attrs
from klein import Klein
from twisted.web.http import Request

from zimgpt.embedded.doubles import doors
from zimgpt.embedded.doubles.doors import Json, Order
from zimgpt.embedded.paynow import troubles
from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.callbacks import Callbacks
from zimgpt.embedded.paynow.interface import Interface
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.timeline import Timeline
from zimgpt.embedded.paynow.transactions import Delivery, Transaction


class Control:
    """The door."""

    app = Klein()

    def __init__(
        self, book: Book, interface: Interface, callbacks: Callbacks, timeline: Timeline
    ) -> None:
        self._book = book
        self._interface = interface
        self._callbacks = callbacks
        self._timeline = timeline
        self._acts: dict[str, Order] = {
            "merchant": self._merchant,
            "habits": self._habits,
            "outage": self._outage,
            "hurry": self._hurry,
            "trouble": self._trouble,
            "act": self._act,
            "tell": self._tell,
            "forge": self._forge,
        }

    @app.route("/control/<act>", methods=["POST"])
    def _post(self, request: Request, act: str) -> bytes:
        return doors.obey(request, self._acts, act, NothingThere)

    @app.route("/control/state", methods=["GET"])
    def _state(self, request: Request) -> bytes:
        every = list(self._book.transactions.values())
        return doors.said(
            request,
            {
                "idle": self._callbacks.idle,
                "asked": Counter(act for act, _ in self._interface.asked),
                "payments": [shown(one) for one in every],
            },
        )

    @app.route("/control/payment/<name>", methods=["GET"])
    def _payment(self, request: Request, name: str) -> bytes:
        try:
            return doors.said(request, shown(self._book.find(name)))
        except NothingThere:
            request.setResponseCode(404)
            return b"{}"

    def _merchant(self, body: Json) -> Json:
        methods = body.pop("methods", None)
        made = Merchant(**body)
        if methods is not None:
            made = attrs.evolve(made, methods=tuple(methods))
        self._book.merchants[made.id] = made
        return {}

    def _habits(self, body: Json) -> Json:
        if "doors" in body:
            body["doors"] = tuple(body["doors"])
        self._book.habits = attrs.evolve(self._book.habits, **body)
        return {}

    def _outage(self, body: Json) -> Json:
        if body["kind"] not in ("", "500", "502", "html", "hang", "reset"):
            raise ValueError(f"there is no outage {body['kind']}")
        self._book.habits.outage = body["kind"]
        self._book.habits.outage_until = self._book.now() + body.get("seconds", 0)
        return {}

    def _hurry(self, body: Json) -> Json:
        self._book.hurry(float(body["seconds"]))
        return {"now": self._book.now()}

    def _trouble(self, body: Json) -> Json:
        times = body.pop("times", 1)
        self._book.trouble(troubles.read(body), times)
        return {}

    def _act(self, body: Json) -> Json:
        one = self._book.find(body["payment"])
        self._timeline.act(one, body["act"])
        return {"status": one.status}

    def _tell(self, body: Json) -> Json:
        one = self._book.find(body["payment"])
        said = self._callbacks.body(one, body.get("status", "")).decode()
        for url in body.get("urls", [""]):
            for _ in range(body.get("copies", 1)):
                self._callbacks.send(one, Delivery(self._book.now(), said, url=url))
        return {"body": said}

    def _forge(self, body: Json) -> Json:
        self._callbacks.forge(self._book.find(body["payment"]), body["kind"])
        return {}


def shown(one: Transaction) -> Json:
    """A payment as it is told to whoever plays with it."""
    return attrs.asdict(one) | {
        "status": one.status,
        "charged": one.charged,
        "shown_number": one.shown_number,
    }
