"""Keys of other systems, how the installation runs, and its logs."""

import ast
import re
import shutil
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.console.admin.health import JOB_LABELS
from app.console.admin.logs import WHAT
from app.services import admin_log, api_key, installation
from models.account import AccessLog, Account, Actor
from models.content import ContentCheck, ContentState
from models.errors import Forbidden
from models.ledger import Anchor
from models.outbox import Outbox
from models.timer import Timer
from tests.api.story import Story
from tests.console.admin import logged, send, table
from tests.console.desk import csrf_of, sign_in
from tests.drive import Drive
from tests.statements import counted
from workers.registry import JOBS

KEYS = "/console/admin/keys"
HEALTH = "/console/admin/health"
LOGS = "/console/admin/logs"
ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize("username", ["desk", "supervisor", "unit1"])
@pytest.mark.parametrize("path", [KEYS, HEALTH, f"{HEALTH}/now", LOGS, f"{LOGS}.xlsx"])
def test_only_who_administers_the_whole_installation_may(
    drive: Drive, username: str, path: str
) -> None:
    sign_in(drive, username).get(path, status=403)


# Keys


def make_key(drive: Drive, status: int = 200, **fields: Any) -> str:
    typed = {"name": "物业平台", "per_hour": "100", "rights": ["read", "write"]} | fields
    return send(sign_in(drive, "admin"), KEYS, KEYS, status, **typed)


def key_of(page: str) -> str:
    (found,) = re.findall(r'<code class="secret">([^<]+)</code>', page)
    return str(found)


def test_a_key_is_made_told_once_used_and_revoked(drive: Drive) -> None:
    key = key_of(make_key(drive, services=["exposed-garbage"], areas=["439900"]))
    admin = sign_in(drive, "admin")
    page = admin.get(KEYS)
    assert key not in page
    for text in ("物业平台", "查询、上报", "暴露垃圾", "示范区", "100 次"):
        assert text in page
    assert api_key.holder(drive.db, key).name == "物业平台"
    page = send(admin, KEYS, f"{KEYS}/revoke", name="物业平台")
    assert "已吊销" in page
    send(admin, KEYS, f"{KEYS}/revoke", name="物业平台")
    send(admin, KEYS, f"{KEYS}/revoke", name="没有这个")
    assert logged(drive.db) == [("key.create", "物业平台"), ("key.revoke", "物业平台")]
    with pytest.raises(Forbidden):
        api_key.holder(drive.db, key)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": " "}, "1 至 80 个字"),
        ({"per_hour": "0"}, "应为 1 至"),
        ({"per_hour": "many"}, "应为 1 至"),
        ({"per_hour": "9" * 30}, "应为 1 至"),
        ({"rights": []}, "至少选一项"),
        ({"services": ["nothing"]}, "没有类别“nothing”"),
        ({"areas": ["moon"]}, "没有区域“moon”"),
    ],
    ids=str,
)
def test_a_faulty_key_comes_back_as_it_was_typed(
    drive: Drive, fields: dict[str, Any], fault: str
) -> None:
    page = make_key(drive, 422, **{"name": "留下的名称"} | fields)
    assert fault in page
    assert fields.get("name", "留下的名称").strip() in page
    assert logged(drive.db) == []


def test_a_key_that_is_sent_twice_is_made_once(drive: Drive) -> None:
    make_key(drive)
    page = make_key(drive, 409)
    assert "已被使用" in page
    assert 'class="secret"' not in page


# Health


def lines(page: str) -> dict[str, str]:
    """How each thing stands, by what it is called."""
    found = re.findall(r'<li class="(\w+)"><b>([^<]+)</b>', page)
    return {label: state for state, label in found}


def failed_job(drive: Drive, **more: Any) -> int:
    now = datetime.now(UTC)
    row = {"job": "photo.render", "args": {"photo_id": "p1"}, "created_at": now, "due_at": now}
    made = insert(Outbox).values(row | {"failed_at": now, "attempts": 8} | more)
    return int(drive.db.execute(made.returning(Outbox.id)).scalar_one())


def test_the_parts_are_told(drive: Drive) -> None:
    page = sign_in(drive, "admin").get(HEALTH)
    found = lines(page)
    for label in ("数据库", "数据表结构", "照片存储", "任务队列", "失败的任务", "照片目录"):
        assert found[label] == "good", label


def clocks_stand(drive: Drive) -> None:
    late = datetime.now(UTC) - timedelta(minutes=10)
    one = select(Timer.id).limit(1).scalar_subquery()
    Story(drive)
    drive.db.execute(update(Timer).where(Timer.id == one).values(next_at=late))


def jobs_wait(drive: Drive) -> None:
    failed_job(drive, failed_at=None, due_at=datetime.now(UTC) - timedelta(minutes=2))


