"""The gateway's double, on a clock of its own: what it takes, answers and tells."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from tests.fakes.paynow import (
    EMAIL,
    ID,
    KEY,
    Answer,
    Asked,
    Gateway,
    Merchant,
    Merchants,
    NothingThere,
    Transaction,
    Troubles,
    gateway,
)
from tests.wire import paynow_bodies as bodies
from zimgpt.embedded.paynow import forging, messages, troubles
from zimgpt.embedded.paynow.troubles import FORGERIES

FORM = "application/x-www-form-urlencoded"
EXPRESS = {
    "reference": "zg-1",
    "amount": "5.00",
    "returnurl": "https://chat.example.org/back",
    "resulturl": "http://127.0.0.1/hook",
    "authemail": EMAIL,
    "phone": "0771234567",
    "method": "ecocash",
    "merchanttrace": "zg-1",
    "status": "Message",
}
WEB = {k: v for k, v in EXPRESS.items() if k not in ("phone", "method")}


class Shop:
    """A merchant by hand: signs, asks, reads; time passes when it says so."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401
        self.clock = Clock()
        self.told = Merchants()
        self.gateway: Gateway = gateway(self.told.post, self.clock, **more)

    def ask(self, path: str, fields: dict[str, str], key: str = KEY) -> Answer:
        """A signed form."""
        pairs = [("id", str(ID)), *fields.items()]
        body = messages.written([*pairs, ("hash", messages.digest(pairs, key))])
        return self.post(f"/interface/{path}", body)

    def post(self, path: str, body: bytes, sort: str = FORM) -> Answer:
        """Any request."""
        path, _, query = path.partition("?")
        return self.gateway.interface.answer(Asked("POST", path, query, sort, body))

    def express(self, **changed: str) -> dict[str, str]:
        """A new payment from a wallet."""
        return fields(self.ask("remotetransaction", EXPRESS | changed))

    def web(self, **changed: str) -> dict[str, str]:
        """A new payment by the page."""
        return fields(self.ask("initiatetransaction", WEB | changed))

    def poll(self, opened: dict[str, str]) -> dict[str, str]:
        """How it stands."""
        return fields(self.post(opened["pollurl"].removeprefix(self.url), b""))

    @property
    def url(self) -> str:
        """Where it would listen."""
        return self.gateway.book.url

    @property
    def payment(self) -> Transaction:
        """The latest."""
        return list(self.gateway.book.transactions.values())[-1]

    def act(self, name: str) -> None:
        """Somebody does something with the latest."""
        self.gateway.timeline.act(self.payment, name)
        self.clock.advance(0)

    def heard(self) -> list[str]:
        """The statuses that were told so far."""
        return [dict(messages.read(body))["status"] for body in self.told.bodies]


def fields(answer: Answer) -> dict[str, str]:
    """An answer as a form."""
    assert (answer.code, answer.broken) == (200, False)
    return dict(messages.read(answer.body))


# ---- what is taken


def test_a_wallets_payment_goes_from_prompt_to_paid() -> None:
    """Each change is told, signed, and a poll says the same."""
    shop = Shop()

    opened = shop.express()
    shop.clock.advance(1)
    shop.act("approve")

    assert list(opened) == [
        "status",
        "instructions",
        "paynowreference",
        "pollurl",
        "hash",
    ]
    assert opened["paynowreference"] == "36225925"
    assert "EcoCash PIN" in opened["instructions"]
    assert shop.heard() == ["Sent", "Paid"]
    assert shop.poll(opened)["status"] == "Paid"
    assert shop.payment.paid
    for body in shop.told.bodies:
        pairs = messages.read(body)
        assert dict(pairs)["hash"] == messages.digest(pairs, KEY)


def test_a_page_is_named_for_the_web() -> None:
    """And nothing is sent to anybody before somebody pays there."""
    shop = Shop()

    opened = shop.web()
    shop.clock.advance(3600)

    assert opened["browserurl"].startswith(
        f"{shop.url}/Payment/ConfirmPayment/36225925/"
    )
    assert shop.heard() == []


def test_answers_are_written_as_the_gateway_writes_them() -> None:
    """Lower-case escapes, plus for space, the hash last and in upper case."""
    answer = Shop().ask("remotetransaction", EXPRESS)

    assert (
        b"pollurl=http%3a%2f%2f127.0.0.1%2fInterface%2fCheckPayment%2f%3fguid%3d"
        in answer.body
    )
    assert b"instructions=Dial+*151*2*4%23+and+enter" in answer.body
    assert answer.body.rpartition(b"&hash=")[2].isupper()
    assert answer.sort == "text/html; charset=utf-8"


