"""Public figures: histories whose answers are known beforehand."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from app.services import public_figures
from models import moment
from models.calendar import LOCAL
from tests.drive import Drive
from tests.histories import History, hours
from tests.statements import counted

NOW = datetime.now(LOCAL)
MONTH = NOW.date().replace(day=1)
LAST_MONTH = (MONTH - timedelta(days=1)).replace(day=1)
EMPTY = {
    "reported": 0,
    "closed": 0,
    "judged": 0,
    "in_time_percent": None,
    "median_minutes": None,
    "answered": 0,
    "solved_percent": None,
    "satisfied_percent": None,
}


def told(drive: Drive) -> dict[str, Any]:
    found: dict[str, Any] = drive.client.get("/public/figures.json").json
    return found


def played(drive: Drive, closed: int, still_open: int = 0, *, first: date = LAST_MONTH) -> None:
    """Garbage of which so many cases are closed an hour after they came, one of them late."""
    history = History()
    for number in range(closed + still_open):
        began = datetime(first.year, first.month, 3 + number % 5, 9, number, tzinfo=LOCAL)
        name = history.report(f"C{number}", began, category=None, by=f"resident:r{number}")
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": "U-HW"}
        history.add(began, "desk", case=name, **accepted)
        history.start(name, began + hours(0.1))
        if number < closed:
            wait = 30 if number == 0 else 0
            history.resolve(name, began + hours(0.5 + wait))
            history.close(name, began + hours(1 + wait))
            rating = {"rating": 5 if number else 1, "solved": True}
            at = (began + hours(2 + wait)).isoformat()
            answer = {"at": at, "by": f"resident:r{number}", "case": name, "call": "feedback"}
            history.lines.append(answer | rating)
    history.play(drive.db, drive.kit.atlas())


def test_a_month_tells_counts_shares_and_a_median(drive: Drive) -> None:
    played(drive, 6, 2)
    found = told(drive)
    assert [one["month"] for one in found["months"]][-1] == f"{MONTH:%Y-%m}"
    assert len(found["months"]) == 13
    assert found["months"][-2] == {
        "month": f"{LAST_MONTH:%Y-%m}",
        "reported": 8,
        "closed": 6,
        "judged": 8,
        "in_time_percent": 62.5,
        "median_minutes": 60,
        "answered": 6,
        "solved_percent": 100.0,
        "satisfied_percent": 83.33,
    }
    assert found["open"] == 2
    assert {"month": found["months"][0]["month"]} | EMPTY == found["months"][0]


def test_a_share_of_fewer_than_five_is_not_told(drive: Drive) -> None:
    played(drive, 4)
    month = told(drive)["months"][-2]
    assert (month["reported"], month["closed"], month["judged"], month["answered"]) == (4, 4, 4, 4)
    shares = ("in_time_percent", "median_minutes", "solved_percent", "satisfied_percent")
    assert [month[name] for name in shares] == [None] * 4


def test_what_is_not_due_yet_is_not_late(drive: Drive) -> None:
    history = History()
    for number in range(5):
        began = NOW - hours(0.2) + timedelta(seconds=number)
        history.report(f"C{number}", began, category="exposed-garbage", by=f"resident:{number}")
    history.play(drive.db, drive.kit.atlas())
    recent = told(drive)["last_30_days"]["total"]
    assert (recent["reported"], recent["judged"], recent["in_time_percent"]) == (5, 0, None)


def test_parts_are_named_and_add_up(drive: Drive) -> None:
    played(drive, 6, 2)
    last = datetime.combine(MONTH - timedelta(days=1), datetime.min.time(), LOCAL)
    with moment.at(last):
        found = public_figures.figures(drive.db, drive.kit.atlas())
    for period in ("this_month", "last_30_days"):
        for parts, name in (("groups", "环境卫生"), ("streets", None)):
            (one,) = found[period][parts]
            assert {key: one[key] for key in EMPTY} == found[period]["total"]
            assert one["reported"] == 8
            assert one["name"] == (name or drive.kit.atlas().area_name(one["code"]))


def test_no_person_and_no_unit_is_in_the_figures(drive: Drive) -> None:
    played(drive, 6)
    text = drive.client.get("/public/figures.json").text
    for word in ("U-HW", "洁净", "worker", "unit", "resident", "何受理"):
        assert word not in text


def test_figures_cost_as_many_statements_however_many_cases(drive: Drive, engine: Engine) -> None:
    drive.kit.atlas()
    with counted(engine) as none:
        told(drive)
    played(drive, 6)
    with counted(engine) as some:
        told(drive)
    assert len(none) == len(some) == 18
    assert not [sql for sql in some if "FROM report" in sql or "ledger" in sql]
