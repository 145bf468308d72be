"""A period beside the one before and the year before, from histories known beforehand."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from app.kit import Kit
from app.services import audit_comparison, audit_figures, audit_freeze
from app.services.audit_selection import Selection, state
from models.period import parse
from tests.histories import History, hours, local

IN_TIME = "resolution_in_time_rate"


@pytest.fixture
def played(db: Connection, kit: Kit) -> Connection:
    """In time of all: March 2026 one of two (洁净环卫公司), February one of one, and March 2025
    one of one, of the executive's unit."""
    history = History()
    for name, at, late, unit, by in (
        ("A", "2026-03-02 09:00", False, "U-HW", "unit1"),
        ("B", "2026-03-03 09:00", True, "U-HW", "unit1"),
        ("C", "2026-02-02 09:00", False, "U-HW", "unit1"),
        ("D", "2025-03-03 09:00", False, "U-ZF", "unit4"),
    ):
        began = local(at)
        history.report(name, began, category=None)
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": unit}
        history.add(began, "desk", case=name, **accepted)
        history.start(name, began + hours(0.5), by)
        history.resolve(name, began + hours(200 if late else 1), by)
    history.play(db, kit.atlas())
    return db


def shares(row: dict[str, Any]) -> list[tuple[float | None, int]]:
    parts = (row["share"], row["before"]["share"], row["year"]["share"])
    return [(part["value"], part["denominator"]) for part in parts]


def test_a_group_stands_beside_what_it_was(played: Connection, kit: Kit) -> None:
    march = parse("2026-03")
    wanted = Selection(march, "unit")
    found = audit_comparison.comparison(played, kit.atlas(), wanted, state(played, march), IN_TIME)
    rows = {row["key"]: row for row in found["items"]}
    assert shares(rows["U-HW"]) == [(50.0, 2), (100.0, 1), (None, 0)]
    assert rows["U-HW"]["before"]["changed"] == -50.0
    assert rows["U-HW"]["year"]["changed"] is None, "a share of nothing has not changed"
    assert shares(rows["U-ZF"]) == [(None, 0), (None, 0), (100.0, 1)], "only known from then"
    assert shares(found["total"]) == [(50.0, 2), (100.0, 1), (100.0, 1)]
    assert found["total"]["year"]["changed"] == -50.0
    assert found["periods"]["before"] == parse("2026-02")
    assert found["periods"]["year"] == parse("2025-03")


def test_totals_tell_every_figure(played: Connection, kit: Kit) -> None:
    march = parse("2026-03")
    wanted = Selection(march, "unit")
    now = audit_figures.figures(played, kit.atlas(), wanted, state(played, march))["total"]
    found = audit_comparison.totals(played, kit.atlas(), wanted, now)
    assert shares(found[IN_TIME]) == [(50.0, 2), (100.0, 1), (100.0, 1)]
    assert found["late_rate"]["before"]["changed"] == 50.0


def test_months_are_twelve_and_know_their_year_before(played: Connection, kit: Kit) -> None:
    audit_freeze.freeze(played, kit.atlas(), date(2026, 2, 1))
    march = parse("2026-03")
    rows = audit_comparison.months(
        played, kit.atlas(), Selection(march), state(played, march), IN_TIME
    )
    assert [row["month"] for row in rows] == [
        *(date(2025, month, 1) for month in range(4, 13)),
        *(date(2026, month, 1) for month in range(1, 4)),
    ]
    assert [row["month"] for row in rows if row["frozen"]] == [date(2026, 2, 1)]
    assert shares(rows[-1]) == [(50.0, 2), (100.0, 1), (100.0, 1)]
    assert shares(rows[-2]) == [(100.0, 1), (None, 0), (None, 0)]
    assert shares(rows[0]) == [(None, 0), (100.0, 1), (None, 0)]


def test_the_frozen_month_before_is_taken_as_it_was_frozen(played: Connection, kit: Kit) -> None:
    audit_freeze.freeze(played, kit.atlas(), date(2026, 2, 1))
    march = parse("2026-03")
    found = audit_comparison.comparison(
        played, kit.atlas(), Selection(march, "unit"), state(played, march), IN_TIME
    )
    assert found["earlier_frozen"]["before"]["month"] == "2026-02"
    assert found["earlier_frozen"]["year"] is None
