"""Imports: all or nothing, every fault named, the past kept."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, Engine, func, select, update

from app.cli import db as schema
from app.services import area
from app.services.account import check_password
from app.services.district_import import (
    Summary,
    add_leave,
    import_accounts,
    import_areas,
    import_catalogue,
    import_district,
    import_duties,
    import_responsibilities,
    import_units,
)
from config import Settings
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey
from deploy.postgres import APP, OWNER
from models.account import Account, RoleGrant
from models.area import Area, ImportBatch, Level, Responsibility, Unit
from models.calendar import LOCAL
from models.catalogue import Category
from models.db import connect
from models.duty import Duty, Leave
from models.errors import DomainError, ImportRefused, InvalidInput, NotFound
from models.geo import CoordType, Point, to_wgs84
from models.outbox import Outbox
from models.policy import Policy

DATA = Path(__file__).parents[2] / "data"


def today(days: int = 0) -> date:
    """The local day so many days from now: asked for anew, as a run may go on past midnight."""
    return datetime.now(LOCAL).date() + timedelta(days=days)


Json = dict[str, Any]


@pytest.fixture(scope="module")
def engine(
    servers: tuple[EmbeddedPostgres, EmbeddedValkey], settings: Settings
) -> Iterator[Engine]:
    """A migrated database with nothing in it; `db` is on it here."""
    postgres, _ = servers
    postgres.create_database("imports")
    own = replace(
        settings,
        database_url=postgres.url(APP, "imports"),
        database_owner_url=postgres.url(OWNER, "imports"),
    )
    schema.upgrade(own)
    found = connect(own.database_url)
    yield found
    found.dispose()


def polygon(west: float, south: float, east: float, north: float) -> Json:
    """A rectangle, in hundredths of a degree from 112 E, 26 N."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[round(112 + x / 100, 8), round(26 + y / 100, 8)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: str, level: str, parent: str | None, geometry: Json, **more: Any) -> Json:
    properties = {"code": code, "name": f"名{code}", "level": level, "parent": parent} | more
    return {"type": "Feature", "properties": properties, "geometry": geometry}


SMALL_MAP = [
    feature("D", "district", None, polygon(0, 0, 4, 2)),
    feature("C", "community", "D", polygon(0, 0, 4, 2)),
    feature("G1", "grid", "C", polygon(0, 0, 2, 2)),
    feature("G2", "grid", "C", polygon(2, 0, 4, 2)),
    feature("O1", "overlay", None, polygon(1, 0, 3, 2), priority=5),
]
UNITS = """code,name,parent,kind,calendar
U,局,,bureau,
U-A,甲公司,U,contractor,
U-B,乙公司,U,contractor,street
U-Z,值班室,U,duty,always
"""
ACCOUNTS = """username,display_name,unit,roles,head
ann,安,U-A,grid_worker@area:C,
bob,包,U-A,grid_worker@area:G1,yes
sup,督,,supervisor@all;admin@all,
"""
RULES = "area,category,group,unit,valid_from,valid_to\n"
DUTIES = "area,worker,weekdays,starts,ends,valid_from,valid_to,backup,duty_unit\n"


def geojson(features: list[Json]) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def put_areas(db: Connection, features: list[Json], system: CoordType = CoordType.WGS84) -> Summary:
    return import_areas(db, geojson(features), system, "areas.geojson")


def put_units(db: Connection, text: str) -> Summary:
    return import_units(db, text.encode(), "units.csv")


def put_rules(db: Connection, *rows: str) -> Summary:
    return import_responsibilities(db, (RULES + "\n".join(rows)).encode(), "rules.csv")


def put_duties(db: Connection, *rows: str) -> Summary:
    return import_duties(db, (DUTIES + "\n".join(rows)).encode(), "duties.csv")


def put_accounts(db: Connection, text: str, password: str | None = None) -> Summary:
    return import_accounts(db, text.encode(), "accounts.csv", password)


@pytest.fixture
def small(db: Connection) -> Connection:
    """A district of two grids, with units, the default catalogue and three accounts."""
    import_catalogue(db, (DATA / "catalogue.csv").read_bytes(), "catalogue.csv")
    put_areas(db, SMALL_MAP)
    put_units(db, UNITS)
    put_accounts(db, ACCOUNTS)
    return db


