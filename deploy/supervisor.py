"""One machine's supervisor: starts everything, keeps it running, stops it without remains."""

import http.client
import shlex
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from deploy import leftovers, node
from deploy.child import Child, StartFailedError, say
from deploy.home import choose_home, make_folder, server_account
from deploy.locks import exclusive
from deploy.postgres import EmbeddedPostgres
from deploy.processes import Command, Processes, RunSettings, environment, processes, without_proxy
from deploy.server import EmbeddedServer, free_port, listening
from deploy.signals import StopRequested, StopSwitch
from deploy.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = "environment"
START_SECONDS = 60.0
STOP_SECONDS = 8.0
ORPHAN_SECONDS = 3.0
LONGEST_BACKOFF = 30.0
STEADY_SECONDS = 60.0  # a child that ran this long starts over with the shortest backoff

Table = Callable[[int, int], Processes]


class Watched:
    """A lasting child with what its restarts need to remember."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.failures = 0
        self.started = time.monotonic()
        self.restart_at: float | None = None

    def check(self, data_dir: Path) -> None:
        """Notice that it ended and plan a restart, or carry out a planned one."""
        now = time.monotonic()
        if self.restart_at is None and self.child.exit_code() is not None:
            self.failures = 1 if now - self.started > STEADY_SECONDS else self.failures + 1
            wait = min(0.25 * 2**self.failures, LONGEST_BACKOFF)
            self.restart_at = now + wait
            say(
                f"{self.child.name} ended with code {self.child.exit_code()}, restarting in "
                f"{wait:g} s; see {self.child.log}"
            )
        elif self.restart_at is not None and now >= self.restart_at:
            # Whatever it had started itself may still hold its port.
            leftovers.stop(leftovers.find(data_dir, self.child.name), grace=2)
            self.restart_at = None
            self.started = now
            self.child.start()


class Supervisor:
    """Runs the service in the foreground until it is told to stop."""

    def __init__(
        self, settings: RunSettings, variables: Mapping[str, str], table: Table = processes
    ) -> None:
        """`variables` is the caller's environment, which the processes inherit."""
        self.settings = settings
        self.variables = without_proxy(variables)
        self.table = table
        self.switch = StopSwitch()
        self.home = settings.data_dir
        self.servers: list[EmbeddedServer] = []
        self.children: dict[str, Child] = {}

    def run(self) -> None:
        """Start, print `ready URL`, keep everything running; returns after a stop that was
        asked for. StartFailedError when the start fails; nothing is left running either way."""
        data_dir = self.settings.data_dir
        if not data_dir.exists():
            make_folder(data_dir, 0o711 if server_account() else 0o700)
        try:
            with exclusive(data_dir, self.switch.pause) as lock:
                try:
                    self._start()
                    print(f"ready http://127.0.0.1:{self.settings.port}", flush=True)
                    self._watch()
                finally:
                    lock.stopping()
                    (data_dir / ENVIRONMENT).unlink(missing_ok=True)
                    self._stop()
        except StopRequested:
            say("stopped")

    def _start(self) -> None:
        data_dir = self.settings.data_dir
        self.home = choose_home(data_dir, server_account())
        orphans = leftovers.find(data_dir, server_home=self.home)
        if orphans:
            say(f"stopping {len(orphans)} processes that an earlier run left behind")
            leftovers.stop(orphans, ORPHAN_SECONDS)
        require_free(self.settings.port)
        for name in ("logs", "photos", "anchors"):
            make_folder(data_dir / name, 0o700)
        standin_port = free_port(self.settings.port + 1)
        table = self.table(self.settings.port, standin_port)
        own = self._start_servers(standin_port)
        self._leave_environment(own)
        env = self.variables | own
        standin = self._start_child("standin", table.standin, env)
        self._prepare(table.prepare, env)
        standin.wait_until(
            lambda: listening(standin_port), seconds=START_SECONDS, pause=self.switch.pause
        )
        for name, command in table.lasting.items():
            self._start_child(name, command, env)
        self._wait_answers()
        if not self.settings.wechat_base_url:
            say(f"messages that phones would get: http://127.0.0.1:{standin_port}/")
            phones = (
                f"phones of a resident and a grid worker: http://127.0.0.1:{standin_port}/phone/"
            )
            say(node.missing() or phones)

    def _leave_environment(self, variables: Mapping[str, str]) -> None:
        """For `make flask`: how to reach the service that runs here, while it does."""
        path = self.settings.data_dir / ENVIRONMENT
        path.touch(0o600)
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        path.write_text("".join(lines))

    def _start_servers(self, standin_port: int) -> dict[str, str]:
        """Start what was not given by URL, both at once; the environment for the processes."""
        settings, logs = self.settings, self.settings.data_dir / "logs"
        postgres = None if settings.database_url else EmbeddedPostgres(self.home, log_dir=logs)
        valkey = None if settings.redis_url else EmbeddedValkey(self.home, log_dir=logs)
        self.servers = [server for server in (valkey, postgres) if server]
        for server in self.servers:
            server.launch()
        for server in self.servers:
            server.wait_ready(self.switch.pause)
        return environment(
            settings,
            database_url=postgres.app_url if postgres else settings.database_url,
            database_owner_url=postgres.owner_url if postgres else settings.database_owner_url,
            redis_url=valkey.url if valkey else settings.redis_url,
            standin_port=standin_port,
        )

    def _make_child(self, name: str, command: Command, env: Mapping[str, str]) -> Child:
        data_dir = self.settings.data_dir
        marked = {**env, **leftovers.mark(data_dir, name)}
        return Child(name, command, env=marked, log=data_dir / "logs" / f"{name}.log", cwd=ROOT)

    def _start_child(self, name: str, command: Command, env: Mapping[str, str]) -> Child:
        child = self._make_child(name, command, env)
        child.start()
        self.children[name] = child
        return child

    def _prepare(self, command: Command, env: Mapping[str, str]) -> None:
        """Run the step to its end, however long it takes; StartFailedError if it fails."""
        say("preparing the database")
        child = self._make_child("prepare", command, env)
        child.start()
        try:
            while child.exit_code() is None:
                self.switch.pause(0.05)
        finally:
            child.stop()
        if child.exit_code() != 0:
            child.require_running()

    def _wait_answers(self) -> None:
        """Wait until the web server says that it is healthy and ready."""
        self.children["web"].wait_until(
            self._answers, seconds=START_SECONDS, pause=self.switch.pause
        )

    def _answers(self) -> bool:
        for child in self.children.values():
            child.require_running()
        return all(answers(self.settings.port, path) for path in ("/healthz", "/readyz"))

    def _watch(self) -> None:
        everything = [*(server.child for server in self.servers), *self.children.values()]
        watched = [Watched(child) for child in everything]
        while True:
            self.switch.pause(0.1)
            for each in watched:
                each.check(self.settings.data_dir)

    def _stop(self) -> None:
        """Stop the processes together, then the servers, then whatever those left behind."""
        for child in self.children.values():
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            child.stop(grace=max(0.0, deadline - time.monotonic()))
        data_dir = self.settings.data_dir
        leftovers.stop(leftovers.find(data_dir), grace=1)
        for server in self.servers:
            server.stop()


def require_free(port: int) -> None:
    """StartFailedError naming the port if something holds it on loopback."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartFailedError(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}): "
                f"stop what holds it, or choose another, as in `make run PORT={port + 1}`"
            ) from error


def answers(port: int, path: str) -> bool:
    """Whether the server on loopback answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection):
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
