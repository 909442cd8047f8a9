"""The dialogue: every state, whatever it hears."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import attrs
import pytest

from zimgpt.domain.chat_format.graphemes import units
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue import (
    About,
    Act,
    Ask,
    AskEssay,
    AskOutline,
    Began,
    BeginTopUp,
    Brief,
    CheckPayment,
    EnterCode,
    Event,
    Forget,
    Lock,
    NewConversation,
    Offer,
    OptIn,
    OptOut,
    Outlined,
    ProvePhone,
    Quote,
    Quoted,
    Read,
    Say,
    SendMonth,
    SendWord,
    SetLanguage,
    ShowStatement,
    Sketching,
    Standing,
    State,
    ToldUnclear,
    Welcomed,
    hear,
    papers,
    taps,
    words,
)
from zimgpt.domain.dialogue.acts import Redeem, SendPdf
from zimgpt.domain.dialogue.facts import offered
from zimgpt.domain.dialogue.states import (
    BuyConfirm,
    BuyFor,
    BuyMethod,
    BuyNumber,
    BuyPackage,
    Chatting,
    ChoosingLanguage,
    EssayConfirm,
    EssayLanguage,
    EssayLength,
    EssayLevel,
    EssayOutlined,
    EssayOutlining,
    EssayPoints,
    EssayPricing,
    EssayStyle,
    EssayTopic,
    Forgetting,
    Level,
    Menu,
)
from zimgpt.domain.dialogue.steps import numbered, shown
from zimgpt.domain.dialogue.words import Intent
from zimgpt.domain.essays.briefs import Section, Style
from zimgpt.domain.heard import Chose, MediaKind, Said, Sent, Unclear
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Buttons, Choices, Link, Message, Text
from zimgpt.domain.phones import Phone
from zimgpt.domain.statements import Month
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method

CHAT = ConversationId("0e6ba8b4-9d0c-4ac8-a3b5-1c3d8a2b9d11")
ENGLISH, SHONA, NDEBELE = Language
PHONE = Phone("+263771234567")
SISTER = Phone("+263712345678")
SMALL = Offer("small", Tokens(10_000), 100)
LARGE = Offer("large", Tokens(120_000), 1_000)
ABOUT = About(
    language=ENGLISH,
    available=Tokens(5_000),
    question_cost=Tokens(40),
    essay_cost=Tokens(400),
    offers=(SMALL, LARGE),
    methods=tuple(Method),
    phone=PHONE,
    web="https://zimgpt.example",
)
TOPIC = "The causes of the First Chimurenga"
POINTS = ("Land", "Cattle")
SECTIONS = (
    Section("Introduction"),
    Section("Land and cattle", ("Hut tax", "Rinderpest")),
    Section("Conclusion"),
)
OUTLINE = AnswerId("5c6e7a1c-08a4-4f4e-9f0e-6f1b7f1a2b3c")
ORDER = Brief(TOPIC, Level.O_LEVEL, 800, SHONA)
BRIEF = attrs.evolve(ORDER, points=POINTS, outline=SECTIONS)

STATES: tuple[State, ...] = (
    Menu(conversation=CHAT),
    Chatting(conversation=CHAT),
    Chatting(),
    ChoosingLanguage(conversation=CHAT),
    EssayTopic(conversation=CHAT),
    EssayLevel(brief=Brief(TOPIC), conversation=CHAT),
    EssayLength(brief=ORDER, conversation=CHAT),
    EssayLanguage(brief=ORDER, conversation=CHAT),
    EssayStyle(brief=ORDER, conversation=CHAT),
    EssayPoints(brief=ORDER, conversation=CHAT),
    EssayPoints(brief=BRIEF, conversation=CHAT),
    EssayPricing(brief=ORDER, conversation=CHAT),
    EssayPricing(brief=BRIEF, conversation=CHAT),
    EssayConfirm(
        brief=ORDER,
        tokens=Tokens(900),
        usual=Tokens(1),
        sketch=Tokens(9),
        conversation=CHAT,
    ),
    EssayOutlining(brief=ORDER, answer=OUTLINE, conversation=CHAT),
    EssayOutlined(brief=BRIEF, tokens=Tokens(900), usual=Tokens(1), conversation=CHAT),
    BuyPackage(conversation=CHAT),
    BuyFor(conversation=CHAT),
    BuyPackage(gift=SISTER, conversation=CHAT),
    BuyNumber(package="small", conversation=CHAT),
    BuyNumber(package="small", method=Method.OMARI, conversation=CHAT),
    BuyMethod(package="small", number=PHONE, conversation=CHAT),
    BuyConfirm(package="small", number=PHONE, method=Method.ECOCASH, conversation=CHAT),
    Forgetting(conversation=CHAT),
)
VOICE = Sent(MediaKind.VOICE, "1", "audio/ogg", "")
IMAGE = Sent(MediaKind.IMAGE, "2", "image/jpeg", "", caption="What is this?")
TYPED = {
    Intent.MENU: ("menu", "Menyu", "Imenyu"),
    Intent.ASK: ("ask", "bvunza", "buza"),
    Intent.ESSAY: ("Essay", "rondedzero", "I-eseyi"),
    Intent.BALANCE: ("balance?", "Bhalansi", "ibhalansi"),
    Intent.STATEMENT: ("statement", "chitatimende", "isitatimende"),
    Intent.BUY: ("BUY", "tenga", "thenga"),
    Intent.GIFT: ("gift", "Chipo", "isipho"),
    Intent.PAID: ("I have paid", "Ndabhadhara", "sengibhadele"),
    Intent.NEW: ("new", "itsva", "entsha"),
    Intent.LANGUAGE: ("language", "mutauro", "ulimi"),
    Intent.HELP: ("Help!", "rubatsiro", "usizo"),
    Intent.STOP: (" STOP ", "Mira.", "mana"),
    Intent.START: ("start", "tanga", "qala"),
    Intent.BACK: ("back", "dzokera", "emuva"),
    Intent.CANCEL: ("cancel", "kanzura", "yekela"),
    Intent.FORGET: ("forget", "kanganwa", "khohlwa"),
    Intent.LOCK: ("lock", "kiya", "khiya"),
}
HEARD: tuple[Event, ...] = (
    *(Said(word) for typed in TYPED.values() for word in typed),
    *(Chose(taps.go(intent), "x") for intent in Intent),
    *(Chose(taps.written(asked, "o"), "x") for asked in taps.Asked),
    Said("Why did Lobengula sign?"),
    Said("1"),
    Said("99"),
    Said("yes"),
    Said("no"),
    Said("shona"),
    Said("600"),
    Said("0771 234 567"),
    Said(""),
    Said("\x00\ud800"),
    Said("x" * 10_000),
    Said("ZIM-7K3M9QPA"),
    Chose("yes", "Yes"),
    Chose("z0:go:menu", "Menu"),
    Chose("", ""),
    VOICE,
    IMAGE,
    Unclear("sticker"),
    Quoted(Tokens(900), Tokens(1), 800, Tokens(9)),
    Quoted(Tokens(9_000), Tokens(1), 800, Tokens(9)),
    Began(CHAT),
    Sketching(OUTLINE),
    *(
        Outlined(
            OUTLINE, standing, None if standing is Standing.UNKNOWN else BRIEF, text
        )
        for standing in Standing
        for text in (None, "yes", "no", "1, 3", "what?")
    ),
)
QUIET = Began | Quoted | Sketching
COSTLY = Ask | AskEssay | AskOutline | BeginTopUp
HOUSE = (Began, Quoted, Sketching, Outlined)
"""What the dialogue hears from its own house."""


def said(acts: tuple[Act, ...]) -> list[Message]:
    """Messages among the acts."""
    return [act.message for act in acts if isinstance(act, Say)]


def body(acts: tuple[Act, ...]) -> str:
    """The body of the one message that is said."""
    (message,) = said(acts)
    assert not hasattr(message, "content")
    return message.body


def ids(message: Message) -> list[str]:
    """Ids that a message offers."""
    match message:
        case Buttons():
            return [button.id for button in message.buttons]
        case Choices():
            return [row.id for row in message.rows]
        case _:
            return []


def faults(message: Message) -> Iterator[str]:
    """What a messenger would refuse in a message."""
    match message:
        case Text():
            if not 1 <= units(message.body) <= 4096:
                yield "body"
        case Buttons():
            titles = [button.title for button in message.buttons]
            if not 1 <= len(titles) <= 3 or len(set(titles)) < len(titles):
                yield "buttons"
            if any(not 1 <= units(title) <= 20 for title in titles):
                yield f"title {titles}"
            if not 1 <= units(message.body) <= 1024 or units(message.footer) > 60:
                yield "body or footer"
        case Choices():
            if not 1 <= len(message.rows) <= 10:
                yield "rows"
            if any(not 1 <= units(row.title) <= 24 for row in message.rows):
                yield "row's title"
            if any(units(row.description) > 72 for row in message.rows):
                yield "row's description"
            if not 1 <= units(message.label) <= 20 or units(message.footer) > 60:
                yield "label or footer"
            if not 1 <= units(message.body) <= 4096:
                yield "body"
        case Link():
            if not 1 <= units(message.body) <= 1024 or units(message.label) > 20:
                yield "body or label"
    given = ids(message)
    if len(set(given)) < len(given) or any(len(id_) > 200 for id_ in given):
        yield "ids"


@pytest.mark.parametrize("heard", HEARD, ids=lambda heard: repr(heard)[:40])
def test_every_state_answers_whatever_it_hears(heard: Event) -> None:
    """In every language, sold out or not, known or new: an answer that can be sent."""
    quiet = isinstance(heard, QUIET)
    house = isinstance(heard, HOUSE)
    for state, language, offers, welcomed in product(
        STATES, Language, (ABOUT.offers, ()), (True, False)
    ):
        about = attrs.evolve(ABOUT, language=language, offers=offers, welcomed=welcomed)

        _, acts = hear(state, heard, about)

        assert acts or quiet
        assert [fault for message in said(acts) for fault in faults(message)] == []
        assert (Welcomed() in acts) == (
            not welcomed and not house and OptOut() not in acts
        )


@pytest.mark.parametrize("heard", HEARD, ids=lambda heard: repr(heard)[:40])
def test_whoever_opted_out_hears_nothing(heard: Event) -> None:
    """After STOP nothing is said, asked or paid for, until START; LOCK works."""
    about = attrs.evolve(ABOUT, opted_out=True)
    for state in STATES:
        after, acts = hear(state, heard, about)

        if OptIn() in acts:
            assert isinstance(after, Menu)
        else:
            assert all(isinstance(act, ProvePhone | Lock) for act in acts)


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize("intent", Intent)
def test_words_in_three_languages_do_what_the_button_does(
    state: State, intent: Intent
) -> None:
    """Typed or tapped, in whatever language: the same."""
    tapped = hear(state, Chose(taps.go(intent), "x"), ABOUT)

    for word in TYPED[intent]:
        assert hear(state, Said(word), ABOUT) == tapped


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_a_number_picks_the_choice_in_its_place(state: State) -> None:
    """An old telephone without lists can do everything, too."""
    for place, id_ in enumerate(numbered(state, ABOUT), start=1):
        tapped = hear(state, Chose(id_, "x"), ABOUT)

        assert hear(state, Said(f"{place}"), ABOUT) == tapped
        assert hear(state, Said(f" {place}. "), ABOUT) == tapped


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_every_button_that_is_shown_leads_on(state: State) -> None:
    """No state offers a button that it then calls old."""
    stale = say(ENGLISH, "steps.stale")
    for id_ in ids(shown(state, ABOUT)):
        _, acts = hear(state, Chose(id_, "x"), ABOUT)

        assert all(stale not in getattr(m, "body", "") for m in said(acts))


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize("id_", ["", "yes", "z0:go:menu", "z1:go:fly", "z1:x:y", "z1"])
def test_an_unknown_button_is_answered_with_what_can_be_done(
    state: State, id_: str
) -> None:
    """Old messages keep their buttons for ever; whoever taps one is helped on."""
    after, acts = hear(state, Chose(id_, "x"), ABOUT)

    assert after == state
    assert body(acts).startswith(say(ENGLISH, "steps.stale"))


@pytest.mark.parametrize(
    "intent", [Intent.HELP, Intent.BALANCE, Intent.STATEMENT], ids=str
)
@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_looking_something_up_leaves_an_order_where_it_is(
    state: State, intent: Intent
) -> None:
    """Whoever looks at the balance in the middle of an order can go on with it."""
    after, acts = hear(state, Said(intent), ABOUT)

    assert after == state
    if intent is not Intent.STATEMENT:
        (message,) = said(acts)
        waits = not isinstance(state, Menu | Chatting)
        assert isinstance(message, Buttons)
        assert bool(message.footer) == waits


@pytest.mark.parametrize("heard", HEARD, ids=lambda heard: repr(heard)[:40])
def test_only_questions_and_orders_cost_anything(heard: Event) -> None:
    """Menus, help, balance, STOP and mistakes are free: nothing is asked of a model."""
    for state in STATES:
        _, acts = hear(state, heard, ABOUT)

        paid = [act for act in acts if isinstance(act, COSTLY)]
        if isinstance(state, Menu | Chatting):
            free = not isinstance(heard, Said) or words.intent(heard.text) is not None
            assert not (paid and free)
        elif paid:
            assert isinstance(state, EssayConfirm | EssayOutlined | BuyConfirm)
            assert heard in (Said("yes"), Said("1"))


def test_words_are_a_question_in_the_conversation_under_way() -> None:
    """Whatever is typed outside an order is asked."""
    for state in (Menu(conversation=CHAT), Chatting(conversation=CHAT)):
        after, acts = hear(state, Said("Help me with fractions"), ABOUT)

        assert after == Chatting(conversation=CHAT)
        assert acts == (Ask("Help me with fractions", CHAT),)


def test_the_conversation_is_kept_through_menus_and_orders() -> None:
    """Whoever looks around, or orders an essay, chats on where it stopped."""
    state, _ = hear(Chatting(), Began(CHAT), ABOUT)
    for word in ("menu", "balance", "essay", "Rain", "cancel", "language", "back"):
        state, _ = hear(state, Said(word), ABOUT)

    assert hear(state, Said("And then?"), ABOUT)[1] == (Ask("And then?", CHAT),)


def test_a_new_conversation_forgets_the_old_one() -> None:
    """NEW begins afresh."""
    after, acts = hear(Chatting(conversation=CHAT), Said("new"), ABOUT)

    assert after == Chatting()
    assert acts[0] == NewConversation()


def test_an_essay_from_topic_to_order() -> None:
    """Each step takes typed words, and the price is agreed to before it is paid."""
    about = attrs.evolve(ABOUT, language=SHONA)
    state: State = Chatting(conversation=CHAT)
    for word in ("rondedzero", TOPIC, "A-Level", "Mazwi 600", "chiShona"):
        state, acts = hear(state, Said(word), about)
        assert len(said(acts)) == 1
    state, acts = hear(state, Said("apa"), about)
    assert len(said(acts)) == 1
    state, acts = hear(state, Said("1. Mvura\n- Ivhu"), about)
    brief = Brief(TOPIC, Level.A_LEVEL, 600, SHONA, Style.APA, ("Mvura", "Ivhu"))
    assert acts == (Quote(brief),)

    state, acts = hear(state, Quoted(Tokens(900), Tokens(1), 600, Tokens(9)), about)
    assert "900" in body(acts)
    assert "4,100" in body(acts)
    state, acts = hear(state, Said("hongu"), about)

    assert acts == (AskEssay(brief, Tokens(900)),)
    assert state == Chatting(conversation=CHAT)


def test_an_essay_by_buttons_alone() -> None:
    """After the topic nothing need be typed."""
    state: State = EssayTopic()
    state, acts = hear(state, Said(TOPIC), ABOUT)
    for place in (0, 1, 0, 0, 0):
        state, acts = hear(state, Chose(ids(said(acts)[0])[place], "x"), ABOUT)
    state, acts = hear(state, Quoted(Tokens(300), Tokens(1), 500, Tokens(9)), ABOUT)
    state, acts = hear(state, Chose(ids(said(acts)[0])[0], "x"), ABOUT)

    brief = Brief(TOPIC, Level.O_LEVEL, 500, ENGLISH)
    assert acts == (AskEssay(brief, Tokens(300)),)


def test_the_yes_of_an_earlier_order_agrees_to_nothing() -> None:
    """A button is tied to the order and price that it was shown under."""
    (first,) = said(_confirm(TOPIC, 300)[1])
    yes = Chose(ids(first)[0], "x")

    for state, _ in (_confirm(TOPIC, 301), _confirm("Other", 300)):
        after, acts = hear(state, yes, ABOUT)
        assert after == state
        assert body(acts).startswith(say(ENGLISH, "steps.stale"))
    after, acts = hear(Chatting(), yes, ABOUT)
    assert not any(isinstance(act, AskEssay) for act in acts)


def _confirm(topic: str, price: int) -> tuple[State, tuple[Act, ...]]:
    state = EssayPricing(brief=Brief(topic, Level.A_LEVEL, 500, ENGLISH))
    return hear(state, Quoted(Tokens(price), Tokens(1), 500, Tokens(9)), ABOUT)


def test_an_essay_that_is_too_dear_leads_back_to_its_length() -> None:
    """Nobody is left with a bare no."""
    state, acts = _confirm(TOPIC, 5_001)

    assert state == EssayLength(brief=Brief(TOPIC, Level.A_LEVEL, 500, ENGLISH))
    assert "5,001" in body(acts)
    assert "BUY" in body(acts)


def test_a_price_that_never_came_is_asked_for_again() -> None:
    """A crash between brief and price leaves nobody waiting."""
    state = EssayPricing(brief=ORDER)

    after, acts = hear(state, Said("hello?!? anyone"), ABOUT)

    assert after == state
    assert acts == (Quote(state.brief),)


def test_a_price_that_comes_too_late_changes_nothing() -> None:
    """Whoever cancelled in the meantime hears no more of the order."""
    assert hear(Menu(), Quoted(Tokens(1), Tokens(1), 1, Tokens(9)), ABOUT) == (
        Menu(),
        (),
    )


@pytest.mark.parametrize("word", ["99", "3001", "0", "many", "5 or 600"])
def test_lengths_that_cannot_be_are_asked_again(word: str) -> None:
    """From a hundred words to three thousand."""
    state = EssayLength(brief=ORDER)

    after, acts = hear(state, Said(word), ABOUT)

    assert after == state
    assert body(acts).startswith(say(ENGLISH, "essay.length.unclear"))


def test_back_goes_through_every_step_to_the_menu() -> None:
    """BACK undoes one answer at a time."""
    state: State = EssayConfirm(
        brief=ORDER,
        tokens=Tokens(5),
        usual=Tokens(1),
        sketch=Tokens(1),
    )
    seen = []
    while not isinstance(state, Menu):
        state, _ = hear(state, Said("back"), ABOUT)
        seen.append(type(state))

    assert seen == [
        EssayPoints,
        EssayStyle,
        EssayLanguage,
        EssayLength,
        EssayLevel,
        EssayTopic,
        Menu,
    ]


def test_buying_from_package_to_payment() -> None:
    """Package, number, yes; the person's own number is a tap away."""
    state, acts = hear(Chatting(conversation=CHAT), Said("buy"), ABOUT)
    (packages,) = said(acts)
    assert isinstance(packages, Choices)
    assert [row.title for row in packages.rows] == ["US$1.00", "US$10.00"]
    state, acts = hear(state, Said("2"), ABOUT)
    state, acts = hear(state, Chose(ids(said(acts)[0])[0], "x"), ABOUT)
    assert "0771 234 567" in body(acts)
    state, acts = hear(state, Said("yebo"), ABOUT)

    assert acts == (BeginTopUp(LARGE, PHONE, Method.ECOCASH),)
    assert state == Chatting(conversation=CHAT)


