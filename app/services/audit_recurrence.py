"""复发: a closed case that is followed by another of its category within 50 m.

Cases are found by squares of at least 50 m (`models.audit.SIZE_E7`): who is near lies in the same
square or one that touches it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, text

from models.audit import SIZE_E7
from models.geo import EARTH_RADIUS_M

NEAR_M = 50
_HEIGHT, _WIDTH = SIZE_E7

_DISTANCE = f"""
    2 * {EARTH_RADIUS_M} * asin(sqrt(
        power(sin(radians((a.latitude_e7 - b.latitude_e7) / 2e7)), 2)
        + cos(radians(a.latitude_e7 / 1e7)) * cos(radians(b.latitude_e7 / 1e7))
        * power(sin(radians((a.longitude_e7 - b.longitude_e7) / 2e7)), 2)))
    """
"""Haversine of two rows in metres."""
_NEAR = f"""
    b.category = a.category AND b.case_id <> a.case_id
    AND b.latitude_e7 / {_HEIGHT} = a.latitude_e7 / {_HEIGHT} + step.north
    AND b.longitude_e7 / {_WIDTH} BETWEEN a.longitude_e7 / {_WIDTH} - 1
                                      AND a.longitude_e7 / {_WIDTH} + 1
    AND {_DISTANCE} <= {NEAR_M}
    """
_STEPS = "(VALUES (-1), (0), (1)) AS step (north)"

_ENDED_BEFORE = text(
    f"""
    SELECT DISTINCT b.case_id, b.round
    FROM jsonb_populate_recordset(NULL::audit_round, CAST(:reports AS jsonb)) AS a
    CROSS JOIN {_STEPS}
    JOIN audit_round AS b ON {_NEAR}
        AND b.closed_at < a.began_at AND b.closed_at >= a.began_at - interval '30 days'
        AND b.closed = 1
    """  # noqa: S608  (constants)
)
_RECURRED = f"""
    UPDATE {{table}} AS r
    SET recurred_7 = CAST(next.after <= interval '7 days' AS integer), recurred_30 = 1
    FROM (SELECT a.case_id, a.round, min(b.began_at - a.closed_at) AS after
          FROM {{table}} AS a CROSS JOIN {_STEPS}
          JOIN {{table}} AS b ON {_NEAR} AND b.round = 1 AND b.counted
              AND b.began_at > a.closed_at AND b.began_at <= a.closed_at + interval '30 days'
          WHERE a.closed = 1 AND {{which}}
          GROUP BY 1, 2) AS next
    WHERE r.case_id = next.case_id AND r.round = next.round
    """  # noqa: S608  (constants)
_FORGET = (
    "UPDATE {table} AS a SET recurred_7 = 0, recurred_30 = 0 WHERE recurred_30 = 1 AND {which}"
)
_THESE = """
    (a.case_id, a.round) IN
    (SELECT * FROM unnest(CAST(:cases AS bigint[]), CAST(:rounds AS integer[])))
    """


def ended_before(db: Connection, reports: Iterable[Mapping[str, Any]]) -> set[tuple[int, int]]:
    """The closed rounds (case id, round) that any of these first rounds may be a recurrence of."""
    wanted = ("case_id", "category", "latitude_e7", "longitude_e7", "began_at")
    rows = [{name: row[name] for name in wanted} for row in reports]
    if not rows:
        return set()
    found = db.execute(_ENDED_BEFORE, {"reports": orjson.dumps(rows).decode()})
    return {(row.case_id, row.round) for row in found}


def settle(db: Connection, keys: Iterable[tuple[int, int]]) -> None:
    """Works out anew whether these rounds recurred."""
    pairs = sorted(keys)
    values = {"cases": [case for case, _ in pairs], "rounds": [number for _, number in pairs]}
    for statement in (_FORGET, _RECURRED):
        db.execute(text(statement.format(table="audit_round", which=_THESE)), values)


def settle_all(db: Connection, table: str) -> None:
    """The same for every round of a table whose marks are all 0."""
    db.execute(text(_RECURRED.format(table=table, which="true")))
