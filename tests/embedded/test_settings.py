"""What `make run` is told, and what it tells the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from zimgpt.config import Upstream, load
from zimgpt.embedded import settings
from zimgpt.embedded.run import operators_key
from zimgpt.embedded.settings import Settings, WrongSetting

SMALL = Upstream("small", "http://127.0.0.1:9/v1", label="demo")
URL = "postgresql://zimgpt@/zimgpt?host=/run/zimgpt"


def test_nothing_needs_to_be_said() -> None:
    """Without a word it lives in var and listens on 8080."""
    assert settings.read({}) == Settings(Path("var").absolute(), 8080)


def test_folder_and_port_can_be_chosen() -> None:
    """Both are taken from the environment."""
    told = {"ZIMGPT_HOME": "/srv/zimgpt", "ZIMGPT_PORT": "80"}

    assert settings.read(told) == Settings(Path("/srv/zimgpt"), 80)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    """The sentence names the variable and what it may be."""
    with pytest.raises(WrongSetting) as refused:
        settings.read({"ZIMGPT_PORT": port})

    assert "ZIMGPT_PORT: expected 1 to 65535" in str(refused.value)


def test_whatsapp_can_be_left_out() -> None:
    """It is there unless it is not wanted, and a word for neither is refused."""
    assert settings.read({}).whatsapp
    assert settings.read({"ZIMGPT_WHATSAPP": "yes"}).whatsapp
    assert not settings.read({"ZIMGPT_WHATSAPP": "no"}).whatsapp

    with pytest.raises(WrongSetting) as refused:
        settings.read({"ZIMGPT_WHATSAPP": "maybe"})

    assert "ZIMGPT_WHATSAPP: expected yes or no" in str(refused.value)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """What seals operators' secrets here."""
    return operators_key(tmp_path / "key")


def test_a_key_is_made_once(key_file: Path) -> None:
    """Its file is its owner's alone; another key that is named takes its place."""
    held = key_file.read_text()
    assert operators_key(key_file).read_text() == held
    assert key_file.stat().st_mode & 0o077 == 0

    for named in ({"ZIMGPT_OPERATORS_KEY": held}, {"ZIMGPT_OPERATORS_KEY_FILE": "/k"}):
        environ = settings.for_server(
            named, port=8080, database_url=URL, operators_key=key_file
        )
        kept = {k: v for k, v in environ.items() if "OPERATORS_KEY" in k}
        assert kept == named


def test_the_server_understands_what_it_is_told(key_file: Path) -> None:
    """Its place, its database and the small model are those that were chosen."""
    environ = settings.for_server(
        {"ZIMGPT_DATABASE_URL_FILE": "/elsewhere", "ZIMGPT_TICK_MS": "200"},
        port=8123,
        database_url=URL,
        operators_key=key_file,
    )

    config = load(environ=settings.with_model(environ, SMALL), new_node="other")

    assert config.listen == "tcp:8123:interface=127.0.0.1"
    assert config.database_url == URL
    assert config.node == "local"
    assert config.admin_origins == ("http://127.0.0.1:8123", "http://localhost:8123")
    assert config.operators_key == key_file.read_text()
    assert config.tick_ms == 200
    assert config.models == (SMALL,)


def test_configured_models_are_known(key_file: Path) -> None:
    """A key of OpenAI's is a model; without any there is none."""
    environ = settings.for_server(
        {}, port=8080, database_url=URL, operators_key=key_file
    )

    asked = settings.models(environ | {"OPENAI_API_KEY": "sk-x"})

    assert [model.name for model in asked] == ["gpt-4o-mini"]
    assert settings.models(environ) == ()


def test_a_wrong_setting_is_told_before_anything_starts(key_file: Path) -> None:
    """What the server would refuse is refused with the server's own words."""
    environ = settings.for_server(
        {"ZIMGPT_TICK_MS": "often"}, port=8080, database_url=URL, operators_key=key_file
    )

    with pytest.raises(WrongSetting) as refused:
        settings.models(environ)

    assert "ZIMGPT_TICK_MS" in str(refused.value)