def test_another_number_can_pay_and_a_wrong_one_is_asked_again() -> None:
    """A mother's wallet may pay; a landline cannot."""
    state = BuyNumber(package="small")

    again, acts = hear(state, Said("024 2700 000"), ABOUT)
    after, _ = hear(state, Said("0712 345 678"), ABOUT)

    assert again == state
    assert body(acts).startswith(say(ENGLISH, "buy.number.unclear"))
    assert after == BuyConfirm(package="small", number=SISTER, method=Method.ONEMONEY)


def test_another_way_to_pay() -> None:
    """A card needs no number, and a wallet of their choice asks for one."""
    number = BuyNumber(package="small")
    ways, acts = hear(number, Chose(taps.written(taps.Asked.METHODS, ""), "x"), ABOUT)
    (shown_ways,) = said(acts)
    card, _ = hear(ways, Chose(taps.written(taps.Asked.METHOD, "web"), "x"), ABOUT)
    omari, _ = hear(ways, Chose(taps.written(taps.Asked.METHOD, "omari"), "x"), ABOUT)
    typed, _ = hear(omari, Said("0712 345 678"), ABOUT)
    _, paid = hear(card, Said("yes"), ABOUT)

    assert isinstance(shown_ways, Choices)
    assert len(shown_ways.rows) == len(Method)
    assert paid == (BeginTopUp(SMALL, None, Method.WEB),)
    assert typed == BuyConfirm(package="small", number=SISTER, method=Method.OMARI)


