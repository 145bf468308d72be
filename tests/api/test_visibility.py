"""Who sees whom and what: reporters, words, photos, staff."""

from typing import Any

from sqlalchemy import select, update

from app.auth import Access
from app.factory import App
from models.account import AccessLog
from models.case import Case
from models.photo import Photo
from tests.api.story import Story
from tests.drive import Drive, Person, place, pointers, problem

SECRETS = ("openid-lily", "13912345678", "王小明")


def told(person: Person, number: str) -> str:
    """All that a member of staff can read of a case, as text."""
    paths = ("", "/ledger")
    pages: list[str] = [person.get(f"/api/v1/cases/{number}{path}").text for path in paths]
    pages.append(person.get("/api/v1/cases").text)
    return "".join(pages)


def looks(drive: Drive) -> list[tuple[int, str, str | None]]:
    rows = drive.db.execute(
        select(AccessLog.account_id, AccessLog.what, AccessLog.reason).order_by(AccessLog.id)
    )
    return [(row.account_id, row.what, row.reason) for row in rows]


def test_a_reporter_is_a_number_but_for_the_logged_call(drive: Drive) -> None:
    lily, desk, admin = drive.resident(), drive.staff("desk"), drive.staff("admin")
    made = lily.report("flyers", photo_ids=[], contact_phone="13912345678")
    number = made["case_number"]
    known = looks(drive)
    for name in ("desk", "unit4", "worker1", "supervisor", "admin"):
        text = told(drive.staff(name), number)
        assert "市民甲" in text
        assert not any(secret in text for secret in SECRETS)
    assert looks(drive) == known
    for person in (desk, drive.staff("supervisor"), admin):
        answer = person.get(f"/api/v1/cases/{number}/reporters")
        assert answer.json["items"][0]["phone"] == "13912345678"
        assert answer.json["items"][0]["openid"] == "openid-lily"
    assert [look[:2] for look in looks(drive)[len(known) :]] == [
        (person.account_id, "reporters") for person in (desk, drive.staff("supervisor"), admin)
    ]
    for name in ("unit4", "worker1"):
        answer = drive.staff(name).get(f"/api/v1/cases/{number}/reporters")
        assert answer.status_code in {403, 404}
        assert "openid" not in answer.text


def test_the_name_on_a_recorded_report_is_the_desks_alone(drive: Drive) -> None:
    desk = drive.staff("desk")
    made = desk.report(
        "flyers",
        photo_ids=[],
        source="phone",
        reporter_name="王小明",
        contact_phone="13912345678",
        external_number="T-9",
    )
    for name in ("unit4", "worker1"):
        text = told(drive.staff(name), made["case_number"])
        assert not any(secret in text for secret in SECRETS)
    found = desk.get(f"/api/v1/cases/{made['case_number']}/reporters").json["items"][0]
    assert (found["name"], found["phone"]) == ("王小明", "13912345678")


def test_an_anonymous_reporter_is_a_supervisors_with_a_reason_on_the_record(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[], anonymous=True)
    path = f"/api/v1/cases/{made['case_number']}/reporters"
    hidden = drive.staff("desk").get(path).json["items"][0]
    assert set(hidden) == {"id", "reporter", "anonymous"}
    assert set(drive.staff("admin").get(path).json["items"][0]) == {"id", "reporter", "anonymous"}
    supervisor = drive.staff("supervisor")
    known = looks(drive)
    assert pointers(problem(supervisor.get(path), 422, "invalid-input")) == ["/reason"]
    assert looks(drive) == known
    shown = supervisor.get(path, query_string={"reason": "涉嫌恶意举报"}).json["items"][0]
    assert shown["openid"] == "openid-lily"
    assert looks(drive)[len(known) :] == [(supervisor.account_id, "reporters", "涉嫌恶意举报")]


def test_the_unit_reads_the_desks_paraphrase_of_an_anonymous_report(drive: Drive) -> None:
    words, address = "我家楼下三单元王家", "三单元门口"
    made = drive.resident().report(
        "street-noise", photo_ids=[], anonymous=True, description=words, address=address
    )
    number, desk, unit = made["case_number"], drive.staff("desk"), drive.staff("unit4")
    desk.done(number, "accept", paraphrase="某小区夜间噪声")
    assert words in told(desk, number)
    for person in (unit, drive.staff("worker1")):
        text = told(person, number)
        assert "某小区夜间噪声" in text
        assert words not in text
        assert address not in text


