"""The parts of `python -m benchmarks`: each measures, and returns its figures."""

import statistics as stats
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from benchmarks import audits, crowd, floor, frames, load, pages, pushes, routing, uploads
from benchmarks.figures import Figure
from benchmarks.floor import Asked
from benchmarks.load import Load
from benchmarks.stage import Stage
from benchmarks.watch import cpu_s
from config import Settings

FEW = 10_000
CASES_READ = 2000
FLOOR_WRITES = 3000
FLOOR_READS = 8000
WARM_UP = 400
WARM_S = 60.0
PICTURES = 300


@dataclass(frozen=True)
class Bench:
    """Where and how long to measure."""

    stage: Stage
    cases: int
    runs: int
    seconds: float

    @property
    def most_writes(self) -> int:
        """More reports than a run can send."""
        return round(self.seconds * 2000)


def routing_of_a_point(_: Bench) -> list[Figure]:
    """`Atlas.locate` and `Atlas.responsible` of a point among 5,000 grids, CPU time."""
    median, worst = routing.measure()
    verdict = median < 0.2
    return [Figure("one point", f"{median:.3f} ms", "< 0.2 ms", ok=verdict, p99=f"{worst:.3f} ms")]


def statements(bench: Bench) -> list[Figure]:
    """SQL statements of one request, without BEGIN and COMMIT, counted in this process."""
    settings = bench.stage.settings(bench.stage.database(FEW))
    reads = _read_requests(settings)
    asked = {
        "create, no Idempotency-Key": (_write_requests(settings, 2, keyed=False), 12),
        "create, Idempotency-Key": (_write_requests(settings, 2, keyed=True), 12),
        "list of 50, status and area": (reads["list"][:10], 4),
        "single case": (reads["case"][:10], 6),
    }
    found = []
    for what, (requests, most) in asked.items():
        count = max(len(unit) for unit in floor.take_down(settings, requests))
        found.append(Figure(what, str(count), f"≤ {most}", ok=count <= most))
    return found


def create(bench: Bench) -> list[Figure]:
    """POST /api/v1/reports of residents, each with a photo uploaded before; at most 20 an hour of
    each account, the limit being on; relay and workers are not running."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return [
        _created(bench, settings, "without Idempotency-Key", keyed=False),
        _created(bench, settings, "with Idempotency-Key", keyed=True),
    ]


def _created(bench: Bench, settings: Settings, what: str, *, keyed: bool) -> Figure:
    loads = _create_loads(bench, settings, keyed=keyed)
    least = floor.replay(
        settings.database_url,
        floor.take_down(settings, _write_requests(settings, FLOOR_WRITES, keyed=keyed)),
    )
    return _figure(f"create {what}, {bench.cases:,} cases", loads, 800, least)


def growth(bench: Bench) -> list[Figure]:
    """Rates of creating at 10,000 cases and at many, in turn, so that noise hits both alike."""
    small = bench.stage.settings(bench.stage.database(FEW))
    large = bench.stage.settings(bench.stage.database(bench.cases))
    few, many = [], []
    for _ in range(bench.runs):
        few += _create_loads(bench, small, keyed=True, runs=1)
        many += _create_loads(bench, large, keyed=True, runs=1)
    ratio = stats.median(x.rate for x in few) / stats.median(x.rate for x in many)
    return [
        _figure(f"create, {FEW:,} cases", few, None),
        _figure(f"create, {bench.cases:,} cases", many, None),
        Figure("times slower", f"{ratio:.2f}", "≤ 1.3", ok=ratio <= 1.3),
    ]


def _create_loads(
    bench: Bench, settings: Settings, *, keyed: bool, runs: int | None = None
) -> list[Load]:
    def fresh() -> list[bytes]:
        return [sent.wire for sent in crowd.reports(settings, bench.most_writes, keyed=keyed)]

    return _loads(bench, settings, fresh, runs or bench.runs)


def audit(bench: Bench) -> list[Figure]:
    """Server time of audit pages by a supervisor of the whole district, HTTP shapes and database
    included, in one process: the median of 9, the slowest behind it."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return list(audits.measure_pages(settings))


