"""Limits on reporters: a supervisor sets one, reads the appeal and lifts it."""

import pytest

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


@pytest.mark.parametrize("limits", [0, 3])
def test_the_list_takes_two_statements(drive: Drive, limits: int) -> None:
    supervisor = sign_in(drive, "supervisor")
    for i in range(limits):
        send(supervisor, path_of(drive, f"r{i}"), reason="刷屏", until="2099-01-01")
    with counted(drive.db) as seen:
        supervisor.get(LIMITS)
    assert len(seen) == 2, "person, limits"
