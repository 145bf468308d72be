"""Response times: median, 90th and 95th percentile of each stage, in whole minutes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, text

from app.services.audit_groups import broader, named
from app.services.audit_selection import (
    ROUNDS,
    Selection,
    State,
    cells,
    dimensions_of,
    pair_for,
    spans,
)
from models.histogram import BUCKETS, RANKS, percentiles, totals
from models.measures import STAGES, TIMES
from models.routing import Atlas

EXACT_UP_TO = 10_000
"""So many values of a stage are looked at one by one; more are read from histograms."""
NAMES = ("median", *(f"p{rank}" for rank in RANKS[1:]))
Times = dict[str, tuple[int, list[int | None]]]
"""By column of TIMES: how many values, and their percentiles."""
Found = tuple[Times, dict[str, Times]]
"""Of all, and by key."""


def response_times(db: Connection, atlas: Atlas, wanted: Selection, here: State) -> dict[str, Any]:
    """Percentiles by nearest rank of the stages that ended in the period, of all and of each
    group. Where `exact` is false there were too many, and histograms give each within 0.4 %."""
    found: Found = ({}, {})
    exact = False
    if pair_for(wanted) is not None:
        found = from_histograms(db, atlas, wanted, here)
    if max((count for count, _ in found[0].values()), default=0) <= EXACT_UP_TO:
        found = from_rounds(db, atlas, wanted, here)
        exact = True
    total, groups = found
    names = named(db, atlas, wanted.group_by, sorted(groups))
    return {
        "exact": exact,
        "total": _told(total),
        "items": [
            {"key": key or None, "name": name} | _told(groups[key]) for key, name in names.items()
        ],
    }


def _told(times: Times) -> dict[str, Any]:
    none: tuple[int, list[int | None]] = (0, [None] * len(RANKS))
    stages: dict[str, Any] = {}
    for name in STAGES:
        clock, working = (times.get(f"{name}_{kind}", none) for kind in ("clock", "working"))
        stages[name] = {
            "count": clock[0],
            "clock_minutes": dict(zip(NAMES, clock[1], strict=True)),
            "working_minutes": dict(zip(NAMES, working[1], strict=True)),
        }
    return {"stages": stages}


def from_histograms(db: Connection, atlas: Atlas, wanted: Selection, here: State) -> Found:
    pair = pair_for(wanted)
    assert pair is not None  # noqa: S101  (asked before)
    where = dimensions_of(pair)
    condition, values = where.matches(wanted)
    by_day = wanted.group_by in ("week", "day")
    values |= spans(wanted.period, here, by_day=by_day) | {"pair": pair}
    # Without groups, histograms come by the cells' first dimension: one string of all is slower.
    key = "a" if wanted.group_by is None else where.of(wanted.group_by)
    statement = f"""
        SELECT {key} AS key, string_agg(codes, '') AS codes,
               string_agg(counts, '') AS counts
        FROM {cells("_time")} WHERE {condition} GROUP BY 1
        """  # noqa: S608
    held: dict[str, np.ndarray] = {}
    for cell_key, codes, counts in _binary(db, statement, values):
        key = broader(atlas, wanted.group_by, cell_key)
        own = totals(codes, counts, len(TIMES))
        held[key] = held[key] + own if key in held else own
    total = sum(held.values(), np.zeros((len(TIMES), BUCKETS), np.int64))
    groups = {} if wanted.group_by is None else {k: _read(v) for k, v in held.items()}
    return _read(total), groups


def _binary(db: Connection, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Rows as the driver's binary cursor reads them: as text, bytes would be twice as long."""
    asked = str(text(statement).compile(dialect=db.dialect))
    driver: Any = db.connection
    with driver.cursor(binary=True) as cursor:
        cursor.execute(asked, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _read(buckets: np.ndarray) -> Times:
    return {name: percentiles(buckets[position]) for position, name in enumerate(TIMES)}


def from_rounds(db: Connection, atlas: Atlas, wanted: Selection, here: State) -> Found:
    """The same from every single value."""
    condition, values = ROUNDS.matches(wanted)
    stages = ", ".join(
        f"('{name}', {stage.day}, {name}_clock, {name}_working, {stage.holder})"
        for name, stage in STAGES.items()
    )
    days = sorted({stage.day for stage in STAGES.values()})
    within = " OR ".join(f"({day} >= :first AND {day} < :end)" for day in days)
    key = replace(ROUNDS, day="time.day", holder="time.holder").of(wanted.group_by)
    if wanted.group_by in ("group", "kind"):
        key = "coalesce(CAST(:broader AS jsonb) ->> category, '')"
        names = {code: broader(atlas, wanted.group_by, code) for code in atlas.categories}
        values["broader"] = orjson.dumps(names).decode()
    ranks = f"CAST(ARRAY[{', '.join(str(rank / 100) for rank in RANKS)}] AS double precision[])"
    statement = f"""
        SELECT grouping(key) AS total, key, stage, count(*) AS amount,
               percentile_disc({ranks}) WITHIN GROUP (ORDER BY clock) AS clock,
               percentile_disc({ranks}) WITHIN GROUP (ORDER BY working) AS working
        FROM (SELECT {key} AS key, stage, clock, working
              FROM {here.rounds}
              CROSS JOIN LATERAL (VALUES {stages}) AS time (stage, day, clock, working, holder)
              WHERE {condition} AND ({within}) AND time.clock IS NOT NULL
                AND time.day >= :first AND time.day < :end) AS found
        GROUP BY GROUPING SETS ((key, stage), (stage))
        """  # noqa: S608
    values |= {"first": wanted.period.first, "end": wanted.period.end}
    total: Times = {}
    groups: dict[str, Times] = {}
    for row in db.execute(text(statement), values):
        own = total if row.total else groups.setdefault(row.key, {})
        own[f"{row.stage}_clock"] = (row.amount, row.clock)
        own[f"{row.stage}_working"] = (row.amount, row.working)
    return total, groups if wanted.group_by is not None else {}


def stages_told() -> Mapping[str, str]:
    """What the stages are called."""
    return {name: stage.label for name, stage in STAGES.items()}
