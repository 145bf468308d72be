"""The page's shell and its files; what it shows comes from the public data (docs/public.md)."""

from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template

from app.auth import Access, access, kit
from app.browser import kept_file, policy, version_of
from app.services import public
from models.db import transaction
from models.routing import Atlas

pages = Blueprint("site", __name__, template_folder="templates")
STATIC = Path(__file__).parent / "static"
LONGEST_NUMBER = 64


@pages.get("/map")
@access(Access.ALL)
def overview() -> Response:
    return _page()


@pages.get("/map/cases/<number>")
@access(Access.ALL)
def case(number: str) -> Response:
    """The same page, opened on one case; 404 where that is not public."""
    with transaction(kit().autocommit) as db:
        known = number[: LONGEST_NUMBER + 1]
        found = public.named(db, [known], 1) if len(known) <= LONGEST_NUMBER else ()
    return _page(number, found[0] if found else None)


@pages.get("/map/static/<tag>/<path:name>")
@access(Access.ALL)
def file(tag: str, name: str) -> Response:
    return kept_file(STATIC, tag, name)


def _page(number: str | None = None, row: Any = None) -> Response:
    here = kit()
    atlas = here.atlas()
    shown = None
    if row is not None:
        shown = {"name": atlas.category_name(row.category), "status": public.label(row)}
    response = make_response(
        render_template(
            "site/map.html",
            district=atlas.served,
            groups=_groups(atlas),
            number=number,
            shown=shown,
            version=version_of(STATIC),
            tile_url=here.settings.tile_url,
            tile_attribution=here.settings.tile_attribution,
        ),
        404 if number is not None and row is None else 200,
    )
    response.headers["Content-Security-Policy"] = policy(here.settings.tile_url, framed_by="'self'")
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _groups(atlas: Atlas) -> list[tuple[str, str, list[Any]]]:
    """Code, name and public categories of each group, in the catalogue's order."""
    shown = [c for c in atlas.categories.values() if c.public and c.retired_at is None]
    order = {c.category_group: position for position, c in reversed([*enumerate(shown)])}
    shown.sort(key=lambda category: order[category.category_group])
    return [
        (code, members[0].group_name, members)
        for code, members in (
            (code, [*found]) for code, found in groupby(shown, lambda c: str(c.category_group))
        )
    ]