def content_waits(drive: Drive) -> None:
    story = Story(drive)
    assert story.number
    drive.db.execute(update(ContentCheck).values(state=ContentState.HELD))


@pytest.mark.parametrize(
    ("happens", "label", "state"),
    [
        (clocks_stand, "时钟", "bad"),
        (jobs_wait, "后台任务", "warn"),
        (failed_job, "失败的任务", "bad"),
        (content_waits, "内容审核", "warn"),
    ],
    ids=["clocks", "jobs", "failed", "content"],
)
def test_what_waits_too_long_is_told(
    drive: Drive, happens: Callable[[Drive], object], label: str, state: str
) -> None:
    drive.db.execute(update(Timer).values(next_at=None))
    drive.db.execute(update(Outbox).values(due_at=datetime.now(UTC)))
    admin = sign_in(drive, "admin")
    assert lines(admin.get(HEALTH))[label] == "good"
    happens(drive)
    page = admin.get(f"{HEALTH}/now")
    assert lines(page)[label] == state
    assert next(iter(lines(page).values())) != "good", "what is wrong stands first"


def test_a_broker_that_is_away_is_told(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive.kit.broker, "ping", lambda: False)
    assert lines(sign_in(drive, "admin").get(HEALTH))["任务队列"] == "warn"


def test_a_disk_that_is_full_is_told(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000, 950, 50))
    assert lines(sign_in(drive, "admin").get(HEALTH))["数据目录"] == "warn"