def test_innbucks_gets_a_code_and_omari_an_sms() -> None:
    """A code with its time in Harare; a code to type, with an address for it."""
    shop = Shop()

    innbucks = shop.express(method="INNBUCKS", merchanttrace="a")
    code = shop.payment.code
    omari = shop.express(method="omari", merchanttrace="b")

    assert innbucks["authorizationcode"] == code
    assert innbucks["authorizationexpires"] == "1-Jan-1970 02:10"
    assert omari["remoteotpurl"].startswith(f"{shop.url}/Interface/RemoteOtp/?guid=")
    assert len(omari["otpreference"]) == 4


def test_five_wrong_codes_cancel() -> None:
    """The right one pays, and answers how it stands."""
    shop = Shop()
    good, bad = (
        shop.express(method="omari"),
        shop.express(method="omari", merchanttrace="2"),
    )
    codes = [one.code for one in shop.gateway.book.transactions.values()]

    def code(opened: dict[str, str], otp: str) -> dict[str, str]:
        pairs = [("id", str(ID)), ("otp", otp), ("status", "Message")]
        body = messages.written([*pairs, ("hash", messages.digest(pairs, KEY))])
        return fields(shop.post(opened["remoteotpurl"].removeprefix(shop.url), body))

    assert code(good, codes[0])["status"] == "Paid"
    wrong = [code(bad, "000000")["error"] for _ in range(5)]
    assert wrong == ["Invalid OTP"] * 5
    assert shop.poll(bad)["status"] == "Cancelled"
    assert "no longer open" in code(bad, codes[1])["error"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": "0.00"}, "Invalid amount field"),
        ({"amount": "5.005"}, "Invalid amount field"),
        ({"amount": "-5"}, "Invalid amount field"),
        ({"amount": "US$5"}, "Invalid amount field"),
        ({"status": "Paid"}, "Invalid status field"),
        ({"phone": "+263771234567"}, "Invalid phone number"),
        ({"method": "telecash"}, "The payment method is not enabled for this ID"),
        ({"phone": "0774444444"}, "Insufficient balance"),
        ({"merchanttrace": "x" * 33}, "The merchanttrace is not unique"),
    ],
)
def test_what_is_wrong_is_refused(changed: dict[str, str], error: str) -> None:
    """In a sentence, unsigned, with a 200; nothing can be paid then."""
    shop = Shop()

    said = shop.express(**changed)

    assert said == {"status": "Error", "error": error}
    assert not shop.gateway.book.transactions


def test_a_wrong_hash_is_told_its_beginning() -> None:
    """And so is a payment without an e-mail address, which only looks like one."""
    shop = Shop()
    wrong = fields(shop.ask("remotetransaction", EXPRESS, key="another"))
    bare = fields(
        shop.ask(
            "remotetransaction", {k: v for k, v in EXPRESS.items() if k != "authemail"}
        )
    )

    for said in (wrong, bare):
        assert said["error"].startswith("Invalid Hash.  Hash should start with: ")
        assert len(said["error"].rpartition(" ")[2]) == 6


def test_strangers_and_pages() -> None:
    """Unknown ids are refused; what is no form gets a page and nothing else."""
    shop = Shop()
    pairs = [("id", "77"), ("status", "Message"), ("hash", "x")]

    assert (
        fields(shop.post("/interface/trace", messages.written(pairs)))["error"]
        == "Invalid id."
    )
    for answer in (
        shop.post("/interface/remotetransaction", b"a=1", "application/json"),
        shop.post("/interface/remotetransaction", b"a", FORM),
        shop.post("/interface/remotetransaction", b"a=1&a=2", FORM),
        shop.post("/Interface/CheckPayment/?guid=unknown", b""),
        shop.gateway.interface.answer(Asked("GET", "/Interface/CheckPayment/")),
    ):
        assert (answer.code, answer.body[:9]) == (200, b"<!DOCTYPE")


def test_a_trace_is_used_once_and_a_reference_as_often_as_you_like() -> None:
    """So a second initiation is a second payment."""
    shop = Shop()
    first, again = shop.express(), shop.express()
    second = shop.express(merchanttrace="zg-2")

    assert (first["status"], again["status"], second["status"]) == ("Ok", "Error", "Ok")
    assert first["pollurl"] != second["pollurl"]


