"""Limits on reporters: a supervisor sets one, reads the appeal and lifts it."""

from datetime import datetime

import pytest
from sqlalchemy import select, update

from models.account import ReporterLimit, RoleGrant
from tests.console.desk import Desk, csrf_of, sign_in
from tests.drive import Answer, Drive
from tests.statements import counted

LIMITS = "/console/supervision/limits"


def send(desk: Desk, path: str, **fields: str) -> Answer:
    csrf = csrf_of(desk.get("/console/cases"))
    return desk.answer("POST", path, data={"csrf": csrf} | fields)


def path_of(drive: Drive, name: str = "lily") -> str:
    made = drive.resident(name).report("flyers", photo_ids=[])
    return f"/console/cases/{made['case_number']}/reporters/{made['id']}/limit"


def test_a_reporter_is_limited_appeals_and_is_free_again(drive: Drive) -> None:
    supervisor = sign_in(drive, "supervisor")
    assert "现在没有被限制的上报人" in supervisor.get(LIMITS)
    path = path_of(drive)
    number = path.split("/")[3]
    csrf = csrf_of(supervisor.get(f"/console/cases/{number}/reporters"))
    shown = supervisor.answer("POST", f"/console/cases/{number}/reporters", data={"csrf": csrf})
    assert f'action="{path}"' in shown.text
    done = send(supervisor, path, reason="多次恶意 <b>", until="2099-01-01")
    assert done.headers["Location"] == f"{LIMITS}?done=limit"
    lily = drive.resident("lily")
    assert lily.get("/api/v1/me").json["limited"]["expires_at"].startswith("2099-01-01T16:00")
    assert lily.post("/api/v1/me/limit-appeal", {"reason": "误判 <i>"}).status_code == 204
    page = supervisor.get(LIMITS)
    assert "多次恶意 &lt;b&gt;" in page
    assert "误判 &lt;i&gt;" in page
    lift = page.partition(f'action="{LIMITS}/')[2].partition("/lift")[0]
    assert send(supervisor, f"{LIMITS}/{lift}/lift").status_code == 302
    assert lily.get("/api/v1/me").json["limited"] is None
    assert send(supervisor, f"{LIMITS}/{lift}/lift").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "刷屏", "until": ""}, "请选择日期"),
        ({"reason": "刷屏", "until": "2020-01-01"}, "到期时间须晚于现在"),
        ({"reason": "", "until": "2099-01-01"}, "不能为空"),
        ({"reason": "字" * 501, "until": "2099-01-01"}, "最多 500 个字"),
    ],
    ids=["no day", "past", "no reason", "long"],
)
def test_a_refusal_keeps_what_was_typed(drive: Drive, fields: dict[str, str], words: str) -> None:
    supervisor = sign_in(drive, "supervisor")
    answer = send(supervisor, path_of(drive), **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{fields["reason"]}"' in answer.text
    assert f'value="{fields["until"]}"' in answer.text


def test_only_supervisors_limit(drive: Drive) -> None:
    path = path_of(drive)
    for username, status in (("desk", 403), ("admin", 403), ("unit1", 404)):
        desk = sign_in(drive, username)
        desk.get(LIMITS, status=403)
        answer = send(desk, path, reason="刷屏", until="2099-01-01")
        assert answer.status_code == status
        assert send(desk, f"{LIMITS}/1/lift").status_code == 403
    assert drive.resident("lily").get("/api/v1/me").json["limited"] is None


def only_over(drive: Drive, username: str, code: str) -> None:
    """The person holds their roles over this area and no other."""
    own = RoleGrant.account_id == drive.staff(username).account_id
    drive.db.execute(update(RoleGrant).where(own).values(scope="area", code=code))
    drive.forget_sessions()


@pytest.mark.parametrize(
    ("level", "sees"), [("street", True), ("grid", True), ("elsewhere", False)]
)
def test_a_limit_is_for_supervisors_of_its_case(drive: Drive, level: str, sees: bool) -> None:
    path = path_of(drive)
    number = path.split("/")[3]
    send(sign_in(drive, "supervisor"), path, reason="刷屏", until="2099-01-01")
    limit_id = drive.db.execute(select(ReporterLimit.id)).scalar_one()
    areas = drive.staff("desk").case(number)["areas"]
    streets = {code for code, one in drive.kit.atlas().areas.items() if one.level == "street"}
    other = min(streets - {areas["street"]["code"]})
    only_over(drive, "supervisor2", other if level == "elsewhere" else areas[level]["code"])
    other_desk, person = sign_in(drive, "supervisor2"), drive.staff("supervisor2")
    assert ("刷屏" in other_desk.get(LIMITS)) == sees
    assert (f'href="/console/cases/{number}"' in other_desk.get(LIMITS)) == sees
    lifted = send(other_desk, f"{LIMITS}/{limit_id}/lift")
    assert lifted.status_code == (302 if sees else 404)
    deleted = person.request("DELETE", f"/api/v1/reporter-limits/{limit_id}")
    assert deleted.status_code == 404, "out of scope, or lifted just now"
    limited = drive.resident("lily").get("/api/v1/me").json["limited"]
    assert (limited is None) == sees


@pytest.mark.parametrize(
    ("area", "sees"),
    [(None, True), ("439900", True), ("439900001", False)],
    ids=["everything", "the district", "a street"],
)
def test_a_limit_of_no_known_case_is_for_who_supervises_all(
    drive: Drive, area: str | None, sees: bool
) -> None:
    send(sign_in(drive, "supervisor"), path_of(drive), reason="刷屏", until="2099-01-01")
    drive.db.execute(update(ReporterLimit).values(case_id=None))
    limit_id = drive.db.execute(select(ReporterLimit.id)).scalar_one()
    if area is not None:
        only_over(drive, "supervisor", area)
    supervisor = sign_in(drive, "supervisor")
    assert ("刷屏" in supervisor.get(LIMITS)) == sees
    lifted = send(supervisor, f"{LIMITS}/{limit_id}/lift")
    assert lifted.status_code == (302 if sees else 404)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("2099-11-29T16:00:00+00:00", "2099年11月29日当天"),
        ("2099-12-31T16:00:00+00:00", "2099年12月31日当天"),
        ("2099-11-29T15:59:00+00:00", "2099年11月29日 23:59"),
    ],
    ids=["day", "year", "moment"],
)
def test_the_last_day_of_a_limit_is_said(drive: Drive, end: str, words: str) -> None:
    supervisor = sign_in(drive, "supervisor")
    send(supervisor, path_of(drive), reason="刷屏", until="2099-01-01")
    drive.db.execute(update(ReporterLimit).values(expires_at=datetime.fromisoformat(end)))
    assert words in supervisor.get(LIMITS)


@pytest.mark.parametrize("limits", [0, 3])
def test_the_list_takes_two_statements(drive: Drive, limits: int) -> None:
    supervisor = sign_in(drive, "supervisor")
    for i in range(limits):
        send(supervisor, path_of(drive, f"r{i}"), reason="刷屏", until="2099-01-01")
    with counted(drive.db) as seen:
        supervisor.get(LIMITS)
    assert len(seen) == 2, "person, limits"
