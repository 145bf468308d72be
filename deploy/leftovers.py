"""Processes that a killed supervisor left behind: found in /proc, stopped gently, then surely.

Children carry a mark in their environment, which their own children inherit. The database
servers overwrite that memory for their process titles, but they live in their data folder.
"""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "SUISHOUPAI_CHILD"
SERVERS = {"postgres", "valkey-server"}
SERVER_SECONDS = 30.0
GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


@dataclass(frozen=True)
class Leftover:
    """A process found; `start` (clock ticks since boot) tells it from a later one of its pid."""

    pid: int
    parent: int
    start: str
    command: str

    def send(self, number: signal.Signals) -> None:
        """Signal it if it is still the same process."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def alive(self) -> bool:
        """Whether this very process still runs; a zombie does not."""
        try:
            state, _, start = read_stat(Path("/proc") / str(self.pid))
        except GONE:
            return False
        return start == self.start and state != "Z"


def read_stat(entry: Path) -> tuple[str, int, str]:
    """State, parent's pid and start time of a process, proc(5) fields 3, 4 and 22."""
    fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return fields[0], int(fields[1]), fields[19]


def mark(data_dir: Path, name: str) -> dict[str, str]:
    """The environment entry that marks a child of this data folder."""
    return {MARK: f"{data_dir}:{name}"}


def find(data_dir: Path, name: str = "", server_home: Path | None = None) -> list[Leftover]:
    """Every process marked for `data_dir`, for one child if `name` is given, and every
    database server whose working folder lies in `server_home`."""
    prefix = f"{MARK}={data_dir}:{name}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "comm").read_text(errors="replace").strip()
            folder = (entry / "cwd").readlink()
            _, parent, start = read_stat(entry)
        except GONE:
            continue
        marked = any(v == prefix or (not name and v.startswith(prefix)) for v in variables)
        serves = server_home and command in SERVERS and folder.is_relative_to(server_home)
        if marked or serves:
            found.append(Leftover(int(entry.name), parent, start, command))
    return found


def stop(found: list[Leftover], grace: float) -> None:
    """Stop them: a polite signal, `grace` seconds (a database server: 30), then SIGKILL.

    PostgreSQL gets its fast shutdown, at the postmaster only: its backends follow.
    """
    pids = {process.pid for process in found}
    for process in found:
        if process.command != "postgres":
            process.send(signal.SIGTERM)
        elif process.parent not in pids:
            process.send(signal.SIGINT)
    servers = [process for process in found if process.command in SERVERS]
    others = [process for process in found if process.command not in SERVERS]
    started = time.monotonic()
    for group, seconds in ((others, grace), (servers, SERVER_SECONDS)):
        while any(each.alive() for each in group) and time.monotonic() - started < seconds:
            time.sleep(0.05)
        for each in group:
            each.send(signal.SIGKILL)