def test_joiners_never_read_each_others_words(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[], description="我是一楼的")
    tom = drive.resident("tom")
    joined = tom.report(
        "flyers", photo_ids=[], description="我是二楼的", join_case=made["case_number"]
    )
    drive.resident().post(f"/api/v1/reports/{made['id']}/supplement", {"text": "电话联系我"})
    mine = tom.get(f"/api/v1/reports/{joined['id']}").text
    assert "我是二楼的" in mine
    assert "我是一楼的" not in mine
    assert "电话联系我" not in mine
    problem(tom.get(f"/api/v1/reports/{made['id']}"), 404, "not-found")
    problem(tom.post(f"/api/v1/reports/{made['id']}/urge"), 404, "not-found")


def test_a_resident_reads_no_staff_names(drive: Drive) -> None:
    story = Story(drive).start().resolve().close()
    drive.spread_notices()
    mine = story.lily.get(f"/api/v1/reports/{story.report['id']}").text
    mine += story.lily.get("/api/v1/notices").text
    for name in ("洪环卫", "何受理", "赵甲", "worker", "unit1"):
        assert name not in mine


STAFF_CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/api/v1/cases", None),
    ("GET", "/api/v1/cases/{number}", None),
    ("GET", "/api/v1/cases/{number}/ledger", None),
    ("GET", "/api/v1/cases/{number}/clock", None),
    ("GET", "/api/v1/cases/{number}/choices?action=accept", None),
    ("GET", "/api/v1/orders", None),
    ("GET", "/api/v1/audit/figures", None),
    ("GET", "/api/v1/audit/response-times", None),
    ("GET", "/api/v1/audit/late", None),
    ("GET", "/api/v1/audit/cases?count=due", None),
    ("GET", "/api/v1/audit/months", None),
    ("GET", "/api/v1/cases/{number}/reporters", None),
    ("POST", "/api/v1/cases/{number}/actions", {"action": "start", "version": 2}),
    (
        "POST",
        "/api/v1/cases/{number}/reporter-limits",
        {"report_id": "1", "reason": "x", "expires_at": "2027-01-01T00:00:00Z"},
    ),
    ("DELETE", "/api/v1/reporter-limits/1", None),
    ("GET", "/api/v1/cases/{number}/notices", None),
    ("GET", "/api/v1/moderation", None),
    ("POST", "/api/v1/moderation/release", {"ids": ["1"]}),
    ("POST", "/api/v1/moderation/refuse", {"ids": ["1"], "reason": "x"}),
    ("POST", "/api/v1/me/binding-code", None),
    ("DELETE", "/api/v1/accounts/worker1/wechat", None),
]


def test_every_staff_endpoint_refuses_a_resident_and_a_stranger(drive: Drive, app: App) -> None:
    lily = drive.resident()
    number = lily.report("flyers", photo_ids=[])["case_number"]
    for method, path, body in STAFF_CALLS:
        where = path.format(number=number)
        problem(lily.request(method, where, json=body), 403, "forbidden")
        problem(drive.client.open(where, method=method, json=body), 401, "signed-out")
    known = {
        path.partition("?")[0]
        .replace("{number}", "<number>")
        .replace("limits/1", "limits/<limit_id>")
        .replace("worker1", "<username>")
        for _, path, _ in STAFF_CALLS
    }
    declared = {
        str(rule)
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
        and getattr(app.view_functions[rule.endpoint], "__access__", None)
        in (Access.STAFF, Access.ADMIN)
    }
    assert declared <= known


