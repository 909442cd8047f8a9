"""What goes to a server, held against what the program takes and tells."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from zimgpt.cli.doctoring.machine import SPARE
from zimgpt.config import Config, load
from zimgpt.service.node import DRAIN

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("zimgpt*@.service"))
SCRIPTS = ("release", "zimgpt", "backup", "restore")
SECRETS = {
    "database_url": "postgresql://zimgpt@127.0.0.1/zimgpt",
    "amqp_url": "amqp://zimgpt:p@127.0.0.1/zimgpt",
    "model_key": "sk-1",
}


def settings(unit: Path) -> dict[str, str]:
    """What a unit sets, the instance being the first."""
    text = unit.read_text().replace("%i", "1").replace("%l", "town")
    return dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.M))


def kept(folder: Path, prefix: str) -> Path:
    """Every secret of the example, as files."""
    for name, secret in SECRETS.items():
        (folder / f"{prefix}{name}").write_text(secret)
    return folder


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_and_the_example_make_a_configuration(unit: Path, tmp_path: Path) -> None:
    """Together they are understood; nodes differ in name and in metrics' port."""
    environ = settings(unit) | {
        "ZIMGPT_CONFIG": str(DEPLOY / "zimgpt.toml"),
        "CREDENTIALS_DIRECTORY": str(kept(tmp_path, "zimgpt_")),
    }

    config = load(environ=environ, new_node="x")

    others = [settings(other) for other in UNITS if other != unit]
    assert config.node not in {other["ZIMGPT_NODE"] for other in others}
    assert config.metrics_listen not in {o["ZIMGPT_METRICS_LISTEN"] for o in others}
    assert config.models[0].key == "sk-1"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_leave_time_to_drain_and_files_to_open(unit: Path) -> None:
    """systemd kills nobody who is still within the promised time."""
    text = unit.read_text()
    waits = int(re.findall(r"^TimeoutStopSec=(\d+)$", text, re.M)[0])
    files = int(re.findall(r"^LimitNOFILE=(\d+)$", text, re.M)[0])

    assert waits > DRAIN + 5
    most: Any = attrs.fields_dict(Config)["connections"].default
    assert files > most + SPARE


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_leave_the_shared_socket_as_it_is(unit: Path) -> None:
    """systemd does not make it block for the nodes that run when it starts another."""
    text = unit.read_text()

    assert ("Sockets=" in text) == ("NonBlocking=yes" in text)


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="a machine without systemd"
)
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """No line of them is unknown to it."""
    for file in (DEPLOY / "systemd").glob("zimgpt*.[st]*"):
        if file.suffix in (".service", ".socket", ".timer"):
            text = re.sub(
                r"^ExecStart=\S+", "ExecStart=/bin/true", file.read_text(), flags=re.M
            )
            (tmp_path / file.name).write_text(text)
    names = [one.name.replace("@.", "@1.") for one in tmp_path.iterdir()]

    said = subprocess.run(
        ["systemd-analyze", "verify", *sorted(names)],
        env={
            "SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system",
            "PATH": "/usr/bin",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    ours = [line for line in said.stderr.splitlines() if "zimgpt" in line]
    assert ours == []


def test_containers(tmp_path: Path) -> None:
    """Whatever a service names is there, and what nodes are told is understood."""
    whole: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = whole["services"]

    for service in services.values():
        assert set(service.get("secrets", ())) <= set(whole["secrets"])
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or source.startswith("./secrets/")
    for name in ("migrate", "web", "worker"):
        given = services[name]["environment"]
        environ = {
            key: value.replace("/run/secrets", str(kept(tmp_path, "")))
            for key, value in given.items()
        }
        assert load(environ=environ, new_node="x").broker.startswith("amqp")
        assert services[name]["stop_grace_period"] == "45s"


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("serve", ()),
        ("run", ("embedded",)),
        ("traces", ("traces",)),
        ("test", ("dev", "embedded", "traces")),
    ],
)
def test_locks_hold_all_that_is_needed(lock: str, extras: tuple[str, ...]) -> None:
    """A release made of one could not start if a dependency were not in it."""
    root = DEPLOY.parent
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    files = [root / "requirements" / f"{name}.txt" for name in (lock, "txpostgres")]
    pinned = " ".join(file.read_text() for file in files)
    locked = {name.lower() for name in re.findall(r"(?m)^\s?([\w.-]+)==", pinned)}

    names = {re.split(r"[\[><=]", one)[0].strip().lower() for one in wanted}
    assert names <= locked


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    """And be run."""
    path = DEPLOY / script
    subprocess.run(["bash", "-n", str(path)], check=True)

    assert path.stat().st_mode & 0o111
