"""Acts of a dialogue that are done by being remembered with its step."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from zimgpt.domain.dialogue import acts

Noted: TypeAlias = (
    acts.NewConversation
    | acts.SetLanguage
    | acts.OptOut
    | acts.OptIn
    | acts.Welcomed
    | acts.ToldUnclear
    | acts.ToldOfWeb
)


def noted(act: Noted) -> dict[str, Any]:
    """What of a step (``ports.Step``) an act changes, by the names of its fields."""
    match act:
        case acts.SetLanguage(language):
            return {"language": str(language)}
        case acts.OptOut():
            return {"opted_out": True}
        case acts.OptIn():
            return {"opted_out": False}
        case acts.Welcomed():
            return {"greeted": True}
        case acts.ToldUnclear():
            return {"excused": True}
        case acts.ToldOfWeb():
            return {"web_told": True}
        case acts.NewConversation():
            return {}  # the state has it
        case _:
            assert_never(act)
