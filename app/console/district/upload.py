"""A file of the set-up on its way in: uploaded, looked at, confirmed. The same for every kind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import shapely
from flask import Response, redirect, request

from app.auth import Access, Work, access, download, kit
from app.console.admin.menu import HOME, admin_page
from app.console.district.drawing import Drawing, Shape, draw
from app.console.pages import pages, work
from app.services import import_draft, import_history, import_preview, set_up_files, sheet_reader
from app.services.import_headings import COLUMN_LABELS, KIND_LABELS, VALUE_LABELS
from app.services.import_preview import ADDED, CHANGED, KINDS, REMOVED, Change, Preview
from app.services.map_changes import MapChanges
from models.area import LEVEL_LABELS, Level
from models.errors import Conflict, FieldFault, ImportRefused, InvalidInput
from models.geo import CoordType

MOST_SHOWN = 300
HISTORY = 10
KIND = "<any(areas, units, responsibilities, duties, catalogue, fields):kind>"
PAGE_OF = {kind: f"/console/district/{kind}" for kind in KINDS} | {
    "fields": "/console/district/catalogue"
}
COORD_TYPES = (
    (CoordType.WGS84, "WGS-84（GPS、测绘、天地图）"),
    (CoordType.GCJ02, "GCJ-02（高德、腾讯、微信）"),
    (CoordType.BD09, "BD-09（百度）"),
)
_DRAWN = frozenset({LEVEL_LABELS[Level.GRID], LEVEL_LABELS[Level.OVERLAY]})
HOW_LABELS = {ADDED: "新增", CHANGED: "变更", REMOVED: "停用"}


@dataclass(frozen=True, slots=True)
class _Problem:
    """A fault for people: where it is, and what it is."""

    where: str
    message: str


def with_history(here: Work, *kinds: str) -> dict[str, Any]:
    """What the page of these kinds shows of uploads."""
    return {
        "history": import_history.recent(here.db, kinds, HISTORY),
        "coord_types": COORD_TYPES,
        "columns_of": {kind: COLUMN_LABELS[kind] for kind in kinds if kind in COLUMN_LABELS},
        "values_of": {kind: VALUE_LABELS.get(kind, {}) for kind in kinds},
        "kind_labels": KIND_LABELS,
    }


@contextmanager
def opened() -> Iterator[Work]:
    """A page's unit of work, on a set-up that has what the address says was just done."""
    given = request.args.get("done", "")
    if given.isdecimal() and len(given) < 12:
        kit().atlas.at_least(int(given))
    with work(kit().autocommit) as here:
        yield here


def done() -> dict[str, Any]:
    """What the address says of an import that was just confirmed."""
    given = request.args.get("done", "")
    known = given.isdecimal() and len(given) < 12
    return {"done": int(given) if known else None, "unchanged": given == "unchanged"}


@pages.post(f"/district/{KIND}/upload")
@access(Access.ADMIN)
def district_upload(kind: str) -> Response:
    """Keeps the file as the person's draft, and goes on to its preview."""
    with work(kit().engine) as here:
        file = request.files.get("file")
        name = import_draft.shown_name((file and file.filename) or "")
        try:
            content, coord_type = _read(kind, b"" if file is None else file.stream.read(), name)
        except (ImportRefused, InvalidInput) as refused:
            return _page(here, kind, 422, file_name=name, refused=refused)
        import_draft.keep(here.db, here.actor, kind, name, content, coord_type)
    back = "?back=start" if _back() else ""
    return redirect(f"/console/district/{kind}/preview{back}", 303)  # type: ignore[return-value]


def _read(kind: str, data: bytes, name: str) -> tuple[bytes, str | None]:
    """What is imported of the file, and a map's coordinate system."""
    if not data:
        raise InvalidInput.at("/file", "请选择一个文件；选过的文件是空的")
    if kind != "areas":
        return sheet_reader.table(data, name), None
    coord_type = request.form.get("coord_type", "")
    if coord_type not in list(CoordType):
        raise InvalidInput.at("/coord_type", "请选择文件里的坐标系；选错会让案卷派到别的网格")
    return data, coord_type


def _back() -> bool:
    """Whether to go on to the overview afterwards, not to the kind's own page."""
    return "start" in (request.form.get("back"), request.args.get("back"))


@pages.get(f"/district/{KIND}/preview")
@access(Access.ADMIN)
def district_preview(kind: str) -> Response:
    """What the person's draft would change now."""
    with work(kit().engine) as here:
        return _preview(here, kind, 200)


@pages.post(f"/district/{KIND}/confirm")
@access(Access.ADMIN)
def district_confirm(kind: str) -> Response:
    """Imports what was looked at; where that is not so any more, shows what it would change now."""
    token, base = request.form.get("token", ""), request.form.get("base", "")
    try:
        with work(kit().engine) as here:
            summary = import_preview.confirm(here.db, here.actor, kind, token, base)
    except (Conflict, ImportRefused) as error:
        message = error.detail if isinstance(error, Conflict) else None
        with work(kit().engine) as here:
            return _preview(here, kind, 409 if message else 422, message)
    target = HOME if _back() else PAGE_OF[kind]
    told = "unchanged" if summary.unchanged else summary.revision
    return redirect(f"{target}?done={told}", 303)  # type: ignore[return-value]


