"""The settings of what turns people's files into words; without a model they type."""

from __future__ import annotations

import attrs

from zimgpt.config import values
from zimgpt.config.models import OPENAI
from zimgpt.config.setting import setting

GROUP = "Files"

_MODEL = values.string("the model's name")
_KEY = values.string("a key without spaces", r"\S+")
_TOKENS = values.whole(1, 1_000_000_000)


def _always(_value: str) -> bool:
    return True


@attrs.frozen(kw_only=True)
class FileSettings:
    """Models that listen and look, at OpenAI-compatible servers, and their prices."""

    voice_model: str | None = setting(
        GROUP,
        _MODEL,
        "The model that writes down voice notes, such as whisper-1. Without one, people"
        " are asked to type.",
        default=None,
        shown="no listening",
    )
    voice_url: str = setting(
        GROUP,
        values.http_url(),
        "Where it is: what ends before /audio/transcriptions.",
        default=OPENAI,
    )
    voice_key: str | None = setting(
        GROUP,
        _KEY,
        "Its key.",
        default=None,
        shown="OPENAI_API_KEY at OpenAI's address, none elsewhere",
        holds_secret=_always,
        file_key="voice_key_file",
    )
    voice_tokens: int | None = setting(
        GROUP,
        _TOKENS,
        "What a minute of listening costs its person, in tokens; it is counted by the"
        " second.",
        default=None,
        shown="required with voice_model",
    )
    picture_model: str | None = setting(
        GROUP,
        _MODEL,
        "The model that puts pictures into words, such as gpt-4o-mini. Without one,"
        " people are asked to type.",
        default=None,
        shown="no looking",
    )
    picture_url: str = setting(
        GROUP,
        values.http_url(),
        "Where it is: what ends before /chat/completions.",
        default=OPENAI,
    )
    picture_key: str | None = setting(
        GROUP,
        _KEY,
        "Its key.",
        default=None,
        shown="OPENAI_API_KEY at OpenAI's address, none elsewhere",
        holds_secret=_always,
        file_key="picture_key_file",
    )
    picture_tokens: int | None = setting(
        GROUP,
        _TOKENS,
        "What looking at a picture costs its person, in tokens.",
        default=None,
        shown="required with picture_model",
    )