def test_a_trace_finds_it_or_says_so() -> None:
    """Signed, both."""
    shop = Shop()
    shop.express()

    found = fields(shop.ask("trace", {"merchanttrace": "zg-1", "status": "Message"}))
    none = fields(shop.ask("trace", {"merchanttrace": "zg-2", "status": "Message"}))

    assert (found["status"], found["reference"]) == ("Created", "zg-1")
    assert list(none) == ["status", "hash"]
    assert none["status"] == "NotFound"


def test_every_example_request_is_taken() -> None:
    """Those of other clients, quirks and all, where they are at hand."""
    for one in bodies.vectors("sdk_request_wire"):
        shop = Shop()
        shop.gateway.book.habits.strict = False
        shop.gateway.book.merchants[1201] = Merchant(id=1201, key=one["key"])
        answer = shop.post(one["path"], one["body"].encode(), one["content_type"])
        assert fields(answer)["status"] == "Ok", one["id"]


# ---- test mode


@pytest.mark.parametrize(
    ("phone", "seconds", "word"),
    [
        ("0771111111", 5, "Paid"),
        ("0772222222", 30, "Paid"),
        ("0773333333", 30, "Failed"),
    ],
)
def test_test_numbers_act_by_themselves(phone: str, seconds: int, word: str) -> None:
    """So long after they were asked."""
    shop = Shop(test=True)

    opened = shop.express(phone=phone)
    shop.clock.advance(seconds - 0.5)
    before = shop.poll(opened)["status"]
    shop.clock.advance(0.5)

    assert opened["instructions"].startswith("This is a test transaction. Test Case: ")
    assert (before, shop.poll(opened)["status"]) == ("Sent", word)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"phone": "0771234567"}, "Hashes do not match"),
        ({"authemail": "a@example.org"}, "authemail"),
        ({"method": "innbucks"}, "not permitted for remote InnBucks transactions"),
        ({"method": "omari"}, "in test mode"),
    ],
)
def test_test_mode_refuses_real_people(changed: dict[str, str], error: str) -> None:
    """Their numbers, their addresses, and wallets that have no test."""
    said = Shop(test=True).express(**({"phone": "0771111111"} | changed))

    assert error in said["error"]


# ---- the person and the gateway


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        (["wrong-pin"], ["Failed"]),
        (["no-funds"], ["Failed"]),
        (["cancel"], ["Cancelled"]),
        (["cancel", "late"], ["Cancelled", "Paid"]),
        (["approve", "dispute", "refund"], ["Paid", "Disputed", "Refunded"]),
        (["approve", "refund"], ["Paid", "Refunded"]),
        (["ignore"], []),
    ],
)
def test_each_act_is_told(acts: list[str], words: list[str]) -> None:
    """In the gateway's words."""
    shop = Shop()
    shop.express()

    for act in acts:
        shop.act(act)

    assert shop.heard() == words


def test_nothing_is_done_twice() -> None:
    """What is over is over, and what nobody knows cannot be done."""
    shop = Shop()
    shop.express()
    shop.act("approve")

    for act in ("approve", "cancel", "late", "deliver", "dance"):
        with pytest.raises(NothingThere):
            shop.act(act)


def test_an_ignored_prompt_is_cancelled_in_time() -> None:
    """After three minutes, as an unanswered one is."""
    shop = Shop()
    shop.express()
    shop.act("ignore")
    shop.clock.pump([60, 60, 59])
    before = shop.heard()
    shop.clock.advance(1)

    assert (before, shop.heard()) == (["Sent"], ["Sent", "Cancelled"])


def test_what_awaits_delivery_is_delivered_later() -> None:
    """Both are told; money was taken at the first."""
    shop = Shop()
    shop.gateway.book.trouble(Troubles(word="Awaiting Delivery", delivered_after=60))
    shop.express()
    shop.act("approve")
    taken = shop.payment.paid
    shop.clock.advance(60)

    assert taken
    assert shop.heard() == ["Awaiting Delivery", "Delivered"]
    assert shop.payment.status == "Delivered"


# ---- callbacks


def test_a_refused_callback_comes_again_ten_times() -> None:
    """Ever more slowly; the first good answer ends it."""
    patient, broken = Shop(), Shop()
    patient.told.codes = [500] * 9
    broken.told.codes = [0] * 99
    for shop in (patient, broken):
        shop.web()
        shop.act("cancel")
        shop.clock.pump([1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600])

    assert patient.payment.deliveries[0].answers == [*[500] * 9, 200]
    assert broken.payment.deliveries[0].answers == [0] * 11
    assert patient.gateway.callbacks.idle
    assert broken.gateway.callbacks.idle


