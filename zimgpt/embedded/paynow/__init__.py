"""A Paynow of our own on loopback: the gateway's double, and a page as a handset.

Tests, drills and ``make run`` speak to it as they would to the real one. It knows
nothing of ZimGPT and shares no code with it, so that a mistake there is not repeated
here: it reads, signs and checks in its own way.

``interface`` is the gateway's door for merchants and ``checkout`` its page for payers;
``book`` is what both are about, ``timeline`` what becomes of a payment, ``callbacks``
what merchants are told; ``troubles`` is all that can go wrong; ``control`` switches it,
``page`` lets somebody play the people. ``program.Gateway`` puts them together.
"""