def test_dollars_and_zig_stand_in_one_list() -> None:
    """Each row is a package at its price in a currency."""
    zig = offered("small", Tokens(10_000), Amount(2_680, Currency.ZWG))
    about = attrs.evolve(ABOUT, offers=(SMALL, zig))

    state, acts = hear(Chatting(), Said("buy"), about)
    (packages,) = said(acts)
    state, _ = hear(state, Said("2"), about)
    state, acts = hear(state, Said("0771234567"), about)
    _, paid = hear(state, Said("yes"), about)

    assert isinstance(packages, Choices)
    assert [row.title for row in packages.rows] == ["US$1.00", "ZiG 26.80"]
    assert "ZiG 26.80" in body(acts)
    assert paid == (BeginTopUp(zig, PHONE, Method.ECOCASH),)
    assert zig.package == "small"


def test_buying_for_somebody_else() -> None:
    """Their number first, and it stands in what is agreed to."""
    state, _ = hear(Chatting(), Said("gift"), ABOUT)
    again, wrong = hear(state, Said("my sister"), ABOUT)
    state, _ = hear(state, Said("0712 345 678"), ABOUT)
    state, _ = hear(state, Said("1"), ABOUT)
    state, acts = hear(state, Said("0771234567"), ABOUT)
    _, paid = hear(state, Said("yes"), ABOUT)

    assert again == BuyFor()
    assert body(wrong).startswith(say(ENGLISH, "buy.number.unclear"))
    assert "0712 345 678" in body(acts)
    assert paid == (BeginTopUp(SMALL, PHONE, Method.ECOCASH, SISTER),)