def faults(put: Callable[[], Summary]) -> list[str]:
    with pytest.raises(ImportRefused) as refusal:
        put()
    return [f"{fault.pointer} {fault.message}" for fault in refusal.value.faults]


def only(found: list[str], start: str) -> None:
    assert len(found) == 1, found
    assert found[0].startswith(start)


# The demo district


def test_the_demo_district_imports_without_a_warning_and_routes(db: Connection) -> None:
    done = import_district(db, DATA / "catalogue.csv", DATA / "demo", "a-long-password")
    assert [one.kind for one in done] == [
        *("catalogue", "fields", "areas", "units", "accounts", "responsibilities", "duties"),
    ]
    assert [one.warnings for one in done] == [()] * 7
    assert all(one.rows == one.added > 0 for one in done)
    atlas = area.load(db, Policy())
    assert atlas.revision == done[-1].revision
    place = atlas.locate(Point(112.57, 26.90), 50)
    assert place is not None
    worker = check_password(db, "worker1", "a-long-password")
    assert atlas.on_duty(place, datetime(2026, 1, 4, 3, tzinfo=UTC)).worker == worker
    assert atlas.responsible(place, "exposed-garbage", today()) == "U-HW"


def test_the_demo_district_again_changes_nothing(db: Connection) -> None:
    first = import_district(db, DATA / "catalogue.csv", DATA / "demo", "a-long-password")
    again = import_district(db, DATA / "catalogue.csv", DATA / "demo", "a-long-password")
    assert all(one.unchanged for one in again)
    assert [one.revision for one in again] == [one.revision for one in first]
    assert area.revision(db) == first[-1].revision


# Areas


def test_a_map_is_a_new_version_and_the_old_one_stays(small: Connection) -> None:
    before = area.revision(small)
    moved = copy.deepcopy(SMALL_MAP)
    moved[2]["geometry"], moved[3]["geometry"] = polygon(0, 0, 1, 2), polygon(1, 0, 4, 2)
    done = put_areas(small, moved)
    assert done.revision > before
    versions = select(Area.version, func.count()).group_by(Area.version)
    assert [count for _, count in small.execute(versions)] == [5, 5]
    atlas = area.load(small, Policy())
    assert atlas.area_version == done.revision
    place = atlas.locate(Point(112.015, 26.01), 0)
    assert place is not None
    assert (place.grid, place.community, place.district, place.overlay) == ("G2", "C", "D", "O1")


def test_a_new_map_sends_cases_of_vanished_grids_to_the_desk(small: Connection) -> None:
    done = put_areas(small, [f for f in SMALL_MAP if f["properties"]["code"] != "G2"])
    assert done.ended == 1
    newest = select(Outbox.job, Outbox.args).order_by(Outbox.id.desc()).limit(1)
    assert small.execute(newest).one() == ("area.unplace", {"version": done.revision})


@pytest.mark.parametrize("system", CoordType)
def test_boundaries_are_stored_in_wgs84(db: Connection, system: CoordType) -> None:
    done = put_areas(db, SMALL_MAP, system)
    boundary = db.execute(
        select(Area.boundary).where(Area.version == done.revision, Area.code == "G1")
    ).scalar_one()
    given = polygon(0, 0, 2, 2)["coordinates"][0]
    expected = {
        (round(p.longitude, 8), round(p.latitude, 8))
        for p in (to_wgs84(x, y, system) for x, y in given)
    }
    assert boundary["type"] == "Polygon"
    assert {(x, y) for x, y in boundary["coordinates"][0]} == expected


def test_the_same_file_in_another_system_is_another_map(small: Connection) -> None:
    assert put_areas(small, SMALL_MAP).unchanged
    assert not put_areas(small, SMALL_MAP, CoordType.GCJ02).unchanged


def test_a_map_may_lack_levels(db: Connection) -> None:
    grids = [feature(c, "grid", None, polygon(x, 0, x + 1, 1)) for x, c in enumerate("AB")]
    assert put_areas(db, grids).rows == 2


def test_slivers_between_neighbours_are_no_overlap(db: Connection) -> None:
    sliver = copy.deepcopy(SMALL_MAP)
    sliver[3]["geometry"] = polygon(1.9998, 0, 4, 2)  # 0.2 m into G1, over 2 km: 440 m²
    assert put_areas(db, sliver).rows == 5


