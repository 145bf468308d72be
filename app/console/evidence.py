"""What each picture of a case proves of its time and place, and what was odd about it, in words."""

from collections.abc import Iterable
from typing import Any

from app.auth import Work
from app.console import words
from app.services import evidence
from app.services.evidence import Known
from models.geo import Point

SOURCES = {"exif": "照片文件", "client": "手机"}
KILOMETRE_M = 1000


def told(here: Work, case: dict[str, Any], photos: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """By photo id: `time` and `place` in words, None where nothing is known of it."""
    ids = [one["id"] for one in photos]
    if not ids:
        return {}
    place = case["location"]["wgs84"]
    where = Point(place["longitude"], place["latitude"])
    return {key: _one(found) for key, found in evidence.known(here.db, ids, where).items()}


def _one(found: Known) -> dict[str, Any]:
    times = [f"{words.moment(at)}（{SOURCES[source]}）" for source, at in found.times.items()]
    places = [
        f"距案卷 {distance(away)}（{SOURCES[source]}）" for source, away in found.places.items()
    ]
    return {
        "time": "，".join(times) or None,
        "place": "，".join(places) or None,
        "arrived": words.moment(found.uploaded_at),
        "erased": found.erased,
    }


def distance(metres: float) -> str:
    if metres < KILOMETRE_M:
        return f"{round(metres)} 米"
    return f"{metres / KILOMETRE_M:.1f} 公里"


def flags(found: dict[str, Any]) -> list[str]:
    """What the desk should know of a report's photos."""
    said = []
    if "far_m" in found:
        said.append(f"拍摄地点距上报位置 {distance(found['far_m'])}")
    if "old_days" in found:
        said.append(f"拍摄于上报前 {found['old_days']} 天")
    if found.get("future_time"):
        said.append("拍摄时间晚于上传时间")
    if found.get("copy_of"):
        said.append(f"与其他案卷的照片相同：{'、'.join(found['copy_of'])}")
    return said
