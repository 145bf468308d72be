"""Figures of histories whose answers are known beforehand."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.kit import Kit
from app.services import audit_feed, audit_figures
from app.services.audit_selection import Selection, state
from models.measures import FIGURES, percent
from models.period import between, parse
from tests.drive import CENTRE, Drive
from tests.histories import History, hours, local

MARCH = parse("2026-03")
START = local("2026-03-02 09:00")


def told(db: Connection, kit: Kit, period: str = "2026-03", **filters: Any) -> dict[str, Any]:
    """The answer of a whole district."""
    wanted = Selection(parse(period), **filters)
    return audit_figures.figures(db, kit.atlas(), wanted, state(db, wanted.period))


def counts(db: Connection, kit: Kit, period: str = "2026-03") -> dict[str, int]:
    found: dict[str, int] = told(db, kit, period)["total"]["counts"]
    return found


def known(given: dict[str, int], /, **expected: int) -> None:
    assert {name: given[name] for name in expected} == expected


# How many of each kind were due, closed, and closed in time: 972, 911 and 737 in all.
GOLDEN = {"exposed-garbage": (956, 902, 730), "road-damage": (16, 9, 7)}


@pytest.fixture(scope="module")
def bulletin() -> History:
    """A month of a city: every case starts at once; some close in time, some late, some never."""
    history = History()
    for category, (due, closed, in_time) in GOLDEN.items():
        for number in range(due):
            began = START + hours(0.25 * (number % 40)) + hours(24 * (number % 5))
            name = history.report(
                f"{category}-{number}",
                began,
                category=None,
                by=f"resident:{number % 9}",
            )
            accepted = {"action": "accept", "category": category, "unit": "U-HW"}
            history.add(began, "desk", case=name, **accepted)
            history.start(name, began + hours(0.1))
            if number < closed:
                history.resolve(name, began + hours(0.5))
                late = 0 if number < in_time else 24 * 12
                history.close(name, began + hours(1 + late))
    return history


def test_the_figures_of_a_published_bulletin_are_reproduced(
    db: Connection, kit: Kit, bulletin: History
) -> None:
    """972 due, 911 closed, 737 in time; of events 902 of 956, of components 9 of 16."""
    # A plan that earlier tests' few rows made for good would read all photos for each case.
    db.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    bulletin.play(db, kit.atlas())
    found = told(db, kit, group_by="kind")
    known(found["total"]["counts"], due_to_close=972, closed=911, closed_in_time=737)
    shares = found["total"]["figures"]
    assert shares["closing_rate"] == {"value": 93.72, "numerator": 911, "denominator": 972}
    assert shares["closing_in_time_rate"]["value"] == 75.82
    by_kind = {item["key"]: item["figures"]["closing_rate"]["value"] for item in found["items"]}
    assert by_kind == {"event": 94.35, "component": 56.25}


def test_a_share_of_nothing_is_null() -> None:
    assert percent(0, 0) is None
    assert percent(0, 3) == 0.0


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [(911, 972, 93.72), (737, 972, 75.82), (1, 3, 33.33), (2, 3, 66.67), (1, 800, 0.13)],
)
def test_shares_are_rounded_half_up_to_two_decimals(
    numerator: int, denominator: int, value: float
) -> None:
    assert percent(numerator, denominator) == value


def test_an_empty_month_has_zero_counts_and_no_figures(db: Connection, kit: Kit) -> None:
    total = told(db, kit, "2001-02")["total"]
    assert set(total["counts"].values()) == {0}
    assert {share["value"] for share in total["figures"].values()} == {None}


@pytest.fixture
def history() -> History:
    return History()


def handled(history: History, name: str = "A", *, where: Any = CENTRE) -> str:
    """Reported at nine, due at one, started at half past nine, resolved at ten."""
    history.report(name, START, where=where)
    history.start(name, START + hours(0.5))
    history.resolve(name, START + hours(1))
    return name


def test_a_case_counts_on_the_days_that_things_were_due(
    db: Connection, kit: Kit, history: History
) -> None:
    history.report("A", local("2026-03-31 20:00"))
    history.start("A", local("2026-03-31 20:30"))
    history.play(db, kit.atlas())
    known(counts(db, kit), reported=1, accepted=1, assigned=1, due_to_start=1, due=0)
    known(counts(db, kit, "2026-04"), reported=0, due=1, late=1, resolved=0, due_to_close=1)


def test_in_time_looks_at_the_resolve_that_passed(
    db: Connection, kit: Kit, history: History
) -> None:
    handled(history)
    history.rework("A", START + hours(2))
    history.resolve("A", START + hours(5))
    history.close("A", START + hours(6))
    history.play(db, kit.atlas())
    known(counts(db, kit), due=1, resolved=1, resolved_in_time=0, late=1, reworked=1)
    known(counts(db, kit), closed=1, closed_in_time=1, fixed=1)


def test_a_rework_that_is_not_done_again_is_neither_resolved_nor_reworked(
    db: Connection, kit: Kit, history: History
) -> None:
    handled(history)
    history.rework("A", START + hours(2))
    history.play(db, kit.atlas())
    known(counts(db, kit), due=1, resolved=0, reworked=0, late=1)


def test_only_fixed_is_solved(db: Connection, kit: Kit, history: History) -> None:
    history.report("A", START)
    history.start("A", START + hours(0.5))
    history.resolve("A", START + hours(1), outcome="gone_on_arrival")
    history.close("A", START + hours(2))
    history.play(db, kit.atlas())
    known(counts(db, kit), closed=1, fixed=0)


def test_hand_backs_count_against_the_dispatch(db: Connection, kit: Kit, history: History) -> None:
    history.report("A", START)
    history.add(START + hours(0.2), "unit1", case="A", action="hand_back", reason="不属我单位")
    history.add(START + hours(0.4), "desk", case="A", action="accept", unit="U-HW")
    history.start("A", START + hours(0.6))
    history.play(db, kit.atlas())
    known(counts(db, kit), assigned=1, never_handed_back=0, due_to_start=1, started_in_time=1)


def test_who_is_handed_back_owes_no_start(db: Connection, kit: Kit, history: History) -> None:
    history.report("A", START)
    history.add(START + hours(0.2), "unit1", case="A", action="hand_back", reason="不属我单位")
    history.play(db, kit.atlas())
    known(counts(db, kit), due_to_start=0, due=1, late=1)


def test_a_late_start_is_neither_in_time_nor_a_response_in_time(
    db: Connection, kit: Kit, history: History
) -> None:
    history.report("A", START)
    history.start("A", START + hours(2))  # a quarter of four hours is one
    history.play(db, kit.atlas())
    known(counts(db, kit), due_to_start=1, started_in_time=0, contacted_in_time=0)


@pytest.mark.parametrize("ending", ["withdrawn", "merged", "rejected", "transferred"])
def test_what_others_ended_is_in_no_figure_of_handling(
    db: Connection, kit: Kit, history: History, ending: str
) -> None:
    history.report("A", START)
    if ending == "withdrawn":
        history.add(
            START + hours(0.1), "unit1", case="A", action="hand_back", reason="不属于我单位"
        )
        history.add(START + hours(0.2), "resident:lily", case="A", call="withdraw")
    elif ending == "merged":
        history.report("B", START + hours(0.1), by="resident:bob")
        history.add(START + hours(0.2), "desk", case="A", action="merge", target="B")
    elif ending == "rejected":
        for minute in (0.1, 0.3):
            fields = {"case": "A", "action": "hand_back", "reason": "不属于我单位"}
            history.add(START + hours(minute), "unit1", **fields)
            if minute == 0.1:
                history.add(START + hours(0.2), "desk", case="A", action="accept", unit="U-HW")
        reply = {"reason": "out_of_scope", "reply": "该处属市政管理范围之外，已告知物业。"}
        history.add(START + hours(0.4), "supervisor", case="A", action="reject", **reply)
    else:
        fields = {"to": "市园林处", "reason": "市属绿地", "reply": "已转市园林处办理，月底前答复。"}
        review = local("2026-03-20 09:00").isoformat()
        history.add(
            START + hours(0.2), "desk", case="A", action="transfer_out", review_at=review, **fields
        )
    history.play(db, kit.atlas())
    if ending == "withdrawn":  # accepted before: it goes on without its reporter
        known(counts(db, kit), due=1)
    elif ending == "merged":  # the other one goes on
        known(counts(db, kit), found=2, due=1)
    else:
        known(counts(db, kit), due=0, due_to_close=0, transferred=int(ending == "transferred"))


def test_suspension_stops_the_clock_and_stands_beside_the_closing_rate(
    db: Connection, kit: Kit, history: History
) -> None:
    history.report("A", START)
    history.start("A", START + hours(0.5))
    review = {"reason": "weather", "review_at": local("2026-04-10 09:00").isoformat()}
    history.add(START + hours(1), "unit1", case="A", action="ask_suspension", photos=1, **review)
    history.add(START + hours(2), "supervisor", case="A", action="grant_suspension", **review)
    handled(history, "B", where=CENTRE._replace(latitude=CENTRE.latitude + 0.0007))
    history.close("B", START + hours(3))
    history.play(db, kit.atlas())
    found = told(db, kit)["total"]
    # A resumed by itself on 10 April: its due time moved out of March.
    known(found["counts"], due=1, due_to_close=1, suspended=0, closed=1)
    known(counts(db, kit, "2026-04"), due=1, late=1, suspended=0)


def test_what_is_suspended_at_the_periods_end_is_left_out_of_the_closing_rate(
    db: Connection, kit: Kit, history: History
) -> None:
    """One that was late before it was suspended, and resumed so soon that it stays in March."""
    history.report("A", START)
    history.start("A", START + hours(0.5))
    review = {"reason": "weather", "review_at": local("2026-04-02 09:00").isoformat()}
    asked = local("2026-03-30 09:00")
    history.add(asked, "unit1", case="A", action="ask_suspension", photos=1, **review)
    history.add(asked + hours(1), "supervisor", case="A", action="grant_suspension", **review)
    history.resolve("A", local("2026-04-03 09:00"))
    history.close("A", local("2026-04-03 10:00"))
    history.play(db, kit.atlas())
    march = told(db, kit)["total"]
    known(march["counts"], due_to_close=1, suspended=1, closed=0, late=1)
    assert march["figures"]["closing_rate"] == {"value": None, "numerator": 0, "denominator": 0}
    assert march["figures"]["suspension_rate"]["value"] == 100.0
    year = told(db, kit, "2026")["total"]
    known(year["counts"], due_to_close=1, suspended=0, closed=1)
    months = told(db, kit, "2026", group_by="month")["items"]
    known(
        {item["key"]: item["counts"] for item in months}["2026-03-01"],
        due_to_close=1,
        suspended=1,
        closed=0,
    )


def test_self_handling_is_counted_apart(db: Connection, kit: Kit, history: History) -> None:
    history.report("A", START, by="worker1", patrol=True, comment="已当场清扫干净", photos=1)
    history.lines[-1]["after_photos"] = 1
    history.report("B", START + hours(1), by="worker1", patrol=True)
    history.play(db, kit.atlas())
    known(
        counts(db, kit), found=2, found_by_patrol=2, self_handled=1, reported=1, accepted=1, due=1
    )
    assert told(db, kit)["total"]["figures"]["self_discovery_rate"]["value"] == 100.0


def test_what_staff_report_and_rate_as_residents_is_left_out(
    db: Connection, kit: Kit, history: History
) -> None:
    history.report("A", START, by="unit2")
    history.start("A", START + hours(0.5))
    history.play(db, kit.atlas())
    known(counts(db, kit), found=0, reported=0, assigned=0, due=0, late=0)


def test_silence_is_not_satisfaction(db: Connection, kit: Kit, history: History) -> None:
    for name, day in (("A", 0), ("B", 24), ("C", 48)):
        history.report(name, START + hours(day))
        history.start(name, START + hours(day + 0.5))
        history.resolve(name, START + hours(day + 1))
        history.close(name, START + hours(day + 2))
    history.feedback("A", START + hours(60), 5)
    history.feedback("B", START + hours(61), 3)
    history.play(db, kit.atlas())
    shares = told(db, kit)["total"]["figures"]
    assert shares["solved_rate"] == {"value": 100.0, "numerator": 2, "denominator": 2}
    assert shares["satisfied_rate"] == {"value": 50.0, "numerator": 1, "denominator": 2}


def test_reopening_begins_a_round_that_counts_by_itself(
    db: Connection, kit: Kit, history: History
) -> None:
    handled(history)
    history.close("A", START + hours(2))
    history.feedback("A", START + hours(24), 1, solved=False)
    history.start("A", START + hours(24.5))
    history.play(db, kit.atlas())
    known(counts(db, kit), reported=1, assigned=2, due=2, resolved=1, late=1, closed=1)
    known(counts(db, kit), answered=1, solved=0, satisfied=0)


def test_a_case_recurs_when_its_category_is_reported_near_within_days(
    db: Connection, kit: Kit, history: History
) -> None:
    handled(history)
    history.close("A", START + hours(2))
    near = CENTRE._replace(latitude=CENTRE.latitude + 0.0004)  # 44 m
    far = CENTRE._replace(latitude=CENTRE.latitude - 0.0005)  # 55 m
    history.report("B", START + hours(24 * 10), where=near, by="resident:bob")
    history.report("C", START + hours(24 * 3), where=far, by="resident:eve")
    history.report("D", START + hours(24 * 4), where=near, category="flyers", by="resident:dan")
    history.play(db, kit.atlas())
    known(counts(db, kit), closed=1, recurred_7=0, recurred_30=1)
    figures = told(db, kit)["total"]["figures"]
    assert figures["recurrence_30_rate"]["value"] == 100.0


def test_appeals_that_are_upheld_stand_before_and_after(
    db: Connection, kit: Kit, history: History
) -> None:
    handled(history)
    history.rework("A", START + hours(2))
    history.resolve("A", START + hours(5))
    history.add(START + hours(6), "unit1", case="A", action="appeal", reason="照片拍错了地方")
    history.add(START + hours(7), "supervisor2", case="A", action="uphold", reason="情况属实")
    history.play(db, kit.atlas())
    total = told(db, kit)["total"]
    known(total["counts"], due=1, resolved_in_time=1, late=0, reworked=0, appealed=1, upheld=1)
    assert total["before_appeals"]["counts"] == {"resolved_in_time": 0, "reworked": 1, "late": 1}
    assert total["before_appeals"]["figures"]["late_rate"]["value"] == 100.0
    assert total["figures"]["late_rate"]["value"] == 0.0


def test_what_is_not_due_yet_is_not_late(drive: Drive, db: Connection, kit: Kit) -> None:
    drive.resident().report()
    audit_feed.follow(db, kit.atlas())
    wanted = Selection(between("2026-01-01", "2030-01-01"))
    found = audit_figures.figures(db, kit.atlas(), wanted, state(db, wanted.period))["total"]
    known(found["counts"], found=1, due=1, late=0, resolved=0)


def test_groups_with_fewer_than_ten_take_no_rank(db: Connection, kit: Kit) -> None:
    history = History()
    for number in range(12):
        began = START + hours(number)
        history.report(f"A{number}", began, category=None)
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": "U-HW"}
        history.add(began, "desk", case=f"A{number}", **accepted)
    history.report("B", START, category="flyers")
    history.play(db, kit.atlas())
    wanted = Selection(MARCH, group_by="category")
    found = audit_figures.figures(
        db, kit.atlas(), wanted, state(db, MARCH), rank_by="acceptance_rate"
    )
    assert [(item["key"], item["rank"]) for item in found["items"]] == [
        ("exposed-garbage", 1),
        ("flyers", None),
    ]


def test_of_what_should_be_low_the_lowest_is_best(db: Connection, kit: Kit) -> None:
    history = History()
    for number in range(20):
        began = START + hours(number / 10)
        unit = "U-HW" if number < 10 else "U-SZ"
        by = "unit1" if number < 10 else "unit2"
        name = f"A{number}"
        history.report(name, began, category=None)
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": unit}
        history.add(began, "desk", case=name, **accepted)
        history.start(name, began + hours(0.5), by)
        history.resolve(name, began + hours(1 if unit == "U-SZ" else 200), by)
    history.play(db, kit.atlas())
    wanted = Selection(MARCH, group_by="unit")
    found = audit_figures.figures(db, kit.atlas(), wanted, state(db, MARCH), rank_by="late_rate")
    told = [
        (one["key"], one["rank"], one["figures"]["late_rate"]["value"]) for one in found["items"]
    ]
    assert told == [("U-SZ", 1, 0.0), ("U-HW", 2, 100.0)]


def test_every_numerator_is_part_of_its_denominator(
    db: Connection, kit: Kit, history: History
) -> None:
    for number in range(30):
        name, day = f"A{number}", START + hours(24 * number)
        history.report(name, day, category=None)
        accepted = {"action": "accept", "category": "exposed-garbage", "unit": "U-HW"}
        history.add(day, "desk", case=name, **accepted)
        history.start(name, day + hours(number % 3))
        history.resolve(name, day + hours(number % 7 + 3))
        if number % 4 == 0:
            history.rework(name, day + hours(number % 7 + 4))
            history.resolve(name, day + hours(number % 7 + 5))
        if number % 5:
            history.close(name, day + hours(number % 7 + 6))
    history.play(db, kit.atlas())
    for item in told(db, kit, "2026", group_by="day")["items"]:
        for name in FIGURES:
            share = item["figures"][name]
            assert 0 <= share["numerator"] <= share["denominator"], (item["key"], name, share)
