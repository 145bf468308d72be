"""Files of the set-up: looked at first, imported just so, refused with every fault named."""

import io

import openpyxl
import pytest
from sqlalchemy import func, select, text

from app.services import staff
from models.admin_log import AdminEntry
from models.area import ImportBatch, Unit
from models.import_draft import ImportDraft
from tests.console.desk import PASSWORD, Desk, csrf_of, sign_in
from tests.console.district import (
    FEWER,
    HOSTILE,
    KINDS,
    PAGES,
    TWO_GRIDS,
    UNITS,
    WGS84,
    confirm,
    feature,
    geojson,
    imported,
    preview,
    upload,
)
from tests.drive import Drive
from tests.statements import counted


@pytest.fixture
def admin(drive: Drive) -> Desk:
    return sign_in(drive, "admin")


def revisions(drive: Drive) -> int:
    return int(drive.db.execute(select(func.count()).select_from(ImportBatch)).scalar_one())


def test_a_preview_tells_what_changes_and_changes_nothing(drive: Drive, admin: Desk) -> None:
    before = revisions(drive)
    page = preview(admin, "units", FEWER, "单位.csv")
    assert "单位.csv" in page
    assert "<b>1</b> 新增" in page
    assert "城管局" in page
    assert "仍有有效的权责指向它" in page
    assert "确认导入（新增 1，变更 0，停用 19）" in page
    assert revisions(drive) == before
    assert drive.db.execute(select(Unit.code).where(Unit.code == "U")).first() is None


def test_what_was_looked_at_is_imported_once_and_logged(drive: Drive, admin: Desk) -> None:
    page = preview(admin, "units", FEWER, "单位.csv")
    first, again = confirm(admin, "units", page), confirm(admin, "units", page)
    newest = drive.db.execute(select(func.max(ImportBatch.id))).scalar_one()
    assert first.location == f"/console/district/units?done={newest}"
    assert again.location == "/console/district/units?done=unchanged"
    entries = drive.db.execute(select(AdminEntry.what, AdminEntry.subject, AdminEntry.facts)).all()
    facts = {"revision": newest, "rows": 1, "added": 1, "ended": 19}
    assert [tuple(entry) for entry in entries] == [("units.import", "单位.csv", facts)]
    drive.read_set_up()
    shown = admin.get(first.location)
    assert f"第 {newest} 版设置" in shown
    assert "<td>管系统</td>" in shown
    assert "内容与上次导入的相同" in admin.get(again.location)


def test_a_change_is_told_field_by_field(drive: Drive, admin: Desk) -> None:
    current = admin.get("/console/district/units/current")
    changed = current.replace("洁净环卫公司,U-CG,承包单位", "清洁公司,U-CG,物业")
    page = preview(admin, "units", changed.encode())
    assert "<b>1</b> 变更" in page
    assert "<del>洁净环卫公司</del> → <ins>清洁公司</ins>" in page
    assert "<del>承包单位</del> → <ins>物业</ins>" in page


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_downloaded_and_uploaded_again_changes_nothing(
    drive: Drive, admin: Desk, kind: str
) -> None:
    current = admin.answer("GET", f"/console/district/{kind}/current").data
    form = WGS84 if kind == "areas" else {}
    page = preview(admin, kind, current, **form)
    assert "与现在的设置没有差别" in page
    assert 'class="changes"' not in page


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_its_columns_and_an_example(admin: Desk, kind: str) -> None:
    answer = admin.answer("GET", f"/console/district/{kind}/template")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.data) > 60
    if kind != "areas":
        assert "编码" in answer.data.decode("utf-8-sig").splitlines()[0]


def test_a_spreadsheet_is_taken_as_well(drive: Drive, admin: Desk) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["编码", "名称", "上级编码", "类型"], ["U", "城管局", None, "bureau"]):
        book.active.append(row)
    book.save(out)
    page = preview(admin, "units", out.getvalue(), "单位.xlsx")
    assert "<b>1</b> 新增" in page


def test_every_fault_is_named_where_it_is(drive: Drive, admin: Desk) -> None:
    before = revisions(drive)
    bad = "code,name,parent,kind\nU,,X,bureau\nU,乙,,shop\n".encode()
    answer = upload(admin, "units", bad, "bad.csv")
    page = admin.get(answer.location, status=422)
    for said in (
        "有 4 处要改",
        "第 2 行“名称”",
        "文件里没有单位“X”",
        "第 3 行“编码”",
        "第 3 行“类型”",
    ):
        assert said in page
    assert page.index("第 2 行“名称”") < page.index("第 3 行“编码”")
    assert "确认导入" not in page
    assert revisions(drive) == before


def test_faults_of_a_map_name_the_feature(admin: Desk) -> None:
    crossed = feature("G1", "grid", "C", 0, 0, 2, 2)
    crossed["geometry"]["coordinates"][0][1:3] = crossed["geometry"]["coordinates"][0][2:0:-1]
    answer = upload(admin, "areas", geojson(*TWO_GRIDS[:2], crossed), "a.geojson", **WGS84)
    page = admin.get(answer.location, status=422)
    assert "第 3 个要素（G1 名G1）“边界”" in page
    assert "多边形无效" in page


