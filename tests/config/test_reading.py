"""The configuration from its three sources."""

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from zimgpt.config import (
    Config,
    ConfigError,
    LogFormat,
    LogLevel,
    Role,
    load,
    load_database_url,
    require_models,
)
from zimgpt.config.models import Upstream
from zimgpt.domain.topups.networks import Method

URL = "postgresql://zimgpt@h/zimgpt"
LEAST = {"ZIMGPT_DATABASE_URL": URL, "OPENAI_API_KEY": "sk-1"}


def read(
    environ: Mapping[str, str] = LEAST,
    options: Mapping[str, str | None] | None = None,
) -> Config:
    """The configuration of a node that is called fresh unless told."""
    return load(environ=environ, options=options or {}, new_node="fresh")


def refusal(
    environ: Mapping[str, str] = LEAST,
    options: Mapping[str, str | None] | None = None,
) -> str:
    """The sentence with which a configuration is refused."""
    with pytest.raises(ConfigError) as refused:
        read(environ, options)
    return str(refused.value)


def toml(folder: Path, text: str) -> dict[str, str | None]:
    """Options that name a file with this text."""
    path = folder / "zimgpt.toml"
    path.write_text(text, encoding="utf-8")
    return {"config": str(path)}


def test_the_least_that_works() -> None:
    """A database and OpenAI's key are enough; everything else has a default."""
    config = read()

    assert config == Config(
        node="fresh",
        roles=frozenset({Role.WEB, Role.WORKER}),
        listen="tcp:8080:interface=127.0.0.1",
        origins=("http://127.0.0.1:8080", "http://localhost:8080"),
        database_url=URL,
        database_connections=8,
        broker="local:",
        answers_at_once=1000,
        tick_ms=100,
        lease_seconds=30.0,
        hold_minutes=15.0,
        remembered_tokens=3000,
        whole_seconds=300.0,
        first_byte_seconds=30.0,
        idle_seconds=20.0,
        connect_seconds=3.0,
        welcome_tokens=5000,
        password_threads=2,
        password_queue=50,
        log_format=LogFormat.TEXT,
        log_level=LogLevel.INFO,
        models=(Upstream("gpt-4o-mini", "https://api.openai.com/v1", "sk-1"),),
    )


def test_all_of_a_file(tmp_path: Path) -> None:
    """A file gives settings with TOML's types, and models in order."""
    options = toml(
        tmp_path,
        f"""
        node = "town-1"
        roles = ["worker"]
        idle_seconds = 2.5
        database_url = "{URL}"
        broker = "amqp://h"
        models = [
          {{name = "a", base_url = "https://a.example/v1/", key = "k", label = "demo"}},
          {{name = "b", base_url = "http://10.0.0.7:8000/v1"}},
        ]
        """,
    )

    config = read({}, options)

    assert (config.node, config.roles) == ("town-1", frozenset({Role.WORKER}))
    assert config.idle_seconds == 2.5
    assert config.models == (
        Upstream("a", "https://a.example/v1", "k", "demo"),
        Upstream("b", "http://10.0.0.7:8000/v1"),
    )


def test_options_win_over_variables_over_the_file(tmp_path: Path) -> None:
    """The nearer the operator, the stronger the word."""
    options = toml(tmp_path, "lease_seconds = 7\ntick_ms = 11\npassword_queue = 1")
    environ = {**LEAST, "ZIMGPT_TICK_MS": "12", "ZIMGPT_PASSWORD_QUEUE": "2"}

    config = read(environ, {**options, "password-queue": "3", "tick-ms": None})

    assert (config.lease_seconds, config.tick_ms, config.password_queue) == (7, 12, 3)


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    """ZIMGPT_CONFIG is --config."""
    options = toml(tmp_path, "tick_ms = 20")

    config = read({**LEAST, "ZIMGPT_CONFIG": str(options["config"])})

    assert config.tick_ms == 20


def test_an_empty_variable_says_nothing() -> None:
    """Deployment tools set variables to nothing when they have no value."""
    config = read({**LEAST, "ZIMGPT_TICK_MS": "", "ZIMGPT_MODEL_NAME": ""})

    assert config.tick_ms == 100


