"""A table of accounts is looked at before it counts; what was looked at is imported, once."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from app.services import account_preview
from models import moment
from models.account import Account
from models.import_draft import ImportDraft
from tests.console.admin import ACCOUNTS, field, logged, send, table
from tests.console.desk import PASSWORD, Desk, csrf_of, sign_in
from tests.drive import Drive

IMPORT = f"{ACCOUNTS}/import"
HEADING = ("用户名", "姓名", "单位编码", "角色", "负责人")
SAME = ("unit2", "石市政", "U-SZ", "经办人@单位:U-SZ", "是")
CHANGED = ("unit1", "洪换名", "U-HW", "经办人@单位:U-HW", "是")
NEW = ("fresh", "新来的", "", "督查员@全部；网格员@区域:439900001", "")


def book(*rows: tuple[Any, ...]) -> bytes:
    made = openpyxl.Workbook()
    for row in (HEADING, *rows):
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def upload(
    desk: Desk, data: bytes, status: int = 200, name: str = "名册.xlsx", at: str = IMPORT
) -> str:
    form = {"csrf": csrf_of(desk.get(at)), "file": (io.BytesIO(data), name)}
    answer = desk.client.post(IMPORT, data=form, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def confirm(desk: Desk, page: str, status: int = 200) -> str:
    form = {name: field(page, name) for name in ("csrf", "token", "base")}
    answer = desk.client.post(f"{IMPORT}/confirm", data=form, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def passwords(page: str) -> list[str]:
    return re.findall(r'<code class="secret">([^<]+)</code>', page)


def people(drive: Drive) -> int:
    return drive.db.execute(select(func.count(Account.username))).scalar_one()


def test_a_table_is_looked_at_imported_and_its_passwords_told(drive: Drive) -> None:
    admin, before = sign_in(drive, "admin"), people(drive)
    page = upload(admin, book(SAME, CHANGED, NEW))
    for count in ("<b>1</b> 新建", "<b>1</b> 变更", "<b>1</b> 不变"):
        assert count in page
    assert "<del>洪环卫</del> → <ins>洪换名</ins>" in page
    assert "<del>（空）</del> → <ins>是</ins>" in page
    assert "督查员（全部范围）" in page
    assert "石市政" not in page
    assert people(drive) == before, "only looked at"
    done = confirm(admin, page)
    (password,) = passwords(done)
    assert people(drive) == before + 1
    signed = drive.client.post("/api/v1/sessions", json={"username": "fresh", "password": password})
    assert signed.status_code == 201
    old = drive.client.post("/api/v1/sessions", json={"username": "unit1", "password": PASSWORD})
    assert old.status_code == 201, "who was there keeps the password"
    assert logged(drive.db) == [("accounts.import", "名册.xlsx")]


def test_a_confirmation_that_is_sent_twice_imports_once(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = upload(admin, book(NEW))
    first, second = confirm(admin, page), confirm(admin, page)
    assert passwords(first) == passwords(second) != []
    assert len(logged(drive.db)) == 1


def test_passwords_are_kept_encrypted_and_not_for_long(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    (password,) = passwords(confirm(admin, upload(admin, book(NEW))))
    kept = drive.db.execute(
        select(ImportDraft.content).where(ImportDraft.kind == account_preview.MADE)
    ).scalar_one()
    assert password.encode() not in kept
    sheet = table(admin.answer("GET", f"{IMPORT}/passwords.xlsx").data)
    assert sheet[1] == ["fresh", "新来的", "", password]
    with moment.at(datetime.now(UTC) + timedelta(minutes=61)):
        assert passwords(admin.get(f"{IMPORT}/done")) == []
    other = sign_in(drive, "admin")
    assert passwords(other.get(f"{IMPORT}/done")) == [password], "the same person"
    send(admin, f"{IMPORT}/done", f"{IMPORT}/forget")
    assert passwords(admin.get(f"{IMPORT}/done")) == []
    assert admin.answer("GET", f"{IMPORT}/passwords.xlsx").status_code == 404


def test_another_administrator_sees_nothing_of_it(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = send(
        admin,
        f"{ACCOUNTS}/new",
        f"{ACCOUNTS}/new",
        account="other",
        name="另一位",
        role="admin",
        place="全部范围",
    )
    drive.db.execute(
        update(Account)
        .where(Account.username == "other")
        .values(
            password_hash=select(Account.password_hash)
            .where(Account.username == "admin")
            .scalar_subquery(),
            password_generated=False,
        )
    )
    other = sign_in(drive, "other")
    page = upload(admin, book(NEW))
    other.get(f"{IMPORT}/preview", status=404)
    confirm(admin, page)
    assert passwords(other.get(f"{IMPORT}/done")) == []


def test_a_table_that_was_replaced_is_not_confirmed(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    old = upload(admin, book(NEW))
    upload(admin, book(CHANGED))
    page = confirm(admin, old, status=409)
    assert "后来又上传了一个文件" in page
    assert "洪换名" in page
    assert logged(drive.db) == []


def test_accounts_that_changed_meanwhile_are_looked_at_again(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = upload(admin, book(CHANGED))
    drive.db.execute(
        update(Account).where(Account.username == "unit1").values(display_name="别人改的")
    )
    again = confirm(admin, page, status=409)
    assert "被其他人修改过" in again
    assert "<del>别人改的</del> → <ins>洪换名</ins>" in again
    confirm(admin, again)
    assert logged(drive.db) == [("accounts.import", "名册.xlsx")]


def test_every_fault_is_named_by_row_and_column(drive: Drive) -> None:
    admin, before = sign_in(drive, "admin"), people(drive)
    bad = ("a b", "", "U-NO", "国王@全部；网格员@区域:月球", "也许")
    page = upload(admin, book(CHANGED, bad, NEW), status=422)
    cells = re.findall(
        r'<tr><td class="nowrap">(第 \d+ 行|整个文件)</td><td class="nowrap">([^<]+)</td>', page
    )
    assert sorted(cells) == sorted(
        ("第 3 行", label) for label in ("用户名", "姓名", "单位编码", "角色", "角色", "负责人")
    )
    for text in ("“国王@全部”的角色应为", "没有区域“月球”", "没有单位“U-NO”", "“也许”应为", "必填"):
        assert text in page
    assert "没有错误的行会这样改动" in page
    assert "洪换名" in page
    assert "确认导入" not in page
    assert people(drive) == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "选过的文件是空的"),
        (b"x" * 1001, "文件超过 1 MB"),
        (b"PK\x03\x04broken", "读不懂这个 Excel 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 .xls"),
    ],
    ids=["empty", "large", "broken", "old"],
)
def test_what_is_no_table_is_said(
    drive: Drive, data: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.console.admin.account_import.MOST_BYTES", 1000)
    admin = sign_in(drive, "admin")
    assert said in upload(admin, data, status=422)
    admin.get(f"{IMPORT}/preview", status=404)


def test_a_table_without_the_columns_is_said(drive: Drive) -> None:
    page = upload(sign_in(drive, "admin"), "姓名,电话\n甲,1\n".encode(), 422, "x.csv")
    assert "整个文件" in page or "第 1 行" in page
    assert "缺少列" in page


def test_hostile_text_stays_text(drive: Drive) -> None:
    hostile = "<script>alert(1)</script>"
    admin = sign_in(drive, "admin")
    row = ("hostile", hostile, "", "管理员@全部", "")
    page = upload(admin, book(row), name=f"{hostile}.xlsx")
    pages = [page, confirm(admin, page), upload(admin, book((hostile, "", "", "", "")), 422)]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_the_last_administrator_is_not_imported_away(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = upload(admin, book(("admin", "管系统", "", "督查员@全部", "")), status=409)
    assert "至少要有一位" in page


def test_the_export_comes_back_without_a_change(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    page = upload(admin, admin.answer("GET", f"{ACCOUNTS}.xlsx").data)
    assert "没有差别" in page
    assert "确认导入" not in page


def test_the_template_is_a_table_that_reads(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    data = admin.answer("GET", f"{IMPORT}/template.xlsx").data
    assert tuple(table(data)[0]) == HEADING
    page = upload(admin, data, status=422)
    assert "没有区域" in page, "its codes are another district's"
    assert "缺少列" not in page


def test_a_file_of_a_spreadsheet_in_gb18030_reads(drive: Drive) -> None:
    text = "username,display_name,unit,roles,head\nfresh,新来的,,supervisor@all,\n"
    page = upload(sign_in(drive, "admin"), text.encode("gb18030"), name="名册.csv")
    assert "新来的" in page
    assert "督查员（全部范围）" in page
