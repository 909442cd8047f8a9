"""Chat completions as programs ask us for them.

The shapes are OpenAI's (https://platform.openai.com/docs/api-reference/chat); what we
do not do is refused by name, because a program that believes otherwise would be wrong.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import attrs
import msgspec

from zimgpt.domain.errors import BadRequest
from zimgpt.domain.questions import Message, Role, check
from zimgpt.wire import strict

MODEL: Final[Literal["zimgpt"]] = "zimgpt"
"""The one name: which model answers is decided when it is free to."""

ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",  # OpenAI's newer name for it
    "user": "user",
    "assistant": "assistant",
}

NEUTRAL: Final[dict[str, tuple[object, ...]]] = {
    "temperature": (1,),
    "top_p": (1,),
    "n": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "store": (False,),
    "tools": ([],),
    "tool_choice": ("none",),
    "stop": ([],),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "service_tier": ("auto", "default"),
}
"""Values that ask for nothing but what is done anyway; null is one of each."""

IGNORED: Final = frozenset(
    ("user", "metadata", "safety_identifier", "prompt_cache_key")
)
"""Notes that clients make for themselves."""


class NoSuchModel(BadRequest):
    """There is no such model here. Please use the model zimgpt."""

    code = "model_not_found"


class Unsupported(BadRequest):
    """This parameter is not supported."""

    code = "unsupported_parameter"

    def __init__(self, param: str) -> None:
        super().__init__(
            f"'{param[:64]}' is not supported here. Please leave it out."
            if param.isprintable()
            else None
        )
        self.param = param[:64]


class TextPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A part of a message's content; only text is taken."""

    type: Literal["text"]
    text: str


class ChatSaid(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A message of a request."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]


class StreamOptions(msgspec.Struct, frozen=True):
    """How a stream shall be."""

    include_usage: bool | None = None


Limit = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class ChatRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A request, without what is left out of it."""

    model: str
    messages: Annotated[list[ChatSaid], msgspec.Meta(min_length=1, max_length=1_000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None


FIELDS: Final = frozenset(ChatRequest.__struct_fields__)
_decoder: Final = msgspec.json.Decoder(dict[str, Any])


@attrs.frozen
class Order:
    """What a program wants."""

    messages: tuple[Message, ...]
    max_tokens: int | None
    stream: bool
    include_usage: bool


def read(body: bytes) -> Order:
    """A request; raises BadRequest with a sentence for what it cannot be."""
    given = strict.decode(_decoder, body)
    for name, value in given.items():
        if name not in FIELDS and not _harmless(name, value):
            raise Unsupported(name)
    try:
        asked = msgspec.convert({k: given[k] for k in FIELDS & set(given)}, ChatRequest)
    except msgspec.ValidationError as error:
        raise BadRequest(f"This request is not understood: {error}.") from None
    if asked.model != MODEL:
        raise NoSuchModel
    messages = tuple(Message(ROLES[one.role], _text(one)) for one in asked.messages)
    check("\n".join(message.content for message in messages))
    options = asked.stream_options
    return Order(
        messages=messages,
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        stream=bool(asked.stream),
        include_usage=bool(options and options.include_usage),
    )


def _harmless(name: str, value: object) -> bool:
    if value is None or name in IGNORED:
        return True
    return any(
        value == one and isinstance(value, bool) == isinstance(one, bool)
        for one in NEUTRAL.get(name, ())
    )


def _text(said: ChatSaid) -> str:
    if isinstance(said.content, str):
        return said.content
    return "".join(part.text for part in said.content)