def test_a_new_map_names_rules_duties_and_roles_that_it_leaves_hanging(small: Connection) -> None:
    put_rules(small, "G1,,,U-A,,")
    put_duties(small, "G1,,1-7,00:00,24:00,,,,U-Z")
    shapes = [f for f in SMALL_MAP if f["properties"]["code"] != "G1"]
    assert put_areas(small, shapes).warnings == (
        "区域 G1 已不在新地图中，仍有 1 个角色使用它",
        "区域 G1 已不在新地图中，仍有 1 条排班使用它",
        "区域 G1 已不在新地图中，仍有 1 条权责使用它",
    )


def test_a_child_outside_its_parent_is_a_warning(db: Connection) -> None:
    shapes = copy.deepcopy(SMALL_MAP)
    shapes[1]["geometry"] = polygon(0, 0, 2, 2)
    done = put_areas(db, shapes)
    assert done.warnings == ("G2（名G2）的中心不在上级 C 之内",)


def given(position: int, **values: Any) -> Callable[[list[Json]], None]:
    return lambda shapes: shapes[position]["properties"].update(values)


def drawn(position: int, geometry: Any) -> Callable[[list[Json]], None]:
    return lambda shapes: shapes[position].update(geometry=geometry)


def added(one: Any) -> Callable[[list[Json]], None]:
    return lambda shapes: shapes.append(one)


BOW_TIE = [(112.0, 26.0), (112.01, 26.01), (112.01, 26.0), (112.0, 26.01), (112.0, 26.0)]
LARGE = [[[x * 10, y * 10] for x, y in BOW_TIE]]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (given(2, code=""), "/features/2/properties/code 必填"),
        (given(2, code=43), "/features/2/properties/code 必填，应为文字"),
        (given(4, code="G1"), "/features/4/properties/code “G1”与第 2 个要素重复"),
        (given(2, name=" "), "/features/2/properties/name 必填"),
        (given(2, level="村"), "/features/2/properties/level “村”应为：district、street"),
        (given(2, parent=None), "/features/2/properties/parent 必填，应为一个 community 的编码"),
        (given(2, parent="X"), "/features/2/properties/parent 文件里没有“X”"),
        (given(2, parent="D"), "/features/2/properties/parent “D”是 district，应为 community"),
        (given(2, parent=5), "/features/2/properties/parent 应为文字"),
        (given(4, parent="D"), "/features/4/properties/parent overlay 不应有上级"),
        (given(0, parent="C"), "/features/0/properties/parent district 不应有上级"),
        (given(4, priority="high"), "/features/4/properties/priority 应为 0 至 999999 的整数"),
        (given(4, priority=True), "/features/4/properties/priority 应为 0 至 999999 的整数"),
        (drawn(2, None), "/features/2/geometry 应为 Polygon 或 MultiPolygon，不是 None"),
        (drawn(2, {"type": "Point", "coordinates": [1, 2]}), "/features/2/geometry 应为 Polygon"),
        (drawn(2, {"type": "Polygon"}), "/features/2/geometry 坐标无法读取"),
        (drawn(2, {"type": "Polygon", "coordinates": []}), "/features/2/geometry 坐标为空或超出"),
        (
            drawn(2, {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4]]]}),
            "/features/2/geometry 坐标无法读取",
        ),
        (
            drawn(2, {"type": "Polygon", "coordinates": [[[y, x] for x, y in BOW_TIE]]}),
            "/features/2/geometry 坐标为空或超出范围；应为经度在前",
        ),
        (
            drawn(2, {"type": "Polygon", "coordinates": [BOW_TIE]}),
            "/features/2/geometry 多边形无效（坐标为 WGS-84）：Self-intersection[112.005 26.005]",
        ),
        (
            drawn(2, {"type": "Polygon", "coordinates": LARGE}),
            "/features/2/geometry 坐标为空或超出范围",
        ),
        (drawn(3, polygon(1.99, 0, 4, 2)), "/features/3/geometry 与 G1（名G1）重叠 2222"),
        (
            added(feature("G3", "grid", "C", polygon(0.5, 0.5, 1, 1))),
            "/features/5/geometry 与 G1（名G1）重叠 2778",
        ),
        (added("feature"), "/features/5 应为带 properties 的 Feature"),
    ],
)
def test_a_faulty_map_is_refused(
    db: Connection, spoil: Callable[[list[Json]], None], fault: str
) -> None:
    shapes = copy.deepcopy(SMALL_MAP)
    spoil(shapes)
    only(faults(lambda: put_areas(db, shapes)), fault)
    assert area.revision(db) == 0


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", " 不是有效的 JSON：第 1 行第 2 列"),
        (b"[]", "/type 应为 FeatureCollection"),
        (b'{"type": "Feature"}', "/type 应为 FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "/features 没有要素"),
        (geojson(SMALL_MAP[:2]), "/features 至少要有一个网格（grid）"),
    ],
)
def test_what_is_no_map_is_refused(db: Connection, content: bytes, fault: str) -> None:
    only(faults(lambda: import_areas(db, content, CoordType.WGS84, "x.geojson")), fault)


