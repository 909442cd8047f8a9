"""What we say and do when a person writes to us in a messenger.

``hear(state, heard, about)`` is a pure function: the flow stores the state, and carries
out the acts. Every state knows what to do with whatever it hears.
"""

from zimgpt.domain.dialogue.acts import (
    Act,
    Ask,
    AskEssay,
    AskOutline,
    BeginTopUp,
    CheckPayment,
    EnterCode,
    Forget,
    Lock,
    NewConversation,
    OptIn,
    OptOut,
    ProvePhone,
    Quote,
    Read,
    Say,
    SendMonth,
    SendWord,
    SetLanguage,
    ShowStatement,
    TakeOutline,
    ToldOfWeb,
    ToldUnclear,
    Welcomed,
)
from zimgpt.domain.dialogue.facts import (
    About,
    Began,
    Event,
    Offer,
    Outlined,
    Quoted,
    Sketching,
    Standing,
)
from zimgpt.domain.dialogue.hearing import hear
from zimgpt.domain.dialogue.joining import joined
from zimgpt.domain.dialogue.saved import restored, save
from zimgpt.domain.dialogue.states import Brief, State

__all__ = [
    "About",
    "Act",
    "Ask",
    "AskEssay",
    "AskOutline",
    "Began",
    "BeginTopUp",
    "Brief",
    "CheckPayment",
    "EnterCode",
    "Event",
    "Forget",
    "Lock",
    "NewConversation",
    "Offer",
    "OptIn",
    "OptOut",
    "Outlined",
    "ProvePhone",
    "Quote",
    "Quoted",
    "Read",
    "Say",
    "SendMonth",
    "SendWord",
    "SetLanguage",
    "ShowStatement",
    "Sketching",
    "Standing",
    "State",
    "TakeOutline",
    "ToldOfWeb",
    "ToldUnclear",
    "Welcomed",
    "hear",
    "joined",
    "restored",
    "save",
]
