"""How far a message of ours has come: news arrives in any order, and repeated."""

from __future__ import annotations

from typing import Final

from zimgpt.wire.whatsapp.events import Rank

_RANKS: Final = {
    "queued": Rank.QUEUED,
    "accepted": Rank.QUEUED,
    "sent": Rank.SENT,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.PLAYED,
    "failed": Rank.FAILED,
}


def rank(status: str) -> Rank:
    """The rank of WhatsApp's word; words that are not known mean nothing."""
    return _RANKS.get(status, Rank.UNKNOWN)


def after(known: Rank, news: Rank) -> Rank:
    """What is known when ``news`` has come: it only goes forward.

    A failure is the end, unless the message had arrived: then it is a late word about
    something else. And what arrives after all was not a failure.
    """
    if news is Rank.FAILED:
        return known if Rank.DELIVERED <= known <= Rank.PLAYED else news
    if known is Rank.FAILED:
        return news if news >= Rank.DELIVERED else known
    return max(known, news)