def test_all_faults_are_named_at_once(db: Connection) -> None:
    shapes = copy.deepcopy(SMALL_MAP)
    given(1, name="")(shapes)
    drawn(2, {"type": "Polygon", "coordinates": [BOW_TIE]})(shapes)
    drawn(3, polygon(1.99, 0, 4, 2))(shapes)
    shapes.append(feature("G4", "grid", "X", polygon(3, 0, 4, 2)))
    pointers = {fault.partition(" ")[0] for fault in faults(lambda: put_areas(db, shapes))}
    assert pointers >= {
        "/features/1/properties/name",
        "/features/2/geometry",
        "/features/5/properties/parent",
        "/features/5/geometry",
    }


# Tables in general


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (UNITS.encode("gb18030"), "/rows 文件不是 UTF-8 编码"),
        (b"", "/rows/1 缺少列 code"),
        (b"code,name,parent,kind\n\n , , ,\n", "/rows 文件里没有数据行"),
        (b"code,name,parent,kind,code\nU,x,,bureau,U\n", "/rows/1 列 code 重复"),
        (b"code,name,parent,kind,size\nU,x,,bureau,1\n", "/rows/1 不认识的列“size”"),
        (b"code,name,parent\nU,x,\n", "/rows/1 缺少列 kind"),
        (b"code,name,parent,kind\nU,x,,bureau\nV,x\n", "/rows/3 应有 4 列，实有 2 列"),
        (b'code,name,parent,kind\n"U,x,,bureau\n', "/rows 不是有效的 CSV 文件"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(
    db: Connection, content: bytes, fault: str
) -> None:
    assert faults(lambda: import_units(db, content, "units.csv"))[0].startswith(fault)


def test_a_byte_order_mark_and_blank_rows_do_no_harm(db: Connection) -> None:
    content = b"\xef\xbb\xbf" + UNITS.replace("\nU-A", "\n,,,,\n\nU-A").encode()
    assert import_units(db, content, "units.csv").rows == 4
    broken = content.replace(b"contractor,street", b"contractor,never")
    only(faults(lambda: import_units(db, broken, "units.csv")), "/rows/6/calendar “never”应为")


def test_an_older_content_is_imported_again(db: Connection) -> None:
    put_units(db, UNITS)
    other = put_units(db, UNITS.replace("甲公司", "新公司"))
    back = put_units(db, UNITS)
    assert not back.unchanged
    assert back.revision > other.revision


# Units


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("U-A,x,,bureau,", "/rows/6/code “U-A”与第 3 行重复"),
        (",x,,bureau,", "/rows/6/code 必填"),
        ("N,,,bureau,", "/rows/6/name 必填"),
        ("N,x,X,bureau,", "/rows/6/parent 文件里没有单位“X”"),
        ("N,x,N,bureau,", "/rows/6/parent 上级单位成环"),
        ("N,x,,army,", "/rows/6/kind “army”应为：street_office（街道办）、bureau（职能部门）"),
        (
            "N,x,,bureau,never",
            "/rows/6/calendar “never”应为：office（工作日历）、street",
        ),
    ],
)
def test_a_faulty_unit_is_refused(db: Connection, row: str, fault: str) -> None:
    found = faults(lambda: put_units(db, f"{UNITS}{row}\n"))
    assert any(one.startswith(fault) for one in found), found
    assert db.execute(select(Unit.code)).all() == []


