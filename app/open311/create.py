"""What comes in by POST of requests, as the report that it becomes."""

import re
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from app.clients.geocoder import Geocoder
from models.errors import InvalidInput, NotFound
from models.fields import Location
from models.geo import CoordType
from models.routing import Atlas
from models.submission import PartnerSubmission, Source

_EXTERNAL = re.compile(r"attribute\[(external_id|fixmystreet_id)\]")
MOST_FILES = 9
MOST_ADDRESS, MOST_URL = 200, 2000
Form = MultiDict[str, str]


def submission_of(
    atlas: Atlas, geocoder: Geocoder | None, form: Form, key_id: int
) -> PartnerSubmission:
    """The report in a form of the standard.

    Raises:
        InvalidInput: naming the parameter. NotFound: no such service. ValidationError.
        GeocoderUnavailable.
    """
    code = form.get("service_code", "").strip()
    if not code:
        raise InvalidInput.at("/service_code", "请给出 service_code")
    category = atlas.categories.get(code)
    if category is None or category.retired_at is not None or not category.public:
        raise NotFound(f"没有这个 service_code：{code}")
    values: dict[str, Any] = {
        "source": Source.OPEN311,
        "category": code,
        "description": form.get("description", "").strip() or category.name,
        "location": _location(atlas, geocoder, form),
        "address": form.get("address_string", "").strip() or None,
        "contact_phone": form.get("phone", "").strip() or None,
        "external_number": _external_number(form, key_id),
        "attributes": _attributes(category, form),
    }
    name = f"{form.get('last_name', '')}{form.get('first_name', '')}".strip()
    return PartnerSubmission.model_validate(values | {"reporter_name": name or None})


def _location(atlas: Atlas, geocoder: Geocoder | None, form: Form) -> Location:
    """WGS-84, as the standard says; or the middle of an area that `address_id` names; or where
    the geocoder finds `address_string`."""
    latitude, longitude = form.get("lat", "").strip(), form.get("long", "").strip()
    if latitude and longitude:
        return Location.model_validate(
            {"longitude": longitude, "latitude": latitude, "coord_type": CoordType.WGS84}
        )
    code = form.get("address_id", "").strip()
    if code:
        found = atlas.inside(code)
        if found is None:
            raise InvalidInput.at("/address_id", "没有这个 address_id")
        return Location(
            longitude=found.longitude, latitude=found.latitude, coord_type=CoordType.WGS84
        )
    address = form.get("address_string", "").strip()
    if address:
        return _found(geocoder, address)
    raise InvalidInput.at("/lat", "请给出 lat 和 long，或 address_id、address_string")


def _found(geocoder: Geocoder | None, address: str) -> Location:
    if geocoder is None:
        message = "没有配置地址解析，请给出 lat 和 long，或 address_id"
        raise InvalidInput.at("/address_string", message)
    place = geocoder.find(address[:MOST_ADDRESS])
    if place is None:
        raise InvalidInput.at("/address_string", "找不到这个地址，请给出 lat 和 long")
    return Location(longitude=place.longitude, latitude=place.latitude, coord_type=CoordType.WGS84)


def _attributes(category: Any, form: Form) -> dict[str, Any]:
    """Answers to the category's fields; what a sender adds of its own is not kept."""
    found: dict[str, Any] = {}
    for field in category.fields:
        code = field["code"]
        values = form.getlist(f"attribute[{code}]") + form.getlist(f"attribute[{code}][]")
        if values:
            found[code] = values if len(values) > 1 else values[0]
    return found


def media_urls(form: Form) -> list[str]:
    """Addresses of pictures, each once.

    Raises:
        InvalidInput: no address, or too many.
    """
    given = form.getlist("media_url") + form.getlist("media_url[]")
    urls = list(dict.fromkeys(url.strip() for url in given if url.strip()))
    if len(urls) > MOST_FILES:
        raise InvalidInput.at("/media_url", f"最多 {MOST_FILES} 个 media_url")
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MOST_URL:
            raise InvalidInput.at("/media_url", "media_url 应为 http 或 https 的图片地址")
    return urls


def _external_number(form: Form, key_id: int) -> str | None:
    """The sender's own number: sent twice it is the same report."""
    for name, value in form.items():
        if _EXTERNAL.fullmatch(name) and value.strip():
            return f"{key_id}:{value.strip()}"
    return None
