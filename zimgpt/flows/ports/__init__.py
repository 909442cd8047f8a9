"""What the flows need of the world: small protocols that the edges implement.

Each method of a store port is one commit. None of them makes a network call to
anything but PostgreSQL, and no other port is used while one is under way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zimgpt.flows.ports.accounts import (
    Accounts,
    Credentials,
    Passwords,
    PasswordsBusy,
    SessionInfo,
    Sessions,
    Wallets,
)
from zimgpt.flows.ports.answers import (
    Answers,
    ConversationInfo,
    Conversations,
    End,
    Progress,
    Reading,
    TurnInfo,
)
from zimgpt.flows.ports.drafts import (
    Claim,
    Drafts,
    Ended,
    Jobs,
    Piece,
)
from zimgpt.flows.ports.jobs import (
    Broker,
    DeadJob,
    DeadJobs,
    DeadLetters,
    Figures,
    NoSuchNode,
    NotPublished,
    Outbox,
    Outcome,
    Ticket,
    Upkeep,
    Work,
)
from zimgpt.flows.ports.models import (
    Model,
    ModelBusy,
    Models,
    ModelUnreachable,
    Report,
    Sink,
    Source,
)
from zimgpt.flows.ports.questions import (
    ApiUse,
    Asked,
    NewQuestion,
    Prospect,
    Questions,
)
from zimgpt.flows.ports.retention import Folded, Retention

Now = Callable[[], datetime]
"""The time, aware and in UTC."""

NewId = Callable[[], str]
"""A new random id: a UUID in text form."""

__all__ = [
    "Accounts",
    "Answers",
    "ApiUse",
    "Asked",
    "Broker",
    "Claim",
    "ConversationInfo",
    "Conversations",
    "Credentials",
    "DeadJob",
    "DeadJobs",
    "DeadLetters",
    "Drafts",
    "End",
    "Ended",
    "Figures",
    "Folded",
    "Jobs",
    "Model",
    "ModelBusy",
    "ModelUnreachable",
    "Models",
    "NewId",
    "NewQuestion",
    "NoSuchNode",
    "NotPublished",
    "Now",
    "Outbox",
    "Outcome",
    "Passwords",
    "PasswordsBusy",
    "Piece",
    "Progress",
    "Prospect",
    "Questions",
    "Reading",
    "Report",
    "Retention",
    "SessionInfo",
    "Sessions",
    "Sink",
    "Source",
    "Ticket",
    "TurnInfo",
    "Upkeep",
    "Wallets",
    "Work",
]
