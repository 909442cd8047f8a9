"""Webhooks as the database takes them, and what comes of them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import attrs

from tests.store.clerk import LEASE, Asked, Clerk

Json = dict[str, Any]

_people = count(1)
_wamids = count(1)


@attrs.frozen
class Lane:
    """A lane that was taken."""

    job: str
    kind: str
    contact: int
    attempt: int
    put_aside: str | None


@attrs.define
class Postbox:
    """Somebody on WhatsApp, and the rows about them."""

    clerk: Clerk
    phone: str | None = None
    bsuid: str | None = None

    @classmethod
    def of(cls, clerk: Clerk, *, bsuid: bool = True) -> Postbox:
        """Somebody new."""
        number = next(_people)
        id = f"ZW.{10**15 + number}" if bsuid else None
        return cls(clerk, f"+26378{number:07}", id)

    def item(self, wamid: str | None = None, *, ago: float = 0.0) -> Json:
        """A message of theirs."""
        wamid = wamid or new_wamid()
        return {
            "key": f"m:{wamid}",
            "kind": "message",
            "body": base64.b64encode(b"{}").decode(),
            "wamid": wamid,
            "phone": self.phone,
            "bsuid": self.bsuid,
            "at": (datetime.now(UTC) - timedelta(seconds=ago)).isoformat(),
        }

    def write(self, wamid: str | None = None, *, ago: float = 0.0) -> int:
        """They write; returns the arrival."""
        item = self.item(wamid, ago=ago)
        receive(self.clerk, item)
        return int(
            self.clerk.value("select id from inbox where dedup_key = %s", item["key"])
        )

    @property
    def contact(self) -> int:
        """Their row."""
        return int(
            self.clerk.value(
                "select id from whatsapp_contacts where bsuid = %s or phone = %s"
                " order by (bsuid = %s) desc nulls last limit 1",
                *(self.bsuid, self.phone, self.bsuid),
            )
        )

    def account(self, welcome: int = 1000) -> tuple[int, bool, bool]:
        """Whose wallet they use; whether it was made now, or known from the web."""
        user, made, known = self.clerk.row(
            "select account, made, known from whatsapp_account(%s, %s)",
            *(self.contact, welcome),
        )
        return user, made, known

    def job(self, kind: str) -> str:
        """Their lane's job."""
        sql = "select id from jobs where kind = %s and ref = %s"
        return str(self.clerk.value(sql, kind, str(self.contact)))

    def lane(self, kind: str) -> tuple[str, bool]:
        """Its state, and whether it was woken while it ran."""
        state, again = self.clerk.row(
            "select state, again from jobs where kind = %s and ref = %s",
            *(kind, str(self.contact)),
        )
        return state, again

    def claim(self, kind: str, worker: str = "here") -> Lane | None:
        """Takes a lane."""
        job = self.job(kind)
        row = self.clerk.row(
            "select kind, contact_id, attempt, put_aside from claim_lane(%s, %s, %s)",
            *(job, worker, LEASE),
        )
        return None if row[0] is None else Lane(job, *row)

    def finish(self, job: str, wait: timedelta | None = None) -> bool:
        """Lets it rest; true if there is more."""
        again = "select finish_lane(%s, 'here', %s)"
        return bool(self.clerk.value(again, job, wait))

    def retry(self, job: str, *, counts: bool = True) -> None:
        """Gives it back at once."""
        self.clerk.rows(
            "select retry_lane(%s, 'here', 'Broken: it', %s, %s)",
            *(job, timedelta(0), counts),
        )

    def step(
        self, *arrivals: int, says: list[Json] | None = None, **changes: object
    ) -> bool:
        """Takes a step; whether it was taken."""
        names = ("dialogue", "language", "greeted", "opted_out", "excused", "web_told")
        given = [changes.get(name) for name in names]
        rows = self.clerk.rows(
            "select taken from take_step("
            "%s, %s::bigint[], 'done', null, %s, %s, %s, %s, %s, %s, %s, null, 'here')",
            *(self.contact, list(arrivals), *given, json.dumps(says or [])),
        )
        return bool(rows[0][0])

    def outgoing(self, answer: str | None = None) -> str:
        """A message that waits for them; returns its id."""
        id = str(uuid4())
        said = None if answer else {"text": "hello"}
        arrival = self.write()
        says = [{"id": id, "message": said, "answer": answer}]
        assert self.step(arrival, says=says)
        return id

    def row(self, outgoing: str) -> tuple[str, str | None]:
        """State and wamid of a message."""
        state, wamid = self.clerk.row(
            "select state, wamid from whatsapp_outgoing where id = %s", outgoing
        )
        return state, wamid

    def carried(self, *, cost: int = 40) -> tuple[int, Asked, str]:
        """An answer that was paid for, and the message that carries it."""
        self.write()
        user, _, _ = self.account()
        asked = self.clerk.answered(user, cost=cost)
        return user, asked, self.part(asked.answer)

    def part(self, answer: str) -> str:
        """A message with a part of an answer."""
        whole, part = self.outgoing(answer), str(uuid4())
        messages = json.dumps([{"id": part, "message": {"text": "Because."}}])
        assert self.clerk.value("select put_into_parts(%s, %s)", whole, messages)
        return part


def new_wamid() -> str:
    """One that nobody has."""
    return f"wamid.{next(_wamids)}"


def receive(clerk: Clerk, *items: Json) -> int:
    """One webhook; returns how many of its items were new."""
    rows = clerk.rows(
        "select fresh from receive_whatsapp(%s, 'here')", json.dumps(items)
    )
    return int(rows[0][0])


def status(
    wamid: str, status: str, outgoing: str | None = None, **more: object
) -> Json:
    """News of a message of ours."""
    return {
        "key": f"s:{wamid}:{status}",
        "kind": "status",
        "body": base64.b64encode(b"{}").decode(),
        "wamid": wamid,
        "outgoing": outgoing,
        "status": status,
        "at": datetime.now(UTC).isoformat(),
        **more,
    }
