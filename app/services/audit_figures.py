"""Figures: what is counted of a selection's rounds, and the shares made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from app.services.audit_groups import fold, named
from app.services.audit_selection import (
    ROUNDS,
    TIME_GROUPS,
    Selection,
    State,
    cells,
    dimensions_of,
    pair_for,
    spans,
)
from models.calendar import LOCAL
from models.measures import BASES, COLUMNS, COUNTS, FEWEST_RANKED, FIGURES, Count, figure
from models.routing import Atlas

Sums = dict[str, int]


def figures(
    db: Connection,
    atlas: Atlas,
    wanted: Selection,
    here: State,
    rank_by: str | None = None,
    columns: Sequence[str] = COLUMNS,
) -> dict[str, Any]:
    """The total and each group of a selection: counts, figures, and what both were before appeals
    that were upheld. `rank_by` names a figure that orders the groups; those whose denominator is
    below ten come last, without a rank. Counts that need more than `columns` are wrong then."""
    sums = fold(atlas, wanted.group_by, summed(db, wanted, here, columns))
    apart = fold(atlas, wanted.group_by, _apart(db, wanted, here))
    total = _added(sums.values())
    whole = _added(apart.values())
    if wanted.by_time:  # what is suspended at a month's end may not be so at the year's
        whole = _added(_apart(db, wanted.alone(), here).values())
    names = named(db, atlas, wanted.group_by, sorted({*sums, *apart}))
    items = [
        {"key": key or None, "name": name} | told(sums.get(key, {}), apart.get(key, {}))
        for key, name in names.items()
    ]
    if wanted.group_by is None:
        items = []
    elif rank_by is not None:
        items = _ranked(items, rank_by)
    return {"total": told(total, whole), "items": items}


def columns_of(*names: str) -> list[str]:
    """The columns that some figures are made of."""
    counts = {
        count for name in names for count in (FIGURES[name].numerator, FIGURES[name].denominator)
    }
    found = {c for name in counts for c in (*COUNTS[name].plus, *COUNTS[name].minus)}
    return [column for column in COLUMNS if column in found]


def summed(
    db: Connection, wanted: Selection, here: State, columns: Sequence[str] = COLUMNS
) -> dict[str, Sums]:
    """Sums of columns by key, from cells, or from rounds where no pair of cells knows all
    that is asked."""
    pair = pair_for(wanted)
    if pair is None:
        return summed_rounds(db, wanted, here)
    where = dimensions_of(pair)
    condition, values = where.matches(wanted)
    by_day = wanted.group_by in ("week", "day")
    values |= spans(wanted.period, here, by_day=by_day) | {"pair": pair}
    sums = ", ".join(f"sum({column}) AS {column}" for column in columns)
    statement = (
        f"SELECT {where.of(wanted.group_by)} AS key, {sums}"  # noqa: S608
        f" FROM {cells()} WHERE {condition} GROUP BY 1"
    )
    return _by_key(db, statement, values)


def summed_rounds(db: Connection, wanted: Selection, here: State) -> dict[str, Sums]:
    """The same sums by a plain GROUP BY over the rounds."""
    condition, values = ROUNDS.matches(wanted)
    days = {basis: f"{basis}_day >= :first AND {basis}_day < :end" for basis in BASES}
    parts, lateral = days, ""
    if wanted.by_time:  # a round may count in several groups
        parts = {basis: f"basis = '{basis}'" for basis in BASES}
        own = ", ".join(f"('{basis}', {basis}_day)" for basis in BASES)
        lateral = f" CROSS JOIN LATERAL (VALUES {own}) AS own (basis, day)"
        condition += " AND own.day >= :first AND own.day < :end"
    sums = ", ".join(
        f"sum({column}) FILTER (WHERE {parts[basis]}) AS {column}"
        for basis, columns in BASES.items()
        for column in columns
    )
    statement = (
        f"SELECT {ROUNDS.of(wanted.group_by)} AS key, {sums} FROM {here.rounds}{lateral}"  # noqa: S608
        f" WHERE {condition} AND counted AND (({') OR ('.join(days.values())})) GROUP BY 1"
    )
    return _by_key(db, statement, values | _bounds(wanted))


def _bounds(wanted: Selection) -> dict[str, Any]:
    return {"first": wanted.period.first, "end": wanted.period.end}


def _by_key(db: Connection, statement: str, values: Mapping[str, Any]) -> dict[str, Sums]:
    found = db.execute(text(statement), values).mappings()
    return {row["key"]: {c: int(row[c] or 0) for c in COLUMNS if c in row} for row in found}


def pending() -> str:
    """Rounds that are not due yet at `:now`, as a condition."""
    return "late = 1 AND resolved_at IS NULL AND due_at > :now"


def suspended(group_by: str | None) -> str:
    """Rounds that are suspended at the end of the period, or of their part of it, or now if that
    is earlier, as a condition."""
    ends = [":ends", ":now"]
    if group_by in TIME_GROUPS:
        begin = f"date_trunc('{group_by}', CAST(close_due_day AS timestamp))"
        ends.append(f"({begin} + interval '{TIME_GROUPS[group_by]}') AT TIME ZONE '{LOCAL.key}'")
    moment = f"least({', '.join(ends)})"
    return (
        f"suspended <> '{{}}' AND due_to_close = 1 AND suspended @> CAST({moment} AS timestamptz)"
    )


def _apart(db: Connection, wanted: Selection, here: State) -> dict[str, Sums]:
    """Sums, by key, of what the moment takes away: `pending_late` and `pending_pardoned_late`,
    and every column of closing, `suspended_…`."""
    condition, values = ROUNDS.matches(wanted)
    due = {"late": "late", "pardoned_late": "pardoned_late"}
    closing = {column: column for column in BASES["close_due"]}
    parts = []
    for name, columns, where in (
        ("pending", due, f"due_day >= :today AND {pending()}"),
        ("suspended", closing, suspended(wanted.group_by)),
    ):
        basis = "due" if name == "pending" else "close_due"
        key = replace(ROUNDS, day=f"{basis}_day").of(wanted.group_by)
        sums = [f"sum({columns[c]}) AS {c}" if c in columns else f"0 AS {c}" for c in _LIVE]
        parts.append(
            f"SELECT '{name}' AS part, {key} AS key, {', '.join(sums)} FROM {here.rounds}"  # noqa: S608
            f" WHERE {condition} AND counted AND {where}"
            f" AND {basis}_day >= :first AND {basis}_day < :end GROUP BY 2"
        )
    values |= _bounds(wanted) | {"now": here.now, "ends": wanted.period.ends}
    values["today"] = here.now.astimezone(LOCAL).date()
    found: dict[str, Sums] = {}
    for row in db.execute(text(" UNION ALL ".join(parts)), values).mappings():
        own = found.setdefault(row["key"], {})
        own |= {f"{row['part']}_{column}": int(row[column] or 0) for column in _LIVE}
    return found


_LIVE = ("late", "pardoned_late", *BASES["close_due"])


def _added(parts: Iterable[Mapping[str, int]]) -> Sums:
    total: Sums = {}
    for part in parts:
        for column, amount in part.items():
            total[column] = total.get(column, 0) + amount
    return total


def told(sums: Mapping[str, int], apart: Mapping[str, int]) -> dict[str, Any]:
    """Counts and figures of one group; under `before_appeals` those that upheld appeals changed,
    as they were without."""
    counts = {name: _count(one, one.plus, one.minus, sums, apart) for name, one in COUNTS.items()}
    counts["suspended"] = apart.get("suspended_due_to_close", 0)
    before = counts | {
        name: _count(one, one.before, (), sums, apart) for name, one in COUNTS.items() if one.before
    }
    after = {name: figure(name, counts) for name in FIGURES}
    earlier = {name: figure(name, before) for name in FIGURES}
    return {
        "counts": counts,
        "figures": after,
        "before_appeals": {
            "counts": {name: before[name] for name in COUNTS if before[name] != counts[name]},
            "figures": {name: earlier[name] for name in FIGURES if earlier[name] != after[name]},
        },
    }


def _count(
    one: Count,
    plus: Sequence[str],
    minus: Sequence[str],
    sums: Mapping[str, int],
    apart: Mapping[str, int],
) -> int:
    def value(column: str) -> int:
        away = apart.get(f"{one.without}_{column}", 0) if one.without else 0
        return sums.get(column, 0) - away

    return sum(map(value, plus)) - sum(map(value, minus))


def _ranked(items: Sequence[dict[str, Any]], rank_by: str) -> list[dict[str, Any]]:
    """Best first: of lateness and the like the lowest; equals share a rank."""
    sign = 1 if FIGURES[rank_by].lower else -1

    def place(item: Mapping[str, Any]) -> tuple[bool, float, str]:
        share = item["figures"][rank_by]
        worth = share["denominator"] >= FEWEST_RANKED
        return (not worth, sign * share["value"] if worth else 0.0, str(item["key"]))

    found: list[dict[str, Any]] = []
    for position, item in enumerate(sorted(items, key=place), start=1):
        share = item["figures"][rank_by]
        rank = None
        if share["denominator"] >= FEWEST_RANKED:
            same = found and found[-1]["figures"][rank_by]["value"] == share["value"]
            rank = found[-1]["rank"] if same else position
        found.append(item | {"rank": rank})
    return found
