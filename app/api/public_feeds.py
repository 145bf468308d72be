"""Public cases as an Atom feed (RFC 4287) with places (GeoRSS)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from app.api.published import published
from app.auth import Access, access, kit
from app.schemas.page import Query
from app.schemas.parts import UNCHANGED, media
from app.schemas.problem import ProblemOut
from app.services import public, public_feed
from app.services.public_feed import FeedFilter
from models.db import transaction
from models.routing import Atlas

api = APIBlueprint("public_feeds", __name__, url_prefix="/public", abp_tags=[Tag(name="public")])
ATOM, GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
FRESH_S = 60
NAMED_IN = "2026"
"""The year in the feeds' tag URIs (RFC 4151); it never changes, or every case would be new."""
_NOTHING_YET = datetime(2026, 1, 1, tzinfo=UTC)


class FeedQuery(Query):
    area: str | None = Field(default=None, max_length=64, description="区域代码，任何一级")
    category: str | None = Field(default=None, max_length=64, description="类别代码")


@api.get(
    "/feeds/cases.atom",
    summary="公开案卷的动态（Atom）",
    responses={200: media("application/atom+xml"), 304: UNCHANGED, 404: ProblemOut},
)
@access(Access.ALL)
def cases(query: FeedQuery) -> Response:
    """The public cases that changed last, in an area and of a category where these are given."""
    here = kit()
    atlas = here.atlas()
    wanted = FeedFilter(query.area, query.category)
    with transaction(here.autocommit) as db:
        rows = public_feed.newest(db, atlas, wanted)
    base = here.settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    body = _feed(atlas, base, wanted, rows)
    changed = rows[0].changed_at if rows else None
    return published(body, "application/atom+xml; charset=utf-8", fresh_s=FRESH_S, changed=changed)


def _feed(atlas: Atlas, base: str, wanted: FeedFilter, rows: Sequence[Any]) -> bytes:
    asked = {"area": wanted.area, "category": wanted.category}
    given = urlencode({name: value for name, value in asked.items() if value is not None})
    path = "/public/feeds/cases.atom" + (f"?{given}" if given else "")
    who = atlas.served or "随手拍"
    about = [atlas.area_name(wanted.area)] if wanted.area else [who]
    about += [atlas.category_name(wanted.category)] if wanted.category else []
    feed = Element("feed", {"xmlns": ATOM, "xmlns:georss": GEORSS})
    _add(feed, "id", _tag(base, path))
    _add(feed, "title", f"随手拍公开案卷：{'、'.join(about)}")
    _add(feed, "updated", _moment(rows[0].changed_at if rows else _NOTHING_YET))
    _add(SubElement(feed, "author"), "name", who)
    _add(feed, "link", rel="self", type="application/atom+xml", href=base + path)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/map")
    for row in rows:
        _entry(SubElement(feed, "entry"), atlas, base, row)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(entry: Element, atlas: Atlas, base: str, row: Any) -> None:
    name = atlas.category_name(row.category)
    where = atlas.area_name(row.grid)
    longitude, latitude = public.place(atlas, row)
    _add(entry, "id", _tag(base, f"/cases/{row.number}"))
    _add(entry, "title", f"{name}（{public.label(row)}）{where}")
    _add(entry, "published", _moment(row.submitted_at))
    _add(entry, "updated", _moment(row.changed_at))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{base}/map/cases/{row.number}")
    for photo in row.photos or ():
        href = f"{base}/public/photos/{photo}.jpg"
        _add(entry, "link", rel="enclosure", type="image/jpeg", href=href)
    _add(entry, "category", term=row.category or "", label=name)
    _add(entry, "summary", row.description or f"{name}，{public.label(row)}")
    SubElement(entry, "georss:point").text = f"{latitude} {longitude}"


def _tag(base: str, path: str) -> str:
    return f"tag:{urlsplit(base).hostname},{NAMED_IN}:{path}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _add(parent: Element, name: str, content: str | None = None, **attributes: str) -> None:
    child = SubElement(parent, name, attributes)
    if content is not None:
        child.text = "".join(c for c in content if c in "\t\n\r" or _allowed(c))


def _allowed(c: str) -> bool:
    """Whether XML 1.0 can hold the character."""
    return c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"
