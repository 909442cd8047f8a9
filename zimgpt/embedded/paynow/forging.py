"""Callbacks that are not what they seem: what others could send to a merchant."""

from __future__ import annotations

from zimgpt.embedded.paynow import messages
from zimgpt.embedded.paynow.messages import Pairs

STRANGER: dict[str, str] = {
    "foreign-poll": "http://127.0.0.1:9/Interface/CheckPayment/?guid=mine",
    "unknown": "nobodys-reference",
}


def forged(kind: str, pairs: Pairs, key: str) -> bytes:
    """A status message made into one that says Paid; ``key`` is the merchant's.

    ``foreign-poll`` and ``unknown`` bear a good hash, and so does ``cut``: values join
    without a mark, so digits of our reference become dollars.
    """
    good = messages.digest(pairs, key)
    said = _with(pairs, status="Paid")
    match kind:
        case "hash":
            return messages.written([*said, ("hash", good[::-1])])
        case "other-key":
            return messages.signed(said, "another-integrations-key")
        case "unsigned":
            return messages.written(said)
        case "doubled":
            return messages.written([*pairs, ("Status", "Paid"), ("hash", good)])
        case "renamed":
            names = {"amount": "paynowreference", "paynowreference": "amount"}
            swapped = [(names.get(name, name), value) for name, value in pairs]
            return messages.written([*swapped, ("hash", good)])
        case "cut":
            return messages.written([*_cut(pairs), ("hash", good)])
        case "foreign-poll":
            return messages.signed(_with(said, pollurl=STRANGER[kind]), key)
        case "unknown":
            return messages.signed(_with(said, reference=STRANGER[kind]), key)
        case _:
            raise ValueError(f"nobody forges {kind}")


def _cut(pairs: Pairs) -> Pairs:
    values = dict(pairs)
    number, amount = values["paynowreference"], values["amount"]
    return _with(pairs, paynowreference=number[:-2], amount=number[-2:] + amount)


def _with(pairs: Pairs, **values: str) -> Pairs:
    return [(name, values.get(name, value)) for name, value in pairs]
