"""Open cases around a case: perhaps the same."""

from datetime import UTC, datetime
from typing import Any

from app.auth import Work
from app.services import case_list, case_view
from app.services.case_list import Filter
from models.geo import Point, distance_m
from models.status import OPEN_STATUSES

NEAR_M, MOST_NEAR = 200.0, 8


def near(here: Work, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the same category first, the nearest first; `away` in metres, and `point`."""
    if found["status"] not in OPEN_STATUSES:
        return []
    centre = point_of(found)
    wanted = Filter(statuses=sorted(OPEN_STATUSES), near=(centre, NEAR_M), limit=50)
    now, around = datetime.now(UTC), []
    for row in case_list.cases(here.db, here.atlas, here.actor, wanted):
        if row.number != found["number"]:
            point = Point(row.longitude, row.latitude)
            more = {
                "point": point,
                "away": round(distance_m(centre, point)),
                "alike": row.category is not None and row.category == found["category"],
            }
            around.append(case_view.brief(here.atlas, row, now) | more)
    around.sort(key=lambda one: (not one["alike"], one["away"]))
    return around[:MOST_NEAR]


def point_of(found: dict[str, Any]) -> Point:
    place = found["location"]["wgs84"]
    return Point(place["longitude"], place["latitude"])
