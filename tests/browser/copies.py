"""A chat of many turns and a menu of many chats, copied from one that was asked."""

from __future__ import annotations

from typing import Final

from tests.browser.app import ask, ended
from tests.browser.chromium import Tab
from tests.browser.conftest import Site

TURNS: Final = 20
"""Turns of the chat: all that are loaded at once."""
CHATS: Final = 30
"""Chats in the menu besides it, all of them without turns."""

TEXT: Final = """## Why rain falls

Warm air rises over the plateau, cools, and **condenses** into clouds: $pV = nRT$.

| Month | Harare mm | Bulawayo mm |
|---|---|---|
| November | 96 | 83 |
| January | 190 | 143 |

1. The sun warms the ground.
2. The air takes up water.
3. *Clouds* form where it cools.

$$E = \\frac{1}{2} m v^2$$

Then it rains, and the rivers carry it away to the sea.
"""
"""What a table, a list and formulas take to draw is in every turn."""

_TURNS: Final = """with old as (
    select a, q from answers a join questions q on q.answer_id = a.id
    where a.conversation_id = %s),
  fresh as (select a, q, gen_random_uuid() as id, n * interval '1 minute' as before
    from old, generate_series(1, %s) n),
  copied as (insert into answers
    select (jsonb_populate_record(a, jsonb_build_object('id', id,
      'created_at', (a).created_at - before,
      'finished_at', (a).finished_at - before))).*
    from fresh returning id)
  insert into questions
    select (jsonb_populate_record(q, jsonb_build_object(
      'answer_id', fresh.id, 'client_id', fresh.id))).*
    from fresh join copied using (id)"""
_CHATS: Final = """insert into conversations
    (id, user_id, channel, kind, title, updated_at)
  select gen_random_uuid(), user_id, channel, kind,
    'Why does it rain so late this year, part ' || n, updated_at - n * interval '1 hour'
  from conversations, generate_series(1, %s) n where id = %s"""


async def long_talk(tab: Tab, site: Site) -> str:
    """Asks one question and copies it; returns the chat's id."""
    await ask(tab, "words:4 rain")
    await ended(tab, 4)
    await tab.until("location.pathname.startsWith('/chat/')")
    talk = str(await tab.run("location.pathname.split('/').pop()"))
    text = "update answers set text = %s where conversation_id = %s"
    site.house.query(text, TEXT, talk)
    site.house.query(_TURNS, talk, TURNS - 1)
    site.house.query(_CHATS, CHATS, talk)
    return talk
