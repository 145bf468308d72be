"""Who answers for what where: the matrix of a day, one cell of it, and where a case would go."""

from datetime import date, datetime
from typing import Any

from flask import Response, request
from pydantic import ValidationError

from app.auth import Access, Work, access
from app.console import forms
from app.console.admin.menu import admin_page
from app.console.district.areas import paged
from app.console.district.upload import COORD_TYPES, done, opened, with_history
from app.console.pages import pages
from app.errors import faults_of
from app.services import area as areas
from app.services import responsibility_faults as faults
from app.services import staff
from app.services.responsibility_matrix import Matrix, path
from models.account import Role
from models.area import LEVEL_LABELS, TREE, Level
from models.calendar import LOCAL
from models.errors import NotFound, OutsideServiceArea
from models.fields import Location
from models.moment import now
from models.routing import Atlas, Rule

PAGE = 40
MOST_FAULTS = 100
LIST = "/console/district/responsibilities"


def today() -> date:
    return now().astimezone(LOCAL).date()


def chosen_day(name: str = "day") -> date:
    """The day that the address names, else today."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return today()
    return found if 2000 <= found.year < 2100 else today()


@pages.get("/district/responsibilities")
@access(Access.ADMIN)
def district_responsibilities() -> Response:
    """The areas of one level; `within` those below one area only."""
    day = chosen_day()
    with opened() as here:
        shown = with_history(here, "responsibilities") | done()
        matrix = Matrix(here.atlas, day)
        level = _level(here.atlas)
        within = request.args.get("within") or None
        page = paged(matrix.areas(level, within), PAGE)
        lines = matrix.lines(page.pop("rows"))
    return admin_page(
        "district/responsibilities.html",
        200,
        here.actor,
        **shown,
        **page,
        **_faults(matrix),
        lines=lines,
        matrix=matrix,
        level=level.value,
        levels=[(one.value, LEVEL_LABELS[one]) for one in _levels(here.atlas)],
        within=within,
        places=_places(here.atlas, level),
        day=day,
        is_today=day == today(),
        atlas=here.atlas,
        level_labels=LEVEL_LABELS,
        group_names={code: members[0].group_name for code, members in matrix.groups.items()},
        next_level=_below(here.atlas, level),
    )


def _levels(atlas: Atlas) -> list[Level]:
    used = {area.level for area in atlas.areas.values()}
    return [level for level in (*TREE, Level.OVERLAY) if level in used]


def _level(atlas: Atlas) -> Level:
    """The level that the address names, else the one above the grids."""
    known = _levels(atlas)
    given = request.args.get("level", "")
    if given in known:
        return Level(given)
    return next((one for one in (Level.COMMUNITY, Level.STREET) if one in known), Level.DISTRICT)


def _below(atlas: Atlas, level: Level) -> Level | None:
    tree = [one for one in _levels(atlas) if one is not Level.OVERLAY]
    if level not in tree or level is tree[-1]:
        return None
    return tree[tree.index(level) + 1]


def _places(atlas: Atlas, level: Level) -> list[tuple[str, str]]:
    """Areas above the level that a person may choose, as code and name in the order of the tree."""
    if level not in TREE:
        return []
    above = [
        area
        for area in atlas.areas.values()
        if area.level in TREE[: TREE.index(level)] and area.level is not Level.DISTRICT
    ]
    ordered = sorted(above, key=lambda area: path(atlas, area.code))
    return [(one.code, "　" * (TREE.index(one.level) - 1) + one.name) for one in ordered]


def _faults(matrix: Matrix) -> dict[str, Any]:
    found: dict[str, list[Any]] = {
        "gaps": faults.gaps(matrix),
        "doubled": faults.doubled(matrix),
        "crossings": faults.crossings(matrix),
        "unused": faults.unused(matrix),
    }
    counts = {name: len(rows) for name, rows in found.items()}
    shown: dict[str, Any] = {name: rows[:MOST_FAULTS] for name, rows in found.items()}
    return shown | {"fault_counts": counts}


@pages.get("/district/responsibilities/areas/<code>")
@access(Access.ADMIN)
def district_responsible(code: str) -> Response:
    """Each category in one area, with the rule that decides; and the rules that name the area."""
    day = chosen_day()
    with opened() as here:
        atlas = here.atlas
        if code not in atlas.areas:
            raise NotFound("当前地图中没有这个区域")
        matrix, area = Matrix(atlas, day), atlas.areas[code]
        wanted = request.args.get("group", "")
        groups = [wanted] if wanted in matrix.groups else list(matrix.groups)
        shown = [(matrix.groups[g][0].group_name, matrix.detail(area, g)) for g in groups]
    return admin_page(
        "district/responsible.html",
        200,
        here.actor,
        area=area,
        above=path(atlas, code)[:-1],
        shown=shown,
        group=wanted if wanted in matrix.groups else None,
        rules=[rule for rule in atlas.rules if rule.area == code],
        day=day,
        atlas=atlas,
        level_labels=LEVEL_LABELS,
        covers=covers,
        by_category=atlas.by_category,
    )


def covers(atlas: Atlas, rule: Rule) -> str:
    """What a rule is for: 小类 暴露垃圾, 大类 环境卫生, 所有类别."""
    if rule.category is not None:
        return f"小类“{atlas.category_name(rule.category)}”"
    if rule.group is not None:
        named = {one.category_group: one.group_name for one in atlas.categories.values()}
        return f"大类“{named.get(rule.group, rule.group)}”"
    return "所有类别"


@pages.get("/district/responsibilities/check")
@access(Access.ADMIN)
def district_check() -> Response:
    """Where a case would go: its grid, its unit, the rule that decides and why."""
    found: dict[str, Any] = {"result": None, "faults": {}, "message": None}
    with opened() as here:
        if request.args.get("longitude") or request.args.get("latitude"):
            found |= _checked(here)
    return admin_page(
        "district/check.html",
        422 if found["faults"] else 200,
        here.actor,
        **found,
        given=request.args.to_dict(),
        groups=forms.groups(here.atlas),
        coord_types=COORD_TYPES,
        day=chosen_day(),
        atlas=here.atlas,
        level_labels=LEVEL_LABELS,
        covers=covers,
    )


def _checked(here: Work) -> dict[str, Any]:
    given = {name: request.args.get(name, "") for name in ("longitude", "latitude", "coord_type")}
    try:
        location = Location.model_validate(given)
    except ValidationError as error:
        return {"faults": {one.pointer[1:]: one.message for one in faults_of(error)}}
    atlas, category = here.atlas, request.args.get("category") or None
    try:
        place = areas.locate(atlas, location)
    except OutsideServiceArea as outside:
        return {"message": outside.detail}
    at = datetime.now(LOCAL)
    duty = atlas.on_duty(place.placement, at)
    names = {one.id: one.display_name for one in staff.holding(here.db, Role.GRID_WORKER)}
    known = category if category in atlas.categories else None
    return {
        "result": {
            "placement": place.placement,
            "point": place.point,
            "category": atlas.categories[known] if known else None,
            "rules": list(atlas.rules_for(place.placement, known, chosen_day())),
            "by_category": atlas.by_category(known),
            "duty": names.get(duty.worker or 0) or atlas.unit_name(duty.unit),
        }
    }