def test_units_have_no_circles_and_three_levels(db: Connection) -> None:
    circle = "code,name,parent,kind\nA,a,B,bureau\nB,b,A,bureau\nC,c,,bureau\n"
    assert faults(lambda: put_units(db, circle)) == [
        "/rows/2/parent 上级单位成环：A → B",
        "/rows/3/parent 上级单位成环：B → A",
    ]
    deep = f"{UNITS}A1,x,U-A,contractor,\nA2,x,A1,contractor,\n"
    only(faults(lambda: put_units(db, deep)), "/rows/7/parent 单位最多 3 级，此处为 4 级")


def test_a_unit_retires_with_the_file_that_lacks_it_and_comes_back(small: Connection) -> None:
    put_rules(small, "D,,,U-B,,")
    done = put_units(small, "\n".join(r for r in UNITS.splitlines() if not r.startswith("U-B")))
    assert (done.added, done.ended) == (0, 1)
    assert done.warnings == ("单位 U-B（乙公司）已停用，仍有有效的权责指向它",)
    retired = select(Unit.code).where(Unit.retired_at.is_not(None))
    assert small.execute(retired).scalars().all() == ["U-B"]
    back = put_units(small, UNITS)
    assert (back.added, back.ended, back.warnings) == (1, 0, ())
    assert small.execute(retired).all() == []


# The catalogue


def test_categories_missing_from_the_file_retire(small: Connection) -> None:
    lines = (DATA / "catalogue.csv").read_text().splitlines(keepends=True)
    shorter = "".join([lines[0], *lines[2:]])
    done = import_catalogue(small, shorter.encode(), "catalogue.csv")
    assert (done.added, done.ended) == (0, 1)
    retired = select(Category.code).where(Category.retired_at.is_not(None))
    assert small.execute(retired).scalars().all() == ["exposed-garbage"]
    first = small.execute(select(Category.__table__).where(Category.position == 1)).all()
    assert {row.code for row in first} == {"exposed-garbage", "debris"}
    (debris,) = (row for row in first if row.code == "debris")
    assert debris.handle_limit == "2wd"
    assert debris.category_group == "environment"
    assert debris.public is True
    assert debris.control_limit is None
    assert debris.aliases[:2] == ["渣土堆", "建筑垃圾"]


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("code", "Debris!", "应为小写字母、数字和连字符"),
        ("code", "debris", "“debris”与第 3 行重复"),
        ("name", "", "必填"),
        ("group", "", "必填"),
        ("kind", "thing", "“thing”应为：event（事件）、component（部件）"),
        ("limit", "2 days", "“2 days”应如 4wh"),
        ("limit", "0wh", "“0wh”应如 4wh"),
        ("limit", "", "必填"),
        ("control_limit", "1h", "仅限突发险情"),
        ("calendar", "", "“”应为：office（工作日历）、street（街面日历）、always（全天）"),
        ("intake", "maybe", "“maybe”应为：auto（自动立案）、verify（先核实）、desk（人工受理）"),
        ("public", "true", "“true”应为：yes（是）、no（否）"),
        ("evidence", "none", "“none”应为：after_photo（处置后照片）、photo_or_note（照片或说明）"),
        ("min_photos", "ten", "应为 0 至 9 的整数"),
        ("min_photos", "10", "应为 0 至 9 的整数"),
        ("emergency", "1", "“1”应为：yes（是）、no（否）"),
        ("emergency", "yes", "突发险情须有先期处置时限"),
        ("group_name", "别的", "大类 environment 前面叫“环境卫生”，这里叫“别的”"),
        ("close_when", "", "必填"),
    ],
)
def test_a_faulty_category_is_refused(db: Connection, column: str, value: str, fault: str) -> None:
    lines = (DATA / "catalogue.csv").read_text().splitlines()
    heading, row = lines[0].split(","), lines[3].split(",")
    row[heading.index(column)] = value
    text = "\n".join([*lines[:3], ",".join(row)])
    at = "control_limit" if fault.startswith("突发险情") else column
    found = faults(lambda: import_catalogue(db, text.encode(), "catalogue.csv"))
    assert f"/rows/4/{at} {fault}" in [one[: len(f"/rows/4/{at} {fault}")] for one in found]


# Responsibilities


def rules_of(db: Connection) -> list[tuple[str, str, date, date | None]]:
    columns = (Responsibility.area, Responsibility.unit)
    days = (Responsibility.valid_from, Responsibility.valid_to)
    ordered = select(*columns, *days).order_by(Responsibility.area, Responsibility.valid_from)
    return [tuple(row) for row in db.execute(ordered)]  # type: ignore[misc]


