"""A unit's month as a sheet to print: what it says, and that it stays the same."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, delete, select

from app.kit import Kit
from app.services import audit_freeze, audit_month, audit_pdf
from app.services.audit_month import unit_month
from models import moment
from models.account import Actor, Grant, Role, Scope
from models.errors import Forbidden, NotFound
from models.outbox import Installation
from models.period import parse
from tests.histories import History, hours, local

MARCH = parse("2026-03")
SUPERVISOR = Actor(1, "督查", (Grant(Role.SUPERVISOR, Scope.ALL),))


@pytest.fixture
def played(db: Connection, kit: Kit) -> Connection:
    """March 2026: one case in time, one late, one late and open; February: one in time."""
    history = History()
    for name, at, took in (
        ("A", "2026-03-02 09:00", 1),
        ("B", "2026-03-03 09:00", 31),
        ("C", "2026-03-05 09:00", None),
        ("D", "2026-02-03 09:00", 1),
    ):
        history.report(name, local(at))
        history.start(name, local(at) + hours(0.5))
        if took is not None:
            history.resolve(name, local(at) + hours(took))
            history.close(name, local(at) + hours(took + 1))
    history.play(db, kit.atlas())
    return db


def made(db: Connection, kit: Kit, unit: str = "U-HW", actor: Actor = SUPERVISOR) -> bytes:
    return audit_pdf.written(unit_month(db, kit.atlas(), actor, unit, MARCH))


def words(pdf: bytes) -> str:
    """The text of all pages without white space, and without the first bytes of the font's codes,
    which pypdf takes for NUL characters."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().replace("\0", "").split()) for page in pages)


def later(days: int) -> Any:
    return moment.at(moment.now() + timedelta(days=days))


def test_the_sheet_tells_figures_times_and_late_cases(played: Connection, kit: Kit) -> None:
    text = words(made(played, kit))
    assert "洁净环卫公司2026年3月考核月报" in text
    assert "按期处置率33.33%1/3100.00%1/1-66.67" in text
    assert "处置率66.67%2/3" in text
    assert "满意率—0/0—0/0—" in text
    assert "签收330分" in text
    assert text.count("HY2026030") == 2
    assert "尚未处置" in text
    assert "演示数据" in text
    assert "本月尚未封存" in text


def test_the_sheet_is_a_document_of_a4_in_chinese(played: Connection, kit: Kit) -> None:
    document = PdfReader(io.BytesIO(made(played, kit)))
    assert document.metadata is not None
    assert document.metadata.title == "洁净环卫公司 2026 年 3 月考核月报"
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in document.pages} == {
        (595, 842)
    }
    assert b"/FontFile3" in made(played, kit), "the font is inside"


def test_a_frozen_month_is_the_same_sheet_for_ever(played: Connection, kit: Kit) -> None:
    for month in (date(2026, 2, 1), date(2026, 3, 1)):
        audit_freeze.freeze(played, kit.atlas(), month)
    first = made(played, kit)
    with later(40):
        again = made(played, kit)
    assert again == first
    text = words(first)
    assert "封存，此后不再变化" in text
    assert "台账摘要" in text
    assert "制表时间" not in text


def test_an_open_month_says_when_it_was_made(played: Connection, kit: Kit) -> None:
    first = made(played, kit)
    with later(1):
        assert words(made(played, kit)) != words(first)


def test_real_data_are_not_called_a_demo(played: Connection, kit: Kit) -> None:
    played.execute(delete(Installation).where(Installation.key == "mode"))
    assert played.execute(select(Installation.value).where(Installation.key == "mode")).all() == []
    assert "演示数据" not in words(made(played, kit))


def test_a_unit_without_cases_has_a_sheet_too(played: Connection, kit: Kit) -> None:
    text = words(made(played, kit, "U-ZF"))
    assert "处置率—0/0" in text
    assert "本月没有超时案卷" in text


def test_more_late_cases_than_the_sheet_lists_are_said(
    played: Connection, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_month, "MOST_LATE", 1)
    assert "只列出前1件" in words(made(played, kit))


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        (Grant(Role.GRID_WORKER, Scope.ALL), Forbidden),
        (Grant(Role.UNIT_STAFF, Scope.UNIT, "U-ZF"), NotFound),
    ],
    ids=["grid worker", "another unit"],
)
def test_a_sheet_is_for_who_audits_the_unit(
    played: Connection, kit: Kit, grant: Grant, error: type[Exception]
) -> None:
    with pytest.raises(error):
        made(played, kit, actor=Actor(2, "某人", (grant,)))


def test_who_audits_an_area_gets_the_units_cases_there(played: Connection, kit: Kit) -> None:
    for code, amount in (("439900001", 3), ("439900002", 0)):
        actor = Actor(2, "方督查", (Grant(Role.SUPERVISOR, Scope.AREA, code),))
        found = unit_month(played, kit.atlas(), actor, "U-HW", MARCH)
        assert found["total"]["counts"]["due"] == amount
        assert f"仅限{kit.atlas().area_name(code)}" in words(audit_pdf.written(found))
