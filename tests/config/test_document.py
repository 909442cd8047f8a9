"""The table of settings as readers see it."""

import tomllib
from pathlib import Path

import attrs

from zimgpt.config import SETTINGS, Config, load
from zimgpt.config.document import HEAD, document, options_help
from zimgpt.config.settings import GROUPS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "config.md"


def test_the_reference_is_up_to_date() -> None:
    """The page is what `python -m zimgpt config-doc` prints."""
    assert REFERENCE.read_text(encoding="utf-8") == document()


def test_every_field_is_in_the_table() -> None:
    """Nothing can be configured that is not documented."""
    named = [setting.name for setting in SETTINGS]

    assert [*named, "models"] == [field.name for field in attrs.fields(Config)]
    assert {setting.group for setting in SETTINGS} == set(GROUPS)
    assert all(f"| `{name}`" in document() for name in named)


def test_the_example_of_the_reference_is_understood(tmp_path: Path) -> None:
    """The file that readers copy is accepted as it is."""
    text = HEAD.split("```toml\n")[1].split("```")[0]
    assert len(tomllib.loads(text)["models"]) == 2
    for name, secret in [
        ("database_url", "postgresql://zimgpt@h/zimgpt"),
        ("amqp_url", "amqp://h"),
        ("model_key", "sk-1"),
    ]:
        (tmp_path / name).write_text(secret)
    file = tmp_path / "zimgpt.toml"
    file.write_text(text)

    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    config = load(environ=environ, options={"config": str(file)}, new_node="n")

    assert [model.name for model in config.models] == ["gpt-4o-mini", "llama-3.3-70b"]


def test_help_fits_the_terminal() -> None:
    """No line of the help is longer than asked, but for words that cannot be broken."""
    lines = options_help(60).splitlines()

    assert all(len(line) <= 60 or " " not in line.strip() for line in lines)
    assert {line.split(":")[0] for line in lines if line[:1].isalpha()} == set(GROUPS)