def test_a_change_of_unit_keeps_the_rule_of_yesterday(small: Connection) -> None:
    put_rules(small, "D,,,U-A,2025-01-01,", "G1,,,U-A,2025-01-01,", f"G2,,,U-A,{today(1)},")
    done = put_rules(small, "D,,,U-B,,", "G1,,,U-A,2025-01-01,")
    assert (done.added, done.ended) == (1, 2)
    assert rules_of(small) == [
        ("D", "U-A", date(2025, 1, 1), today(-1)),
        ("D", "U-B", today(), None),
        ("G1", "U-A", date(2025, 1, 1), None),
    ]


def test_a_change_of_unit_later_today_leaves_a_trace(small: Connection) -> None:
    put_rules(small, "D,,,U-A,,")
    put_rules(small, "D,,,U-B,,")
    assert sorted(rules_of(small)) == [
        ("D", "U-A", today(), today(-1)),
        ("D", "U-B", today(), None),
    ]
    place = area.load(small, Policy()).locate(Point(112.01, 26.01), 0)
    assert place is not None
    assert area.load(small, Policy()).responsible(place, None, today()) == "U-B"


def test_the_past_may_name_what_is_gone(small: Connection) -> None:
    past = "G2,,,U-B,2024-01-01,2024-12-31"
    put_rules(small, past, "D,,,U-A,,")
    put_units(small, "\n".join(r for r in UNITS.splitlines() if not r.startswith("U-B")))
    put_areas(small, [f for f in SMALL_MAP if f["properties"]["code"] != "G2"])
    assert put_rules(small, past, "D,,,U-A,,", "C,,,U-A,,").added == 1
    only(faults(lambda: put_rules(small, "D,,,U-B,,")), "/rows/2/unit 单位“U-B”已停用")
    only(faults(lambda: put_rules(small, "G2,,,U-A,,")), "/rows/2/area 当前地图中没有区域“G2”")


def test_history_cannot_be_rewritten(small: Connection) -> None:
    put_rules(small, "D,,,U-A,2025-01-01,")
    fault = f"/rows/2/valid_from 有效期与2025-01-01 至 {today(-1)} 生效过的规则重叠"
    only(faults(lambda: put_rules(small, "D,,,U-B,2025-06-01,")), fault)
    assert rules_of(small) == [("D", "U-A", date(2025, 1, 1), None)]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,,,U-A,,", "/rows/3/area 当前地图中没有区域“X”"),
        (",,,U-A,,", "/rows/3/area 必填"),
        ("C,,,,,", "/rows/3/unit 必填"),
        ("C,,,X,,", "/rows/3/unit 没有单位“X”"),
        ("C,nothing,,U-A,,", "/rows/3/category 没有小类“nothing”"),
        ("C,,nothing,U-A,,", "/rows/3/group 没有大类“nothing”"),
        ("C,debris,environment,U-A,,", "/rows/3/group 小类和大类只能填一个"),
        ("C,,,U-A,1 May,", "/rows/3/valid_from “1 May”不是日期，应如 2026-01-31"),
        ("C,,,U-A,,2026-02-30", "/rows/3/valid_to “2026-02-30”不是日期"),
        ("C,,,U-A,2026-02-02,2026-02-01", "/rows/3/valid_to 结束日期早于开始日期 2026-02-02"),
        ("D,,,U-A,2025-01-01,", "/rows/3 与第 2 行重复"),
        ("D,,,U-B,2025-06-01,", "/rows/3/valid_from 有效期与第 2 行重叠"),
        ("D,,,U-B,2024-06-01,2025-01-01", "/rows/2/valid_from 有效期与第 3 行重叠"),
    ],
)
def test_a_faulty_rule_is_refused(small: Connection, row: str, fault: str) -> None:
    only(faults(lambda: put_rules(small, "D,,,U-A,2025-01-01,", row)), fault)
    assert rules_of(small) == []


# Duties and leave


