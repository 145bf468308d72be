"""What the embedded servers share: a folder, a free loopback port, a child process."""

import socket
import time
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.child import Account, Child, Pause, StartFailedError
from deploy.home import server_account

# Not the caller's environment: PGDATA, PGOPTIONS or an ungenerated locale would leak in.
SERVER_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
ATTEMPTS = 3


def free_port(wanted: int = 0) -> int:
    """A TCP port that nothing on loopback uses at this moment: the wanted one if it can be."""
    with closing(socket.socket()) as probe:
        if wanted:  # else connections of an earlier run still hold it for a minute
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError):
            return free_port()
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class EmbeddedServer(ABC):
    """A server started with `launch` then `wait_ready`, or both with `start` or `with`."""

    name: str

    def __init__(self, home: Path, *, log_dir: Path | None = None) -> None:
        """`home`: a folder that the servers' user may enter (see `deploy.home.choose_home`);
        the log goes to `log_dir`, by default into `home` as well."""
        self.home = home.resolve()
        self.log = (log_dir or self.home) / f"{self.name}.log"
        self.account: Account | None = server_account()
        self.port = 0
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The server's process; RuntimeError before `launch`."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was not launched")
        return self._child

    def launch(self) -> None:
        """Start the process on a free port, without waiting for it."""
        self.port = free_port()
        self._child = self._make_child()
        self._child.start()

    def wait_ready(self, pause: Pause = time.sleep, seconds: float = 60) -> str:
        """Wait for a launched server and return the application's URL of it.

        One that lost its port to another process is launched again. StartFailedError with the
        end of its log otherwise.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self.child.wait_until(self._ready, seconds=seconds, pause=pause)
                break
            except StartFailedError:
                lost_port = self.child.exit_code() is not None and listening(self.port)
                if attempt == ATTEMPTS or not lost_port:
                    raise
                self.launch()
        return self._set_up()

    def start(self) -> str:
        """Start, wait, and return the application's URL; nothing is left behind on failure."""
        try:
            self.launch()
            return self.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in an orderly way; kill after 30 s."""
        if self._child:
            self._child.stop(grace=30)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @abstractmethod
    def _make_child(self) -> Child:
        """The process to start on `self.port`, its files prepared."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether the server takes connections."""

    @abstractmethod
    def _set_up(self) -> str:
        """What is left to do on a server that is ready; returns the application's URL."""