def test_variables_of_others_are_left_alone() -> None:
    """Those of other commands, and those that Kubernetes adds, are no mistakes."""
    others = ("ZIMGPT_HOME", "ZIMGPT_PORT", "ZIMGPT_SERVICE_HOST", "ZIMGPT_PORT_80_TCP")

    assert read({**LEAST, **dict.fromkeys(others, "x")}).node == "fresh"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "ZIMGPT_TICK_MS",
            "fast",
            "ZIMGPT_TICK_MS: expected a whole number from 10 to 1000, not 'fast'",
        ),
        (
            "ZIMGPT_ROLES",
            "web,cook",
            "ZIMGPT_ROLES: expected one or more of web, worker, not 'web,cook'",
        ),
        (
            "ZIMGPT_NODE",
            "n" * 65,
            "ZIMGPT_NODE: expected up to 64 letters, digits, - and _, such as town-1,"
            " not '" + "n" * 59 + "…",
        ),
        (
            "ZIMGPT_DATABASE_URL",
            "hunter2",
            "ZIMGPT_DATABASE_URL: expected a libpq URL like"
            " postgresql://zimgpt@127.0.0.1/zimgpt",
        ),
        (
            "ZIMGPT_DATABASE_URL_FILE",
            "/nowhere/x",
            "ZIMGPT_DATABASE_URL_FILE: ZIMGPT_DATABASE_URL is given too",
        ),
        (
            "ZIMGPT_TICKMS",
            "1",
            "ZIMGPT_TICKMS: no such setting; did you mean ZIMGPT_TICK_MS?",
        ),
        ("ZIMGPT_XYZZY_OQ", "1", "ZIMGPT_XYZZY_OQ: no such setting"),
        ("ZIMGPT_MODEL_LABEL", "demo", "ZIMGPT_MODEL_NAME: expected the model's name"),
    ],
)
def test_bad_variables(variable: str, value: str, sentence: str) -> None:
    """An error names the variable and what is expected, and no secret."""
    assert refusal({**LEAST, variable: value}) == sentence


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("tick_ms = '100'", "tick_ms", "expected a whole number from 10 to 1000, not"),
        ("tik_ms = 100", "tik_ms", "no such setting; did you mean tick_ms?"),
        ("model = 1", "model", "no such setting; did you mean models?"),
        ("models = 1", "models", "expected tables written as [[models]]"),
        ("models = [1]", "models", "expected tables written as [[models]]"),
        ("[[models]]", "models[0].name", "expected the model's name"),
        ("[[models]]\nname='a'", "models[0].base_url", "expected a URL like https:"),
        ("[[models]]\nnmae='a'", "models[0].nmae", "no such setting; did you mean n"),
        (
            "[[models]]\nname='a'\nbase_url='http://h'\n[[models]]\nname=''\nbase_url=''",
            "models[1].name",
            "expected the model's name, not ''",
        ),
        (
            "[[models]]\nname='a'\nbase_url='http://h'\nkey='k'\nkey_file='f'",
            "models[0].key_file",
            "models[0].key in {path} is given too",
        ),
        (
            "[[models]]\nname='a'\nbase_url='https://api.openai.com/v1'",
            "models[0].key",
            "https://api.openai.com/v1 needs a key, here, in a file or as OPENAI_API",
        ),
        ("database_url_file = ''", "database_url_file", "expected a file's name"),
        ("database_url_file = 1", "database_url_file", "expected a file's name"),
        ("database_url_file = 'no'", "database_url_file", "cannot read"),
        ("broker='local:'\namqp_url_file='f'", "amqp_url_file", "broker in"),
    ],
)
def test_bad_files(
    tmp_path: Path, text: str, place: str, problem: str
) -> None:  # fmt: skip
    """An error names the key's path and the file."""
    options = toml(tmp_path, text)
    environ = {} if "database" in text else {"ZIMGPT_DATABASE_URL": URL}
    path = options["config"]

    sentence = refusal(environ, options)

    assert sentence.startswith(f"{place} in {path}: {problem.format(path=path)}")