def test_each_trouble_of_callbacks() -> None:
    """Lost, many times, apart, out of order, and before the answer."""
    lost, many, mixed, early = Shop(), Shop(), Shop(), Shop()
    lost.gateway.book.trouble(Troubles(lost=True))
    many.gateway.book.trouble(Troubles(copies=3, apart=60))
    mixed.gateway.book.trouble(Troubles(reordered=True))
    early.gateway.book.trouble(Troubles(early=True))
    answers = []
    for shop in (lost, many, mixed, early):
        answers.append(shop.ask("remotetransaction", EXPRESS))
        shop.clock.pump([0, 1])
        shop.act("approve")
        shop.clock.pump([60, 60])

    assert lost.heard() == []
    assert many.heard() == ["Sent", "Paid", "Sent", "Paid", "Sent", "Paid"]
    assert mixed.heard() == ["Paid", "Sent"]
    assert early.heard() == ["Created", "Sent", "Paid"]
    assert [answer.wait for answer in answers] == [0, 0, 0, 0.5]


def test_callbacks_take_turns_at_the_doors_of_nodes() -> None:
    """Each gets the path that the merchant named."""
    shop = Shop()
    shop.gateway.book.habits.doors = ("http://127.0.0.1:1", "http://127.0.0.1:2")
    shop.express(resulturl="https://chat.example.org/hook/1?a=b")
    shop.act("approve")
    shop.act("refund")

    assert sorted(shop.told.urls) == [
        "http://127.0.0.1:1/hook/1?a=b",
        "http://127.0.0.1:2/hook/1?a=b",
    ]


@pytest.mark.parametrize("kind", FORGERIES)
def test_forgeries_say_paid(kind: str) -> None:
    """Some with a hash that is good all the same, which is the trap in them."""
    pairs = [
        ("reference", "zg-1"),
        ("paynowreference", "36225925"),
        ("amount", "5.00"),
        ("status", "Paid" if kind in ("cut", "renamed") else "Sent"),
        ("pollurl", bodies.POLL),
    ]

    body = forging.forged(kind, pairs, KEY)

    assert b"Paid" in body
    if kind == "doubled":
        with pytest.raises(messages.Unreadable):
            messages.read(body)
        return
    said = messages.read(body)
    good = dict(said).get("hash") == messages.digest(said, KEY)
    assert good is (kind in ("cut", "foreign-poll", "unknown", "renamed"))
    if kind == "cut":
        assert dict(said)["amount"] == "255.00"


def test_a_new_key_signs_from_then_on() -> None:
    """Callbacks and polls alike; requests of the old one are refused."""
    shop = Shop()
    opened = shop.express()
    shop.gateway.book.merchants[ID] = Merchant(id=ID, key="new")
    shop.act("approve")

    pairs = messages.read(shop.told.bodies[-1])
    assert dict(pairs)["hash"] == messages.digest(pairs, "new")
    assert shop.poll(opened)["hash"] == dict(pairs)["hash"]
    assert "Invalid Hash" in shop.express(merchanttrace="b")["error"]


# ---- answers that go wrong


@pytest.mark.parametrize(
    ("kind", "taken"),
    [("lost", True), ("never", False), ("hash", True), ("html", True), ("500", True)],
)
def test_each_trouble_of_the_first_answer(kind: str, taken: bool) -> None:
    """Whether it was taken cannot be told from it."""
    shop = Shop()
    shop.gateway.book.trouble(Troubles(answer=kind))

    answer = shop.ask("remotetransaction", EXPRESS)

    assert bool(shop.gateway.book.transactions) is taken
    if kind == "hash":
        pairs = messages.read(answer.body)
        assert dict(pairs)["hash"] != messages.digest(pairs, KEY)
    elif kind in ("lost", "never"):
        assert answer.broken
    else:
        assert (answer.code, answer.body[:1]) == (500 if kind == "500" else 200, b"<")


@pytest.mark.parametrize("kind", troubles.POLLS)
def test_each_trouble_of_a_poll(kind: str) -> None:
    """For a while; then it is answered as ever."""
    shop = Shop()
    shop.gateway.book.trouble(Troubles(poll=kind, poll_until=60))
    opened = shop.express()

    spoilt = shop.post(opened["pollurl"].removeprefix(shop.url), b"")
    shop.clock.advance(60)

    if spoilt.code == 200 and not spoilt.broken and spoilt.body[:1] != b"<":
        pairs = messages.read(spoilt.body)
        assert dict(pairs).get("hash") != messages.digest(pairs, KEY)
    else:
        assert spoilt.broken or spoilt.body[:1] == b"<"
    assert shop.poll(opened)["status"] == "Sent"


