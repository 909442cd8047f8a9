"""Why everything on one machine cannot be run: each is a sentence for the operator."""

from __future__ import annotations


class CannotRun(Exception):  # noqa: N818 - it is told to a person, not handled
    """Says itself what is wrong, unless it is raised with other words."""

    def __str__(self) -> str:
        return super().__str__() or str(self.__doc__)