def exports(bench: Bench) -> list[Figure]:
    """Cases behind a number as a file, seventy days of them, and by how much the process's greatest
    memory grew meanwhile."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return list(audits.measure_exports(settings))


def sweeps(bench: Bench) -> list[Figure]:
    """One sweep of due clocks: finding them, firing them, writing the warnings; the median of 9."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return list(audits.measure_sweep(settings))


def lists(bench: Bench) -> list[Figure]:
    """GET /api/v1/cases of 50 by status and area, streets, communities and grids in turn, by a
    supervisor of the whole district and by a dispatcher of an area."""
    return _reads(bench, "list", "list of 50", 800)


def single_cases(bench: Bench) -> list[Figure]:
    """GET /api/v1/cases/{number} of cases all over the table, by a supervisor."""
    return _reads(bench, "case", "single case", 1000)


def public(bench: Bench) -> list[Figure]:
    """Server time of what everybody may read, HTTP shapes and database included, in one process:
    the median of 9, the slowest behind it."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    found = list(pages.measure_public(settings))
    return [Figure("cases in the database", f"{bench.cases:,}"), *found]


def console(bench: Bench) -> list[Figure]:
    """Server time of the staff's pages, in one process: the median of 9, the slowest behind it."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return list(pages.measure_console(settings))


def screens(bench: Bench) -> list[Figure]:
    """Time from frame to frame in Chromium, without a graphics card, at 1366×768, while somebody
    drags or zooms the staff's map or moves its slider; the server runs beside it."""
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    return list(frames.measure_map(settings))


def push(bench: Bench) -> list[Figure]:
    """POST /wechat/push of verdicts in safe mode, each another one; kept, left to a job. WeChat
    waits for five seconds."""
    settings = bench.stage.settings(bench.stage.database(FEW))
    loads = _loads(bench, settings, lambda: pushes.verdicts(bench.most_writes), bench.runs)
    slowest = max(max(one.latencies) for one in loads)
    return [
        _figure("pushes, each another event", loads, None),
        Figure("the slowest answer", _ms(slowest), "< 1 s", ok=slowest < 1),
    ]


def _reads(bench: Bench, kind: str, what: str, target: int) -> list[Figure]:
    settings = bench.stage.settings(bench.stage.database(bench.cases))
    asked = _read_requests(settings)[kind]
    wires = [load.request(one.method, one.path, one.headers) for one in asked]
    sent = [wires[i % len(wires)] for i in range(round(bench.seconds * 5000))]
    loads = _loads(bench, settings, lambda: sent, bench.runs, wires)
    units = floor.take_down(settings, asked)
    least = floor.replay(settings.database_url, [units[i % len(units)] for i in range(FLOOR_READS)])
    return [_figure(f"{what}, {bench.cases:,} cases", loads, target, least)]


def _read_requests(settings: Settings) -> dict[str, list[Asked]]:
    headers = [
        {"Authorization": f"Bearer {crowd.sign_in_staff(settings, name)}"}
        for name in ("supervisor", "desk")
    ]
    atlas = crowd.atlas_of(settings)
    paths = {"list": crowd.list_paths(atlas), "case": crowd.case_paths(settings, CASES_READ)}
    return {
        kind: [Asked("GET", path, headers[i % 2]) for i, path in enumerate(found)]
        for kind, found in paths.items()
    }


def _write_requests(settings: Settings, count: int, *, keyed: bool) -> list[Asked]:
    return [
        Asked("POST", "/api/v1/reports", sent.headers, sent.body)
        for sent in crowd.reports(settings, count, keyed=keyed)
    ]


