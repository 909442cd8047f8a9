"""Paynow's interface for merchants: what its bytes mean, and ours to it.

``forms`` reads and writes its messages, ``hashing`` says who wrote them, ``judging``
puts both together. ``requests`` writes what we ask, ``replies`` reads the answers,
``callbacks`` what comes unasked; ``amounts``, ``statuses``, ``refusals`` and
``addresses`` read single values.

https://developers.paynow.co.zw/docs/
"""