def test_files_that_are_none(tmp_path: Path) -> None:
    """A file that cannot be read says why, with the line where that is known."""
    bad = tmp_path / "bad.toml"

    assert refusal(LEAST, {"config": "/nowhere"}) == (
        "/nowhere: cannot be read: No such file or directory"
    )
    bad.write_bytes(b"a = 1\nb = ?")
    assert refusal(LEAST, {"config": str(bad)}) == (
        f"{bad}: is not TOML: Invalid value (at line 2, column 5)"
    )
    bad.write_bytes(b"\xff")
    assert refusal(LEAST, {"config": str(bad)}) == f"{bad}: is not text in UTF-8"


def test_secrets_from_files(tmp_path: Path) -> None:
    """A file's name is found from the folder of the file that says it."""
    (tmp_path / "db").write_text(f"  {URL}\n")
    (tmp_path / "mq").write_text("amqp://u:p@h\n")
    (tmp_path / "key").write_text("sk-9\n")
    options = toml(
        tmp_path,
        "database_url_file = 'db'\namqp_url_file = 'mq'\n"
        "[[models]]\nname = 'a'\nbase_url = 'http://h'\nkey_file = 'key'",
    )

    config = read({}, options)

    assert (config.database_url, config.broker) == (URL, "amqp://u:p@h")
    assert config.models[0].key == "sk-9"


def test_files_of_secrets_that_hold_none(tmp_path: Path) -> None:
    """What such a file holds is checked, and never repeated."""
    secret = tmp_path / "db"
    named = {
        **LEAST,
        "ZIMGPT_DATABASE_URL": "",
        "ZIMGPT_DATABASE_URL_FILE": str(secret),
    }

    secret.write_text("hunter2")
    assert refusal(named) == (
        f"ZIMGPT_DATABASE_URL_FILE: expected {secret} to hold a libpq URL like"
        " postgresql://zimgpt@127.0.0.1/zimgpt"
    )
    secret.write_bytes(b"\xff")
    assert refusal(named) == (
        f"ZIMGPT_DATABASE_URL_FILE: {secret} is not text in UTF-8"
    )


def test_a_stronger_source_replaces_value_and_file(tmp_path: Path) -> None:
    """Value and file exclude each other within one source only."""
    options = toml(tmp_path, "database_url_file = 'nowhere'")

    assert read(LEAST, options).database_url == URL


@pytest.mark.parametrize(
    ("option", "value"),
    [("database-url", "postgresql://u:hunter2@h/d"), ("broker", "amqp://u:hunter2@h")],
)
def test_no_password_on_the_command_line(option: str, value: str) -> None:
    """Everybody on the machine can read it, so it is refused, unrepeated."""
    sentence = refusal(LEAST, {option: value})

    assert sentence.startswith(f"--{option}: everybody on this machine can read")
    assert "hunter2" not in sentence
    assert f"--{'database' if 'data' in option else 'amqp'}-url-file" in sentence


def test_a_file_for_a_secret_on_the_command_line(tmp_path: Path) -> None:
    """The name of a secret's file is no secret."""
    secret = tmp_path / "db"
    secret.write_text("postgresql://u:hunter2@h/d")

    config = read(LEAST, {"database-url-file": str(secret), "broker": "amqp://h"})

    assert config.database_url == "postgresql://u:hunter2@h/d"


def test_secrets_are_not_in_reprs() -> None:
    """A configuration that is printed by mistake gives nothing away."""
    secrets = {
        "ZIMGPT_DATABASE_URL": "postgresql://u:hunter1@h/d",
        "ZIMGPT_BROKER": "amqp://u:hunter2@h",
        "OPENAI_API_KEY": "hunter3",
    }

    assert "hunter" not in repr(read(secrets))


def test_one_model_by_the_environment(tmp_path: Path) -> None:
    """It replaces those of the file."""
    options = toml(tmp_path, "[[models]]\nname = 'a'\nbase_url = 'http://h'")
    key = tmp_path / "key"
    key.write_text("k\n")
    environ = {
        **LEAST,
        "ZIMGPT_MODEL_NAME": "tiny",
        "ZIMGPT_MODEL_URL": "http://127.0.0.1:9000/v1",
        "ZIMGPT_MODEL_KEY_FILE": str(key),
        "ZIMGPT_MODEL_LABEL": "demo model",
    }

    assert read(environ, options).models == (
        Upstream("tiny", "http://127.0.0.1:9000/v1", "k", "demo model"),
    )


