"""Whatever is asked for or typed, no page breaks: it is answered, or refused with reasons."""

import gc
import itertools
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as add

from app.auth import COOKIE
from app.console.pages import csrf_of
from app.schemas.page import encode_cursor
from app.services import account, reply_template
from models.account import GRANTABLE, Account, ReporterLimit, RoleGrant
from models.admin_log import AdminEntry
from tests.api.story import Story
from tests.console.desk import sign_in
from tests.console.test_spot_checks import closed, draw
from tests.drive import Drive

NUL, EACH = "\x00", 7
"""Every field meets NUL, and every seventh of the other odd values, beginning with another one."""
ODD = (
    "",
    "²",
    "Ⅷ",
    "٣",
    "-1",
    f"1{'0' * 30}",
    "x" * 5000,
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "//[",
    "nan",
    "\ufeff='\"<",
)
PATHS = ("²", "٣", "-1", f"1{'0' * 30}", "x" * 300, "9999-12", "=\ufeff'")
FAR = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00", 1, None)
CURSORS = [
    encode_cursor(*values)
    for values in (
        *((number,) for number in (-1, True, None, "x", 2**63 - 1)),
        *itertools.product(FAR, (1, True, 2**63 - 1)),
        *itertools.product((0, True, 1.0), FAR, (1, True)),
        *itertools.product(FAR[:2], (1, True), (1, 2**31)),
    )
]
ADMIN, DISTRICT, AUDIT = "/console/admin", "/console/district", "/console/audit"
WATCH, CASE = "/console/supervision", "/console/cases/{number}"
SPAN = {"period": "", "since": "2026-01-01", "until": "2026-01-31"}
AUDITED = SPAN | {"area": "", "unit": "", "category": "", "source": ""}
MAPPED = {"period": "own", "since": "2026-01-01", "until": "2026-01-02"}
LISTED = {"status": "closed", "category": "", "unit": "", "area": "", "source": ""}
CHECK = f"{WATCH}/spot-checks/{{check_id}}"
GETS: dict[str, dict[str, str]] = {
    "/console/": {},
    "/console/no/such/page": {},
    "/console/sign-in": {"next": "/console/cases"},
    "/console/me": {"done": "on"},
    "/console/desk": {"case": "{number}", "merge": "{number}", "done": "accept", "number": "x"},
    "/console/desk/queue": {"case": "{number}"},
    "/console/report": {"made": "x"},
    "/console/report/tickets": {},
    "/console/report/tickets/template.xlsx": {},
    "/console/report/replies.xlsx": {"from": "2026-01-01", "to": "2026-01-02"},
    "/console/cases": LISTED
    | {"q": "垃圾", "from": "2026-01-01", "to": "2026-01-02", "near": "112.57,26.9,100"}
    | {"sort": "due_at", "overdue": "true", "holder": "me", "columns": "unit", "cursor": ""},
    "/console/cases.xlsx": LISTED | {"q": "垃圾", "from": "2026-01-01", "to": "2026-01-02"},
    CASE: {"done": "accept", "number": "x"},
    f"{CASE}/ledger": {"verify": "1"},
    f"{CASE}/reporters": {},
    "/console/photos/{photo}/thumb": {},
    "/console/map": MAPPED | LISTED,
    "/console/map/cases.json": MAPPED | LISTED,
    "/console/map/cases/{number}": {},
    "/console/map/areas/{level}.json": {},
    "/console/map/units.json": {"category": "exposed-garbage"},
    "/console/wall": {"area": "", "unit": ""},
    "/console/wall.json": {"area": "", "unit": ""},
    AUDIT: AUDITED | {"group_by": "worker", "rank_by": "late_rate", "show": "main"},
    f"{AUDIT}/figures.xlsx": AUDITED | {"group_by": "worker"},
    f"{AUDIT}/cases": AUDITED
    | {"count": "found", "group_by": "worker", "key": "1", "before_appeals": "1", "cursor": ""},
    f"{AUDIT}/cases.csv": AUDITED | {"count": "found", "group_by": "month", "key": "2026-01-01"},
    f"{AUDIT}/cases/{{number}}/spans": {},
    f"{AUDIT}/comparison": AUDITED | {"group_by": "month", "figure": "late_rate"},
    f"{AUDIT}/comparison.xlsx": AUDITED | {"group_by": "unit", "figure": "late_rate"},
    f"{AUDIT}/late": AUDITED | {"state": "open", "cursor": ""},
    f"{AUDIT}/late.xlsx": AUDITED | {"state": "open"},
    f"{AUDIT}/months": {},
    f"{AUDIT}/times": AUDITED | {"group_by": "holder", "stage": "start"},
    f"{AUDIT}/times.csv": AUDITED | {"group_by": "holder", "stage": "start"},
    f"{AUDIT}/units/{{unit}}/{{month}}.pdf": {},
    WATCH: {},
    f"{WATCH}/spot-checks": {"before": "5"},
    f"{WATCH}/spot-checks/new": {},
    CHECK: {"view": "open", "after": "1", "done": "drawn"},
    f"{CHECK}.xlsx": {},
    f"{CHECK}/population.txt": {},
    f"{CHECK}/proof": {},
    f"{WATCH}/orders": {"view": "answered", "unit": "", "cursor": ""},
    f"{WATCH}/appeals": {"done": "uphold"},
    f"{WATCH}/call-backs": {"done": "solved", "cursor": ""},
    f"{WATCH}/moderation": {"view": "held", "done": "refuse", "amount": "1", "cursor": ""},
    f"{WATCH}/limits": {"done": "lift"},
    ADMIN: {"done": "1"},
    f"{ADMIN}/accounts": {"q": "a", "role": "admin", "unit": "", "enabled": "yes", "after": ""},
    f"{ADMIN}/accounts.xlsx": {},
    f"{ADMIN}/accounts/new": {},
    f"{ADMIN}/accounts/of/{{username}}": {"done": "made"},
    f"{ADMIN}/accounts/import": {},
    f"{ADMIN}/accounts/import/preview": {},
    f"{ADMIN}/accounts/import/done": {},
    f"{ADMIN}/accounts/import/passwords.xlsx": {},
    f"{ADMIN}/accounts/import/template.xlsx": {},
    f"{ADMIN}/health": {"again": "1"},
    f"{ADMIN}/health/now": {},
    f"{ADMIN}/keys": {"done": "revoked"},
    f"{ADMIN}/logs": {"view": "changes", "person": "admin", "first": "2026-01-01"}
    | {"last": "2026-01-02", "cursor": ""},
    f"{ADMIN}/logs.xlsx": {"view": "looks", "person": "admin", "first": "2026-01-01"}
    | {"last": "2026-01-02"},
    f"{DISTRICT}/areas": {"level": "grid", "q": "a", "area": "{grid}", "page": "1", "done": "1"},
    f"{DISTRICT}/units": {"done": "1"},
    f"{DISTRICT}/responsibilities": {"within": "", "day": "2026-01-01", "level": "grid"}
    | {"group": "", "done": "1"},
    f"{DISTRICT}/responsibilities/areas/{{grid}}": {"group": "", "day": "2026-01-01"},
    f"{DISTRICT}/responsibilities/check": {"longitude": "112.57", "latitude": "26.90"}
    | {"coord_type": "wgs84", "category": "exposed-garbage", "day": "2026-01-01"},
    f"{DISTRICT}/duties": {"within": "", "week": "2026-01-05", "day": "2026-01-01", "left": "x"},
    f"{DISTRICT}/catalogue": {"q": "a", "group": "", "done": "1"},
    f"{DISTRICT}/calendar": {"calendar": "office", "year": "2026", "first": "2026-01-01"}
    | {"last": "2026-01-02", "done": "1"},
    f"{DISTRICT}/templates": {"done": "added"},
    f"{DISTRICT}/units/preview": {"back": "start"},
    f"{DISTRICT}/units/template": {},
    f"{DISTRICT}/units/current": {},
}
ROLES = {"role": "dispatcher", "place": "all"}
PERSON = {"name": "张三", "unit": "", "head": ""} | ROLES
MOMENT = "2030-01-01T10:00"
FOLLOW = {"version": "{version}", "cursor": ""}
POSTS: dict[str, dict[str, str]] = {
    "/console/sign-in": {"username": "nobody", "password": "x", "next": "", "kept": "x"},
    "/console/sign-in/code": {"step": "x", "code": "000000", "next": "", "kept": "x"},
    "/console/me/password": {"old_password": "x", "new_password": "y", "new_password_again": "y"},
    "/console/me/sessions": {"session": "x"},
    "/console/me/totp/begin": {"old_password": "x"},
    "/console/me/totp/confirm": {"otp": "000000"},
    "/console/me/totp/off": {"otp": "000000"},
    "/console/report": {"source": "phone", "description": "垃圾", "grid": "{grid}", "once": "o"}
    | {"category": "suggestion", "external_due_at": MOMENT, "external_number": "A1"}
    | {"address": "", "reporter_name": "", "contact_phone": "", "location.longitude": ""}
    | {"location.latitude": ""},
    "/console/report/tickets": {"file": "x"},
    "/console/cases/reassign": {"cases": "{number} {version}", "unit": "{unit}", "reason": "错了"}
    | {"back": ""},
    "/console/cases/views": {"name": "我的", "query": "q=1"},
    "/console/cases/views/{view}/forget": {},
    f"{CASE}/remark": {"version": "{version}", "comment": "看过", "back": "desk"},
    f"{CASE}/supervise": {"version": "{version}", "comment": "快办", "due_at": MOMENT},
    f"{CASE}/recategorise": {"version": "{version}", "category": "flyers", "reason": "类别不对"},
    f"{CASE}/relocate": {"version": "{version}", "location.longitude": "112.571"}
    | {"location.latitude": "26.901", "reason": "位置不对"},
    f"{CASE}/merge": {"version": "{version}", "target": "{number}", "reason": "重复"},
    f"{CASE}/delegate": {"version": "{version}", "worker": "1", "unit": "{unit}"},
    f"{CASE}/transfer_out": {"version": "{version}", "external_number": "A1", "proof": "x"}
    | {"review_at": MOMENT, "reply": "转市里办", "reason": "不归我们", "to": "市政"},
    f"{CASE}/reporters": {"reason": "回访"},
    f"{CASE}/reporters/{{report}}/limit": {"reason": "反复乱报", "until": "2030-01-01"},
    f"{WATCH}/spot-checks": {"first": "2026-03-01", "last": "2026-03-31", "size": "1"}
    | {"self_handled_weight": "3", "area": "", "unit": "", "category": "", "once": "o"},
    f"{CHECK}/1": {"finding": "genuine", "comment": "看过", "view": "all", "after": "0"},
    f"{WATCH}/appeals/{{number}}/uphold": {"version": "{version}", "reason": "有理"},
    f"{WATCH}/call-backs/{{number}}": FOLLOW | {"outcome": "solved", "comment": ""},
    f"{WATCH}/call-backs/{{number}}/reporters": {"cursor": "", "reason": "回访"},
    f"{WATCH}/moderation/refuse": {"only": "", "id": "1", "reason": "广告", "once": "o"}
    | {"view": "held", "cursor": ""},
    f"{WATCH}/limits/{{limit}}/lift": {},
    f"{ADMIN}/accounts/new": {"account": "zhangsan"} | PERSON,
    f"{ADMIN}/accounts/of/{{username}}": {"seen": "x"} | PERSON,
    f"{ADMIN}/accounts/of/{{username}}/password": {"seen": "x"},
    f"{ADMIN}/accounts/of/{{username}}/sessions": {},
    f"{ADMIN}/accounts/import": {"file": "x"},
    f"{ADMIN}/accounts/import/confirm": {"token": "x", "base": "x"},
    f"{ADMIN}/accounts/import/forget": {},
    f"{ADMIN}/health/retry": {"job": "1"},
    f"{ADMIN}/keys": {"name": "某系统", "per_hour": "10", "rights": "report", "services": ""}
    | {"areas": ""},
    f"{ADMIN}/keys/revoke": {"name": "某系统"},
    f"{DISTRICT}/units/upload": {"file": "x", "back": "start", "coord_type": "wgs84"},
    f"{DISTRICT}/units/confirm": {"token": "x", "base": "x", "back": "start"},
    f"{DISTRICT}/calendar": {"calendar": "office", "day": "2030-01-01", "until": "2030-01-02"}
    | {"hours": "08:30-12:00", "note": "通知", "off": "", "what": "", "year": "2030"},
    f"{DISTRICT}/duties/leave": {"worker": "worker1", "starts_at": MOMENT}
    | {"ends_at": "2030-01-02T10:00"},
    f"{DISTRICT}/templates": {"action": "reject", "name": "新模板", "body": "已经处理过垃圾"},
    f"{DISTRICT}/templates/starters": {},
    f"{DISTRICT}/templates/{{template}}": {"seen_name": "旧", "seen_body": "不归我们管"}
    | {"name": "新", "body": "不归我们管"},
    f"{DISTRICT}/templates/{{template}}/retire": {},
}
APART = {"console.sign_out", "console.file"}
"""They take nothing but what stands in the path of files."""


