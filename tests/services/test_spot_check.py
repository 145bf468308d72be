"""Spot checks: what is drawn, that it can be drawn again, and that findings are final."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.services import account, ledger, spot_check, spot_check_proof, spot_check_view
from models import draw as draws
from models import moment
from models.account import Account, Actor, Grant, Role, Scope
from models.calendar import LOCAL
from models.case import Case
from models.errors import Conflict, Forbidden, InvalidInput, NotFound
from models.notice import Notice
from models.routing import Atlas
from models.spot_check import Found, Rule, SpotCheck, SpotCheckItem
from tests.api.story import Story, closed_at
from tests.drive import Drive
from tests.factories import make_case

MARCH: dict[str, Any] = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}
SEED = "0123456789abcdef"


def actor(db: Connection, username: str) -> Actor:
    known = select(Account.id).where(Account.username == username)
    return account.who(db, account.open_session(db, db.execute(known).scalar_one()).token)


def closed(db: Connection, atlas: Atlas, day: date, **columns: Any) -> str:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=LOCAL)
    given: dict[str, Any] = {
        "status": "closed",
        "holder": "none",
        "closed_at": at,
        "accepted_at": at,
    }
    return make_case(db, atlas, submitted_at=at, **given | columns)


def self_handled(db: Connection, atlas: Atlas, day: date) -> str:
    return closed(db, atlas, day, source="patrol", accepted_at=None)


def drawn(db: Connection, check_id: int) -> list[str]:
    rows = (
        select(Case.number)
        .join(SpotCheckItem, SpotCheckItem.case_id == Case.id)
        .where(SpotCheckItem.spot_check_id == check_id)
        .order_by(SpotCheckItem.position)
    )
    return list(db.execute(rows).scalars())


def kept(db: Connection, check_id: int) -> Any:
    return db.execute(select(SpotCheck.__table__).where(SpotCheck.id == check_id)).one()


def test_a_draw_is_what_its_documentation_says() -> None:
    lines = "A1 1\nA2 3\nA3 1\nA4 1\n"
    assert draws.digest(lines) == hashlib.sha256(b"A1 1\nA2 3\nA3 1\nA4 1\n").digest()
    tickets = [(f"{SEED}:{n}:{k}", n) for n, w in draws.parsed(lines) for k in range(1, w + 1)]
    ranked = sorted((hashlib.sha256(ticket.encode()).hexdigest(), n) for ticket, n in tickets)
    expected = list(dict.fromkeys(number for _, number in ranked))
    assert draws.drawn(SEED, draws.parsed(lines), 4) == expected
    assert draws.drawn(SEED, draws.parsed(lines), 2) == expected[:2]
    assert draws.drawn(SEED, draws.parsed(lines), 9) == expected


def test_a_draw_of_literals_never_changes() -> None:
    population = [(f"HY2026{i:04d}", 1 + 2 * (i % 7 == 0)) for i in range(1, 200)]
    assert draws.drawn("00" * 16, population, 5) == [  # as sha256sum and sort tell
        *("HY20260148", "HY20260007", "HY20260196", "HY20260195", "HY20260083")
    ]


def test_heavy_cases_are_drawn_more_often_by_their_weight() -> None:
    population = [("heavy", 3), *((f"light{i}", 1) for i in range(9))]
    first = [draws.drawn(f"seed {i}", population, 1)[0] for i in range(2000)]
    assert 440 <= first.count("heavy") <= 560, "3 tickets of 12: 500 expected"


def test_cases_closed_on_the_days_are_drawn_and_no_others(db: Connection, atlas: Atlas) -> None:
    inside = [closed(db, atlas, date(2026, 3, day)) for day in (1, 31)]
    late = datetime(2026, 3, 31, 23, 59, 59, tzinfo=LOCAL)
    inside.append(closed(db, atlas, date(2026, 3, 31), closed_at=late))
    closed(db, atlas, date(2026, 2, 28))
    closed(db, atlas, date(2026, 4, 1))
    make_case(db, atlas, submitted_at=late)
    found = spot_check.draw(db, atlas, actor(db, "supervisor"), Rule(**MARCH, size=50))
    row = kept(db, found)
    assert sorted(drawn(db, found)) == sorted(inside)
    assert row.drawn_from == "".join(f"{number} 1\n" for number in sorted(inside))
    assert (row.population, len(row.seed)) == (3, 32)
    assert row.population_sha256 == hashlib.sha256(row.drawn_from.encode()).digest()


def test_self_handled_cases_weigh_more_and_are_marked(db: Connection, atlas: Atlas) -> None:
    own, other = self_handled(db, atlas, date(2026, 3, 5)), closed(db, atlas, date(2026, 3, 5))
    rule = Rule(**MARCH, size=2, self_handled_weight=4)
    found = spot_check.draw(db, atlas, actor(db, "supervisor"), rule)
    assert kept(db, found).drawn_from == "".join(sorted([f"{own} 4\n", f"{other} 1\n"]))
    items = spot_check_view.items(db, atlas, found, "all", 0, 10)
    assert {one["number"]: one["self_handled"] for one in items} == {own: True, other: False}


@pytest.mark.parametrize(
    ("rule", "among"),
    [
        ({"area": "439900001"}, {"first", "unit"}),
        ({"area": "439900002"}, {"elsewhere"}),
        ({"unit": "U-HW"}, {"unit"}),
        ({"category": "debris"}, {"elsewhere"}),
        ({"category": "group:hygiene"}, set()),
    ],
    ids=["street", "other street", "unit", "category", "group"],
)
def test_each_condition_narrows(
    db: Connection, atlas: Atlas, rule: dict[str, Any], among: set[str]
) -> None:
    day = date(2026, 3, 9)
    street = next(one for one in atlas.areas.values() if one.code == "439900002001")
    where = atlas.inside(street.code)
    assert where is not None
    numbers = {
        closed(db, atlas, day): "first",
        closed(db, atlas, day, unit="U-HW"): "unit",
        closed(db, atlas, day, at=where, category="debris"): "elsewhere",
    }
    if rule.get("category", "").startswith("group:"):
        rule = {"category": f"group:{atlas.categories['debris'].category_group}"}
        among = {
            name
            for number, name in numbers.items()
            if (name == "elsewhere")
            or atlas.categories["flyers"].category_group
            == atlas.categories["debris"].category_group
        }
    found = spot_check.draw(db, atlas, actor(db, "supervisor"), Rule(**MARCH, **rule, size=9))
    assert {numbers[number] for number in drawn(db, found)} == among


def test_a_supervisor_draws_within_the_scope_only(db: Connection, atlas: Atlas) -> None:
    street = "439900001"
    closed(db, atlas, date(2026, 3, 9))
    elsewhere = atlas.inside("439900002001")
    assert elsewhere is not None
    closed(db, atlas, date(2026, 3, 9), at=elsewhere)
    who = actor(db, "supervisor")
    here = Actor(who.id, "街道督查", (Grant(Role.SUPERVISOR, Scope.AREA, street),))
    found = spot_check.draw(db, atlas, here, Rule(**MARCH, size=9))
    assert (kept(db, found).area, kept(db, found).population) == (street, 1)
    with pytest.raises(NotFound):
        spot_check.draw(db, atlas, here, Rule(**MARCH, area="439900002", size=9))
    whole = spot_check.draw(db, atlas, who, Rule(**MARCH, size=9))
    seen = spot_check.checks(db, atlas, here, None, 10)
    assert [row.id for row in seen] == [found]
    with pytest.raises(NotFound):
        spot_check.one(db, atlas, here, whole)


@pytest.mark.parametrize("username", ["desk", "unit1", "worker1", "admin"])
def test_only_supervisors_draw(db: Connection, atlas: Atlas, username: str) -> None:
    closed(db, atlas, date(2026, 3, 9))
    with pytest.raises(Forbidden):
        spot_check.draw(db, atlas, actor(db, username), Rule(**MARCH, size=1))


def test_days_must_be_over_and_cases_be_there(db: Connection, atlas: Atlas) -> None:
    who, today = actor(db, "supervisor"), datetime.now(LOCAL).date()
    with pytest.raises(InvalidInput) as refused:
        spot_check.draw(db, atlas, who, Rule(first=today, last=today, size=1))
    assert refused.value.faults[0].pointer == "/last"
    with pytest.raises(InvalidInput) as refused:
        spot_check.draw(db, atlas, who, Rule(first=date(2001, 1, 1), last=date(2001, 1, 2), size=1))
    assert refused.value.faults[0].pointer == "/first"
    with pytest.raises(InvalidInput) as refused:
        spot_check.draw(db, atlas, who, Rule(**MARCH, category="no-such", size=1))
    assert refused.value.faults[0].pointer == "/category"


def test_the_same_rule_again_is_another_draw_and_is_counted(db: Connection, atlas: Atlas) -> None:
    for _ in range(3):
        closed(db, atlas, date(2026, 3, 9))
    who = actor(db, "supervisor")
    first = spot_check.draw(db, atlas, who, Rule(**MARCH, size=1))
    spot_check.draw(db, atlas, who, Rule(**MARCH, size=2))
    spot_check.draw(db, atlas, who, Rule(**MARCH, size=1, area="439900001"))
    rows = {row.id: row.same_before for row in spot_check.checks(db, atlas, who, None, 10)}
    assert rows[first] == 0
    assert sorted(rows.values()) == [0, 0, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE spot_check SET seed = 'x'",
        "DELETE FROM spot_check",
        "TRUNCATE spot_check CASCADE",
        "DELETE FROM spot_check_item",
        "TRUNCATE spot_check_item",
        "UPDATE spot_check_item SET position = position + 100",
        "UPDATE spot_check_item SET self_handled = NOT self_handled",
    ],
)
def test_the_database_refuses_to_change_a_draw(
    db: Connection, atlas: Atlas, statement: str
) -> None:
    closed(db, atlas, date(2026, 3, 9))
    spot_check.draw(db, atlas, actor(db, "supervisor"), Rule(**MARCH, size=1))
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text(statement))


class Checked:
    """A closed case of today, drawn tomorrow."""

    def __init__(self, drive: Drive) -> None:
        self.drive, self.db, self.atlas = drive, drive.db, drive.kit.atlas()
        self.story = Story(drive).start().resolve().close()
        self.day = closed_at(self.story).astimezone(LOCAL).date()
        with moment.at(closed_at(self.story) + timedelta(days=1)):
            rule = Rule(first=self.day, last=self.day, size=5)
            self.id = spot_check.draw(self.db, self.atlas, self.who("supervisor"), rule)

    def who(self, username: str) -> Actor:
        return actor(self.db, username)

    def find(self, username: str, finding: str = "genuine", comment: str = "") -> None:
        found = Found.model_validate({"finding": finding, "comment": comment})
        spot_check.record(self.db, self.atlas, self.who(username), self.id, 1, found)

    def item(self) -> Any:
        rows = select(SpotCheckItem.__table__).where(SpotCheckItem.spot_check_id == self.id)
        return self.db.execute(rows).one()


@pytest.fixture
def checked(drive: Drive) -> Checked:
    return Checked(drive)


def test_a_finding_is_final(checked: Checked) -> None:
    checked.find("supervisor", "faked", "照片是旧的")
    item = checked.item()
    assert (item.finding, item.comment) == ("faked", "照片是旧的")
    assert item.found_by == checked.who("supervisor").id
    checked.find("supervisor", "faked", "照片是旧的")
    assert checked.item() == item, "the same again changes nothing"
    for username, finding in (("supervisor", "genuine"), ("supervisor2", "faked")):
        with pytest.raises(Conflict):
            checked.find(username, finding, "照片是旧的")
    with pytest.raises(IntegrityError), checked.db.begin_nested():
        checked.db.execute(update(SpotCheckItem).values(finding="genuine"))


@pytest.mark.parametrize("username", ["desk", "admin", "unit1", "worker1"])
def test_only_supervisors_find(checked: Checked, username: str) -> None:
    with pytest.raises(Forbidden):
        checked.find(username)
    assert checked.item().finding is None


@pytest.mark.parametrize("part", ["passed", "resolved", "unit", "reported"])
def test_nobody_inspects_what_they_had_a_hand_in(checked: Checked, part: str) -> None:
    db, case_id = checked.db, checked.item().case_id
    involved = {"passed": "worker1", "resolved": "unit1", "reported": None, "unit": "supervisor"}
    who = involved[part]
    account_id = (
        checked.story.lily.account_id
        if who is None
        else db.execute(select(Account.id).where(Account.username == who)).scalar_one()
    )
    unit = "U-HW" if part == "unit" else None
    inspector = Actor(account_id, "某", (Grant(Role.SUPERVISOR, Scope.ALL),), unit)
    with pytest.raises(Forbidden):
        spot_check.record(db, checked.atlas, inspector, checked.id, 1, Found(finding="genuine"))
    assert case_id == checked.item().case_id
    checked.find("supervisor")


def test_who_closed_an_earlier_round_may_not_inspect_either(checked: Checked) -> None:
    checked.story.supervisor.done(checked.story.number, "reopen", reason="又堆上了")
    worker = checked.drive.staff("worker1").account_id
    inspector = Actor(worker, "某", (Grant(Role.SUPERVISOR, Scope.ALL),))
    with pytest.raises(Forbidden, match="核查结案"):
        spot_check.record(
            checked.db, checked.atlas, inspector, checked.id, 1, Found(finding="genuine")
        )


def reopened_and_given_away(checked: Checked) -> None:
    number = checked.story.number
    checked.story.supervisor.done(number, "reopen", reason="又堆上了")
    checked.story.desk.done(number, "reassign", unit="U-SZ", reason="归市政")


@pytest.mark.parametrize("unit", ["U-HW", "U-SZ"], ids=["of the first round", "of the second"])
@pytest.mark.parametrize("by", ["unit", "grant"])
def test_no_unit_inspects_what_it_answered_for_in_any_round(
    checked: Checked, unit: str, by: str
) -> None:
    reopened_and_given_away(checked)
    grants = [Grant(Role.SUPERVISOR, Scope.ALL)]
    if by == "grant":
        grants.append(Grant(Role.UNIT_STAFF, Scope.UNIT, unit))
    someone = checked.drive.staff("supervisor2").account_id
    inspector = Actor(someone, "某", tuple(grants), unit if by == "unit" else None)
    with pytest.raises(Forbidden, match="责任单位及其下属单位的人员不能抽查"):
        spot_check.record(
            checked.db, checked.atlas, inspector, checked.id, 1, Found(finding="genuine")
        )
    checked.find("supervisor")


def test_a_finding_stands_in_the_ledger(checked: Checked) -> None:
    number = checked.story.number
    before = checked.story.case()
    checked.find("supervisor", "faked", "照片是旧的")
    checked.find("supervisor", "faked", "照片是旧的")
    after = checked.story.case()
    entry = after["timeline"][-1]
    assert len(after["timeline"]) == len(before["timeline"]) + 1, "the same again is not told again"
    assert (entry["action"], entry["label"], entry["role"]) == ("inspect", "抽查", "supervisor")
    assert (entry["from"], entry["to"], entry["holder"]) == ("closed", "closed", "none")
    assert entry["facts"] == {"spot_check": checked.id, "position": 1, "finding": "faked"}
    assert entry["texts"] == {"comment": "照片是旧的"}
    assert after["version"] == before["version"] + 1
    assert checked.story.unit.case(number)["timeline"][-1]["texts"] == {"comment": "照片是旧的"}
    told = checked.story.lily.get(f"/api/v1/reports/{checked.story.report['id']}")
    assert "照片是旧的" not in told.text
    assert "抽查" not in told.text
    assert ledger.verify(checked.db, number)[1] is None


def told(checked: Checked) -> dict[str, tuple[str, str]]:
    """Title and body of what staff are told of a finding, by username."""
    checked.drive.spread_notices()
    rows = (
        select(Account.username, Notice.title, Notice.body)
        .join(Account, Account.id == Notice.account_id)
        .where(Notice.event == "task.inspect")
    )
    return {row.username: (row.title, row.body) for row in checked.db.execute(rows)}


@pytest.mark.parametrize(
    ("finding", "label"),
    [("not_done", "未处置到位"), ("faked", "弄虚作假"), ("cannot_tell", "无法判断")],
)
def test_the_unit_its_heads_and_who_passed_it_are_told(
    checked: Checked, finding: str, label: str
) -> None:
    checked.db.execute(
        update(Account).where(Account.username == "unit2").values(unit="U-HW", is_head=True)
    )
    checked.find("supervisor", finding, "现场看不出来")
    found = told(checked)
    body = f"案卷 {checked.story.number}（暴露垃圾）：现场看不出来"
    assert {"unit1", "unit2", "worker1"} <= set(found)
    assert not {"supervisor", "desk", "admin"} & set(found)
    assert set(found.values()) == {(f"抽查：{label}", body)}


def test_the_unit_that_did_the_work_is_told_and_not_who_has_the_case_now(checked: Checked) -> None:
    reopened_and_given_away(checked)
    checked.find("supervisor", "faked", "照片是旧的")
    found = set(told(checked))
    staff_and_head, closer, head_of_the_other = {"unit1", "unit13"}, {"worker1"}, {"unit2"}
    assert staff_and_head | closer <= found
    assert not head_of_the_other & found


def test_a_genuine_finding_is_news_to_nobody(checked: Checked) -> None:
    checked.find("supervisor", "genuine", "看过了")
    assert told(checked) == {}


def test_nobody_learns_of_a_draw_before_there_is_a_finding(checked: Checked) -> None:
    page = checked.story.unit.get(f"/api/v1/cases/{checked.story.number}")
    assert "抽查" not in page.text
    assert told(checked) == {}


def test_a_finding_that_is_not_genuine_says_what_was_seen() -> None:
    with pytest.raises(ValueError, match="写明"):
        Found.model_validate({"finding": "not_done", "comment": "  "})
    assert Found.model_validate({"finding": "genuine"}).comment == ""


def test_shares_have_their_denominators_and_stand_apart(db: Connection, atlas: Atlas) -> None:
    own = [self_handled(db, atlas, date(2026, 3, 5)) for _ in range(2)]
    others = [closed(db, atlas, date(2026, 3, 5)) for _ in range(5)]
    found = spot_check.draw(db, atlas, actor(db, "supervisor"), Rule(**MARCH, size=9))
    assert [one["share"] for one in spot_check_view.shares(db, found)] == [None] * 3
    given = dict(
        zip(
            [*own, *others[:4]],
            ["genuine", "faked", "genuine", "genuine", "not_done", "cannot_tell"],
            strict=True,
        )
    )
    position = {number: i for i, number in enumerate(drawn(db, found), start=1)}
    for number, finding in given.items():
        db.execute(
            update(SpotCheckItem)
            .where(SpotCheckItem.spot_check_id == found)
            .where(SpotCheckItem.position == position[number])
            .values(finding=finding)
        )
    told = {one["label"]: spot_check_view.told(one) for one in spot_check_view.shares(db, found)}
    assert told == {
        "全部": "60.00 %（3 ÷ 5）",
        "网格员自办": "50.00 %（1 ÷ 2）",
        "其他": "66.67 %（2 ÷ 3）",
    }


@pytest.fixture
def proven(db: Connection, atlas: Atlas) -> SimpleNamespace:
    numbers = [closed(db, atlas, date(2026, 3, day)) for day in range(1, 9)]
    found = spot_check.draw(db, atlas, actor(db, "supervisor"), Rule(**MARCH, size=3))
    return SimpleNamespace(db=db, atlas=atlas, id=found, numbers=numbers)


def test_a_draw_is_proven(proven: SimpleNamespace) -> None:
    proof = spot_check_proof.prove(proven.db, proven.id)
    assert (proof.kept, proof.repeated, proof.holds) == (True, True, True)
    assert (list(proof.gone), list(proof.come)) == ([], [])
    with pytest.raises(NotFound):
        spot_check_proof.prove(proven.db, proven.id + 1000)


def test_a_case_that_was_reopened_since_is_named_and_explained(checked: Checked) -> None:
    proof = spot_check_proof.prove(checked.db, checked.id)
    assert proof.holds
    with moment.at(datetime.now(UTC) + timedelta(days=2)):
        checked.story.supervisor.done(checked.story.number, "reopen", reason="又堆上了")
    proof = spot_check_proof.prove(checked.db, checked.id)
    assert (proof.kept, proof.repeated, proof.holds) == (True, True, True)
    (gone,) = proof.gone
    assert (gone.number, gone.explained) == (checked.story.number, True)
    assert "重新办理" in gone.why


def test_what_no_ledger_explains_breaks_the_proof(proven: SimpleNamespace) -> None:
    own = update(Case).where(Case.number == proven.numbers[0])
    proven.db.execute(own.values(closed_at=datetime(2026, 5, 1, tzinfo=UTC)))
    new = closed(proven.db, proven.atlas, date(2026, 3, 9))
    proof = spot_check_proof.prove(proven.db, proven.id)
    assert (proof.kept, proof.repeated, proof.holds) == (True, True, False)
    assert [one.number for one in proof.gone] == [proven.numbers[0]]
    assert [one.number for one in proof.come] == [new]


def test_the_population_is_found_by_an_index(db: Connection, atlas: Atlas) -> None:
    closed(db, atlas, date(2026, 3, 9))
    rule = SimpleNamespace(
        first=MARCH["first"], last=MARCH["last"], area=None, unit=None, categories=[],
        self_handled_weight=3,
    )  # fmt: skip
    db.execute(text("SET LOCAL enable_seqscan = off"))
    seen: list[str] = []
    original = db.execute

    def explained(statement: Any, values: Any = None) -> Any:
        plan = original(text(f"EXPLAIN {statement.text}"), values).scalars()
        seen.extend(plan)
        return original(statement, values)

    spot_check.population(SimpleNamespace(execute=explained), rule)  # type: ignore[arg-type]
    assert any("ix_case_closed_at" in line for line in seen), seen
