"""Buying tokens with mobile money: what is sold, who pays how, and a payment's life.

``packages`` and ``money`` say what is sold; ``networks`` whose number it is and how it
can pay; ``step(topup, event)`` is the whole life of a payment; ``next_look`` says when
the gateway is asked again.
"""

from zimgpt.domain.topups.acts import Act
from zimgpt.domain.topups.events import Event
from zimgpt.domain.topups.looking import Look, Question, next_look
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import News, Status
from zimgpt.domain.topups.states import Order, Place, Stage, TopUp, stage
from zimgpt.domain.topups.stepping import step

__all__ = [
    "Act",
    "Amount",
    "Currency",
    "Event",
    "Look",
    "Method",
    "News",
    "Order",
    "Place",
    "Question",
    "Stage",
    "Status",
    "TopUp",
    "next_look",
    "stage",
    "step",
]
