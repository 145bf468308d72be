"""What comes in by POST of requests, as the report that it becomes."""

import re
from collections.abc import Mapping
from typing import Any

from models.errors import InvalidInput, NotFound
from models.fields import Location
from models.geo import CoordType
from models.routing import Atlas
from models.submission import Source, Submission

_EXTERNAL = re.compile(r"attribute\[(external_id|fixmystreet_id)\]")
MOST_FILES = 9


def submission_of(atlas: Atlas, form: Mapping[str, str], key_id: int) -> Submission:
    """The report in a form of the standard.

    Raises:
        InvalidInput: naming the parameter. NotFound: no such service. ValidationError.
    """
    code = form.get("service_code", "").strip()
    if not code:
        raise InvalidInput.at("/service_code", "请给出 service_code")
    category = atlas.categories.get(code)
    if category is None or category.retired_at is not None or not category.public:
        raise NotFound(f"没有这个 service_code：{code}")
    if form.get("media_url", "").strip():
        raise InvalidInput.at("/media_url", "暂不支持 media_url，请用 media 直接上传图片")
    values: dict[str, Any] = {
        "source": Source.OPEN311,
        "category": code,
        "description": form.get("description", "").strip() or category.name,
        "location": _location(atlas, form),
        "address": form.get("address_string", "").strip() or None,
        "contact_phone": form.get("phone", "").strip() or None,
        "external_number": _external_number(form, key_id),
    }
    name = f"{form.get('last_name', '')}{form.get('first_name', '')}".strip()
    return Submission.model_validate(values | {"reporter_name": name or None})


def _location(atlas: Atlas, form: Mapping[str, str]) -> Location:
    """WGS-84, as the standard says; or the middle of an area that `address_id` names."""
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
    if form.get("address_string", "").strip():
        message = "没有配置地址解析，请给出 lat 和 long，或 address_id"
        raise InvalidInput.at("/address_string", message)
    raise InvalidInput.at("/lat", "请给出 lat 和 long，或 address_id")


def _external_number(form: Mapping[str, str], key_id: int) -> str | None:
    """The sender's own number: sent twice it is the same report."""
    for name, value in form.items():
        if _EXTERNAL.fullmatch(name) and value.strip():
            return f"{key_id}:{value.strip()}"
    return None