def test_openai_gets_its_key_and_nobody_else_does() -> None:
    """OPENAI_API_KEY is sent to OpenAI's own address only."""
    named = {**LEAST, "ZIMGPT_MODEL_NAME": "gpt-x"}

    assert read(named).models[0].key == "sk-1"
    elsewhere = read({**named, "ZIMGPT_MODEL_URL": "https://h.example/v1"})
    assert elsewhere.models[0].key is None
    assert "OPENAI_API_KEY: expected" in refusal({**LEAST, "OPENAI_API_KEY": "a b"})


def test_origins_are_the_operators_when_listen_does_not_tell() -> None:
    """Behind a socket of systemd the addresses cannot be known."""
    behind = {**LEAST, "ZIMGPT_LISTEN": "systemd:domain=INET:index=0"}

    assert refusal(behind).startswith("origins: cannot be guessed from systemd:")
    told = read({**behind, "ZIMGPT_ORIGINS": "https://chat.example.org"})
    assert told.origins == ("https://chat.example.org",)
    worker = {**behind, "ZIMGPT_ROLES": "worker", "ZIMGPT_BROKER": "amqp://h"}
    assert read(worker).origins == ()


def test_a_node_of_some_roles_needs_rabbitmq() -> None:
    """A question taken here would never reach who answers it."""
    sentence = refusal({**LEAST, "ZIMGPT_ROLES": "web"})

    assert sentence.startswith("broker: local: reaches no other node")


def test_what_is_missing_is_named() -> None:
    """Without a database nothing can be done."""
    assert refusal({"OPENAI_API_KEY": "k"}).startswith("database_url: expected a libpq")


def test_a_model_is_required_of_a_server(tmp_path: Path) -> None:
    """But not of who reads a configuration to add one."""
    config = read({"ZIMGPT_DATABASE_URL": URL}, toml(tmp_path, "models = []"))

    assert config.models == ()
    with pytest.raises(ConfigError, match=r"^models: expected at least one: \[\[mod"):
        require_models(config)
    require_models(read())


def test_the_database_alone() -> None:
    """Commands that use the database only need to be told of nothing else."""
    assert load_database_url(environ={"ZIMGPT_DATABASE_URL": URL}) == URL
    with pytest.raises(ConfigError, match=r"^database_url: expected"):
        load_database_url(environ={})


def test_a_config_is_frozen() -> None:
    """Nothing changes a decision once it is read."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        read().node = "other"  # type: ignore[misc]


EAR = {"ZIMGPT_VOICE_MODEL": "whisper-1", "ZIMGPT_VOICE_TOKENS": "60"}
EYE = {"ZIMGPT_PICTURE_MODEL": "gpt-4o-mini", "ZIMGPT_PICTURE_TOKENS": "9"}


def test_models_that_listen_and_look() -> None:
    """OpenAI's key serves OpenAI's address, and goes nowhere else."""
    config = read({**LEAST, **EAR, **EYE, "ZIMGPT_PICTURE_URL": "https://eye.test/v1"})

    assert (config.voice_model, config.voice_tokens) == ("whisper-1", 60)
    assert (config.voice_key, config.picture_key) == ("sk-1", None)
    assert "sk-1" not in repr(attrs.evolve(config, models=()))


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"ZIMGPT_VOICE_MODEL": "whisper-1"}, "voice_tokens"),
        ({"ZIMGPT_PICTURE_MODEL": "gpt-4o-mini"}, "picture_tokens"),
        ({**EAR, "OPENAI_API_KEY": ""}, "voice_key"),
        ({**EYE, "OPENAI_API_KEY": ""}, "picture_key"),
    ],
)
def test_nobody_listens_for_nothing(more: dict[str, str], missing: str) -> None:
    """A model without a price, or OpenAI's without a key, is refused at the start."""
    assert refusal({**LEAST, **more}).startswith(f"{missing}: expected")