@pytest.mark.parametrize("state", STATES)
def test_a_wallets_code_is_no_question(state: State) -> None:
    """Six digits are the code while one is awaited, wherever the dialogue stands."""
    awaiting = attrs.evolve(ABOUT, awaits_code="p1")

    assert hear(state, Said("123 456"), awaiting) == (
        state,
        (EnterCode("p1", "123456"),),
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "text",
    ["ZV-0123-4567-89AB-CDEF", " zv0123 4567 89ab cdef.", "ZV-O123-4567-89AB-CDEF"],
)
def test_a_voucher_is_redeemed_wherever_the_dialogue_stands(
    state: State, text: str
) -> None:
    """Typed in whatever way; it is no question and no answer to a step."""
    assert hear(state, Said(text), ABOUT) == (state, (Redeem("0123456789ABCDEF"),))


@pytest.mark.parametrize("source", MediaKind)
def test_a_voucher_is_typed(source: MediaKind) -> None:
    """One in a picture or a recording may be anybody's, and is asked about."""
    _, acts = hear(Menu(), Said("ZV-0123-4567-89AB-CDEF", source), ABOUT)

    assert acts == (Ask("ZV-0123-4567-89AB-CDEF", None),)


def test_whoever_opted_out_redeems_nothing() -> None:
    """Nothing is said after STOP, so nothing is done either."""
    out = attrs.evolve(ABOUT, opted_out=True)

    assert hear(Menu(), Said("ZV-0123-4567-89AB-CDEF"), out) == (Menu(), ())


