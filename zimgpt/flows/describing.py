"""What a dialogue must know of a person, and what an essay would cost them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from zimgpt.domain import usual
from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue import orders
from zimgpt.domain.dialogue.facts import About, Quoted
from zimgpt.domain.dialogue.states import Brief
from zimgpt.domain.essays import quotes
from zimgpt.domain.essays.briefs import Step
from zimgpt.domain.ledger import NoPrice, Price, Tokens, dearest
from zimgpt.domain.phones import NotAMobileNumber, Phone, parse
from zimgpt.domain.texts import Language
from zimgpt.flows.paying import Paying
from zimgpt.flows.ports import Questions, Wallets
from zimgpt.flows.ports.contacts import Contact


class Prices(Protocol):
    """Knows what models cost."""

    async def of(self, models: Sequence[str]) -> Mapping[str, Price]:
        """By model; one without a price is missing."""
        ...


@attrs.frozen(kw_only=True)
class Describing:
    """Facts about people, as the dialogue wants them. ``web`` is where the web app
    is, or empty."""

    wallets: Wallets
    prices: Prices
    questions: Questions
    models: Sequence[str]
    paying: Paying
    web: str = ""
    voice: Tokens | None = None
    """What a minute of listening costs; None: nobody listens."""
    picture: Tokens | None = None
    """What looking at a picture costs; None: nobody looks."""

    async def about(self, contact: Contact) -> About:
        """A person who has an account, as they stand now."""
        assert contact.user is not None
        wallet = await self.wallets.wallet(contact.user)
        price = await self._price()
        shelf = await self.paying.shelf()
        return About(
            language=_language(contact.language),
            available=wallet.available,
            held=wallet.held,
            question_cost=usual.question(price) if price else Tokens(1),
            essay_cost=usual.essay(price) if price else Tokens(1),
            welcomed=contact.greeted,
            opted_out=contact.opted_out,
            told_unclear=contact.excused,
            web_untold=contact.web_untold,
            offers=shelf.offers,
            methods=shelf.methods,
            awaits_code=await self.paying.awaits_code(contact.user),
            phone=_phone(contact.person.phone),
            web=self.web,
            voice_cost=self.voice,
            picture_cost=self.picture,
        )

    async def quote(self, user: UserId, brief: Brief) -> Quoted:
        """What an essay costs, shortened to what the balance covers."""
        prospect = await self.questions.prospect(user, None, self.models)
        price, order = dearest(prospect.prices), orders.order(brief)
        quote = quotes.quote(price, prospect.available, brief.topic, order)
        if quote.covered:
            order = attrs.evolve(order, words=quote.covered)
            quote = quotes.quote(price, prospect.available, brief.topic, order)
        outline = attrs.evolve(order, outline=(), step=Step.OUTLINE)
        sketch = quotes.terms(price, brief.topic, outline).hold
        return Quoted(quote.most, quote.usual, order.words, sketch)

    async def _price(self) -> Price | None:
        prices = await self.prices.of(self.models)
        try:
            return dearest(tuple(prices.values()))
        except NoPrice:
            return None


def _language(code: str) -> Language:
    return Language(code) if code in list(Language) else Language.ENGLISH


def _phone(digits: str | None) -> Phone | None:
    try:
        return parse("+" + digits) if digits else None
    except NotAMobileNumber:
        return None
