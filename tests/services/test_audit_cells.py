"""Cells say what the rounds say, whatever is asked; and the audit is what the ledger says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from app.services import (
    area,
    audit_cells,
    audit_feed,
    audit_figures,
    audit_rebuild,
    audit_selection,
    audit_times,
    ledger,
)
from app.services.audit_selection import GROUPS, Selection, pair_for, state
from benchmarks.seed import seed
from config import Settings
from deploy.postgres import APP, OWNER
from models import moment
from models.area import Level
from models.audit import PAIRS
from models.db import connect, transaction
from models.histogram import BUCKETS, EDGES, compact, nearest, percentiles, totals
from models.measures import TIMES
from models.period import Period, parse
from models.policy import Policy
from models.routing import Atlas
from tests.conftest import Servers
from tests.services.recount import recount

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
PERIODS = (
    parse("2026"),
    parse("2026-10"),
    parse("2026-09-17"),
    Period(date(2026, 8, 20), date(2026, 10, 9)),
)


@pytest.fixture(scope="module")
def seeded(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """1,500 lifelike cases of a hundred days."""
    postgres, valkey = servers
    folder = tmp_path_factory.mktemp("audited")
    postgres.create_database("audited")
    settings = Settings(
        database_url=postgres.url(APP, "audited"),
        database_owner_url=postgres.url(OWNER, "audited"),
        redis_url=valkey.url,
        photo_store=f"file://{folder}/photos",
        data_dir=folder,
        anchor_dir=folder / "anchors",
    )
    seed(settings, 1500, until=UNTIL, span=timedelta(days=100))
    return settings


@pytest.fixture(scope="module")
def engine(seeded: Settings) -> Iterator[Engine]:
    found = connect(seeded.database_url)
    yield found
    found.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def atlas(engine: Engine) -> Atlas:
    with transaction(engine) as db:
        return area.load(db, Policy())


def selections(atlas: Atlas) -> Iterator[Selection]:
    """Every grouping with every filter, in each period."""
    filters: list[dict[str, Any]] = [
        {},
        {"area": "439900001", "area_level": Level.STREET},
        {"area": "439900001003", "area_level": Level.COMMUNITY},
        {"area": "43990000100304", "area_level": Level.GRID},
        {"unit": "U-HW"},
        {"unit": "U-CG"},
        {"category": "exposed-garbage"},
        {"source": "resident"},
        {"unit": "U-CG", "category": "flyers"},
        {"area": "439900001", "area_level": Level.STREET, "source": "resident"},
    ]
    for period, group_by, given in product(PERIODS, (None, *GROUPS), filters):
        yield Selection(period, group_by, **given)


def _told(sums: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {key: own for key, own in sums.items() if any(own.values())}


def test_cells_and_rounds_agree_whatever_is_asked(db: Connection, atlas: Atlas) -> None:
    asked, with_cells, not_empty = 0, 0, 0
    for wanted in selections(atlas):
        here = state(db, wanted.period)
        found = _told(audit_figures.summed(db, wanted, here))
        assert found == _told(audit_figures.summed_rounds(db, wanted, here)), wanted
        asked += 1
        with_cells += pair_for(wanted) is not None
        not_empty += bool(found)
    assert with_cells > asked * 0.8
    assert not_empty > asked * 0.6


def test_days_say_the_same_while_months_are_stale(db: Connection, atlas: Atlas) -> None:
    wanted = Selection(parse("2026"), "unit")
    fresh = audit_figures.summed(db, wanted, state(db, wanted.period))
    audit_cells.mark_stale(db, [date(2026, month, 1) for month in range(1, 13)])
    db.execute(text("DELETE FROM audit_month"))
    assert audit_figures.summed(db, wanted, state(db, wanted.period)) == fresh
    while audit_cells.sum_up_stale(db):
        pass
    assert state(db, wanted.period).stale == frozenset()
    assert audit_figures.summed(db, wanted, state(db, wanted.period)) == fresh


@pytest.mark.parametrize("group_by", [None, "unit", "category", "holder", "month", "kind"])
def test_histograms_are_near_every_single_value(
    db: Connection, atlas: Atlas, group_by: str | None
) -> None:
    for period in PERIODS:
        wanted = Selection(period, group_by)
        here = state(db, period)
        near_total, near = audit_times.from_histograms(db, atlas, wanted, here)
        total, groups = audit_times.from_rounds(db, atlas, wanted, here)
        pairs = [(near_total, total), *((near[key], groups[key]) for key in groups)]
        assert {k for k, v in near.items() if any(n for n, _ in v.values())} == set(groups)
        for rough, exact in pairs:
            for name in TIMES:
                count, values = exact.get(name, (0, [None] * 3))
                assert rough[name][0] == count
                for one, other in zip(rough[name][1], values, strict=True):
                    assert one == other or abs(one - other) <= 0.004 * other  # type: ignore[operator]


@pytest.mark.parametrize("month", ["2026-08", "2026-09", "2026-10", "2026-11"])
def test_a_program_of_its_own_counts_the_same_from_the_exported_ledger(
    db: Connection, atlas: Atlas, month: str
) -> None:
    with moment.at(UNTIL):
        wanted = Selection(parse(month))
        here = state(db, wanted.period)
        counts = audit_figures.figures(db, atlas, wanted, here)["total"]["counts"]
    expected = recount(ledger.exported(db), UNTIL.isoformat())[month]
    assert {name: counts[name] for name in expected} == dict(expected)
    assert expected["due"] > 40


def test_small_selections_are_exact(db: Connection, atlas: Atlas) -> None:
    wanted = Selection(parse("2026-10"))
    answer = audit_times.response_times(db, atlas, wanted, state(db, wanted.period))
    assert answer["exact"]
    minutes = db.execute(
        text(
            "SELECT resolve_clock FROM audit_round WHERE resolve_clock IS NOT NULL"
            " AND resolved_day >= '2026-10-01' AND resolved_day < '2026-11-01' ORDER BY 1"
        )
    ).scalars()
    values = list(minutes)
    assert answer["total"]["stages"]["resolve"]["clock_minutes"] == {
        "median": nearest(values, 50),
        "p90": nearest(values, 90),
        "p95": nearest(values, 95),
    }


def test_a_rebuild_finds_nothing_to_mend(db: Connection, atlas: Atlas) -> None:
    lines: list[str] = []
    assert audit_rebuild.rebuild(db, atlas, lines.append, write=False) == []
    assert "1500/1500 个案卷" in lines


def test_cells_that_were_altered_are_found_and_mended(db: Connection, atlas: Atlas) -> None:
    db.execute(text("UPDATE audit_round SET late = 1 - late WHERE case_id = 7"))
    db.execute(text("UPDATE audit_day SET due = due + 1 WHERE pair = 'unit_source' AND due = 1"))
    db.execute(text("UPDATE audit_day_time SET counts = ''::bytea, codes = ''::bytea"))
    found = audit_rebuild.rebuild(db, atlas, lambda _: None, write=True)
    assert any("第 1 轮与台账不符" in line for line in found)
    assert any("unit_source" in line and "汇总" in line for line in found)
    assert any("用时" in line for line in found)
    assert audit_rebuild.rebuild(db, atlas, lambda _: None, write=False) == []


def test_reading_a_case_again_changes_nothing(db: Connection, atlas: Atlas) -> None:
    ids = list(db.execute(text("SELECT DISTINCT case_id FROM audit_round")).scalars())
    before = _everything(db)
    audit_feed.refresh(db, atlas, ids[::5])
    assert _everything(db) == before


def _everything(db: Connection) -> list[Any]:
    rows = db.execute(text("SELECT * FROM audit_round ORDER BY case_id, round")).all()
    days = db.execute(text("SELECT * FROM audit_day ORDER BY pair, day, a, b")).all()
    times = db.execute(text("SELECT * FROM audit_day_time ORDER BY pair, day, a, b")).all()
    return [rows, days, [(row[:4], compact(row.codes, row.counts)) for row in times]]


def test_forgetting_cases_empties_their_cells(db: Connection, atlas: Atlas) -> None:
    before = _everything(db)
    saved = db.begin_nested()
    audit_cells.add(db, "(SELECT -1 AS sign, * FROM audit_round) AS gone")
    assert not db.execute(
        text("SELECT sum(found) + sum(due) + sum(closed) FROM audit_day")
    ).scalar()
    saved.rollback()
    assert _everything(db) == before


def test_the_planner_walks_the_cells_by_their_key(db: Connection) -> None:
    wanted = Selection(parse("2026"), "unit")
    values = audit_selection.spans(wanted.period, state(db, wanted.period), by_day=False)
    db.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(
        db.execute(
            text(f"EXPLAIN SELECT sum(due) FROM {audit_selection.cells()}"),
            values | {"pair": "unit_source"},
        ).scalars()
    )
    assert "pk_audit_month" in plan
    assert "pk_audit_day" in plan


def test_every_filter_with_one_grouping_has_its_cells() -> None:
    """What a page asks for: one filter and one grouping, of the kinds that are kept."""
    period = parse("2026")
    filters: list[dict[str, Any]] = [
        {},
        {"area": "1", "area_level": Level.STREET},
        {"area": "1", "area_level": Level.COMMUNITY},
        {"unit": "U"},
    ]
    for group_by, given in product((None, *GROUPS), filters):
        assert pair_for(Selection(period, group_by, **given)) in PAIRS, (group_by, given)


def test_percentiles_go_by_nearest_rank() -> None:
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    assert [nearest(sorted(values), p) for p in (50, 90, 95)] == [3, 6, 9]


def test_a_histogram_keeps_what_is_added_and_drops_what_is_taken_away() -> None:
    codes = b"".join(code.to_bytes(2, "big") for code in (5, 3, 5, 9))
    counts = b"".join(n.to_bytes(4, "big", signed=True) for n in (2, 1, 1, -1))
    codes, counts = codes + codes[-2:], counts + (1).to_bytes(4, "big")
    small = compact(codes, counts)
    assert small[0] == b"\x00\x03\x00\x05"
    assert totals(*small, stages=1)[0][5] == 3
    assert percentiles(totals(*small, stages=1)[0]) == (4, [5, 5, 5])


def test_buckets_are_exact_below_256_minutes_and_within_half_a_percent_above() -> None:
    assert EDGES[:256] == tuple(range(256))
    assert all(b - a <= a * 0.008 for a, b in pairwise(EDGES[256:]))
    assert BUCKETS * len(TIMES) < 2**15


def test_figures_say_how_far_they_have_come(db: Connection) -> None:
    waiting = UNTIL - timedelta(days=1)
    db.execute(text("INSERT INTO audit_queue (case_id, at) VALUES (1, :at)"), {"at": waiting})
    assert state(db, parse("2026")).as_of == waiting