def test_a_button_says_that_it_was_paid() -> None:
    """The one under a payment asks about that one, the word about the latest."""
    tap = Chose(taps.written(taps.Asked.PAID, "p1"), "x")

    assert hear(Chatting(), tap, ABOUT)[1] == (CheckPayment("p1"),)
    assert hear(Chatting(), Said("paid"), ABOUT)[1] == (CheckPayment(),)


def test_a_package_that_went_is_never_paid_for() -> None:
    """Prices change; a yes is to the price that was shown."""
    state = BuyConfirm(package="small", number=PHONE, method=Method.ECOCASH)
    (yes, *_) = ids(shown(state, ABOUT))
    dearer = attrs.evolve(ABOUT, offers=(attrs.evolve(SMALL, cents=200),))
    gone = attrs.evolve(ABOUT, offers=(LARGE,))
    paid = BeginTopUp(SMALL, PHONE, Method.ECOCASH)

    assert hear(state, Chose(yes, "x"), dearer)[0] == state
    assert hear(state, Said("yes"), gone)[0] == BuyPackage()
    assert hear(state, Chose(yes, "x"), ABOUT)[1] == (paid,)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("web", ["https://zimgpt.example", ""])
def test_with_nothing_to_sell_it_says_how_to_get_tokens(
    language: Language, web: str
) -> None:
    """BUY is never a dead end, and begins nothing."""
    about = attrs.evolve(ABOUT, language=language, offers=(), web=web)

    after, acts = hear(Menu(conversation=CHAT), Said("buy"), about)

    (message,) = said(acts)
    assert after == Chatting(conversation=CHAT)
    assert isinstance(message, Link if web else Buttons)


