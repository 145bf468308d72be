"""Figures, the machine they were taken on, and the page that holds them."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Figure:
    """One line of the page; every cell is text that the run made. `ok` is None where there is
    no target."""

    what: str
    measured: str
    target: str = ""
    ok: bool | None = None
    p99: str = ""
    cpu: str = ""
    floor: str = ""
    floor_p99: str = ""

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "yes", False: "**no**", None: ""}[self.ok]
        mine = (self.what, self.target, self.measured, verdict)
        return (*mine, self.p99, self.cpu, self.floor, self.floor_p99)


HEAD = ("What", "Target", "Measured", "Met", "p99", "CPU ms", "Floor", "Floor p99")


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine(postgres: str) -> str:
    """What the figures were taken on, as a Markdown list."""
    cpu = _after_colon("/proc/cpuinfo", "model name")
    memory = int(_after_colon("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    facts = {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": _commit(),
        "CPU": f"{cpu}, {os.cpu_count()} cores",
        "RAM": f"{memory:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": f"{postgres}, fsync on",
        "Load average before": f"{os.getloadavg()[0]:.1f}",
        "Speed before": f"{_loop_ms():.0f} ms for a million steps of a bare Python loop",
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def _loop_ms() -> float:
    """CPU time of a fixed piece of work: what a shared machine gives today. The same machine has
    been seen at 70 and at 135."""
    began, total = time.process_time(), 0
    for step in range(1_000_000):
        total += step * step % 7
    return (time.process_time() - began) * 1e3


def _after_colon(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def _commit() -> str:
    command = ("git", "-C", str(PAGE.parent), "describe", "--always", "--dirty", "--abbrev=12")
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() or "unknown"


def amend(machine_facts: str, parts: dict[str, str]) -> None:
    """Replaces or adds the sections of parts that were measured by themselves, each with the
    machine as it was then; the others stay."""
    head, *sections = PAGE.read_text().rstrip("\n").split("\n\n## ")
    found = {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}
    found |= {
        name: f"{text}\n\nMeasured by itself:\n\n{machine_facts}" for name, text in parts.items()
    }
    PAGE.write_text("\n\n".join([head, *(f"## {n}\n\n{t}" for n, t in found.items())]) + "\n")


def write(machine_facts: str, notes: str, parts: dict[str, str]) -> None:
    """Writes the page: the machine, how to read the figures, each part under its name."""
    head = "# Results\n\nWritten by `make bench`; not to be edited by hand."
    sections = [f"## {name}\n\n{text}" for name, text in parts.items()]
    PAGE.write_text("\n\n".join([head, machine_facts, notes, *sections]) + "\n")
