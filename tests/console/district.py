"""An administrator who sets a district up through the pages."""

import io
import re
from typing import Any

import orjson

from tests.console.desk import Desk, csrf_of
from tests.drive import Answer

HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=alert(2)>'

UNITS = "编码,名称,上级编码,类型,日历\nU,局,,bureau,\nU-A,甲公司,U,contractor,\n".encode()
FEWER = "code,name,parent,kind\nU,城管局,,bureau\n".encode()
WGS84 = {"coord_type": "wgs84"}
KINDS = ("areas", "units", "responsibilities", "duties", "catalogue", "fields")
PAGES = (
    "/console/admin",
    "/console/district/areas",
    "/console/district/units",
    "/console/district/responsibilities",
    "/console/district/responsibilities/check",
    "/console/district/duties",
    "/console/district/catalogue",
    "/console/district/calendar",
    "/console/district/templates",
)


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle, in hundredths of a degree from 112 E, 26 N."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[round(112 + x / 100, 8), round(26 + y / 100, 8)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: str, level: str, parent: str | None, *box: float, **more: Any) -> dict[str, Any]:
    properties = {"code": code, "name": f"名{code}", "level": level, "parent": parent} | more
    return {"type": "Feature", "properties": properties, "geometry": square(*box)}


TWO_GRIDS = (
    feature("D", "district", None, 0, 0, 4, 2),
    feature("C", "community", "D", 0, 0, 4, 2),
    feature("G1", "grid", "C", 0, 0, 2, 2),
    feature("G2", "grid", "C", 2, 0, 4, 2),
)


def geojson(*features: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": list(features)})


def upload(desk: Desk, kind: str, data: bytes, name: str = "file.csv", **form: Any) -> Answer:
    """Sends a file; the answer to follow, or the refusal."""
    token = csrf_of(desk.get("/console/admin"))
    sent = {"csrf": token, "file": (io.BytesIO(data), name)} | form
    return desk.client.post(f"/console/district/{kind}/upload", data=sent)


def preview(desk: Desk, kind: str, data: bytes, name: str = "file.csv", **form: Any) -> str:
    """The preview of a file."""
    answer = upload(desk, kind, data, name, **form)
    assert answer.status_code == 303, answer.text
    return desk.get(answer.location)


def confirm(desk: Desk, kind: str, page: str) -> Answer:
    """Confirms what the page shows."""
    form = dict(re.findall(r'name="(csrf|token|base|back)" value="([^"]*)"', page))
    return desk.client.post(f"/console/district/{kind}/confirm", data=form)


def imported(desk: Desk, kind: str, data: bytes, name: str = "file.csv", **form: Any) -> None:
    answer = confirm(desk, kind, preview(desk, kind, data, name, **form))
    assert answer.status_code == 303, answer.text