def test_duties_are_stored_with_their_hours(small: Connection) -> None:
    done = put_duties(
        small,
        'G1,bob,"6-8,1",08:30,24:00,2025-01-01,,ann,',
        "D,,1-7,00:00,24:00,2025-01-01,,,U-Z",
    )
    assert (done.added, done.warnings) == (2, ())
    worker, unit = small.execute(select(Duty.__table__).order_by(Duty.area.desc()))
    assert (worker.weekdays, worker.starts, worker.ends) == ([1, 6, 7, 8], time(8, 30), time(0))
    assert worker.backup_id is not None
    assert (unit.worker_id, unit.duty_unit) == (None, "U-Z")


def test_a_duty_that_the_file_lacks_ends_yesterday(small: Connection) -> None:
    kept, gone = "D,,1-7,00:00,24:00,2025-01-01,,,U-Z", "G1,bob,1-5,08:00,18:00,2025-01-01,,ann,"
    put_duties(small, kept, gone)
    done = put_duties(small, kept, "G1,bob,1-5,08:00,17:00,,,ann,")
    assert (done.added, done.ended) == (1, 1)
    days = select(Duty.area, Duty.valid_from, Duty.valid_to).order_by(Duty.id)
    assert [tuple(row) for row in small.execute(days)] == [
        ("D", date(2025, 1, 1), None),
        ("G1", date(2025, 1, 1), today(-1)),
        ("G1", today(), None),
    ]


def test_a_worker_on_duty_without_the_role_there_is_a_warning(small: Connection) -> None:
    done = put_duties(small, "G2,ann,1-5,08:00,18:00,,,bob,")
    assert done.warnings == ("bob 在 G2 值班，但没有该区域的网格员角色",)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,ann,1-5,08:00,18:00,,,,", "/rows/2/area 当前地图中没有区域“X”"),
        ("G1,zoe,1-5,08:00,18:00,,,,", "/rows/2/worker “zoe”不是在用的网格员账号"),
        ("G1,sup,1-5,08:00,18:00,,,,", "/rows/2/worker “sup”不是在用的网格员账号"),
        ("G1,ann,1-5,08:00,18:00,,,zoe,", "/rows/2/backup “zoe”不是在用的网格员账号"),
        ("G1,ann,1-5,08:00,18:00,,,ann,", "/rows/2/backup 替补不能是本人"),
        ("G1,,1-5,08:00,18:00,,,ann,U-Z", "/rows/2/backup 没有网格员的行不能有替补"),
        ("G1,,1-5,08:00,18:00,,,,", "/rows/2/duty_unit 没有网格员的行须填值班单位"),
        ("G1,ann,1-5,08:00,18:00,,,,U-Z", "/rows/2/duty_unit 网格员和值班单位只能填一个"),
        ("G1,,1-5,08:00,18:00,,,,X", "/rows/2/duty_unit 没有单位“X”，或已停用"),
        ("G1,ann,,08:00,18:00,,,,", "/rows/2/weekdays “”应如 1-5"),
        ("G1,ann,0-5,08:00,18:00,,,,", "/rows/2/weekdays “0-5”应如 1-5"),
        ("G1,ann,5-1,08:00,18:00,,,,", "/rows/2/weekdays “5-1”应如 1-5"),
        ("G1,ann,1-9,08:00,18:00,,,,", "/rows/2/weekdays “1-9”应如 1-5"),
        ("G1,ann,1-5,8am,18:00,,,,", "/rows/2/starts “8am”应如 08:30"),
        ("G1,ann,1-5,24:00,18:00,,,,", "/rows/2/starts “24:00”应如 08:30"),
        ("G1,ann,1-5,08:00,25:00,,,,", "/rows/2/ends “25:00”应如 08:30"),
        ("G1,ann,1-5,08:00,00:00,,,,", "/rows/2/ends 一天结束请写 24:00"),
        ("G1,ann,1-5,22:00,06:00,,,,", "/rows/2/ends 应晚于 starts；跨夜的班请分成两行"),
        ("G1,ann,1-5,08:00,18:00,soon,,,", "/rows/2/valid_from “soon”不是日期"),
    ],
)
def test_a_faulty_duty_is_refused(small: Connection, row: str, fault: str) -> None:
    only(faults(lambda: put_duties(small, row)), fault)
    assert small.execute(select(Duty.id)).all() == []


