"""The gateway's door for merchants, apart from how it is reached.

Every answer is a form whatever its type says, and a refusal is a 200 as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import parse_qs, quote

import attrs

from zimgpt.embedded.paynow import checking, messages
from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.callbacks import Callbacks
from zimgpt.embedded.paynow.checking import Refused
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.messages import Pairs, Unreadable
from zimgpt.embedded.paynow.timeline import NUMBERS, Timeline
from zimgpt.embedded.paynow.transactions import OPEN, Transaction

HARARE: Final = timezone(timedelta(hours=2))
TRIES: Final = 5  # wrong codes before a payment is cancelled
HANGS: Final = 60.0  # seconds
SOON: Final = 0.5  # seconds that an answer is behind a callback
FORM: Final = "application/x-www-form-urlencoded"


@attrs.frozen
class Asked:
    """One request."""

    method: str
    path: str
    query: str = ""
    sort: str = ""
    """Its content type."""
    body: bytes = b""


@attrs.frozen
class Answer:
    """What comes of it, ``wait`` seconds later; if ``broken``, the connection ends."""

    body: bytes
    code: int = 200
    wait: float = 0.0
    broken: bool = False
    sort: str = "text/html; charset=utf-8"


PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>Paynow</title></head><body></body></html>"
)


class Interface:
    """The door."""

    def __init__(self, book: Book, callbacks: Callbacks, timeline: Timeline) -> None:
        self._book = book
        self._callbacks = callbacks
        self._timeline = timeline
        self.asked: list[tuple[str, str]] = []
        """Every request: what for, and the reference or the guid that it named."""

    def answer(self, asked: Asked) -> Answer:
        """What is answered."""
        outage = self._book.outage()
        if outage:
            return _spoilt(outage, b"")
        act = asked.path.strip("/").lower().removeprefix("interface/")
        form = asked.sort.partition(";")[0].strip().lower() == FORM
        if asked.method != "POST" or (asked.body and not form):
            return Answer(PAGE)
        try:
            return self._answered(act, asked)
        except Refused as refused:
            return Answer(messages.refusal(str(refused)))
        except (Unreadable, NothingThere):
            return Answer(PAGE)

    def _answered(self, act: str, asked: Asked) -> Answer:
        match act:
            case "initiatetransaction" | "remotetransaction":
                pairs = messages.read(asked.body)
                return self._initiate(pairs, express=act == "remotetransaction")
            case "trace":
                return self._trace(messages.read(asked.body))
            case "checkpayment":
                return self._poll(self._transaction(asked))
            case "remoteotp":
                pairs = messages.read(asked.body)
                return self._code(self._transaction(asked), pairs)
            case _:
                return Answer(PAGE, 404)

    # ---- a new payment

    def _initiate(self, pairs: Pairs, *, express: bool) -> Answer:
        merchant = checking.merchant(self._book, pairs)
        checking.initiation(self._book, pairs, merchant, express=express)
        made = self._made(pairs, merchant, express=express)
        self.asked.append(("initiate", made.reference))
        troubles = made.troubles
        if troubles.answer == "never":
            return Answer(b"", broken=True)
        self._timeline.begin(made)
        body = self._opening(made, merchant)
        wait = SOON if troubles.early else 0.0
        match troubles.answer:
            case "lost":
                return Answer(b"", wait=wait, broken=True)
            case "hash" | "html" | "500":
                return attrs.evolve(_spoilt(troubles.answer, body), wait=wait)
            case _:
                return Answer(body, wait=wait)

    def _made(self, pairs: Pairs, merchant: Merchant, *, express: bool) -> Transaction:
        said = {name: value.strip() for name, value in pairs}
        method = said["method"].lower() if express else "web"
        made = Transaction(
            guid=self._book.guid(),
            number=self._book.number(),
            merchant=merchant.id,
            reference=said.get("reference", ""),
            trace=said.get("merchanttrace", ""),
            amount=said["amount"],
            method=method,
            began=self._book.now(),
            phone=said.get("phone", ""),
            email=said.get("authemail", ""),
            info=said.get("additionalinfo", ""),
            result_url=said.get("resulturl", ""),
            return_url=said.get("returnurl", ""),
            troubles=self._book.troubles(),
        )
        if method in ("innbucks", "omari"):
            digits = 8 if method == "innbucks" else 6
            made.code = str(self._book.dice.randrange(10 ** (digits - 1), 10**digits))
            made.code_until = made.began + self._book.habits.code_until
        return made

    def _opening(self, made: Transaction, merchant: Merchant) -> bytes:
        poll = f"{self._book.url}/Interface/CheckPayment/?guid={made.guid}"
        number = [("paynowreference", made.shown_number)]
        if made.troubles.no_number:
            number = []
        place = [*number, ("pollurl", poll)]
        match made.method:
            case "web":
                where = f"/Payment/ConfirmPayment/{made.number}/{quote(made.email)}//"
                pairs = [("browserurl", self._book.url + where), ("pollurl", poll)]
                pairs += number
            case "innbucks":
                until = datetime.fromtimestamp(made.code_until, HARARE)
                pairs = [
                    ("authorizationcode", made.code),
                    ("authorizationexpires", f"{until.day}-{until:%b-%Y %H:%M}"),
                    *place,
                ]
            case "omari":
                otp = f"{self._book.url}/Interface/RemoteOtp/?guid={made.guid}"
                pairs = [("otpreference", made.guid[:4].upper())]
                pairs += [("remoteotpurl", otp), *place]
            case _:
                pairs = [("instructions", _instructions(made, merchant)), *place]
        return messages.signed(
            [("status", "Ok"), *pairs],
            merchant.key,
            capital=made.troubles.capital,
            middle=made.troubles.middle,
        )

    # ---- how it stands

    def _transaction(self, asked: Asked) -> Transaction:
        guid = parse_qs(asked.query).get("guid", [""])[0]
        if guid not in self._book.transactions:
            raise NothingThere(guid)
        return self._book.transactions[guid]

    def _poll(self, one: Transaction) -> Answer:
        self.asked.append(("poll", one.reference))
        return self._standing(one)

    def _standing(self, one: Transaction) -> Answer:
        troubles, now = one.troubles, self._book.now()
        body = self._callbacks.body(one, one.status_at(now - troubles.lag))
        if troubles.poll and now < one.began + troubles.poll_until:
            if troubles.poll == "unsigned":
                pairs = self._callbacks.pairs(one, "Paid")
                return Answer(messages.written(pairs))
            return _spoilt(troubles.poll, body)
        return Answer(body)

    def _trace(self, pairs: Pairs) -> Answer:
        merchant = checking.merchant(self._book, pairs)
        trace = dict(pairs).get("merchanttrace", "").strip()
        self.asked.append(("trace", trace))
        one = self._book.traced(merchant.id, trace)
        if one is None or self._book.now() < one.began + one.troubles.untraced:
            return Answer(messages.signed([("status", "NotFound")], merchant.key))
        return self._standing(one)

    # ---- O'mari's code

    def _code(self, one: Transaction, pairs: Pairs) -> Answer:
        checking.merchant(self._book, pairs)
        self.asked.append(("code", one.reference))
        if one.method != "omari" or one.status not in OPEN:
            raise Refused("The transaction is no longer open")
        if dict(pairs).get("otp", "").strip() == one.code:
            self._timeline.act(one, "approve")
            return self._standing(one)
        one.code_tries += 1
        if one.code_tries >= TRIES:
            self._timeline.act(one, "cancel")
        self._book.changed(one)
        raise Refused("Invalid OTP")


def _spoilt(kind: str, body: bytes) -> Answer:
    """An answer that went wrong."""
    match kind:
        case "500" | "502":
            return Answer(PAGE, int(kind))
        case "html" | "unsigned":
            return Answer(PAGE)
        case "hang":
            return Answer(b"", wait=HANGS, broken=True)
        case "reset":
            return Answer(b"", broken=True)
        case "hash":
            at = body.lower().find(b"hash=") + len(b"hash=")
            return Answer(body[:at] + body[at : at + 128][::-1] + body[at + 128 :])
        case _:
            raise ValueError(f"no answer goes wrong by {kind}")


def _instructions(made: Transaction, merchant: Merchant) -> str:
    if merchant.test and made.phone in NUMBERS:
        good = NUMBERS[made.phone][1] == "approve"
        case = "Success" if good else "Failed"
        return f"This is a test transaction. Test Case: {case}"
    dial = "*151*2*4#" if made.method == "ecocash" else "*111#"
    wallet = "EcoCash" if made.method == "ecocash" else "OneMoney"
    return f"Dial {dial} and enter your {wallet} PIN once you receive the prompt"
