"""Measure the service on this machine: `python -m benchmarks [PART …]`.

All parts, unless some are named; benchmarks/RESULTS.md is written, or the sections of the named.
Everything runs on loopback and is ended afterwards. `--home DIR` keeps the servers' data, so that
the next run need not make them.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import figures, parts
from benchmarks.figures import Figure
from benchmarks.parts import Bench
from benchmarks.stage import open_stage

Part = Callable[[Bench], list[Figure] | str]
PARTS: dict[str, Part] = {
    "routing": parts.routing_of_a_point,
    "statements": parts.statements,
    "create": parts.create,
    "growth": parts.growth,
    "list": parts.lists,
    "case": parts.single_cases,
    "audit": parts.audit,
    "export": parts.exports,
    "sweep": parts.sweeps,
    "push": parts.push,
    "public": parts.public,
    "console": parts.console,
    "screens": parts.screens,
    "photos": parts.photos,
    "decoding": parts.decoding,
    "copies": parts.copies,
}
NOTES = """Server (two web workers), PostgreSQL, Valkey and the load generator share the cores.
Rates are of answers with a 2xx status at 8 clients; each is the median of {runs} runs of
{seconds:.0f} s, with the slowest and the fastest in brackets. The floor is the same SQL statements
sent by a bare client over 8 connections, prepared and committed one by one."""


@contextmanager
def bench(given: argparse.Namespace) -> Iterator[Bench]:
    with open_stage(given.home) as stage:
        yield Bench(stage, given.cases, given.runs, given.seconds)


def _section(part: Part, on: Bench) -> str:
    about = " ".join((part.__doc__ or "").split())
    measured = part(on)
    if isinstance(measured, str):
        return f"{about}\n\n```\n{measured.rstrip()}\n```"
    return f"{about}\n\n{figures.table(measured)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--home", type=Path, help="keep the servers' data in this folder")
    parser.add_argument("--cases", type=int, default=1_000_000, help="of the large database")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each run")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen = given.parts or list(PARTS)
    found: dict[str, str] = {}
    with bench(given) as on:
        with psycopg.connect(on.stage.postgres.superuser_url) as db:
            version = db.info.parameter_status("server_version") or "unknown"
        machine = figures.machine(version)
        print(machine, flush=True)
        for name in chosen:
            found[name] = _section(PARTS[name], on)
            print(f"\n{name}\n\n{found[name]}", flush=True)
    if given.parts:
        figures.amend(machine, found)
    else:
        notes = NOTES.format(runs=given.runs, seconds=given.seconds)
        figures.write(machine, notes, found)


if __name__ == "__main__":
    main()