@pytest.mark.parametrize("language", Language)
def test_languages_are_chosen_by_word_and_button(language: Language) -> None:
    """The answer comes in the language that was chosen."""
    state, acts = hear(Menu(conversation=CHAT), Said("language"), ABOUT)
    tap = Chose(taps.written(taps.Asked.TONGUE, language), "x")
    name = {ENGLISH: "English", SHONA: "Shona", NDEBELE: "Ndebele"}[language]

    for where, heard in ((state, tap), (state, Said(name)), (Chatting(), Said(name))):
        _, acts = hear(where, heard, ABOUT)
        assert acts[0] == SetLanguage(language)
        assert body(acts).startswith(say(language, "language.done"))


def test_a_language_tapped_midway_changes_the_language_and_asks_on() -> None:
    """An old button of languages still works, and loses no order."""
    state = EssayLevel(brief=Brief(TOPIC))

    after, acts = hear(state, Chose("z1:tongue:nd", "x"), ABOUT)

    assert after == state
    assert acts[0] == SetLanguage(NDEBELE)
    assert body(acts).endswith(say(NDEBELE, "essay.level"))


def test_the_name_of_a_language_can_be_an_essays_topic() -> None:
    """In the middle of an order, words are the answer to it."""
    after, _ = hear(EssayTopic(), Said("Shona"), ABOUT)

    assert after == EssayLevel(brief=Brief("Shona"))


@pytest.mark.parametrize("language", Language)
def test_the_first_message_is_welcomed_once_and_answered(language: Language) -> None:
    """Consent and privacy are told before the first answer, with the menu in one
    message, before a question in its own."""
    about = attrs.evolve(ABOUT, welcomed=False, language=language)
    welcome = say(language, "welcome", tokens=5_000)

    _, greeted = hear(Menu(), Said("Hi"), about)
    _, asked = hear(Menu(), Said("What is osmosis?"), about)

    assert body(greeted).startswith(welcome)
    assert body(greeted).endswith(say(language, "menu.body"))
    assert greeted[-1] == Welcomed()
    assert asked == (
        Say(Text(welcome)),
        Ask("What is osmosis?", None),
        Welcomed(),
    )


def test_stop_and_start() -> None:
    """STOP is confirmed once with the way back; START shows the menu."""
    state, acts = hear(Chatting(conversation=CHAT), Said("Stop"), ABOUT)
    assert acts[0] == OptOut()
    assert "START" in body(acts)
    out = attrs.evolve(ABOUT, opted_out=True)
    (button,) = ids(said(acts)[0])

    state, acts = hear(state, Chose(button, "x"), out)

    assert acts[0] == OptIn()
    assert body(acts).startswith(say(ENGLISH, "start.done"))
    assert state == Menu(conversation=CHAT)


@pytest.mark.parametrize("heard", [VOICE, IMAGE])
def test_files_are_read_where_a_question_is_expected(heard: Sent) -> None:
    """The flow turns them into words; the dialogue only says when."""
    assert hear(Menu(), heard, ABOUT) == (Chatting(), (Read(heard),))
    after, acts = hear(EssayTopic(), heard, ABOUT)
    assert after == EssayTopic()
    assert (acts == (Read(heard),)) == (heard.kind is MediaKind.VOICE)


def test_what_cannot_be_read_is_told_once_an_hour() -> None:
    """Ten stickers are not ten messages."""
    told = attrs.evolve(ABOUT, told_unclear=True)

    _, acts = hear(Chatting(), Unclear("sticker"), ABOUT)

    assert acts == (Say(Text(say(ENGLISH, "unclear"))), ToldUnclear())
    assert hear(Chatting(), Unclear("sticker"), told) == (Chatting(), ())


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize(
    "text",
    [
        "ZIM-7K3M9QPA",
        "zim-7k3m9qpa",
        "ZIM 7K3M 9QPA",
        "My phrase is ZIM-7K3M9QPA.",
        "ZIM\u20117K3M9QPA",
    ],
)
def test_a_one_time_phrase_proves_a_number_in_any_state(
    state: State, text: str
) -> None:
    """However it was typed, whatever was going on."""
    for out in (False, True):
        about = attrs.evolve(ABOUT, opted_out=out)
        assert hear(state, Said(text), about) == (
            state,
            (ProvePhone("ZIM-7K3M9QPA"),),
        )


def test_letters_mistaken_for_digits_are_read_as_digits() -> None:
    """Crockford's alphabet has no O, I or L."""
    _, acts = hear(Menu(), Said("zim-oil0oil1"), ABOUT)

    assert acts == (ProvePhone("ZIM-01100111"),)


@pytest.mark.parametrize(
    "text", ["Zim teachers", "Why do zim-teachers strike?", "ZIM-123", "ZIM-123456789"]
)
def test_words_about_zim_are_no_phrase(text: str) -> None:
    """A question stays a question."""
    _, acts = hear(Chatting(), Said(text), ABOUT)

    assert acts == (Ask(text, None),)


def test_forgetting_is_asked_before_it_is_done() -> None:
    """One tap too many deletes nothing."""
    state, acts = hear(Chatting(conversation=CHAT), Said("forget"), ABOUT)
    assert state == Forgetting(conversation=CHAT)
    (yes, _) = ids(said(acts)[0])

    assert hear(state, Said("no"), ABOUT)[0] == Menu(conversation=CHAT)
    assert hear(state, Said("maybe"), ABOUT)[0] == state
    after, acts = hear(state, Chose(yes, "x"), ABOUT)
    assert acts[0] == Forget()
    assert after == Chatting()


def test_the_statement_is_looked_up() -> None:
    """The dialogue knows no entries; the flow does."""
    assert hear(Menu(), Said("statement"), ABOUT) == (Menu(), (ShowStatement(),))


@pytest.mark.parametrize(
    "text", ["statement 2026-09", "Chitatimende 2026/9.", "ISITATIMENDE 2026 09"]
)
def test_an_earlier_month_is_sent_by_word_and_button(text: str) -> None:
    """Wherever the dialogue stands, in three languages."""
    tap = Chose(taps.written(taps.Asked.MONTH, "2026-09"), "September 2026")
    for state in STATES:
        for heard in (tap, Said(text)):
            assert hear(state, heard, ABOUT) == (state, (SendMonth("2026-09"),))


