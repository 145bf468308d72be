"""What the ledger says about the present round."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models.account import Actor
from models.calendar import LOCAL
from models.facts import Facts, appealable, gather, unit_path

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def entry(
    action: str, account: int | None = 5, *, round_: int = 1, hour: int = 0, draw: int = 1,
    **payload: Any,
) -> SimpleNamespace:  # fmt: skip
    actor = {"reporter": 1, "role": "citizen"} if account is None else {"account": account}
    return SimpleNamespace(
        action=action, actor=actor, round=round_, at=START + timedelta(hours=hour),
        payload=payload, hash=bytes([draw] * 32),
    )  # fmt: skip


def test_nothing_is_known_of_an_empty_ledger() -> None:
    assert gather([], 1) == Facts()


def test_handlers_started_controlled_or_resolved_this_round() -> None:
    entries = [
        entry("start", 1), entry("resolve", 2), entry("pass", 3),
        entry("start", 4, round_=2), entry("control", 5, round_=2), entry("resolve", 6, round_=2),
        entry("remark", 7, round_=2), entry("delegate", 8, round_=2),
        SimpleNamespace(**(vars(entry("screen", round_=2)) | {"actor": {"role": "system"}})),
    ]  # fmt: skip
    assert gather(entries, 2).handlers == {4, 5, 6}
    assert gather(entries, 1).handlers == {1, 2}
    assert gather(entries, 2).involved == {4, 5, 6, 8}


def test_hand_backs_and_suspensions_count_within_the_round() -> None:
    entries = [entry("hand_back"), entry("hand_back"), entry("grant_suspension")]
    entries += [entry("hand_back", round_=2)]
    assert (gather(entries, 1).hand_backs, gather(entries, 1).suspensions) == (2, 1)
    assert (gather(entries, 2).hand_backs, gather(entries, 2).suspensions) == (1, 0)


@pytest.mark.parametrize(
    ("actions", "asked", "granted"),
    [
        ([], False, False),
        (["ask"], True, False),
        (["ask", "refuse"], False, False),
        (["ask", "refuse", "ask"], True, False),
        (["ask", "grant"], False, True),
    ],
)
def test_a_request_is_open_until_it_is_answered(
    actions: list[str], asked: bool, granted: bool
) -> None:
    for what in ("extension", "suspension"):
        found = gather([entry(f"{action}_{what}") for action in actions], 1)
        assert getattr(found, f"{what}_asked") == asked
    found = gather([entry(f"{action}_extension") for action in actions], 1)
    assert found.extension_granted == granted


def test_an_appeal_stays_open_over_rounds() -> None:
    entries = [entry("appeal"), entry("reopen", round_=2)]
    assert gather(entries, 2).appeal_open
    assert not gather([*entries, entry("dismiss", round_=2)], 2).appeal_open
    assert not gather([*entries, entry("uphold", round_=2)], 2).appeal_open


def test_reopens_by_reporters_count_over_all_rounds_and_a_supervisors_do_not() -> None:
    entries = [
        entry("reopen", None, round_=2), entry("reopen", 9, round_=3),
        entry("reopen", None, round_=4),
    ]  # fmt: skip
    assert gather(entries, 4).reporter_reopens == 2


@pytest.mark.parametrize(
    ("last", "since"),
    [
        (entry("remark", hour=5), None),
        (entry("rework", hour=5), 5),
        (entry("resolve", hour=5, late=True), 5),
        (entry("resolve", hour=5, late=False), None),
        (entry("feedback", None, hour=5, rating=2), 5),
        (entry("feedback", None, hour=5, rating=3), None),
    ],
)
def test_an_appeal_counts_from_the_latest_rework_lateness_or_bad_rating(
    last: SimpleNamespace, since: int | None
) -> None:
    found = gather([entry("start"), last], 1).appealable_since
    assert found == (None if since is None else START + timedelta(hours=since))


@pytest.mark.parametrize(
    ("entries", "forced"),
    [
        ([], False),
        ([entry("resolve", draw=1)], False),
        ([entry("resolve", draw=0)], True),
        ([entry("resolve", draw=255)], True),
        ([entry("resolve", unproven=True)], True),
        ([entry("resolve"), entry("rework"), entry("resolve")], True),
        ([entry("resolve", draw=0), entry("resolve", draw=1)], False),
        ([entry("resolve", unproven=True), entry("resolve", draw=1)], False),
    ],
)
def test_a_check_must_be_on_site_for_a_reason(entries: list[SimpleNamespace], forced: bool) -> None:
    assert bool(gather(entries, 1).on_site) == forced
    assert gather([*entries, entry("reopen", round_=2)], 2).on_site == ""


def test_the_draw_takes_a_fifth_of_all_hashes() -> None:
    drawn = sum(bool(gather([entry("resolve", draw=n)], 1).on_site) for n in range(256))
    assert 50 <= drawn <= 53


def test_a_rejection_is_dated_by_its_own_entry() -> None:
    entries = [entry("reject", hour=1), entry("remark", hour=400)]
    assert gather(entries, 1).rejected_at == START + timedelta(hours=1)


def test_the_last_request_for_suspension_is_kept() -> None:
    entries = [entry("ask_suspension", reason="weather"), entry("ask_suspension", reason="funding")]
    assert gather(entries, 1).last_suspension == {"reason": "funding"}


def test_what_is_handed_in_is_passed_on() -> None:
    found = gather([], 1, frozenset({3}), START)
    assert found.reporters == {3}
    assert found.start_due_at == START


def test_a_unit_path_leaves_out_what_is_not_there() -> None:
    case = SimpleNamespace(unit_1="a", unit_2="b", unit_3=None)
    assert unit_path(case) == ("a", "b")


@pytest.mark.parametrize(
    ("now", "possible"),
    [
        (datetime(2026, 12, 2, 16, tzinfo=LOCAL), True),
        (datetime(2026, 12, 2, 16, 1, tzinfo=LOCAL), False),
    ],
)
def test_three_working_days_to_appeal_leave_the_weekend_out(
    now: datetime, *, possible: bool
) -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=LOCAL)
    refusal = appealable(None, Facts(appealable_since=friday), Actor(1, "王"), now)
    assert (refusal is None) is possible


def test_times_suspended_and_an_extension_are_read_from_this_round() -> None:
    entries = [
        entry("grant_suspension", hour=1),
        entry("resume", hour=3),
        entry("grant_extension", hour=4, due_at="2026-12-01T00:00:00Z"),
        entry("grant_suspension", hour=5),
    ]
    found = gather(entries, 1)
    assert found.suspended == ((START + timedelta(hours=1), START + timedelta(hours=3)),)
    assert found.extended_to == datetime(2026, 12, 1, tzinfo=UTC)
    assert gather([*entries, entry("reopen", round_=2)], 2).suspended == ()