def test_leave_is_known_to_the_atlas_and_counts_once(small: Connection) -> None:
    starts, ends = datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)
    before = area.revision(small)
    assert add_leave(small, "ann", starts, ends).revision > before
    add_leave(small, "bob", starts, ends)
    assert add_leave(small, "ann", starts, ends).unchanged
    assert small.execute(select(func.count()).select_from(Leave)).scalar_one() == 2
    assert len(area.load(small, Policy()).absences) == 2


@pytest.mark.parametrize(
    ("name", "hours", "error"),
    [("ann", 0, InvalidInput), ("sup", 5, NotFound), ("zoe", 5, NotFound)],
)
def test_leave_that_makes_no_sense_is_refused(
    small: Connection, name: str, hours: int, error: type[DomainError]
) -> None:
    starts = datetime.now(UTC)
    with pytest.raises(error):
        add_leave(small, name, starts, starts + timedelta(hours=hours))


# Accounts


def test_new_accounts_cannot_sign_in_until_a_password_is_set(small: Connection) -> None:
    with pytest.raises(DomainError):
        check_password(small, "ann", "")
    done = put_accounts(small, f"{ACCOUNTS}new,新,,admin@all,\n", "a-long-password")
    assert done.new_names == ("new",)
    assert check_password(small, "new", "a-long-password") > 0


def test_known_accounts_change_and_their_roles_are_replaced(small: Connection) -> None:
    small.execute(update(Account).where(Account.username == "bob").values(password_hash="kept"))
    changed = "username,display_name,unit,roles,head\nbob,宝,U-B,unit_staff@unit:U-B,\n"
    assert put_accounts(small, changed).new_names == ()
    bob = small.execute(select(Account.__table__).where(Account.username == "bob")).one()
    assert (bob.display_name, bob.unit, bob.is_head) == ("宝", "U-B", False)
    assert bob.password_hash == "kept"
    grants = select(RoleGrant.role, RoleGrant.scope, RoleGrant.code)
    held = small.execute(grants.where(RoleGrant.account_id == bob.id)).all()
    assert [tuple(row) for row in held] == [("unit_staff", "unit", "U-B")]
    assert small.execute(select(func.count()).select_from(Account)).scalar_one() == 3


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a b,x,,admin@all,", "/rows/2/username 应为字母、数字"),
        (",x,,admin@all,", "/rows/2/username 应为字母、数字"),
        ("x,,,admin@all,", "/rows/2/display_name 必填"),
        ("x,x,X,admin@all,", "/rows/2/unit 没有单位“X”，或已停用"),
        ("x,x,,,", "/rows/2/roles 必填"),
        ("x,x,,king@all,", "/rows/2/roles “king@all”的角色应为：admin（管理员）、"),
        ("x,x,,citizen@all,", "/rows/2/roles “citizen@all”的角色应为"),
        ("x,x,,admin,", "/rows/2/roles “admin”的范围应为 all、area:编码 或 unit:编码"),
        ("x,x,,admin@all:C,", "/rows/2/roles “admin@all:C”的范围应为"),
        ("x,x,,admin@area,", "/rows/2/roles “admin@area”的范围应为"),
        ("x,x,,admin@all;grid_worker@area:X,", "/rows/2/roles 当前地图中没有区域“X”"),
        ("x,x,,unit_staff@unit:X,", "/rows/2/roles 没有单位“X”，或已停用"),
        ("x,x,U,admin@all,maybe", "/rows/2/head “maybe”应为：yes（是）、no（否）"),
        ("x,x,,admin@all,yes", "/rows/2/head 负责人须有所属单位"),
        ("x,x,,admin@all,\nx,y,,admin@all,", "/rows/3/username “x”与第 2 行重复"),
    ],
)
def test_a_faulty_account_is_refused(small: Connection, row: str, fault: str) -> None:
    text = f"username,display_name,unit,roles,head\n{row}\n"
    only(faults(lambda: put_accounts(small, text)), fault)
    assert small.execute(select(func.count()).select_from(Account)).scalar_one() == 3


def test_each_batch_says_what_it_was(small: Connection) -> None:
    batches = small.execute(select(ImportBatch.kind, ImportBatch.rows).order_by(ImportBatch.id))
    assert [tuple(row) for row in batches] == [
        ("catalogue", 78),
        ("areas", 5),
        ("units", 4),
        ("accounts", 3),
    ]
    levels = {row.level for row in small.execute(select(Area.level).distinct())}
    assert levels == {"district", "community", "grid", "overlay"} <= set(Level)
