"""Write the synthetic demo district into data/demo: `python -m tools.district`.

The output is the same on every run, and is committed; a test compares the two.
"""

import csv
import io
import json
from pathlib import Path

from shapely.geometry import mapping

from tools.district_map import Area, areas
from tools.district_staff import UNITS, Table, accounts, duties, responsibilities

DEMO = Path(__file__).parents[1] / "data" / "demo"
NOTICE = "虚构的演示区，与任何真实地方、单位、个人无关"


def files() -> dict[str, str]:
    """File name to its whole text."""
    district = areas()
    return {
        "areas.geojson": _geojson(district),
        "units.csv": _csv(UNITS),
        "responsibilities.csv": _csv(responsibilities()),
        "duties.csv": _csv(duties(district)),
        "accounts.csv": _csv(accounts()),
    }


def _geojson(district: list[Area]) -> str:
    """A FeatureCollection in WGS-84, one line to a feature so that changes can be read."""
    features = ",\n".join(json.dumps(_feature(area), ensure_ascii=False) for area in district)
    head = f'"type": "FeatureCollection", "synthetic": true, "notice": "{NOTICE}"'
    return f'{{{head}, "features": [\n{features}\n]}}\n'


def _feature(area: Area) -> dict[str, object]:
    properties: dict[str, str | int | None] = {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent,
    }
    if area.priority is not None:
        properties["priority"] = area.priority
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": mapping(area.boundary),
    }


def _csv(table: Table) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


if __name__ == "__main__":
    DEMO.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (DEMO / name).write_text(text, encoding="utf-8")
