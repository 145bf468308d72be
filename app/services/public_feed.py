"""The public cases that changed last, for feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from app.services import public
from models import moment
from models.errors import NotFound
from models.routing import Atlas

NEWEST = 50
WINDOW = timedelta(days=90)
"""Older changes are no news."""


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Codes of an area of any level and of a category, None for all."""

    area: str | None = None
    category: str | None = None


def newest(db: Connection, atlas: Atlas, wanted: FeedFilter) -> Sequence[Row[Any]]:
    """The NEWEST public cases by their last change within WINDOW; one statement.

    Raises:
        NotFound: no such area, no such public category.
    """
    terms = [public.WHERE, "c.changed_at >= :since"]
    values: dict[str, Any] = {"since": moment.now() - WINDOW, "most": NEWEST}
    if wanted.area is not None:
        if wanted.area not in atlas.areas:
            raise NotFound(f"没有这个区域：{wanted.area}")
        terms.append(f"c.{atlas.areas[wanted.area].level.value} = :area")
        values["area"] = wanted.area
    if wanted.category is not None:
        known = atlas.categories.get(wanted.category)
        if known is None or not known.public:
            raise NotFound(f"没有这个公开类别：{wanted.category}")
        terms.append("c.category = :category")
        values["category"] = wanted.category
    statement = f"""
        WITH picked AS MATERIALIZED (
            SELECT c.* FROM "case" c WHERE {" AND ".join(terms)}
            ORDER BY c.changed_at DESC LIMIT :most)
        {public.COLUMNS}
        """  # noqa: S608  (constants and names of columns)
    rows = db.execute(text(statement), values).all()
    return sorted(rows, key=lambda row: (row.changed_at, row.id), reverse=True)
