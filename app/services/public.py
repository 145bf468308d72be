"""What everybody may see of cases: the one place that decides it.

A case is public by its category, and not once it is withdrawn or merged. Its words are the desk's
paraphrase, or the first report's own when they passed their check and the reporter is not
anonymous; its photos are those that a person released. Places of categories about people are
coarse, and are not told in words. No reporter, no staff, no reply. A share or median of fewer than
FEWEST cases is nobody's to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from models.case import OPEN, PUBLIC
from models.errors import NotFound
from models.routing import Atlas
from models.status import FINAL, STATUS_LABELS, Status

COARSE_DIGITS = 3
"""Digits of a degree that coarse places keep: about 100 m."""

FEWEST = 5
"""Of fewer cases than this no share and no median is told."""
BEFORE, AFTER = ("report", "supplement"), ("after", "check")
"""Roles of photos that show a place before and after the work."""

WHERE = PUBLIC.text
RELEASED = "k.state = 'released'"
"""Of a check `k` of a photo that everybody may see."""
COLUMNS = f"""
    SELECT c.id, c.number, c.status, c.category, c.grid, c.unit, c.longitude, c.latitude,
           c.submitted_at, c.changed_at, c.due_at, c.closed_at,
           coalesce(c.paraphrase, own.description) AS description,
           CASE WHEN c.paraphrase IS NULL THEN own.address END AS address,
           (SELECT json_agg(a.photo_id ORDER BY a.seq, a.position) FROM attachment a
            JOIN content_check k ON k.photo_id = a.photo_id AND {RELEASED}
            WHERE a.case_id = c.id) AS photos
    FROM picked c LEFT JOIN LATERAL (
        SELECT max(t.content) FILTER (WHERE t.field = 'description') AS description,
               max(t.content) FILTER (WHERE t.field = 'address') AS address
        FROM report r
        JOIN content_check k ON k.case_id = r.entry_case_id AND k.seq = r.entry_seq
             AND k.photo_id IS NULL AND k.state IN ('passed', 'released')
        JOIN ledger_text t ON t.case_id = r.entry_case_id AND t.seq = r.entry_seq
        WHERE r.case_id = c.id AND r.ordinal = 1 AND NOT r.anonymous AND r.withdrawn_at IS NULL
    ) own ON true
    ORDER BY c.submitted_at DESC, c.id DESC
    """  # noqa: S608  (constants)
"""What everybody may see of the cases in `picked`."""
_LIST = text(
    f"""
    WITH picked AS MATERIALIZED (
        SELECT c.* FROM "case" c
        WHERE {WHERE}
          AND c.submitted_at >= :since AND c.submitted_at < :until
          AND (CAST(:updated_after AS timestamptz) IS NULL OR c.changed_at >= :updated_after)
          AND (CAST(:updated_before AS timestamptz) IS NULL OR c.changed_at < :updated_before)
          AND (CAST(:categories AS text[]) IS NULL OR c.category = ANY(:categories))
          AND (CAST(:statuses AS text[]) IS NULL OR c.status = ANY(:statuses))
        ORDER BY c.submitted_at DESC, c.id DESC LIMIT :most OFFSET :skip)
    {COLUMNS}
    """  # noqa: S608  (constants)
)
_NAMED = text(
    f"""
    WITH picked AS MATERIALIZED (
        SELECT c.* FROM "case" c WHERE {WHERE} AND c.number = ANY(:numbers) LIMIT :most)
    {COLUMNS}
    """  # noqa: S608  (constants)
)
_PHOTO = text(
    f"""
    SELECT a.photo_id FROM attachment a JOIN "case" c ON c.id = a.case_id
    JOIN content_check k ON k.photo_id = a.photo_id
    WHERE a.photo_id = CAST(:photo AS uuid) AND {RELEASED} AND {WHERE}
    """  # noqa: S608  (constants)
)


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """Which cases: submitted in [since, until), changed in [updated_after, updated_before)."""

    since: datetime
    until: datetime
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    categories: Sequence[str] | None = None
    is_open: bool | None = None
    most: int = 1000
    skip: int = 0


def cases(db: Connection, wanted: PublicFilter) -> Sequence[Row[Any]]:
    """Public cases, the newest first; one statement."""
    statuses = None
    if wanted.is_open is not None:
        statuses = [s.value for s in Status if (s not in FINAL) == wanted.is_open]
    return db.execute(
        _LIST,
        {
            "since": wanted.since,
            "until": wanted.until,
            "updated_after": wanted.updated_after,
            "updated_before": wanted.updated_before,
            "categories": list(wanted.categories) if wanted.categories else None,
            "statuses": statuses,
            "most": wanted.most,
            "skip": wanted.skip,
        },
    ).all()


def named(db: Connection, numbers: Sequence[str], most: int) -> Sequence[Row[Any]]:
    """Those of the cases that are public."""
    return db.execute(_NAMED, {"numbers": list(numbers), "most": most}).all()


def released_photo(db: Connection, photo_id: str | None) -> str:
    """The id of a photo that everybody may see. Raises NotFound."""
    found = photo_id and db.execute(_PHOTO, {"photo": photo_id}).scalar_one_or_none()
    if not found:
        raise NotFound("没有这张照片")
    return str(found)


def place(atlas: Atlas, row: Any) -> tuple[float, float]:
    """Longitude and latitude, WGS-84 degrees, as exact as everybody may know."""
    digits = COARSE_DIGITS if is_coarse(atlas, row) else 6
    return round(row.longitude, digits), round(row.latitude, digits)


def is_coarse(atlas: Atlas, row: Any) -> bool:
    """Whether a case is about people: its place is told to about 100 m only."""
    category = atlas.categories.get(row.category)
    return category is not None and bool(category.coarse)


def address(atlas: Atlas, row: Any) -> str | None:
    """The place in words, where it may be told exactly."""
    return None if is_coarse(atlas, row) else row.address


def is_open(row: Any) -> bool:
    return row.status not in FINAL


def label(row: Any) -> str:
    return STATUS_LABELS[row.status]


@dataclass(frozen=True, slots=True)
class MapFilter:
    """Which cases on a map: shown within the box (west, south, east, north; WGS-84 degrees),
    submitted in [since, until); `after` is the last one's moment and id."""

    box: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    categories: Sequence[str] | None = None
    is_open: bool | None = None
    after: tuple[datetime, int] | None = None
    limit: int = 5000


