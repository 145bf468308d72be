"""Turning the pages of a list of rounds."""

from collections.abc import Callable, Sequence
from typing import Any

from app.console.audit.asked import Asked, address
from app.schemas.audit import PagedQuery, cursor_behind
from app.services.audit_answer import After

RowsOf = Callable[[After | None, int], Sequence[Any]]


def turned(asked: Asked[Any], path: str, rows_of: RowsOf) -> tuple[Sequence[Any], dict[str, Any]]:
    """A page of rows, and the links to the others and to files of all."""
    query: PagedQuery = asked.query
    rows = rows_of(query.after(), query.limit)
    page = rows[: query.limit]
    kept = {name: value for name, value in asked.given.items() if name != "cursor"}
    following = None
    if len(rows) > len(page):
        following = address(path, kept | {"cursor": cursor_behind(page[-1])})
    return page, {
        "next_page": following,
        "first_page": address(path, kept) if "cursor" in asked.given else None,
        "exports": [(kind.upper(), address(f"{path}.{kind}", kept)) for kind in ("xlsx", "csv")],
    }
