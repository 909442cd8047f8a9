"""Answers as a messenger shows them: formatted, and in parts that it takes."""

from zimgpt.domain.chat_format.cutting import Fitted, Lengthy, Parts, fitted, parts
from zimgpt.domain.chat_format.rendering import formatted

__all__ = ["Fitted", "Lengthy", "Parts", "fitted", "formatted", "parts"]
