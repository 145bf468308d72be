"""Who answers for what where, as routing decides it on a day. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import shapely

from models.area import Level
from models.routing import AreaShape, Atlas, Placement, Rule


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a category in an area; `rule` None: the case stays with the desk."""

    category: Any
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Units of a group's categories with how many, most first; None stands for the desk. `areas`
    are those whose rules decided, and `own` says that the row's own area is among them."""

    units: tuple[tuple[str | None, int], ...]
    areas: tuple[str, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. `below` counts areas in it with rules of their own, and `overlays` are
    those across it that have some: there others may answer."""

    area: AreaShape
    cells: dict[str, Cell]
    below: int
    overlays: tuple[str, ...]


class Matrix:
    """The answers of one day. Places under the same areas with rules have the same answers, so
    that a thousand grids ask the rules a few times only."""

    def __init__(self, atlas: Atlas, day: date) -> None:
        self.atlas, self.day = atlas, day
        self.rules = [rule for rule in atlas.rules if rule.valid_on(day)]
        self._known: dict[tuple[str, ...], dict[str, Rule | None]] = {}

    @cached_property
    def groups(self) -> dict[str, list[Any]]:
        """Categories in use by the code of their group, in the catalogue's order."""
        found: dict[str, list[Any]] = {}
        for one in self.atlas.categories.values():
            if one.retired_at is None:
                found.setdefault(one.category_group, []).append(one)
        return found

    @cached_property
    def with_rules(self) -> frozenset[str]:
        return frozenset(rule.area for rule in self.rules if rule.area in self.atlas.areas)

    def areas(self, level: Level, within: str | None = None) -> list[AreaShape]:
        """Areas of the level in the order of the tree; with `within` those below it only."""
        paths = {
            area.code: path(self.atlas, area.code)
            for area in self.atlas.areas.values()
            if area.level is level
        }
        chosen = [code for code, above in paths.items() if within is None or within in above]
        return [self.atlas.areas[code] for code in sorted(chosen, key=lambda code: paths[code])]

    def placement(self, area: AreaShape) -> Placement:
        """A place in the area; of an overlay one in the middle of it, and in no other."""
        if area.level is not Level.OVERLAY:
            return self.atlas.placement_of(area.code)
        point = self.atlas.inside(area.code)
        found = None if point is None else self.atlas.locate(point, 0)
        if found is None:
            return Placement(None, None, None, "", (area.code,), "inside")
        return replace(found, overlays=(area.code,))

    def answers(self, placement: Placement) -> dict[str, Rule | None]:
        """By the code of each category in use, the rule that decides."""
        chain = tuple(code for code in placement.levels_up() if code in self.with_rules)
        if chain not in self._known:
            short = Placement(None, None, None, "", chain, placement.how)
            self._known[chain] = {
                one.code: self.atlas.deciding_rule(short, one.code, self.day)
                for members in self.groups.values()
                for one in members
            }
        return self._known[chain]

    def lines(self, areas: Sequence[AreaShape]) -> list[Line]:
        below: Counter[str] = Counter()
        for code in self.with_rules:
            below.update(path(self.atlas, code)[:-1])
        across = self._across(areas)
        return [
            Line(area, self._cells(area), below[area.code], across.get(area.code, ()))
            for area in areas
        ]

    def _cells(self, area: AreaShape) -> dict[str, Cell]:
        answers = self.answers(self.placement(area))
        found = {}
        for group, members in self.groups.items():
            rules = [answers[one.code] for one in members]
            units = Counter(rule.unit if rule else None for rule in rules)
            deciding = tuple(dict.fromkeys(rule.area for rule in rules if rule))
            found[group] = Cell(tuple(units.most_common()), deciding, area.code in deciding)
        return found

    def detail(self, area: AreaShape, group: str) -> list[Answer]:
        """Each category of the group in the area, with the rule that decides."""
        answers = self.answers(self.placement(area))
        return [Answer(one, answers[one.code]) for one in self.groups.get(group, ())]

    def _across(self, areas: Sequence[AreaShape]) -> dict[str, tuple[str, ...]]:
        """By the code of each area of the tree, the overlays with rules that lie across it."""
        overlays = [a for a in self.overlays() if a.code in self.with_rules]
        rows = [area for area in areas if area.level is not Level.OVERLAY]
        if not overlays or not rows:
            return {}
        tree = shapely.STRtree([one.boundary for one in overlays])
        found: dict[str, list[str]] = {}
        shapes = [area.boundary for area in rows]
        for row, overlay in tree.query(shapes, predicate="intersects").T:
            if not shapely.touches(shapes[row], overlays[overlay].boundary):
                found.setdefault(rows[row].code, []).append(overlays[overlay].code)
        return {code: tuple(sorted(codes)) for code, codes in found.items()}

    def overlays(self) -> list[AreaShape]:
        return [area for area in self.atlas.areas.values() if area.level is Level.OVERLAY]


def path(atlas: Atlas, code: str) -> list[str]:
    """The codes of the areas over an area, the widest first, and its own."""
    found: list[str] = []
    above: str | None = code
    while above is not None and above in atlas.areas and above not in found:
        found.insert(0, above)
        above = atlas.areas[above].parent
    return found
