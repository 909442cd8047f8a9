"""The composition root: the only place where all parts meet."""

from __future__ import annotations

from typing import Any

from zimgpt.config import Config
from zimgpt.service.node import Node


def make_service(config: Config, reactor: Any) -> Node:  # noqa: ANN401
    """The whole program for this configuration; ``reactor`` is the one that runs it."""
    return Node(config, reactor)