@pytest.mark.parametrize(
    ("kind", "data", "form", "said"),
    [
        ("units", b"", {}, "请选择一个文件"),
        ("areas", geojson(*TWO_GRIDS), {}, "请选择文件里的坐标系"),
        ("areas", geojson(*TWO_GRIDS), {"coord_type": "none"}, "请选择文件里的坐标系"),
        ("units", b"PK\x03\x04 broken", {}, "读不懂这个 Excel 文件"),
        ("units", b"\x00\x01\x02", {}, "不是表格文件"),
    ],
    ids=["empty", "no system", "unknown system", "broken", "binary"],
)
def test_what_is_no_such_file_is_refused_at_once(
    drive: Drive, admin: Desk, kind: str, data: bytes, form: dict[str, str], said: str
) -> None:
    answer = upload(admin, kind, data, "x", **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert drive.db.execute(select(ImportDraft.kind)).all() == []


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{",
        b'{"type":"FeatureCollection","features":[1]}',
        geojson(*TWO_GRIDS[:3], feature("G2", "grid", "C", 2, 0, 4, 2, name="a\x00b")),
        geojson(*TWO_GRIDS[:3], feature("G2", "grid", "C", 2, 0, 4, 2, name=["x"])),
        geojson(*TWO_GRIDS).replace(b'"coordinates":[[', b'"coordinates":["x",['),
        geojson(*TWO_GRIDS).replace("名G1".encode(), b"\\ud800"),
        geojson(*TWO_GRIDS).replace(b"112.0", b"1e400"),
    ],
    ids=["list", "cut off", "number", "nul", "no text", "no ring", "half a sign", "far"],
)
def test_json_that_is_no_map_is_refused(admin: Desk, data: bytes) -> None:
    answer = upload(admin, "areas", data, "x.geojson", **WGS84)
    assert "要改" in admin.get(answer.location, status=422)


def test_hostile_names_stay_text(drive: Drive, admin: Desk) -> None:
    quoted = HOSTILE.replace('"', '""')
    page = preview(
        admin,
        "units",
        f'code,name,parent,kind\nU,"{quoted}",,bureau\n'.encode(),
        f"../{HOSTILE}.csv",
    )
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    refused = upload(admin, "units", f'code,name,parent,kind\n"{quoted}",,,x\n'.encode())
    assert "<script>alert" not in admin.get(refused.location, status=422)


def test_a_map_with_the_wrong_system_is_noticed(drive: Drive, admin: Desk) -> None:
    current = admin.answer("GET", "/console/district/areas/current").data
    page = preview(admin, "areas", current, "areas.geojson", coord_type="gcj02")
    assert "坐标系很可能选错了" in page
    assert 'class="changed"' in page


def test_cases_of_vanished_grids_are_counted(drive: Drive, admin: Desk) -> None:
    drive.resident().report()
    page = preview(admin, "areas", geojson(*TWO_GRIDS), "areas.geojson", **WGS84)
    assert "消失的网格里有 1 件未办结案卷" in page
    assert "已不在新地图中，仍有" in page
    assert "确认导入（新增 4，变更 0，消失 90）" in page


def test_a_preview_of_an_older_set_up_is_shown_anew(drive: Drive, admin: Desk) -> None:
    page = preview(admin, "units", FEWER)
    staff.create(drive.db, "admin2", "另一位", None, ["admin@all"], PASSWORD)
    imported(sign_in(drive, "admin2"), "units", UNITS)
    answer = confirm(admin, "units", page)
    assert answer.status_code == 409
    assert "预览之后，设置被更新过" in answer.text
    assert "<del>局</del> → <ins>城管局</ins>" in answer.text
    assert confirm(admin, "units", answer.text).status_code == 303


def test_a_file_uploaded_later_is_not_confirmed_by_an_older_page(drive: Drive, admin: Desk) -> None:
    first = preview(admin, "units", FEWER)
    preview(admin, "units", UNITS)
    before = revisions(drive)
    answer = confirm(admin, "units", first)
    assert answer.status_code == 409
    assert "您后来又上传了一个文件" in answer.text
    assert revisions(drive) == before


def test_without_a_file_there_is_nothing_to_confirm(admin: Desk) -> None:
    assert "没有待确认的文件" in admin.get("/console/district/units/preview", status=404)
    form = {"csrf": csrf_of(admin.get("/console/admin")), "token": "x", "base": "x"}
    answer = admin.client.post("/console/district/units/confirm", data=form)
    assert answer.status_code == 404


def test_files_that_nobody_confirmed_are_forgotten(drive: Drive, admin: Desk) -> None:
    preview(admin, "units", FEWER)
    drive.db.execute(text("UPDATE import_draft SET created_at = now() - interval '25 hours'"))
    admin.get("/console/district/units/preview", status=404)
    preview(admin, "duties", admin.answer("GET", "/console/district/duties/current").data)
    assert drive.db.execute(select(ImportDraft.kind)).scalars().all() == ["duties"]


@pytest.mark.parametrize("username", ["desk", "supervisor", "unit1", "worker1"])
def test_only_who_administers_the_installation_sets_it_up(drive: Drive, username: str) -> None:
    person = sign_in(drive, username)
    for path in PAGES:
        assert "只有管理员" in person.get(path, status=403)
    token = csrf_of(person.get("/console/cases"))
    sent = {"csrf": token, "file": (io.BytesIO(FEWER), "units.csv")}
    answer = person.client.post("/console/district/units/upload", data=sent)
    assert answer.status_code == 403
    assert drive.db.execute(select(ImportDraft.kind)).all() == []


STATEMENTS = {
    "/console/admin": 3,
    "/console/district/areas": 1,
    "/console/district/units": 1,
    "/console/district/responsibilities": 1,
    "/console/district/responsibilities/check": 1,
    "/console/district/duties": 3,
    "/console/district/catalogue": 1,
    "/console/district/calendar": 2,
    "/console/district/templates": 2,
}
"""Without the one that reads the last imports."""


@pytest.mark.parametrize("path", PAGES)
def test_pages_take_a_fixed_number_of_statements(drive: Drive, admin: Desk, path: str) -> None:
    with counted(drive.db) as seen:
        admin.get(path)
    assert len(seen) == STATEMENTS[path], seen
