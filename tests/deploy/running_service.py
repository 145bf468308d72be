"""Supervisors over the fake service, started and watched by the tests."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy import leftovers
from deploy.server import free_port

COMMAND = (sys.executable, str(Path(__file__).with_name("fake_service.py")))
# Variables for a run without database servers, where a test is not about them.
SERVERLESS = {
    "DATABASE_URL": "postgresql://db.example/x",
    "REDIS_URL": "redis://broker.example/0",
    "FAKE_PREPARE": "skip",
}


@dataclass
class Service:
    """One data folder and port, and the supervisors started on them."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    command: tuple[str, ...] = COMMAND
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def launch(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a supervisor, by `command` if given."""
        urls = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PHOTO_STORE")
        names = (*urls, "MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # a make of its own, not of ours
        env = {key: value for key, value in os.environ.items() if key not in names}
        env |= {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)} | variables
        process = subprocess.Popen(  # noqa: S603 - our own script
            command or self.command,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """Launch, and read the `ready` line."""
        process = self.launch(*command, **variables)
        assert process.stdout
        line = process.stdout.readline()
        expected = f"ready http://127.0.0.1:{self.port}\n"
        assert line == expected or process.communicate(timeout=30)[1] == expected
        assert self.eventually((self.data_dir / "pids" / "relay").exists)
        return process

    def pid(self, name: str) -> int:
        """The pid that a stand-in, or the postmaster, noted last; 0 if none did."""
        path = self.data_dir / "pids" / name
        if name == "postgres":
            path = self.data_dir / "servers" / "postgres" / "postmaster.pid"
        lines = path.read_text().splitlines() if path.exists() else []
        return int(lines[0]) if lines else 0

    def pids(self) -> set[int]:
        """Everything that runs, the grandchild included."""
        names = ("standin", "web", "relay", "grandchild", "postgres")
        return {self.pid(name) for name in names} - {0}

    def answers(self) -> bool:
        """Whether the web stand-in answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @staticmethod
    def running(pid: int) -> bool:
        """Whether the process exists and is no zombie."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return text.rpartition(")")[2].split()[0] != "Z"

    def all_gone(self, pids: set[int]) -> bool:
        """Whether none of them runs."""
        return not any(self.running(pid) for pid in pids)

    @staticmethod
    def eventually(check: Callable[[], bool], seconds: float = 20) -> bool:
        """Poll until true; False when the time, which only bounds a failing test, is over."""
        deadline = time.monotonic() + seconds
        while not check():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def close(self) -> None:
        """End every supervisor that still runs, and what a failing test left of others."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        home = self.data_dir / "servers"
        leftovers.stop(leftovers.find(self.data_dir, server_home=home), grace=1)
