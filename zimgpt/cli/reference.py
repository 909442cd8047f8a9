"""The commands for readers: docs/reference/cli.md, made of their own parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

HEAD = """\
# Commands

<!-- Made of the commands themselves: `python -m zimgpt cli-doc > docs/reference/cli.md` -->

`zimgpt COMMAND`, which is `python -m zimgpt COMMAND`. Those that need the database find it
as the server does: by `--config FILE` or `ZIMGPT_CONFIG`, `ZIMGPT_DATABASE_URL`, or
`--database-url`. Tables and sentences are for people; `--json` gives programs one JSON value
on standard output. What went wrong is a sentence on standard error.

| exit code | |
|---|---|
| 0 | it is done, or there was nothing to do |
| 1 | it did not work, was refused, or something was found broken |
| 2 | it was asked for wrongly |

Whatever changes something for a person, a job, a price or everybody is noted for ever in
`operator_acts`, in the same commit: who (`--by`, or the user of the system), when, what and
why. Numbers are shown by their last digits unless `--full` is given.

`zimgpt completion bash > /usr/share/bash-completion/completions/zimgpt` makes Tab work.
"""  # noqa: E501


def document(parser: argparse.ArgumentParser) -> str:
    """docs/reference/cli.md; ``parser`` knows every command."""
    return "\n".join([HEAD, *_commands(parser, "##")])


def _commands(parser: argparse.ArgumentParser, level: str) -> Iterator[str]:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        helps = {one.dest: one.help for one in action._choices_actions}
        for name, command in action.choices.items():
            yield f"{level} `{command.prog}`\n"
            yield _sentence(command.description or helps.get(name) or "")
            yield from _options(command)
            yield from _commands(command, level + "#")


def _options(command: argparse.ArgumentParser) -> Iterator[str]:
    rows = [_row(one) for one in command._actions if _told(one)]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def _told(action: argparse.Action) -> bool:
    nothing = (argparse._HelpAction, argparse._SubParsersAction)
    return not isinstance(action, nothing)


def _row(action: argparse.Action) -> str:
    value = ""
    if action.nargs != 0:
        word = action.metavar or (
            "{" + ",".join(map(str, action.choices)) + "}"
            if action.choices
            else action.dest.upper()
        )
        value = f" {word}" if action.option_strings else str(word)
    name = "".join((", ".join(action.option_strings), value))
    needed = " Required." if action.option_strings and action.required else ""
    shown = (action.help or "").replace("|", "\\|")
    return f"| `{name}` | {_sentence(shown).strip()}{needed} |"


def _sentence(text: str) -> str:
    if not text:
        return ""
    whole = text[0].upper() + text[1:]
    return whole + ("\n" if whole.endswith((".", ":")) else ".\n")