def test_polls_lag_and_traces_are_blind_for_a_while() -> None:
    """Both know in the end."""
    shop = Shop()
    shop.gateway.book.trouble(Troubles(lag=20, untraced=100))
    opened = shop.express()
    shop.act("approve")
    shop.clock.advance(19)
    trace = {"merchanttrace": "zg-1", "status": "Message"}
    before = shop.poll(opened)["status"], fields(shop.ask("trace", trace))["status"]
    shop.clock.advance(81)

    assert before == ("Created", "NotFound")
    assert shop.poll(opened)["status"] == "Paid"
    assert fields(shop.ask("trace", trace))["reference"] == "zg-1"


@pytest.mark.parametrize(
    ("kind", "amount", "said"),
    [
        ("short", "5.00", "4.00"),
        ("short", "0.50", "0.01"),
        ("long", "5.00", "6.00"),
        ("commas", "1000.00", "1,000.00"),
        ("bare", "5.00", "5"),
        ("bare", "5.50", "5.50"),
        ("three", "5.00", "5.000"),
    ],
)
def test_amounts_are_written_or_charged_otherwise(
    kind: str, amount: str, said: str
) -> None:
    """Only short and long are other amounts."""
    shop = Shop()
    trouble = Troubles(amount=kind)
    shop.gateway.book.trouble(trouble)

    opened = shop.express(amount=amount)

    assert shop.poll(opened)["amount"] == said
    assert trouble.honest is (kind not in ("short", "long"))


def test_shapes_of_messages_differ() -> None:
    """Capitals, the hash in the middle, commas, a reference that is not named."""
    shop = Shop()
    shop.gateway.book.trouble(
        Troubles(capital=True, middle=True, no_number=True, commas=True)
    )

    answer = shop.ask("remotetransaction", EXPRESS)

    names = [part.partition(b"=")[0] for part in answer.body.split(b"&")]
    assert names == [b"Status", b"Instructions", b"Hash", b"Pollurl"]
    assert shop.poll(fields(answer))["paynowreference"] == "36,225,925"


def test_an_outage_is_everybodys() -> None:
    """Until it is over."""
    shop = Shop()
    opened = shop.express()
    shop.gateway.book.habits.outage = "502"
    shop.gateway.book.habits.outage_until = 60

    assert shop.ask("remotetransaction", EXPRESS).code == 502
    shop.clock.advance(60)
    assert shop.poll(opened)["status"] == "Sent"


def test_its_time_can_be_moved_on() -> None:
    """What was to come comes at once, in its order, and an outage is over sooner."""
    shop = Shop()
    opened = shop.express()
    shop.gateway.book.habits.outage = "502"
    shop.gateway.book.habits.outage_until = 600

    for _ in range(2):
        shop.gateway.book.hurry(300)
        shop.clock.advance(0)

    assert shop.heard() == ["Sent", "Cancelled"]
    assert shop.poll(opened)["status"] == "Cancelled"
    assert shop.gateway.book.now() == 600


@pytest.mark.parametrize(
    ("method", "phone", "status"),
    [
        ("ecocash", "0712345678", "Error"),
        ("ecocash", "0782345678", "Ok"),
        ("onemoney", "0772345678", "Error"),
        ("onemoney", "0722345678", "Ok"),
        ("innbucks", "0732345678", "Ok"),
    ],
)
def test_a_wallet_can_refuse_numbers_of_other_networks(
    method: str, phone: str, status: str
) -> None:
    """If it is told to; by a sentence that names the number."""
    shop = Shop()
    shop.gateway.book.habits.networks = True

    said = shop.express(method=method, phone=phone)

    assert said["status"] == status
    assert status == "Ok" or "phone number" in said["error"]


def test_no_other_trouble_is_known() -> None:
    """A drill that misspells one is told."""
    for wrong in ({"answer": "x"}, {"poll": "x"}, {"forged": ["x"]}, {"amount": "x"}):
        with pytest.raises(ValueError, match="there is no"):
            troubles.read(dict(wrong))


def test_troubles_are_drawn_alike_from_a_seed() -> None:
    """And all kinds of them."""
    draws = [[troubles.drawn(Shop(seed=5).gateway.book.dice, 0.3)] for _ in range(2)]
    shop = Shop(seed=6)
    shop.gateway.book.habits.chance = 0.3
    many = [shop.gateway.book.troubles() for _ in range(300)]

    assert draws[0] == draws[1]
    assert {one.answer for one in many} == {"", *troubles.ANSWERS}
    assert {one.poll for one in many} == {"", *troubles.POLLS}
    assert {kind for one in many for kind in one.forged} == set(FORGERIES)