class Fuzz:
    """A person with every role, whose requests are all undone."""

    def __init__(self, drive: Drive) -> None:
        self.db = drive.db
        story = Story(drive)
        closed(drive, 2)
        check = draw(sign_in(drive, "supervisor"))
        self.person = self._everything()
        self.token = account.open_session(self.db, self.person).token
        app = drive.client.application
        self.client: FlaskClient = app.test_client(use_cookies=False)
        limit = {"set_by": self.person, "reason": "x", "account_id": story.lily.account_id}
        limit["expires_at"] = datetime.now(UTC) + timedelta(days=1)
        made = add(ReporterLimit).values(limit).returning(ReporterLimit.id)
        for _ in range(2):
            self.db.execute(
                insert(AdminEntry).values(account_id=self.person, what="x", subject="x", facts={})
            )
        self.known = {
            "number": story.number,
            "version": str(story.case()["version"]),
            "report": story.report["id"],
            "photo": story.lily.photo(),
            "unit": "U-HW",
            "grid": next(a.code for a in drive.kit.atlas().areas.values() if a.level == "grid"),
            "level": "grid",
            "month": "2026-01",
            "check_id": check.rpartition("/")[2],
            "username": "worker1",
            "view": "1",
            "limit": str(self.db.execute(made).scalar_one()),
            "template": str(reply_template.add(self.db, "reject", "旧", "不归我们管")),
        }

    def _everything(self) -> int:
        made = insert(Account).values(display_name="全", username="odd").returning(Account.id)
        person: int = self.db.execute(made).scalar_one()
        grants = [{"account_id": person, "role": r, "scope": "all", "code": ""} for r in GRANTABLE]
        self.db.execute(insert(RoleGrant), grants)
        return person

    def filled(self, fields: dict[str, str]) -> dict[str, str]:
        return {name: value.format(**self.known) for name, value in fields.items()}

    def paths(self, pattern: str, first: int) -> Iterator[str]:
        """The path with each of its parts odd in turn."""
        for name in self.known:
            for odd in PATHS[first % 4 :: 4] if f"{{{name}}}" in pattern else ():
                yield pattern.format(**self.known | {name: quote(odd, safe="")})

    def status(self, method: str, path: str, fields: Any) -> int:
        given = {"query_string" if method == "GET" else "data": fields}
        if method == "POST":
            fields["csrf"] = fields.get("csrf", csrf_of(self.token))
        undone = self.db.begin_nested()  # what one form changed is no matter to the next
        with self.client.open(
            path,
            method=method,
            headers={"Cookie": f"{COOKIE}={self.token}"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{next(_HOSTS) % 250}"},
            **given,
        ) as answer:
            code: int = answer.status_code
        undone.rollback()
        return code


_HOSTS = itertools.count(1)


@pytest.fixture
def fuzz(drive: Drive) -> Fuzz:
    return Fuzz(drive)


def broken(fuzz: Fuzz, method: str, tries: dict[str, dict[str, str]]) -> list[str]:
    found = []

    def ask(path: str, fields: dict[str, Any], odd: str = "") -> None:
        if fuzz.status(method, path, fields) >= 500:
            found.append(f"{method} {path[:90]} {odd}")

    for number, (pattern, fields) in enumerate(tries.items()):
        path, good = pattern.format(**fuzz.known), fuzz.filled(fields)
        ask(path, dict(good))
        for odd in fuzz.paths(pattern, number):
            ask(odd, dict(good))
        for place, name in enumerate(good):
            for odd in (NUL, *ODD[(number + place) % EACH :: EACH]):
                ask(path, good | {name: odd}, f"{name}={odd[:20]!r}")
        if "cursor" in good:
            for cursor in CURSORS[number % 3 :: 3]:
                ask(path, good | {"cursor": cursor}, f"cursor={cursor}")
    return found


def test_no_odd_address_breaks_a_page(fuzz: Fuzz) -> None:
    assert broken(fuzz, "GET", GETS) == []


def test_no_odd_field_breaks_a_form(fuzz: Fuzz) -> None:
    assert broken(fuzz, "POST", POSTS) == []


def test_a_cursor_of_another_kind_is_refused(fuzz: Fuzz) -> None:
    cursor = encode_cursor(True, "2026-01-01T00:00", 1)
    assert fuzz.status("GET", f"{WATCH}/call-backs", {"cursor": cursor}) == 422


@pytest.mark.parametrize("odd", ["²", "\x00", "", "x" * 5000])
def test_an_odd_token_is_refused(fuzz: Fuzz, odd: str) -> None:
    assert fuzz.status("POST", "/console/cases/views", {"csrf": odd}) == 403


@pytest.mark.parametrize("odd", ["http://[", "null", "²", ""])
def test_an_odd_origin_is_refused(fuzz: Fuzz, odd: str) -> None:
    headers = {"Origin": odd.encode().decode("latin-1")}
    answer = fuzz.client.post("/console/sign-in", data={}, headers=headers)
    assert answer.status_code == 403


def test_a_table_that_is_refused_leaves_no_file_open(fuzz: Fuzz) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert fuzz.status("GET", "/console/cases.xlsx", {"unit": "none"}) == 422
        gc.collect()
    assert not [one for one in seen if issubclass(one.category, ResourceWarning)]


def test_every_page_is_tried(drive: Drive, fuzz: Fuzz) -> None:
    app = drive.client.application
    rules = app.url_map.bind("localhost")
    tried = {
        rules.match(pattern.format(**fuzz.known), method)[0]
        for method, tries in (("GET", GETS), ("POST", POSTS))
        for pattern in tries
    }
    every = {e for e in app.view_functions if e.startswith("console.")}
    assert every - tried == APART
