"""What processes use, as the kernel counts it."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Ids of the processes that this one started; none when it is gone."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:
            continue
    return found


def tree(pid: int) -> Iterator[int]:
    """The process and everything below it."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def pss_mb(pid: int) -> float:
    """Proportional set size; 0 when the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith("Pss:")), 0.0)


def cpu_s(pid: int) -> float:
    """Seconds of CPU that the process and everything below it have used, its ended children
    included."""
    return sum(_own_cpu_s(one) for one in tree(pid))


def _own_cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS
