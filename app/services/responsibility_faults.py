"""What to look at in the rules of a day: gaps, contradictions, rules that decide nothing. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.services.map_check import check_overlaps
from app.services.responsibility_matrix import Matrix, path
from models.area import Level
from models.routing import AreaShape, Rule


@dataclass(frozen=True, slots=True)
class Gap:
    """Categories that nobody answers for anywhere in the area: they stay with the desk."""

    area: AreaShape
    categories: list[Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two overlays with rules that lie over each other by so many square metres. The first one
    wins; `level` says that they have the same priority, so that the code decided."""

    wins: AreaShape
    loses: AreaShape
    square_metres: float
    level: bool


@dataclass(frozen=True, slots=True)
class Unused:
    """A rule that decides nothing, and why."""

    rule: Rule
    why: str


def gaps(matrix: Matrix) -> list[Gap]:
    """Told of the widest areas that they hold for, of the grids in them not again."""
    children: dict[str | None, list[AreaShape]] = {}
    for area in matrix.atlas.areas.values():
        if area.level is not Level.OVERLAY:
            children.setdefault(area.parent, []).append(area)
    everything = [one.code for members in matrix.groups.values() for one in members]
    covered = _covered(matrix)
    lacking: dict[str, frozenset[str]] = {}

    def look(area: AreaShape) -> frozenset[str]:
        below = [look(one) for one in children.get(area.code, ())]
        if area.level is Level.GRID:
            over = [covered.get(code, frozenset()) for code in path(matrix.atlas, area.code)]
            below = [frozenset(everything).difference(*over)]
        lacking[area.code] = frozenset.intersection(*below) if below else frozenset()
        return lacking[area.code]

    def tell(area: AreaShape, told: frozenset[str]) -> Iterator[Gap]:
        own = lacking[area.code] - told
        if own:
            named = [matrix.atlas.categories[code] for code in everything if code in own]
            yield Gap(area, named, len(own) == len(everything))
        for one in sorted(children.get(area.code, ()), key=lambda below: below.code):
            yield from tell(one, told | own)

    roots = sorted(children.get(None, ()), key=lambda root: root.code)
    for root in roots:
        look(root)
    return [gap for root in roots for gap in tell(root, frozenset())]


def _covered(matrix: Matrix) -> dict[str, frozenset[str]]:
    """By area, the categories that a rule of its own answers for. Whatever the order in which
    routing asks, a category is answered for where any area over the place covers it."""
    found: dict[str, frozenset[str]] = {}
    everything = frozenset(one.code for members in matrix.groups.values() for one in members)
    groups = {
        group: frozenset(one.code for one in members) for group, members in matrix.groups.items()
    }
    for rule in matrix.rules:
        if matrix.atlas.units[rule.unit].retired:
            continue
        if rule.category is not None:
            own = frozenset({rule.category})
        else:
            own = everything if rule.group is None else groups.get(rule.group, frozenset())
        found[rule.area] = found.get(rule.area, frozenset()) | own
    return found


def doubled(matrix: Matrix) -> list[list[Rule]]:
    """Rules for the same area and categories that are in force on the same day."""
    found: dict[tuple[str, str | None, str | None], list[Rule]] = {}
    for rule in matrix.rules:
        if not matrix.atlas.units[rule.unit].retired:
            found.setdefault((rule.area, rule.category, rule.group), []).append(rule)
    return [rules for rules in found.values() if len(rules) > 1]


def crossings(matrix: Matrix) -> list[Crossing]:
    """Overlays with rules that lie over each other."""
    overlays = [one for one in matrix.overlays() if one.code in matrix.with_rules]
    overlays.sort(key=lambda one: (-one.priority, one.code))
    return [
        Crossing(overlays[early], overlays[late], metres, _level(overlays[early], overlays[late]))
        for late, early, metres in check_overlaps([one.boundary for one in overlays])
    ]


def _level(one: AreaShape, other: AreaShape) -> bool:
    return one.priority == other.priority


def unused(matrix: Matrix) -> list[Unused]:
    """Rules in force that routing passes over."""
    found = []
    for rule in matrix.rules:
        why = _why_unused(matrix, rule)
        if why:
            found.append(Unused(rule, why))
    return found


def _why_unused(matrix: Matrix, rule: Rule) -> str:
    atlas = matrix.atlas
    if rule.area not in atlas.areas:
        return "区域已不在地图上"
    if atlas.units[rule.unit].retired:
        return "单位已停用，改由上一级规则决定"
    if rule.category is not None and atlas.categories[rule.category].retired_at is not None:
        return "小类已停用"
    if rule.group is not None and rule.group not in matrix.groups:
        return "大类已停用"
    return ""