def _preview(here: Work, kind: str, status: int, message: str | None = None) -> Response:
    draft = import_draft.find(here.db, here.actor, kind)
    if draft is None:
        return _page(here, kind, 404)
    shown = {"file_name": draft.file_name, "draft": draft, "message": message}
    try:
        found = import_preview.look(here.db, kind, draft)
    except ImportRefused as refused:
        return _page(here, kind, 422, **shown, refused=refused)
    return _page(here, kind, status, **shown, preview=found)


def _page(here: Work, kind: str, status: int, **given: Any) -> Response:
    found: Preview | None = given.get("preview")
    refused: ImportRefused | InvalidInput | None = given.get("refused")
    draft = given.get("draft")
    content = draft.content if draft is not None else b""
    shown = {"draft": None, "preview": None, "file_name": "", "message": None} | given
    return admin_page(
        "district/preview.html",
        status,
        here.actor,
        **shown
        | {
            "kind": kind,
            "label": KIND_LABELS[kind],
            "page": PAGE_OF[kind],
            "problems": _problems(kind, refused.faults, content) if refused else [],
            "how_labels": HOW_LABELS,
            "most": MOST_SHOWN,
            "drawing": _drawing(found.map, found.changes) if found and found.map else None,
            "coord_types": COORD_TYPES,
            "back": "start" if _back() else None,
            "cut": max(0, len(refused.faults) - MOST_SHOWN) if refused else 0,
        },
    )


def _problems(kind: str, faults: tuple[FieldFault, ...], content: bytes) -> list[_Problem]:
    names = _feature_names(content) if kind == "areas" else []
    ordered = sorted(faults, key=lambda fault: _position(fault.pointer))[:MOST_SHOWN]
    return [_Problem(_where(kind, fault.pointer, names), fault.message) for fault in ordered]


def _position(pointer: str) -> int:
    """The row or feature, so that the faults stand in the file's order."""
    number = pointer.strip("/").partition("/")[2].partition("/")[0]
    return int(number) if number.isdecimal() else -1


def _where(kind: str, pointer: str, names: list[str]) -> str:
    """`/rows/3/parent` as 第 3 行“上级编码”."""
    parts = pointer.strip("/").split("/")
    label = COLUMN_LABELS[kind].get(parts[-1], "")
    column = f"“{label}”" if label else ""
    if len(parts) > 1 and parts[1].isdecimal():
        if parts[0] == "rows":
            return f"第 {parts[1]} 行{column}"
        position = int(parts[1])
        name = names[position] if position < len(names) else ""
        return f"第 {position + 1} 个要素{name}{column}"
    return "整个文件"


def _feature_names(content: bytes) -> list[str]:
    """What each feature of a map calls itself, for people to find it."""
    try:
        features = orjson.loads(content)["features"]
        found = [one.get("properties", {}) for one in features]
        return [f"（{one.get('code', '')} {one.get('name', '')}）" for one in found]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return []


def _drawing(seen: MapChanges, changes: Sequence[Change]) -> Drawing | None:
    """Both maps in one drawing: grids and overlays by what happens to them."""
    how = {change.key: change.how for change in changes}
    shapes = []
    for rows, gone in ((seen.after, False), (seen.before, True)):
        for code, entry in rows.items():
            kind = how.get(code, "same")
            if (kind == REMOVED) is gone and entry.belongs in _DRAWN:
                title = f"{entry.title}：{HOW_LABELS.get(kind, '不变')}"
                boundary = shapely.from_geojson(orjson.dumps(entry.boundary))
                shapes.append(Shape(title, kind, boundary))
    return draw(shapes)


@pages.get(f"/district/{KIND}/template")
@access(Access.ADMIN)
def district_template(kind: str) -> Response:
    """An empty form of the kind's file, with an example."""
    if kind == "areas":
        return _map_file(lambda _: set_up_files.example_map(), "区域示例")
    return download("csv", lambda _: set_up_files.empty(kind))


@pages.get(f"/district/{KIND}/current")
@access(Access.ADMIN)
def district_current(kind: str) -> Response:
    """The set-up as it is, to be changed and uploaded again."""
    if kind == "areas":
        return _map_file(lambda here: set_up_files.current_map(here.db), "区域")
    return download("csv", lambda here: set_up_files.current(here.db, kind))


def _map_file(make: Callable[[Work], bytes], name: str) -> Response:
    with work(kit().autocommit) as here:
        data = make(here)
    response = Response(data, mimetype="application/geo+json")
    named = quote(f"{name}.geojson")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{named}"
    return response
