"""What everybody may see of cases: the one place that decides it.

A case is public by its category, and not once it is withdrawn or merged. Its words are the desk's
paraphrase, or the first report's own when they passed their check and the reporter is not
anonymous; its photos are those that a person released. Places of categories about people are
coarse. No reporter, no staff, no reply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from models.errors import NotFound
from models.routing import Atlas
from models.status import FINAL, STATUS_LABELS, Status

COARSE_DIGITS = 3
"""Digits of a degree that coarse places keep: about 100 m."""

_WHERE = """c.public AND c.status NOT IN ('merged', 'withdrawn')"""
_COLUMNS = """
    SELECT c.id, c.number, c.status, c.category, c.grid, c.unit, c.longitude, c.latitude,
           c.submitted_at, c.changed_at, c.due_at, c.closed_at,
           coalesce(c.paraphrase, own.description) AS description,
           CASE WHEN c.paraphrase IS NULL THEN own.address END AS address,
           (SELECT json_agg(a.photo_id ORDER BY a.seq, a.position) FROM attachment a
            JOIN content_check k ON k.photo_id = a.photo_id AND k.state = 'released'
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
    """
_LIST = text(
    f"""
    WITH picked AS MATERIALIZED (
        SELECT c.* FROM "case" c
        WHERE {_WHERE}
          AND c.submitted_at >= :since AND c.submitted_at < :until
          AND (CAST(:updated_after AS timestamptz) IS NULL OR c.changed_at >= :updated_after)
          AND (CAST(:updated_before AS timestamptz) IS NULL OR c.changed_at < :updated_before)
          AND (CAST(:categories AS text[]) IS NULL OR c.category = ANY(:categories))
          AND (CAST(:statuses AS text[]) IS NULL OR c.status = ANY(:statuses))
        ORDER BY c.submitted_at DESC, c.id DESC LIMIT :most OFFSET :skip)
    {_COLUMNS}
    """  # noqa: S608  (constants)
)
_NAMED = text(
    f"""
    WITH picked AS MATERIALIZED (
        SELECT c.* FROM "case" c WHERE {_WHERE} AND c.number = ANY(:numbers) LIMIT :most)
    {_COLUMNS}
    """  # noqa: S608  (constants)
)
_PHOTO = text(
    f"""
    SELECT a.photo_id FROM attachment a JOIN "case" c ON c.id = a.case_id
    JOIN content_check k ON k.photo_id = a.photo_id
    WHERE a.photo_id = CAST(:photo AS uuid) AND k.state = 'released' AND {_WHERE}
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
    category = atlas.categories.get(row.category)
    digits = COARSE_DIGITS if category is not None and category.coarse else 6
    return round(row.longitude, digits), round(row.latitude, digits)


def is_open(row: Any) -> bool:
    return Status(row.status) not in FINAL


def label(row: Any) -> str:
    return STATUS_LABELS[Status(row.status)]