def test_public_nearby_tells_no_words_and_only_what_is_public_and_open(drive: Drive) -> None:
    lily, tom = drive.resident(), drive.resident("tom")
    made = lily.report("flyers", photo_ids=[], description="我是一楼的", anonymous=True)
    lily.report("street-noise", photo_ids=[])
    lily.report("food-safety", photo_ids=[])
    answer = tom.post("/api/v1/locate", {"location": place()})
    found = {case["number"]: case for case in answer.json["nearby"]}
    assert made["case_number"] in found
    assert len(found) == 2
    assert "一楼" not in answer.text
    drive.staff("unit4").done(made["case_number"], "start")
    drive.db.execute(update(Case).where(Case.number == made["case_number"]).values(public=False))
    again = tom.post("/api/v1/locate", {"location": place()}).json["nearby"]
    assert made["case_number"] not in [case["number"] for case in again]


def see(person: Person, photo: str, size: str = "large") -> int:
    return int(person.get(f"/api/v1/photos/{photo}?size={size}").status_code)


READY, GONE = 503, 404
"""503: it may be seen, but the renditions are not made yet in these tests."""


def test_a_photo_is_its_uploaders_and_then_those_of_its_case(drive: Drive) -> None:
    story = Story(drive)
    photo = drive.db.execute(
        select(Photo.id).where(Photo.uploader_id == story.lily.account_id)
    ).scalar_one()
    tom = drive.resident("tom")
    loose = tom.photo()
    assert (see(tom, loose), see(story.lily, loose), see(story.desk, loose)) == (READY, GONE, GONE)
    for person in (story.lily, story.desk, story.unit, story.worker, story.supervisor):
        assert see(person, photo) == READY
        assert see(person, photo, "thumb") == READY
    for person in (tom, drive.staff("unit2"), drive.staff("worker6")):
        assert see(person, photo) == GONE
    story.start().resolve()
    after = drive.db.execute(
        select(Photo.id).where(Photo.uploader_id == story.unit.account_id)
    ).scalar_one()
    assert see(story.lily, after) == READY  # what was done is shown to who reported
    assert see(tom, after) == GONE


def test_the_original_is_for_supervisor_and_admin_and_each_look_is_logged(drive: Drive) -> None:
    story = Story(drive)
    photo = drive.db.execute(
        select(Photo.id).where(Photo.uploader_id == story.lily.account_id)
    ).scalar_one()
    known = looks(drive)
    for person in (story.lily, story.desk, story.unit, story.worker, drive.resident("tom")):
        assert see(person, photo, "original") == GONE
    assert looks(drive) == known
    admin = drive.staff("admin")
    for person in (story.supervisor, admin):
        assert see(person, photo, "original") == 200
    assert looks(drive)[len(known) :] == [
        (person.account_id, f"photo:{photo}", None) for person in (story.supervisor, admin)
    ]
    assert problem(story.lily.get(f"/api/v1/photos/{photo}?size=huge"), 422, "invalid-input")


def test_a_limit_on_a_reporter_is_a_supervisors_of_that_case(drive: Drive) -> None:
    made = drive.resident().report("flyers", photo_ids=[])
    path = f"/api/v1/cases/{made['case_number']}/reporter-limits"
    body = {"report_id": made["id"], "reason": "多次恶意上报", "expires_at": "2099-01-01T00:00:00Z"}
    for name in ("desk", "unit4", "worker1", "admin"):
        problem(drive.staff(name).post(path, body), 403, "forbidden")
    problem(drive.staff("unit8").post(path, body), 404, "not-found")
    supervisor = drive.staff("supervisor")
    past = supervisor.post(path, body | {"expires_at": "2020-01-01T00:00:00Z"})
    problem(past, 422, "invalid-input")
    problem(supervisor.post(path, body | {"report_id": "0"}), 422, "invalid-input")
    limit = supervisor.post(path, body)
    assert limit.status_code == 201
    assert drive.resident().get("/api/v1/me").json["limited"]["reason"] == "多次恶意上报"
    assert drive.resident().post("/api/v1/me/limit-appeal", {"reason": "误判"}).status_code == 204
    lift = f"/api/v1/reporter-limits/{limit.json['id']}"
    assert supervisor.request("DELETE", lift).status_code == 204
    problem(supervisor.request("DELETE", lift), 404, "not-found")
    problem(supervisor.request("DELETE", "/api/v1/reporter-limits/%C2%B2"), 404, "not-found")
