"""How many model tokens a text is, when nobody has counted them.

No tokenizer is shipped: the model's own count settles every answer, and these
rules only size holds and stand in when a model does not say.
"""

from __future__ import annotations

PER_MESSAGE = 6
"""Model tokens that the chat format adds to each message, rounded up."""


def at_most(text: str) -> int:
    """A safe guess upward, for holds: three bytes a token.

    English takes four to five bytes a token, Shona and Ndebele two and a half to
    three and a half; the answer's own share of the hold takes up the rest.
    """
    return PER_MESSAGE + -(-len(text.encode("utf-8", "surrogatepass")) // 3)


def at_least(written: int) -> int:
    """A guess in the asker's favour, for charging: four bytes of text a token."""
    return written // 4
