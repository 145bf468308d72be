"""What a wall tells, of histories whose answers are known beforehand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from app.kit import Kit
from app.services import audit_figures, wall
from app.services.audit_selection import Selection, state
from models import moment
from models.account import Actor, Grant, Role, Scope
from models.errors import Forbidden, NotFound
from models.period import Period
from tests.drive import Drive
from tests.factories import make_case
from tests.histories import History, hours, local

NOW = local("2026-03-10 09:30")
TODAY = date(2026, 3, 10)
STREET, OTHER_STREET = "439900001", "439900002"


def holding(*grants: tuple[Role, Scope, str]) -> Actor:
    return Actor(1, "看屏人", tuple(Grant(*grant) for grant in grants))


WATCHER = holding((Role.SUPERVISOR, Scope.ALL, ""))


def shown(db: Connection, kit: Kit, actor: Actor = WATCHER, **chosen: str) -> dict[str, Any]:
    with moment.at(NOW):
        return wall.shown(db, kit.atlas(), wall.chosen(kit.atlas(), actor, **chosen), TODAY)


def taken(history: History, name: str, at: str, category: str = "exposed-garbage") -> None:
    """A case that the desk accepts at once."""
    moment = local(at)
    history.report(name, moment, category=None, by=f"resident:{name}")
    accepted = {"action": "accept", "category": category, "unit": "U-HW"}
    history.add(moment, "desk", case=name, **accepted)


def done(history: History, name: str, started: str, resolved: str, closed: str) -> None:
    history.start(name, local(started))
    history.resolve(name, local(resolved))
    history.close(name, local(closed))


@pytest.fixture(scope="module")
def march() -> History:
    """Twelve cases of 3 March closed on the 4th or later, two of them late; one of today closed
    today, and one that is only accepted; one of February closed in March."""
    history = History()
    for number in range(12):
        name, day = f"march-{number}", 5 if number < 2 else 3
        taken(history, name, "2026-03-03 08:00")
        done(history, name, "2026-03-03 08:10", f"2026-03-0{day} 09:00", f"2026-03-0{day} 15:00")
    taken(history, "today", "2026-03-10 08:00")
    done(history, "today", "2026-03-10 08:10", "2026-03-10 08:30", "2026-03-10 09:00")
    taken(history, "open", "2026-03-10 08:00")
    taken(history, "february", "2026-02-20 08:00")
    done(history, "february", "2026-02-20 08:10", "2026-02-20 09:00", "2026-03-02 09:00")
    return history


def test_figures_are_those_of_the_days(db: Connection, kit: Kit, march: History) -> None:
    march.play(db, kit.atlas())
    found = shown(db, kit)
    assert found["today"] == {"reported": 2, "accepted": 2, "closed": 1}
    month = found["month"]
    assert (month["reported"], month["accepted"], month["closed"]) == (14, 14, 14)
    assert month["late"] == 2
    assert month["rates"]["late_rate"] == {"value": 14.29, "numerator": 2, "denominator": 14}
    days = found["days"]
    assert len(days) == wall.DAYS
    assert min(days) == (TODAY - timedelta(days=30)).isoformat()
    assert max(days) == "2026-03-09"
    assert days["2026-03-03"] == {"reported": 12, "accepted": 12, "closed": 10}
    assert days["2026-03-05"]["closed"] == 2
    assert days["2026-02-20"]["reported"] == 1
    assert days["2026-03-06"] == {"reported": 0, "accepted": 0, "closed": 0}


def test_figures_of_some_columns_are_those_of_all(db: Connection, kit: Kit, march: History) -> None:
    march.play(db, kit.atlas())
    period = Period(date(2026, 3, 1), date(2026, 3, 11))
    here = state(db, period)
    wanted = Selection(period, "unit")
    whole = audit_figures.figures(db, kit.atlas(), wanted, here)["total"]["figures"]
    for name in whole:
        columns = audit_figures.columns_of(name)
        some = audit_figures.figures(db, kit.atlas(), wanted, here, columns=columns)
        assert some["total"]["figures"][name] == whole[name]


def test_units_with_few_cases_have_no_place(db: Connection, kit: Kit, march: History) -> None:
    elsewhere = History([*march.lines])
    taken(elsewhere, "elsewhere", "2026-03-03 08:00", "flyers")
    elsewhere.lines[-1]["unit"] = "U-SZ"
    elsewhere.play(db, kit.atlas())
    ranking = shown(db, kit)["ranking"]
    assert [(item["rank"], item["name"]) for item in ranking["items"]] == [
        (1, kit.atlas().unit_name("U-HW"))
    ]
    assert ranking["items"][0]["numerator"] == ranking["items"][0]["denominator"] - 2 - 1
    assert ranking["few"] == 1
    assert ranking["more"] == 0


def open_cases(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    due = NOW - hours(0.5)
    submitted: dict[str, Any] = {"submitted_at": local("2026-03-09 09:00")}
    make_case(drive.db, atlas, **submitted)
    make_case(drive.db, atlas, **submitted, status="in_progress", due_at=due)
    make_case(
        drive.db, atlas, **submitted, status="assigned", due_at=due - hours(1), emergency=True
    )
    make_case(drive.db, atlas, **submitted, status="resolved", due_at=due)
    make_case(drive.db, atlas, **submitted, status="closed", due_at=due)


def test_what_is_open_is_counted_once_and_the_longest_late_comes_first(drive: Drive) -> None:
    open_cases(drive)
    found = shown(drive.db, drive.kit)
    assert found["open"] == {
        "total": 4,
        "waiting": 1,
        "late": 2,
        "emergencies": 1,
        "emergencies_late": 1,
    }
    assert [row.status for row in found["late"]] == ["assigned", "in_progress"]
    assert sorted(found["map"]["state"]) == [0, 0, 3, 3]
    assert not found["map"]["more"]


def test_a_wall_shows_its_scope_and_nothing_else(drive: Drive) -> None:
    open_cases(drive)
    for actor, total in {
        holding((Role.DISPATCHER, Scope.AREA, STREET)): 4,
        holding((Role.DISPATCHER, Scope.AREA, OTHER_STREET)): 0,
        holding((Role.DISPATCHER, Scope.AREA, OTHER_STREET), (Role.UNIT_STAFF, Scope.ALL, "")): 0,
        holding((Role.SUPERVISOR, Scope.UNIT, "U-HW")): 0,
    }.items():
        found = shown(drive.db, drive.kit, actor)
        assert found["open"]["total"] == total
        assert len(found["map"]["x"]) == total


def test_each_scope_has_a_wall_of_its_own(drive: Drive) -> None:
    atlas = drive.kit.atlas()
    both = holding(
        (Role.DISPATCHER, Scope.AREA, STREET), (Role.SUPERVISOR, Scope.AREA, OTHER_STREET)
    )
    assert [view.area for view in wall.views(atlas, both)] == [STREET, OTHER_STREET]
    assert wall.chosen(atlas, both).area == STREET
    assert wall.chosen(atlas, both, area=OTHER_STREET).name == atlas.area_name(OTHER_STREET)
    every = replace(both, grants=(*both.grants, *WATCHER.grants))
    assert [view.query for view in wall.views(atlas, every)] == [{}]
    assert wall.chosen(atlas, every, unit="U-HW").query == {"unit": "U-HW"}


@pytest.mark.parametrize("area", [OTHER_STREET, "439900", "none"])
def test_what_is_out_of_scope_does_not_exist(drive: Drive, area: str) -> None:
    with pytest.raises(NotFound):
        wall.chosen(drive.kit.atlas(), holding((Role.DISPATCHER, Scope.AREA, STREET)), area=area)


@pytest.mark.parametrize("role", [Role.UNIT_STAFF, Role.GRID_WORKER])
def test_a_wall_is_not_for_everybody(drive: Drive, role: Role) -> None:
    with pytest.raises(Forbidden):
        wall.views(drive.kit.atlas(), holding((role, Scope.ALL, "")))