_REACH = 10.0**-COARSE_DIGITS
_ON_MAP = """
    SELECT c.id, c.number, c.status, c.category, c.grid, c.longitude, c.latitude,
           c.submitted_at, c.closed_at
    FROM "case" c WHERE {where} ORDER BY c.submitted_at DESC, c.id DESC LIMIT :most
    """
_TERMS = {
    "box": "box(point(c.longitude, c.latitude)) && CAST(:box AS box)",
    "since": "c.submitted_at >= :since",
    "until": "c.submitted_at < :until",
    "categories": "c.category = ANY(:categories)",
    "open": OPEN.text,
    "closed": f"NOT ({OPEN.text})",
    "after": "(c.submitted_at, c.id) < (:at, :last)",
}


def on_map(
    db: Connection, atlas: Atlas, wanted: MapFilter
) -> tuple[list[tuple[Any, tuple[float, float]]], Row[Any] | None]:
    """Public cases with the places that are shown, the newest first, and the last row where there
    are more. Who looks through a small box learns no more of a coarse place than it shows."""
    terms, values = _terms(wanted)
    where = " AND ".join([WHERE, *(_TERMS[name] for name in terms)])
    statement = text(_ON_MAP.format(where=where))
    rows = db.execute(statement, values | {"most": wanted.limit + 1}).all()
    page = rows[: wanted.limit]
    shown = [(row, place(atlas, row)) for row in page]
    if wanted.box is not None:
        west, south, east, north = wanted.box
        shown = [
            (row, where)
            for row, where in shown
            if west <= where[0] <= east and south <= where[1] <= north
        ]
    return shown, page[-1] if len(rows) > len(page) else None


def _terms(wanted: MapFilter) -> tuple[list[str], dict[str, Any]]:
    values: dict[str, Any] = {}
    if wanted.box is not None:
        west, south, east, north = wanted.box
        corners = (east + _REACH, north + _REACH), (west - _REACH, south - _REACH)
        values["box"] = ",".join(f"({x},{y})" for x, y in corners)
    for name in ("since", "until", "categories"):
        if getattr(wanted, name):
            values[name] = getattr(wanted, name)
    terms = list(values)
    if wanted.is_open is not None:
        terms.append("open" if wanted.is_open else "closed")
    if wanted.after is not None:
        terms.append("after")
        values |= {"at": wanted.after[0], "last": wanted.after[1]}
    return terms, values