def test_credentials_of_systemd(tmp_path: Path) -> None:
    """A unit has them where systemd says; a command finds them beside the file."""
    given, kept = tmp_path / "given", tmp_path / "secrets"
    for folder, key in ((given, "of the unit"), (kept, "of the shell")):
        folder.mkdir()
        (folder / "database_url").write_text(URL)
        (folder / "key").write_text(key.replace(" ", "-"))
    (given / "database_url").rename(given / "zimgpt_database_url")  # of a whole folder
    options = toml(
        tmp_path,
        "database_url_file = 'credential:database_url'\n"
        "[[models]]\nname = 'a'\nbase_url = 'http://h'\nkey_file = 'credential:key'",
    )

    unit = read({"CREDENTIALS_DIRECTORY": str(given)}, options)
    shell = read({}, options)

    assert unit.database_url == shell.database_url == URL
    assert (unit.models[0].key, shell.models[0].key) == ("of-the-unit", "of-the-shell")


NUMBER = {
    "ZIMGPT_WHATSAPP_PHONE_ID": "106540352242922",
    "ZIMGPT_WHATSAPP_NUMBER": "263771234567",
    "ZIMGPT_WHATSAPP_TOKEN": "a-token",
    "ZIMGPT_WHATSAPP_APP_SECRET": "new,old",
    "ZIMGPT_WHATSAPP_VERIFY_TOKEN": "a-word",
}


def test_a_number_with_all_that_it_needs() -> None:
    """None of its secrets is shown."""
    config = read({**LEAST, **NUMBER})

    assert config.whatsapp_app_secret == "new,old"
    assert not {"a-token", "new,old", "a-word"} & set(repr(config).split("'"))


@pytest.mark.parametrize(
    "missing", ["NUMBER", "TOKEN", "APP_SECRET", "VERIFY_TOKEN"], ids=str.lower
)
def test_a_number_without_what_it_needs(missing: str) -> None:
    """No node starts that would believe anybody, or could not answer."""
    environ = {**LEAST, **NUMBER, f"ZIMGPT_WHATSAPP_{missing}": ""}

    assert refusal(environ).startswith(f"whatsapp_{missing.lower()}: expected")


PAYNOW = {
    **LEAST,
    "ZIMGPT_PAYNOW_USD_ID": "1201",
    "ZIMGPT_PAYNOW_USD_KEY": "a-key",
    "ZIMGPT_PAYNOW_USD_EMAIL": "pay@example.org",
}


def test_payments_are_set_up_by_an_integration() -> None:
    """With its id, key and address; its keys are told to nobody."""
    config = read({**PAYNOW, "ZIMGPT_PAYNOW_METHODS": "ecocash,web"})

    assert (config.paynow_usd_id, config.paynow_usd_key) == (1201, "a-key")
    assert config.paynow_methods == {Method.ECOCASH, Method.WEB}
    assert config.paynow_zwg_id is None
    assert "a-key" not in repr(config)


@pytest.mark.parametrize("missing", ["ID", "KEY", "EMAIL"])
@pytest.mark.parametrize("currency", ["USD", "ZWG"])
def test_half_an_integration_is_refused(missing: str, currency: str) -> None:
    """It would look as if something could be bought."""
    half = {
        name.replace("USD", currency): value
        for name, value in PAYNOW.items()
        if not name.endswith(missing) or name in LEAST
    }

    said = refusal(half)

    assert said.startswith(f"paynow_{currency.lower()}_{missing.lower()}")


def test_old_keys_alone_are_half_an_integration() -> None:
    """A key that was rotated needs the one that took over."""
    said = refusal({**LEAST, "ZIMGPT_PAYNOW_ZWG_OLD_KEYS": "old"})

    assert said.startswith("paynow_zwg_id")


def test_the_gateway_must_be_told_where_we_are() -> None:
    """A node that only works has no address of its own to tell it."""
    elsewhere = {
        **PAYNOW,
        "ZIMGPT_ROLES": "worker",
        "ZIMGPT_BROKER": "amqp://h",
        "ZIMGPT_LISTEN": "unix:/run/zimgpt.sock",
    }

    assert refusal(elsewhere).startswith("public_url")
    told = read({**elsewhere, "ZIMGPT_PUBLIC_URL": "https://chat.example.org"})
    assert told.public_url == "https://chat.example.org"
