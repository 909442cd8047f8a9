"""The control door: drills and people switch habits, faults, tokens and people here.

::

    POST /control/habits      {"shuffle":0.5,"limits":false,…}   see habits.Habits
    POST /control/fault       {"kind":"slow","seconds":2,"times":3}
    POST /control/tokens      {"tokens":["…"]}                   others are revoked
    POST /control/person      {"id":"a","name":"A","phone":"26377…","bsuid":"ZW.1",…}
    POST /control/say         {"person":"a","text":"…"}          -> {"wamid":…}
    POST /control/redeliver   {"count":50}                       -> {"posts":…}
    POST /control/account     {"field":"account_update","value":{…}}
    GET  /control/state       posts, latency, what was sent, refused
"""

from __future__ import annotations

import attrs
from klein import Klein
from twisted.web.http import Request

from zimgpt.embedded.doubles import doors
from zimgpt.embedded.doubles.doors import Json, Order
from zimgpt.embedded.phone.acting import Acting, NothingThere
from zimgpt.embedded.phone.bodies import Update
from zimgpt.embedded.phone.habits import Fault, Habits
from zimgpt.embedded.phone.people import Person
from zimgpt.embedded.phone.webhooks import Webhooks
from zimgpt.embedded.phone.world import World


class Control:
    """The door."""

    app = Klein()

    def __init__(
        self, world: World, habits: Habits, webhooks: Webhooks, acting: Acting
    ) -> None:
        self._world = world
        self._habits = habits
        self._webhooks = webhooks
        self._acting = acting
        self._acts: dict[str, Order] = {
            "habits": self._change_habits,
            "fault": self._next_fault,
            "tokens": self._change_tokens,
            "person": self._add_person,
            "say": self._say,
            "redeliver": self._redeliver,
            "account": self._account,
        }

    @app.route("/control/<act>", methods=["POST"])
    def _post(self, request: Request, act: str) -> bytes:
        return doors.obey(request, self._acts, act, NothingThere)

    @app.route("/control/state", methods=["GET"])
    def _state(self, request: Request) -> bytes:
        latency = self._webhooks.latency()
        return doors.said(
            request,
            {
                "idle": self._webhooks.idle,
                "shaken": self._webhooks.shaken,
                "latency": attrs.asdict(latency) | {"good": latency.good},
                "refused": self._world.refused,
                "answers": [status for status, _ in self._webhooks.answers],
                "sends": [attrs.asdict(bubble) for bubble in self._world.sends],
            },
        )

    def _change_habits(self, body: Json) -> Json:
        self._habits.change(**body)
        return {}

    def _next_fault(self, body: Json) -> Json:
        times = body.pop("times", 1)
        self._habits.next(Fault(**body), times)
        return {}

    def _change_tokens(self, body: Json) -> Json:
        self._world.tokens.clear()
        self._world.tokens.update(body["tokens"])
        return {}

    def _add_person(self, body: Json) -> Json:
        self._world.add(Person(**body))
        return {}

    def _say(self, body: Json) -> Json:
        person = self._acting.person(body["person"])
        return {"wamid": self._acting.say(person, body["text"])}

    def _redeliver(self, body: Json) -> Json:
        return {"posts": self._webhooks.redeliver(body.get("count"))}

    def _account(self, body: Json) -> Json:
        self._webhooks.put(Update("", body["field"], body["value"]))
        return {}
