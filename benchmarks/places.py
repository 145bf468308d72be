"""Where made cases happen, and what their reporters write."""

from dataclasses import dataclass
from random import Random
from typing import Any

from models.geo import Point
from models.routing import Atlas, Placement

STEP = 0.00003
"""Degrees; cases lie up to this far around a site, about three metres."""
_CORNERS = ((0, 0), (STEP, STEP), (STEP, -STEP), (-STEP, STEP), (-STEP, -STEP))

_SPOTS = ("小区东门", "公交站旁", "菜市场门口", "学校对面", "路口红绿灯下", "河边步道", "3号楼后面")
_DETAILS = (
    "已经好几天了",
    "行人都得绕着走",
    "一到晚上更严重",
    "下雨以后味道很大",
    "老人和孩子经过不安全",
    "之前打过电话没人来",
)
_WISHES = ("请尽快处理", "希望派人来看看", "麻烦安排人清理", "请相关部门管一管", "谢谢")
NOT_OURS = "不属于本平台受理范围，请拨打 12345"
DONE = (
    "已派人到现场处理完毕，周边一并清理",
    "已安排班组处置，现场恢复正常",
    "已维修更换，试用正常",
)
REPLIES = (
    "责任单位已到现场处理完毕，问题已消除，感谢您的反映",
    "已安排人员当天清理干净，今后每天巡查两次",
    "设施已修复，经网格员现场核查恢复正常使用",
)


@dataclass(frozen=True, slots=True)
class Site:
    """A point that is safely inside its areas, so that its surroundings share the placement."""

    point: Point
    placement: Placement

    def near(self, random: Random) -> Point:
        return Point(
            round(self.point.longitude + random.uniform(-STEP, STEP), 7),
            round(self.point.latitude + random.uniform(-STEP, STEP), 7),
        )


def sites(atlas: Atlas, random: Random, per_grid: int = 60) -> list[Site]:
    """So many sites in each grid, at most."""
    found = []
    for area in atlas.areas.values():
        if area.level != "grid":
            continue
        west, south, east, north = area.boundary.bounds
        wanted = per_grid
        for _ in range(per_grid * 50):
            point = Point(random.uniform(west, east), random.uniform(south, north))
            placement = _settled(atlas, point)
            if placement is not None and placement.grid == area.code:
                found.append(Site(point, placement))
                wanted -= 1
            if wanted == 0:
                break
    return found


def _settled(atlas: Atlas, point: Point) -> Placement | None:
    around = [
        atlas.locate(Point(point.longitude + x, point.latitude + y), 1.0) for x, y in _CORNERS
    ]
    return around[0] if around.count(around[0]) == len(around) else None


def description(category: Any, random: Random) -> str:
    """What a resident may write about such a thing."""
    what = random.choice(category.aliases) if category.aliases else category.name
    words = (random.choice(_SPOTS) + what, random.choice(_DETAILS), random.choice(_WISHES))
    return "，".join(words)


def address(atlas: Atlas, placement: Placement, random: Random) -> str:
    return f"{atlas.area_name(placement.community)}{random.randint(1, 199)}号附近"
