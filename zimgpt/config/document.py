"""The same table for readers: docs/reference/config.md and `twistd zimgpt --help`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from zimgpt.config.setting import REQUIRED, Setting, option
from zimgpt.config.settings import GROUPS, SETTINGS

INDENT = " " * 6

HEAD = """\
# Configuration

<!-- Made of zimgpt/config/settings.py: `python -m zimgpt config-doc > docs/reference/config.md` -->

Every setting has one name. Written `tick_ms` it is a key of the TOML file, as
`ZIMGPT_TICK_MS` a variable of the environment, as `--tick-ms` an option of
`twistd zimgpt`. An option wins over a variable, a variable over the file, the file over
the default; an empty variable counts as not given. In variables and options, lists are
written with commas.

The file is named by `--config FILE` or `ZIMGPT_CONFIG`. A key or `ZIMGPT_` variable that
means nothing is an error, so a slip of the pen does not go unnoticed. Every error names
the key, variable or option it is about, and what is expected there.

**Secrets.** `database_url_file`, `amqp_url_file` (for `broker`) and `key_file` of a model
name files that hold the value; one source may give the value or the file, not both. Names
in the TOML file are found from its folder. A URL with a password is refused on the command
line, which everybody on a machine can read. Secrets are never logged.

A file named `credential:NAME` is the credential of that name which systemd gives to a
unit (`LoadCredential=NAME:FILE`, or `LoadCredential=zimgpt:FOLDER` for all files of a
folder). Commands that are typed look for it in the folder `secrets` beside the TOML file.

```toml
listen = "systemd:domain=INET:index=0"
origins = ["https://chat.example.org"]
database_url_file = "credential:database_url"
amqp_url_file = "credential:amqp_url"

[[models]]                      # tried in this order
name = "gpt-4o-mini"
base_url = "https://api.openai.com/v1"
key_file = "credential:model_key"

[[models]]
name = "llama-3.3-70b"
base_url = "http://10.0.0.7:8000/v1"
```
"""  # noqa: E501

MODELS = """\
## Models

Which language models answer, in the order in which they are tried: the next one is asked
only while the one before has written nothing. At least one is required, and each needs a
price (`python -m zimgpt prices set`).

| in `[[models]]` | in the environment, for a single model | |
|---|---|---|
| `name` | `ZIMGPT_MODEL_NAME` | What the server calls the model; its price goes by this name. |
| `base_url` | `ZIMGPT_MODEL_URL` | An OpenAI-compatible API, up to and with its version. In the environment, by default, `https://api.openai.com/v1`. |
| `key` | `ZIMGPT_MODEL_KEY` | The key it wants, if any. At OpenAI's own address `OPENAI_API_KEY` serves when no other is given; that key is sent nowhere else. |
| `key_file` | `ZIMGPT_MODEL_KEY_FILE` | A file that holds the key, instead of it. |
| `label` | `ZIMGPT_MODEL_LABEL` | Words shown with its answers, such as "demo model". Optional. |

A model in the environment replaces those of the file. With neither, `OPENAI_API_KEY` alone
means `gpt-4o-mini` at OpenAI.
"""  # noqa: E501


def document() -> str:
    """docs/reference/config.md."""
    groups = "\n".join(_each_group(_section))
    return f"{HEAD}\n{groups}\n{MODELS}"


def options_help(width: int) -> str:
    """The options of every group, explained, no line longer than ``width``."""

    def group(name: str, about: str, settings: list[Setting]) -> str:
        options = "".join(_option(setting, width) for setting in settings)
        return f"{name}: {about}\n{options}"

    return "\n".join(_each_group(group))


def _each_group(write: Callable[[str, str, list[Setting]], str]) -> Iterator[str]:
    for name, about in GROUPS.items():
        yield write(name, about, [one for one in SETTINGS if one.group == name])


def _section(name: str, about: str, settings: list[Setting]) -> str:
    rows = "".join(_row(setting) for setting in settings)
    return f"## {name}\n\n{about}\n\n| key | default | |\n|---|---|---|\n{rows}"


def _row(setting: Setting) -> str:
    keys = f"`{setting.name}`"
    if setting.file_key:
        keys += f", `{setting.file_key}`"
    return (
        f"| {keys} | {setting.shown} | {setting.why}"
        f" Expected: {setting.kind.expected}. |\n"
    )


def _option(setting: Setting, width: int) -> str:
    named = f"  --{setting.option}=VALUE"
    if setting.file_key:
        file = f"--{option(setting.file_key)}=FILE"
        fits = len(f"{named} or {file}") <= width
        named += f" or {file}" if fits else f" or\n  {file}"
    limits = f"[{setting.kind.expected}; default: {setting.shown}]"
    if setting.shown == REQUIRED:
        limits = f"[{setting.kind.expected}; required]"
    words = textwrap.fill(f"{setting.why} {limits}", width - len(INDENT))
    return f"{named}\n{textwrap.indent(words, INDENT)}\n"
