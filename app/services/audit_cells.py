"""Cells: rounds summed up by day and by month for each pair of dimensions.

`add` puts rounds into the cells of their days or takes them out; `sum_up` makes a month's cells of
those of its days. Which columns and pairs there are stands in `models.measures` and `models.audit`;
the SQL is made of their names alone.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, text

from models.audit import HOLDER_PAIR, PAIRS
from models.histogram import BUCKETS, EDGES, compact
from models.measures import BASES, COLUMNS, STAGES
from models.period import next_month

DIMENSIONS = {
    "grid": "place",
    "community": "array_to_string((string_to_array(place, '/'))[1:3], '/')",
    "unit": "coalesce(unit, '')",
    "category": "coalesce(category, '')",
    "source": "source",
    "worker": "coalesce(CAST(worker AS text), '')",
}
"""What a dimension of a pair is called in a cell, from a round's row."""


def _pairs(extra: str = "") -> str:
    pairs = [f"('{name}', {DIMENSIONS[a]}, {DIMENSIONS[b]})" for name, (a, b) in PAIRS.items()]
    return ", ".join([*pairs, extra] if extra else pairs)


def _added(table: str, basis: str) -> str:
    columns = BASES[basis]
    sums = ", ".join(f"sum(sign * {column})" for column in columns)
    grow = ", ".join(f"{column} = audit_day.{column} + EXCLUDED.{column}" for column in columns)
    some = " OR ".join(f"sum(sign * {column}) <> 0" for column in columns)
    return (
        f"INSERT INTO audit_day (pair, day, a, b, {', '.join(columns)})"  # noqa: S608
        f" SELECT cell.pair, {basis}_day, cell.a, cell.b, {sums}"
        f" FROM {table} CROSS JOIN LATERAL (VALUES {_pairs()}) AS cell (pair, a, b)"
        f" WHERE {basis}_day IS NOT NULL AND counted"
        f" GROUP BY 1, 2, 3, 4 HAVING {some} ORDER BY 1, 2, 3, 4"
        f" ON CONFLICT (pair, day, a, b) DO UPDATE SET {grow}"
    )


def _added_times(table: str) -> str:
    stages = ", ".join(
        f"({2 * i + j}, {stage.day}, {name}_{kind}, {stage.holder})"
        for i, (name, stage) in enumerate(STAGES.items())
        for j, kind in enumerate(("clock", "working"))
    )
    by_holder = f"('{HOLDER_PAIR}', coalesce(time.holder, ''), {DIMENSIONS['community']})"
    return f"""
        INSERT INTO audit_day_time AS kept (pair, day, a, b, codes, counts)
        SELECT pair, day, a, b, string_agg(int2send(code), '' ORDER BY code),
               string_agg(int4send(amount), '' ORDER BY code)
        FROM (SELECT cell.pair, time.day, cell.a, cell.b,
                     CAST(time.stage * {BUCKETS} - 1
                          + width_bucket(time.minutes, CAST(:edges AS integer[])) AS smallint)
                         AS code,
                     CAST(sum(sign) AS integer) AS amount
              FROM {table}
              CROSS JOIN LATERAL (VALUES {stages}) AS time (stage, day, minutes, holder)
              CROSS JOIN LATERAL (VALUES {_pairs(by_holder)}) AS cell (pair, a, b)
              WHERE time.minutes IS NOT NULL
              GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0) AS found
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (pair, day, a, b) DO UPDATE
        SET codes = kept.codes || EXCLUDED.codes, counts = kept.counts || EXCLUDED.counts
        """  # noqa: S608


def statements(table: str) -> Iterator[str]:
    """What adds the rows of a table expression, which have a `sign` of 1 or -1, to the days."""
    for basis in BASES:
        yield _added(table, basis)
    yield _added_times(table)


def add(db: Connection, table: str, **values: object) -> None:
    """Adds rounds to the cells of their days, or takes them out: rows of a table expression with
    a `sign` of 1 or -1, whose parameters are `values`."""
    for statement in statements(table):
        wanted = {"edges": list(EDGES)} if ":edges" in statement else {}
        db.execute(text(statement), values | wanted)


_FORGET = (
    "DELETE FROM audit_month WHERE day = :month",
    "DELETE FROM audit_month_time WHERE day = :month",
)
_SUM_UP = f"""
    INSERT INTO audit_month (pair, day, a, b, {", ".join(COLUMNS)})
    SELECT pair, :month, a, b, {", ".join(f"sum({column})" for column in COLUMNS)}
    FROM audit_day WHERE day >= :month AND day < :until GROUP BY pair, a, b
    """  # noqa: S608  (names of columns)
_TIMES = text(
    """
    SELECT pair, a, b, string_agg(codes, '') AS codes, string_agg(counts, '') AS counts
    FROM audit_day_time WHERE day >= :month AND day < :until GROUP BY pair, a, b
    """
)
_KEEP_TIMES = text(
    """
    INSERT INTO audit_month_time (pair, day, a, b, codes, counts)
    SELECT pair, :month, a, b, codes, counts
    FROM unnest(CAST(:pairs AS text[]), CAST(:a AS text[]), CAST(:b AS text[]),
                CAST(:codes AS bytea[]), CAST(:counts AS bytea[]))
         AS found (pair, a, b, codes, counts)
    """
)


def sum_up(db: Connection, month: date) -> None:
    """Makes a month's cells anew of those of its days."""
    values = {"month": month, "until": next_month(month)}
    for statement in _FORGET:
        db.execute(text(statement), {"month": month})
    db.execute(text(_SUM_UP), values)
    found = db.execute(_TIMES, values).all()
    small = [compact(row.codes, row.counts) for row in found]
    db.execute(
        _KEEP_TIMES,
        {
            "month": month,
            "pairs": [row.pair for row in found],
            "a": [row.a for row in found],
            "b": [row.b for row in found],
            "codes": [codes for codes, _ in small],
            "counts": [counts for _, counts in small],
        },
    )


def sum_up_stale(db: Connection, most: int = 3) -> int:
    """Sums up the newest months whose days changed; returns how many. Frozen months stay as they
    are."""
    stale = text(
        "DELETE FROM audit_stale WHERE month IN (SELECT month FROM audit_stale"
        " ORDER BY month DESC LIMIT :most) RETURNING month,"
        " EXISTS (SELECT FROM audit_frozen_month f WHERE f.month = audit_stale.month) AS frozen"
    )
    found = db.execute(stale, {"most": most}).all()
    for row in found:
        if not row.frozen:
            sum_up(db, row.month)
    return len(found)


def mark_stale(db: Connection, months: Sequence[date]) -> None:
    """Their days changed: until they are summed up again, days are read."""
    db.execute(
        text(
            "INSERT INTO audit_stale SELECT unnest(CAST(:months AS date[]))"
            " ON CONFLICT (month) DO NOTHING"
        ),
        {"months": sorted(months)},
    )
