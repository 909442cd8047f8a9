"""A WhatsApp of our own on loopback: the Graph API's double, and a page as a phone.

Tests, drills and ``make run`` speak to it as they would to Meta's. It knows nothing of
ZimGPT and shares no code with it, so that a mistake there is not repeated here: it has
its own limits, its own signatures and its own idea of what a webhook is.

``graph`` is the API, ``webhooks`` posts to the server, ``world`` is what both are
about, ``control`` switches faults, ``page`` lets somebody play the people.
``program.Phones`` puts them together.
"""