def test_the_ledgers_last_anchor_and_check_are_told(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    assert lines(admin.get(HEALTH))["台账核对"] == "warn"
    at = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
    drive.db.execute(insert(Anchor).values(since=at, at=at, root=b"r", line="{}"))
    installation.note_verification(drive.db, 120, 7, None)
    page = admin.get(HEALTH)
    assert "3月4日 09:30" in page
    assert "120 条记录、7 个锚定，全部相符" in page
    installation.note_verification(drive.db, 120, 7, "案卷 X 第 3 行：哈希不符")
    page = admin.get(HEALTH)
    assert lines(page)["台账核对"] == "bad"
    assert "哈希不符" in page


def test_a_failed_job_shows_its_error_without_secrets(drive: Drive) -> None:
    failed_job(
        drive,
        error=(
            "Traceback (most recent call last):\n  File ...\n"
            "ConnectionError: https://user:pass@api.example/x?access_token=SECRET "
            f"refused {HOSTILE}\n"
        ),
    )
    page = sign_in(drive, "admin").get(HEALTH)
    assert "照片处理" in page
    assert "photo_id=p1" in page
    assert "ConnectionError" in page
    assert "&lt;script&gt;" in page
    for hidden in ("SECRET", "user:pass", "Traceback", HOSTILE):
        assert hidden not in page


def test_failed_jobs_are_sent_again(drive: Drive) -> None:
    drive.db.execute(update(Outbox).values(failed_at=None))
    one, two, three = (failed_job(drive) for _ in range(3))
    admin = sign_in(drive, "admin")
    assert "已重新安排 1 个任务" in send(admin, HEALTH, f"{HEALTH}/retry", job=str(one))
    again = {"csrf": csrf_of(admin.get(HEALTH)), "job": str(one)}
    answer = admin.answer("POST", f"{HEALTH}/retry", data=again)
    assert answer.status_code == 404
    assert "已经重新安排过" in answer.text
    for wrong in ("x", "9" * 30, "-1"):
        assert (
            admin.answer("POST", f"{HEALTH}/retry", data=again | {"job": wrong}).status_code == 404
        )
    assert "已重新安排 2 个任务" in send(admin, HEALTH, f"{HEALTH}/retry")
    left = select(Outbox.id).where(Outbox.id.in_([one, two, three]), Outbox.failed_at.is_not(None))
    assert drive.db.execute(left).all() == []
    assert logged(drive.db) == [("jobs.retry", str(one)), ("jobs.retry", "all")]


def test_the_page_costs_the_same_whatever_waits(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    seen = []
    for _ in range(2):
        with counted(drive.db) as statements:
            admin.get(f"{HEALTH}/now")
        seen.append(len(statements))
        for _ in range(5):
            failed_job(drive)
    assert seen[0] == seen[1] <= 8


def test_every_job_has_a_name_for_people() -> None:
    assert set(JOB_LABELS) == set(JOBS)


# Logs


def note(drive: Drive, count: int, **more: Any) -> None:
    account_id = drive.db.execute(
        select(Account.id).where(Account.username == more.pop("by", "supervisor"))
    ).scalar_one()
    for number in range(count):
        row = {"account_id": account_id, "what": "reporters", "reason": f"理由{number}"} | more
        drive.db.execute(insert(AccessLog).values(row))


def reasons(page: str) -> list[str]:
    return re.findall(r'<td class="words">(理由\d+)</td>', page)


def test_looks_at_identities_are_told_with_their_case_and_reason(drive: Drive) -> None:
    story = Story(drive)
    drive.staff("supervisor").get(f"/api/v1/cases/{story.number}/reporters?reason=核实情况")
    page = sign_in(drive, "admin").get(f"{LOGS}?view=looks")
    for text in ("严督查", "supervisor", story.number, "上报人身份", "核实情况"):
        assert text in page


def test_the_log_goes_on_page_by_page(drive: Drive) -> None:
    note(drive, 120)
    admin, path, seen = sign_in(drive, "admin"), f"{LOGS}?view=looks", list[str]()
    while path:
        page = admin.get(path)
        seen += reasons(page)
        following = re.findall(r'<a class="button" href="([^"]+cursor=[^"]+)">下一页', page)
        path = following[0].replace("&amp;", "&") if following else ""
    assert seen == [f"理由{number}" for number in reversed(range(120))]


def test_the_log_is_narrowed_by_person_and_days(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    note(drive, 1, reason="理由1", at=datetime(2026, 3, 1, 15, 59, tzinfo=UTC))
    note(drive, 1, reason="理由2", at=datetime(2026, 3, 1, 16, 1, tzinfo=UTC))
    note(drive, 1, reason="理由3", at=datetime(2026, 3, 3, 1, 0, tzinfo=UTC), by="desk")
    for query, found in (
        ("first=2026-03-02", ["理由3", "理由2"]),
        ("last=2026-03-01", ["理由1"]),
        ("first=2026-03-02&last=2026-03-02", ["理由2"]),
        ("person=desk", ["理由3"]),
        ("person=nobody", []),
        ("person=a%00b", ["理由3", "理由2", "理由1"]),
    ):
        assert reasons(admin.get(f"{LOGS}?view=looks&{query}")) == found, query


@pytest.mark.parametrize(
    "query",
    ["first=soon", "last=0001-01-01", "first=9999-12-31", "cursor=x", "cursor=WzEsMV0"],
)
def test_a_filter_that_makes_no_sense_is_said(drive: Drive, query: str) -> None:
    page = sign_in(drive, "admin").get(f"{LOGS}?view=looks&{query}", status=422)
    assert 'role="alert"' in page


def test_changes_are_told_in_words(drive: Drive) -> None:
    admin = drive.db.execute(select(Account.id).where(Account.username == "admin")).scalar_one()
    actor = Actor(admin, "管系统")
    roles = [["unit_staff@unit:U-HW"], ["supervisor@all"]]
    facts = {"name": ["旧名", HOSTILE], "head": [False, True], "unit": [None, "U-HW"]}
    admin_log.record(drive.db, actor, "account.change", "unit1", **facts, roles=roles)
    admin_log.record(drive.db, actor, "units.import", "单位.xlsx", rows=19, added=2)
    page = sign_in(drive, "admin").get(LOGS)
    for text in (
        "修改账号",
        "旧名 → &lt;script&gt;",
        "否 → 是",
        "（空） → U-HW",
        "经办人@单位:U-HW → 督查员@全部",
        "导入单位",
        "单位.xlsx",
    ):
        assert text in page, text
    assert HOSTILE not in page
    rows = table(sign_in(drive, "admin").answer("GET", f"{LOGS}.xlsx").data)
    assert rows[0] == ["时间", "谁", "用户名", "做了什么", "对象", "内容"]
    assert rows[1][3:] == ["导入单位", "单位.xlsx", "行数：19；新增：2"]


def test_the_export_holds_the_whole_log(drive: Drive) -> None:
    note(drive, 70)
    path = f"{LOGS}.xlsx?view=looks&person=supervisor"
    rows = table(sign_in(drive, "admin").answer("GET", path).data)
    assert rows[0] == ["时间", "谁", "用户名", "案卷", "看了什么", "理由"]
    assert len(rows) == 71


def test_an_empty_log_says_what_will_be_there(drive: Drive) -> None:
    admin = sign_in(drive, "admin")
    assert "每次查看都会记在这里" in admin.get(f"{LOGS}?view=looks")
    assert "每次改动都会记在这里" in admin.get(LOGS)


@pytest.mark.parametrize("view", ["looks", "changes"])
def test_a_log_costs_the_same_whatever_is_in_it(drive: Drive, view: str) -> None:
    admin = sign_in(drive, "admin")
    for _ in range(2):
        with counted(drive.db) as statements:
            admin.get(f"{LOGS}?view={view}&person=supervisor&first=2026-01-01")
        assert len(statements) == 2
        note(drive, 60)


def test_every_change_that_is_recorded_has_words() -> None:
    recorded = {
        node.args[2].value
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "admin_log.record"
        and isinstance(node.args[2], ast.Constant)
    }
    assert len(recorded) > 10
    assert recorded <= set(WHAT)
