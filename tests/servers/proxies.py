"""nginx and HAProxy with the examples of deploy/, as an ordinary user's processes.

    with Nginx([node.port]) as proxy:
        proxy.dial() ...

What an administrator changes in an example is changed here, too: the certificate, the
nodes, the ports, for those below 1024 are root's, and where the log goes. Every other
line is as documented.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.servers.certificates import self_signed
from zimgpt.embedded import children
from zimgpt.embedded.children import Child, User

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = ("chat.example.org", "admin.example.org")
ORIGINS: Final = tuple(f"https://{name}" for name in NAMES)
BOOT: Final = 20.0  # seconds; a tenth of one on a quiet machine
FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", ""))

AROUND = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    gzip on;
    access_log off;
    {temporary}
    {sites}
}}
"""
"""Of Debian's nginx.conf what concerns a site."""


def program(name: str) -> str | None:
    """Where it is; Debian keeps both where only root looks."""
    return shutil.which(name, path=os.pathsep.join(FOLDERS))


def documented_admin_host() -> str:
    """The block of docs/howto/admin.md."""
    page = (ROOT / "docs/howto/admin.md").read_text()
    found = re.findall(r"^```nginx\n(.*?)^```$", page, re.M | re.S)
    return "".join(found)


class Proxy:
    """One that runs from ``with`` to its end, on ports of its own."""

    name: str

    def __init__(self, nodes: Sequence[int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zimgpt-proxy-"))
        self.port, self.plain = children.free_ports(2)
        self._nodes = nodes
        self._child: Child | None = None
        self._pem = self_signed(self.folder, *NAMES)

    def __enter__(self) -> Self:
        self._write()
        user = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            user = User(nobody.pw_uid, nobody.pw_gid)
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, user.uid, user.gid)
        self._child = children.start(
            self.name,
            self._command(),
            log=self.folder / "out",
            cwd=self.folder,  # HAProxy must be able to come back to where it began
            user=user,
        )
        self._child.until(self._listens, patience=BOOT)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._child is not None:
            self._child.kill()
        shutil.rmtree(self.folder)

    def dial(
        self,
        come_from: str = "127.0.0.1",
        *,
        host: str = NAMES[0],
        to: str = "127.0.0.1",
        protocols: Sequence[str] = (),
    ) -> ssl.SSLSocket:
        """A connection over TLS to a host of ours, from an address of ours."""
        context = ssl.create_default_context(cafile=str(self._pem))
        if protocols:
            context.set_alpn_protocols([*protocols])
        link = socket.create_connection((to, self.port), 15.0, (come_from, 0))
        return context.wrap_socket(link, server_hostname=host)

    def check(self) -> str:
        """What the program itself says of its configuration; raises if that is bad."""
        return subprocess.run(
            self._command(check=True), check=True, capture_output=True, text=True
        ).stderr

    def _listens(self) -> bool:
        try:
            self.dial().close()
        except OSError:
            return False
        return True

    def _write(self) -> None:
        raise NotImplementedError

    def _command(self, *, check: bool = False) -> list[str]:
        raise NotImplementedError


class Nginx(Proxy):
    """nginx with deploy/nginx/zimgpt.conf and the admin host of its page."""

    name = "nginx"

    def _write(self) -> None:
        example = (ROOT / "deploy/nginx/zimgpt.conf").read_text()
        site = example + documented_admin_host()
        site = re.sub(r"/etc/letsencrypt/\S+\.pem", str(self._pem), site)
        site = re.sub(r"\b443 ssl", f"{self.port} ssl", site)
        site = re.sub(r"\]:443 ssl", f"]:{self.port} ssl", site)
        site = re.sub(r"(listen (?:\[::\]:)?)80;", rf"\g<1>{self.plain};", site)
        site = site.replace("/var/log/nginx", str(self.folder))
        site = site.replace(
            "    server 127.0.0.1:8080 max_fails=1 fail_timeout=2s;\n",
            "".join(
                f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n"
                for port in self._nodes
            ),
        )
        site = site.replace("allow 10.0.0.0/8;", "allow 127.0.0.10;")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"{k}_temp_path {self.folder}/{k};" for k in kinds)
        whole = AROUND.format(folder=self.folder, temporary=temporary, sites=site)
        (self.folder / "nginx.conf").write_text(whole)

    def _command(self, *, check: bool = False) -> list[str]:
        log = ["-e", f"{self.folder}/error.log"]
        config = ["-c", f"{self.folder}/nginx.conf", *log]
        return [program("nginx") or "nginx", *config, *(["-t"] if check else [])]


class HAProxy(Proxy):
    """HAProxy with deploy/haproxy/haproxy.cfg."""

    name = "haproxy"

    def _write(self) -> None:
        text = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
        text = re.sub(r"^    (user|group) .*\n", "", text, flags=re.M)
        text = text.replace("log /dev/log", "log stdout format raw")
        text = re.sub(r"crt \S+", f"crt {self._pem}", text)
        text = re.sub(r"^(    bind \S*:)80\b", rf"\g<1>{self.plain}", text, flags=re.M)
        text = re.sub(r"^(    bind \S*:)443\b", rf"\g<1>{self.port}", text, flags=re.M)
        text = text.replace(
            "    server one 127.0.0.1:8080\n",
            "".join(f"    server n{port} 127.0.0.1:{port}\n" for port in self._nodes),
        )
        text = text.replace("src 10.0.0.0/8", "src 127.0.0.10")
        (self.folder / "haproxy.cfg").write_text(text)

    def _command(self, *, check: bool = False) -> list[str]:
        config = ["-f", f"{self.folder}/haproxy.cfg"]
        return [program("haproxy") or "haproxy", *config, "-c" if check else "-db"]