def _loads(
    bench: Bench,
    settings: Settings,
    fresh: Callable[[], Sequence[bytes]],
    runs: int,
    warm: Sequence[bytes] = (),
) -> list[Load]:
    """Runs on a server of their own. Before them `warm` is sent, so that pages come from memory;
    before each, its first requests, so that statements are prepared."""
    found = []
    database = settings.database_url.rpartition("/")[2]
    with bench.stage.serving(database, "web") as (port, pids):
        users = bench.stage.pids | pids
        load.run(port, warm, seconds=WARM_S)
        for _ in range(runs):
            requests = fresh()
            load.run(port, requests[:WARM_UP], seconds=bench.seconds)
            before = {name: cpu_s(pid) for name, pid in users.items()}
            client = time.process_time()
            done = load.run(port, requests[WARM_UP:], seconds=bench.seconds)
            done.cpu_s = {name: cpu_s(pid) - before[name] for name, pid in users.items()}
            done.cpu_s["client"] = time.process_time() - client
            if done.failures:
                raise RuntimeError(f"answers that are no success: {dict(done.failures)}")
            found.append(done)
    return found


def _figure(what: str, loads: list[Load], target: int | None, least: Load | None = None) -> Figure:
    rates = [one.rate for one in loads]
    rate = stats.median(rates)
    return Figure(
        what,
        f"{rate:,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})",
        f"≥ {target:,}/s" if target else "",
        ok=rate >= target if target else None,
        p99=_ms(stats.median(one.percentile(0.99) for one in loads)),
        cpu=_cpu(loads),
        floor=f"{least.rate:,.0f}/s" if least else "",
        floor_p99=_ms(least.percentile(0.99)) if least else "",
    )


def _cpu(loads: list[Load]) -> str:
    """Milliseconds of CPU that a request takes of each process."""
    return ", ".join(
        f"{name} {stats.median(one.cpu_s[name] / len(one.latencies) for one in loads) * 1e3:.2f}"
        for name in loads[0].cpu_s
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def photos(bench: Bench) -> list[Figure]:
    """Photos of 12 megapixels: a rendition alone; then residents upload and report for 35 s, and
    the clock stops when the last rendition is made. Memory is the most that was seen (PSS)."""
    cpu_ms = _rendition_cpu_ms(run_module("benchmarks.renditions"))
    database = bench.stage.database(FEW)
    done = uploads.measure(bench.stage, database, uploads.pictures(PICTURES))
    if done.faults:
        raise RuntimeError(f"{done.faults} photos were not taken in or not rendered")
    length = f"{done.photos} photos in {done.seconds:.0f} s, uploads {done.last_upload_s:.0f} s"
    return [
        Figure("renditions of one photo, CPU", f"{cpu_ms:.0f} ms", "< 130 ms", ok=cpu_ms < 130),
        Figure(
            f"upload, report, renditions ({length})",
            f"{done.rate:.1f}/s",
            "≥ 6/s",
            ok=done.rate >= 6,
        ),
        Figure("memory of a web worker", _mb(done.web_mb), "< 180 MB", ok=done.web_mb < 180),
        Figure("the same and its decoder", _mb(done.web_tree_mb)),
        Figure(
            "memory of a worker and its decoder",
            _mb(done.worker_mb),
            "< 250 MB",
            ok=done.worker_mb < 250,
        ),
    ]


def _rendition_cpu_ms(printed: str) -> float:
    line = next(x for x in printed.splitlines() if x.startswith("12 MP JPEG") and "render" in x)
    return float(line.partition("render")[2].split()[0])


def copies(_: Bench) -> str:
    """`python -m benchmarks.copies`: how well copies of photos are told from second shots."""
    return run_module("benchmarks.copies", "100")


def decoding(_: Bench) -> str:
    """`python -m benchmarks.renditions`: what a photo costs to decode, in a child process."""
    return run_module("benchmarks.renditions")


@cache
def run_module(*command: str) -> str:
    """What another benchmark prints; it counts its own child processes, so it gets its own."""
    python = (sys.executable, "-m", *command)
    done = subprocess.run(python, capture_output=True, text=True, timeout=600, check=True)  # noqa: S603
    return done.stdout


def _mb(value: float) -> str:
    return f"{value:.0f} MB"
