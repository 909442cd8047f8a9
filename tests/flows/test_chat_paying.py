"""Payments in a chat: what is said, beside the news that come by themselves."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest

from tests.fakes.buying import FRIEND, Shop
from tests.fakes.rail import RIGHT_CODE
from tests.fakes.results import begun, result_of
from tests.fakes.talk import Talk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue import taps
from zimgpt.domain.dialogue.acts import BeginTopUp, CheckPayment, EnterCode
from zimgpt.domain.dialogue.facts import About, Offer
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Message, Text
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import Status
from zimgpt.domain.topups.refusals import NoCodeAwaited, WrongCode
from zimgpt.flows.paying import PATIENCE, seen
from zimgpt.flows.ports.payments import NotSent

ME, OTHER = UserId(1), UserId(2)
PHONE = Phone("+263772345678")
TASTE = Offer("taste", Tokens(10_000), 50)
ABOUT = About(
    language=Language.ENGLISH,
    available=Tokens(5_000),
    question_cost=Tokens(40),
    essay_cost=Tokens(400),
)


@pytest.fixture
def talk() -> Talk:
    """Somebody, and a gateway that answers at once."""
    return Talk()


def done(shop: Shop, work: Coroutine[Any, Any, Message | None]) -> Message | None:
    """What is said; the gateway takes a moment."""
    running = begun(work)
    shop.clock.pump([0.0, PATIENCE])
    return result_of(running)


def begin(talk: Talk, method: Method = Method.ECOCASH, **more: Any) -> Message | None:  # noqa: ANN401
    """A payment of mine."""
    number = PHONE if method.by_phone else None
    act = BeginTopUp(TASTE, number, method, **more)
    return done(talk.shop, talk.paying.begin(ME, "q1", act, ABOUT))


def text(message: Message | None) -> str:
    """Its words."""
    return str(getattr(message, "body", ""))


def payment(talk: Talk) -> str:
    """The id of the only one."""
    return talk.shop.store.row().kept.id


def test_what_is_sold_is_looked_up_now_and_then() -> None:
    """Packages in every currency that has a rail, and the ways to pay."""
    talk = Talk()
    paying = talk.paying

    first = result_of(paying.shelf())
    talk.shop.store.packages = ()
    again = result_of(paying.shelf())
    talk.shop.clock.advance(11)
    later = result_of(paying.shelf())

    taste = first.offers[0]
    assert (taste.id, taste.currency) == ("taste", Currency.USD)
    assert Method.ECOCASH in first.methods
    assert again == first
    assert later.offers == ()


def test_nothing_is_sold_where_no_payments_are_set_up() -> None:
    """And no code is waited for."""
    talk = Talk(shop=Shop(open=False))

    assert result_of(talk.paying.shelf()).offers == ()
    assert result_of(talk.paying.awaits_code(ME)) is None


def test_a_slow_gateway_is_told_of(talk: Talk) -> None:
    """Whoever waits longer than a moment is told that their wallet is being asked."""
    talk.shop.rail.held = []

    said = begin(talk)

    assert text(said).startswith(say(Language.ENGLISH, "pay.waiting.asking"))
    talk.shop.rail.held[0].callback(None)


def test_a_quick_gateway_says_it_itself(talk: Talk) -> None:
    """Its answer is news, which are sent from the row."""
    assert begin(talk) is None
    assert talk.shop.store.row().kept.channel == "whatsapp"


def test_asking_again_says_what_is_to_be_done(talk: Talk) -> None:
    """While there is nothing new; the button asks once more."""
    begin(talk)

    said = done(talk.shop, talk.paying.check(ME, CheckPayment(), ABOUT))

    assert text(said).startswith(say(Language.ENGLISH, "pay.not_yet"))
    assert isinstance(said, Buttons)
    assert said.buttons[0].id == taps.written(taps.Asked.PAID, payment(talk))


def test_asking_finds_that_it_was_paid(talk: Talk) -> None:
    """The receipt comes by itself then; asked once more, it is told again."""
    begin(talk)
    talk.shop.rail.only.status = Status.PAID
    check = CheckPayment(payment(talk))

    first = done(talk.shop, talk.paying.check(ME, check, ABOUT))
    again = done(talk.shop, talk.paying.check(ME, check, ABOUT))

    assert first is None
    assert text(again).startswith(say(Language.ENGLISH, "pay.credited"))


def test_there_is_nothing_to_ask_about(talk: Talk) -> None:
    """No payment of theirs, or one that is somebody else's."""
    with pytest.raises(NotFound):
        result_of(talk.paying.check(ME, CheckPayment(), ABOUT))
    begin(talk)
    with pytest.raises(NotFound):
        result_of(talk.paying.check(OTHER, CheckPayment(), ABOUT))
    with pytest.raises(NotFound):
        result_of(talk.paying.check(OTHER, CheckPayment(payment(talk)), ABOUT))


def test_a_gift_is_not_a_payment_of_whom_it_was_for(talk: Talk) -> None:
    """PAID asks about what one pays oneself."""
    begin(talk, gift=FRIEND)

    with pytest.raises(NotFound):
        result_of(talk.paying.check(UserId(77), CheckPayment(), ABOUT))
    assert seen(talk.shop.store.row().kept, UserId(77)).mine is False


def test_a_wallets_code_is_awaited_and_taken(talk: Talk) -> None:
    """While the prompt stands; a wrong one is said to be wrong."""
    begin(talk, Method.OMARI)
    waiting = result_of(talk.paying.awaits_code(ME))
    assert waiting == payment(talk)

    with pytest.raises(WrongCode):
        done(talk.shop, talk.paying.enter(ME, EnterCode(waiting, "000000"), ABOUT))
    taken = talk.paying.enter(ME, EnterCode(waiting, RIGHT_CODE), ABOUT)

    assert done(talk.shop, taken) is None
    assert result_of(talk.paying.awaits_code(ME)) is None
    with pytest.raises(NoCodeAwaited):
        done(talk.shop, talk.paying.enter(ME, EnterCode(waiting, RIGHT_CODE), ABOUT))


def test_only_the_payer_is_asked_for_a_code(talk: Talk) -> None:
    """Whoever gets the tokens has none."""
    begin(talk, Method.OMARI, gift=FRIEND)

    assert result_of(talk.paying.awaits_code(UserId(77))) is None


@pytest.mark.parametrize(
    ("method", "prompt", "shown"),
    [
        (Method.ECOCASH, "approve", ""),
        (Method.INNBUCKS, "code", "12345678"),
        (Method.OMARI, "otp", ""),
        (Method.WEB, "visit", "https://gateway/pay"),
    ],
)
def test_each_way_to_pay_has_its_prompt(
    talk: Talk, method: Method, prompt: str, shown: str
) -> None:
    """As the dialogue tells it, while that makes sense."""
    begin(talk, method)
    row = talk.shop.store.row().kept

    told = seen(row, ME)

    assert (told.prompt, told.code or told.link) == (prompt, shown)
    talk.shop.clock.advance(3_600)
    assert seen(result_of(talk.shop.store.read(row.id)), ME).prompt is None


def test_a_payment_that_was_never_asked_for_is_told_as_news(talk: Talk) -> None:
    """The gateway could not be reached: nothing was asked of the wallet."""
    talk.shop.rail.trouble = [NotSent("no road")]

    assert begin(talk) is None
    told = seen(talk.shop.store.row().kept, ME)
    assert told.state == "failed"
    assert isinstance(begin(talk), Text | type(None))
