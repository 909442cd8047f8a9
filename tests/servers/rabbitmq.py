"""A private RabbitMQ for tests, drills and measurements, without systemd.

    with RabbitMQ() as server:
        url = server.vhost()

Debian's program, run as whoever we are, on free ports of the loopback interface, with
its own folder, cookie and name server (epmd), which would otherwise outlive it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from signal import SIGKILL, SIGTERM
from types import TracebackType
from typing import Self
from urllib.parse import quote

from zimgpt.embedded import children
from zimgpt.embedded.children import Child

# Not /usr/sbin/rabbitmq-server: that one changes its user and its folder.
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
GREETING = b"AMQP\x00\x00\x09\x01"
BOOT = 240.0  # seconds; 6 to 9 on a quiet machine, a minute on a busy one
LISTENS = "{127,0,0,1}"
BATCH = 5  # virtual hosts made at once
ADD_VHOST = """
rabbit_vhost:add(<<"%s">>, <<"test">>),
rabbit_auth_backend_internal:set_permissions(
  <<"guest">>, <<"%s">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>),
"""

SETTINGS = """\
listeners.tcp.1 = 127.0.0.1:{port}
log.file = {folder}/log/rabbit.log
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.absolute = 1GB
"""


def installed() -> bool:
    """Whether there is one to start."""
    return (PROGRAMS / "rabbitmq-server").exists() and shutil.which("epmd") is not None


class RabbitMQ:
    """A broker that runs from ``with`` to its end; it may be killed and started."""

    def __init__(self) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="zimgpt-mq-"))
        self.port, self._side, self._names = children.free_ports(3)
        self._node = f"zimgpt{self.port}@localhost"
        self._numbers = count(1)
        self._vhosts: list[str] = []
        self._epmd: Child | None = None
        self._broker: Child | None = None
        self._env = self._settle()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def url(self, vhost: str = "/") -> str:
        """Where a virtual host is, for pika and for people."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._broker is not None and self._broker.alive

    def start(self) -> None:
        """Returns when it greets."""
        self.begin()
        self.ready()

    def begin(self) -> None:
        """Starts it; ``ready`` waits for it."""
        if self._epmd is None:
            self._epmd = children.start(
                "epmd",
                ["epmd", "-port", self._env["ERL_EPMD_PORT"], "-address", "127.0.0.1"],
                log=self._place / "epmd.out",
                env=self._env,
            )
        self._broker = children.start(
            "RabbitMQ",
            [PROGRAMS / "rabbitmq-server"],
            log=self._place / "broker.out",
            env=self._env,
        )

    def ready(self) -> None:
        """Returns when it greets."""
        assert self._broker is not None
        self._broker.until(self._greets, patience=BOOT)

    def stop(self) -> None:
        """Ends it as a good administrator does."""
        if self._broker is not None:
            self._broker.end(SIGTERM, patience=30.0)
            self._broker = None

    def kill(self) -> None:
        """Ends it as a crash does.

        A quorum queue that was declared less than ten seconds ago may not come back.
        """
        if self._broker is not None:
            self._broker.kill()
            self._broker = None

    def control(self, *words: str) -> str:
        """Runs rabbitmqctl; returns what it says."""
        return subprocess.run(
            [PROGRAMS / "rabbitmqctl", "--quiet", "--node", self._node, *words],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def vhost(self) -> str:
        """The URL of a virtual host that nobody has used; all go with the server."""
        if not self._vhosts:
            names = [f"test{next(self._numbers)}" for _ in range(BATCH)]
            # One call of the slow tool instead of two for each.
            self.control(
                "eval", "".join(ADD_VHOST % (name, name) for name in names) + "ok."
            )
            self._vhosts = [self.url(name) for name in names]
        return self._vhosts.pop(0)

    def _end(self) -> None:
        self.kill()
        if self._epmd is not None:
            self._epmd.end(SIGKILL, patience=5.0)
        shutil.rmtree(self._place, ignore_errors=True)

    def _greets(self) -> bool:
        """Whether AMQP is spoken; the port is open long before that."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as link:
                link.settimeout(2.0)
                link.sendall(GREETING)
                return bool(link.recv(1))
        except OSError:
            return False

    def _settle(self) -> Mapping[str, str]:
        """Writes its settings; returns the environment it needs."""
        place = self._place
        for folder in ("mnesia", "log", "home"):
            (place / folder).mkdir(mode=0o700)
        settings = place / "rabbitmq.conf"
        settings.write_text(SETTINGS.format(port=self.port, folder=place))
        plugins = place / "enabled_plugins"
        plugins.write_text("[].\n")
        return os.environ | {
            "HOME": str(place / "home"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._side),
            "ERL_EPMD_PORT": str(self._names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_CONFIG_FILE": str(settings),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            # One busy core is enough, and an idle one should cost nothing.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none"
            f" +sbwtdio none -kernel inet_dist_use_interface {LISTENS}",
        }