@pytest.mark.parametrize(
    "text", ["statement 2026", "statement of 2026-09", "statement 12", "2026-09"]
)
def test_words_about_months_are_a_question(text: str) -> None:
    """Only the whole form means a statement."""
    assert hear(Menu(), Said(text), ABOUT)[1] == (Ask(text, None),)


@pytest.mark.parametrize("language", Language)
def test_earlier_months_are_a_list(language: Language) -> None:
    """In words of that language, each a tap away, and short enough."""
    months = [Month(2026, number) for number in range(12, 0, -1)]

    shown = papers.earlier(language, months)

    assert list(faults(shown)) == []
    assert len(shown.rows) == 10
    assert shown.rows[0].title == papers.named(language, months[0])
    assert shown.rows[0].id == taps.written(taps.Asked.MONTH, "2026-12")
    assert "2026-12" in shown.body


def test_a_month_that_is_none_is_told_by_whoever_makes_it() -> None:
    """A button of somebody's own making is as good as its words, and no longer."""
    paper = papers.month_of(ENGLISH, "x" * 500)

    assert len(paper.content) < 40
    assert len(paper.caption) < 60


@pytest.mark.parametrize("state", [Menu(), Chatting(conversation=CHAT), Forgetting()])
def test_a_word_file_is_sent_wherever_the_dialogue_stands(state: State) -> None:
    """Its button is under an answer that may be long past; whose it is, is checked by
    whoever makes it."""
    word = Chose(taps.written(taps.Asked.WORD, "a"), "Word file")
    paper = Chose(taps.written(taps.Asked.PDF, "a"), "PDF file")

    assert hear(state, word, ABOUT) == (state, (SendWord("a"),))
    assert hear(state, paper, ABOUT) == (state, (SendPdf("a"),))


@pytest.mark.parametrize("available", [0, -5, 39, 40, 5_000])
def test_a_balance_says_what_it_buys(available: int) -> None:
    """In questions and essays, and with the way to tokens when it buys none."""
    about = attrs.evolve(ABOUT, available=Tokens(available))

    text = body(hear(Menu(), Said("balance"), about)[1])

    if available < 40:
        assert "BUY" in text
    else:
        assert f"questions: {available // 40}" in text
        assert f"essays: {available // 400}" in text
    assert "-" not in text


def test_no_word_means_two_things() -> None:
    """Commands, languages and levels are told apart."""
    seen: dict[str, object] = {}
    for intent, given in words._WORDS.items():
        for word in given.split(","):
            assert seen.setdefault(words.plain(word), intent) == intent
    for word in seen:
        assert words.language(word) is None
        assert words.level(word) is None
        assert not words.yes(word)
        assert not words.no(word)


@pytest.mark.parametrize("kind", [MediaKind.IMAGE, MediaKind.DOCUMENT])
@pytest.mark.parametrize(
    "text", ["STOP", "lock", "1", "shona", "ZIM-7K3M9QPA", "a note: ZIM-7K3M9QPA"]
)
def test_what_stands_in_a_file_is_no_command(kind: MediaKind, text: str) -> None:
    """It may be anybody's: it is asked about and does nothing else."""
    state, acts = hear(Menu(conversation=CHAT), Said(text, kind), ABOUT)

    assert acts == (Ask(text, CHAT),)
    assert state == Chatting(conversation=CHAT)


def test_what_is_spoken_is_a_command_but_no_phrase() -> None:
    """A voice note is the person's own word; a phrase is typed."""
    menu, spoken = Menu(conversation=CHAT), MediaKind.VOICE

    _, stopped = hear(menu, Said("Stop.", spoken), ABOUT)
    _, phrase = hear(menu, Said("ZIM-7K3M9QPA", spoken), ABOUT)

    assert OptOut() in stopped
    assert phrase == (Ask("ZIM-7K3M9QPA", CHAT),)


def test_help_tells_the_price_of_files() -> None:
    """Where somebody listens or looks, in every language, within a message's length."""
    for language in Language:
        about = attrs.evolve(
            ABOUT, language=language, voice_cost=Tokens(600), picture_cost=Tokens(70)
        )
        _, (act,) = hear(Menu(conversation=CHAT), Said("help"), about)

        assert isinstance(act, Say)
        assert isinstance(act.message, Buttons)
        assert say(language, "help.voice", tokens=600) in act.message.body
        assert say(language, "help.picture", tokens=70) in act.message.body
        assert units(act.message.body) <= 1024
