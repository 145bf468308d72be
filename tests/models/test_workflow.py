"""The table of moves, both ways: each action from each status and by each role, each guard."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models.account import Actor, Grant, Role, Scope
from models.facts import Facts
from models.status import Action, Status
from models.workflow import MOVES, acting_role, allowed, covers, obstacle, roles_on

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
PATH = ("GWH", "CG", "HW")


def case(status: str = "submitted", **columns: Any) -> SimpleNamespace:
    values: dict[str, Any] = {
        "status": status, "holder": "desk", "arbitrated": False, "emergency": False,
        "district": "d", "street": "s", "community": "c", "grid": "g", "overlay": "y",
        "unit": "HW", "unit_1": "GWH", "unit_2": "CG", "unit_3": "HW",
        "closed_at": None, "changed_at": NOW,
    }  # fmt: skip
    return SimpleNamespace(**(values | columns))


def person(*roles: Role, number: int = 7, unit: str | None = None) -> Actor:
    return Actor(number, "某人", tuple(Grant(role, Scope.ALL) for role in roles), unit)


EVERYBODY = person(*Role)
LETTERS = {
    "S": Status.SUBMITTED, "V": Status.VERIFYING, "A": Status.ASSIGNED, "I": Status.IN_PROGRESS,
    "P": Status.SUSPENDED, "R": Status.RESOLVED, "C": Status.CLOSED, "T": Status.TRANSFERRED,
    "J": Status.REJECTED, "W": Status.WITHDRAWN, "M": Status.MERGED,
}  # fmt: skip
ALL = "SVAIPRCTJWM"
OPEN = "SVAIPRT"
ROLES = {
    "c": Role.CITIZEN, "w": Role.GRID_WORKER, "u": Role.UNIT_STAFF, "d": Role.DISPATCHER,
    "v": Role.SUPERVISOR, "s": Role.SYSTEM,
}  # fmt: skip
# Action: from, to (empty: stays), who.
TABLE: dict[str, tuple[str, str, str]] = {
    "submit": ("", "S", "cwdvs"),
    "self_handle": ("S", "C", "w"),
    "screen": ("S", "AVS", "s"),
    "join": (OPEN, "", "c"),
    "accept": ("SV", "A", "dv"),
    "reject": ("SV", "J", "dv"),
    "ask_reporter": ("S", "S", "d"),
    "answer": ("S", "", "c"),
    "stop_waiting": ("S", "", "s"),
    "ask_verification": ("S", "V", "d"),
    "verify": ("V", "SA", "w"),
    "hand_over": ("VR", "", "s"),
    "start": ("A", "I", "uw"),
    "delegate": ("AI", "", "u"),
    "hand_back": ("A", "S", "u"),
    "reassign": ("AI", "A", "dv"),
    "recategorise": ("SVAI", "", "d"),
    "relocate": ("SVAI", "", "dw"),
    "unplace": ("SVAI", "S", "s"),
    "control": ("AI", "I", "uw"),
    "ask_extension": ("I", "", "u"),
    "grant_extension": ("I", "", "v"),
    "refuse_extension": ("I", "", "v"),
    "ask_suspension": ("I", "", "u"),
    "grant_suspension": ("I", "P", "v"),
    "refuse_suspension": ("I", "", "v"),
    "resume": ("P", "I", "uvs"),
    "transfer_out": ("AI", "T", "dv"),
    "transfer_back": ("T", "SC", "dv"),
    "resolve": ("I", "R", "uw"),
    "pass": ("R", "C", "wdv"),
    "rework": ("R", "I", "wdv"),
    "feedback": ("C", "", "c"),
    "call_back": ("C", "", "dv"),
    "inspect": (ALL, "", "v"),
    "appeal": (ALL, "", "u"),
    "uphold": (ALL, "", "v"),
    "dismiss": (ALL, "", "v"),
    "reopen": ("CJ", "AS", "vc"),
    "merge": ("SVAI", "M", "d"),
    "take_in": (OPEN, "", "d"),
    "withdraw": (OPEN, "W", "c"),
    "urge": (OPEN, "", "c"),
    "supplement": (OPEN, "", "c"),
    "paraphrase": (OPEN, "", "d"),
    "remark": (ALL, "", "uwdv"),
    "supervise": (OPEN, "", "v"),
    "answer_order": (OPEN + "C", "", "ud"),
    "release_content": (ALL, "", "dv"),
    "refuse_content": (ALL, "", "dv"),
}
# What each guarded action needs to be possible: columns of the case, facts.
HOLDS: dict[str, tuple[dict[str, Any], Facts]] = {
    "ask_reporter": ({}, Facts(reporters=frozenset({1}))),
    "answer": ({"holder": "reporter"}, Facts()),
    "stop_waiting": ({"holder": "reporter"}, Facts()),
    "verify": ({"holder": "worker:7"}, Facts()),
    "control": ({"emergency": True}, Facts()),
    "grant_extension": ({}, Facts(extension_asked=True)),
    "refuse_extension": ({}, Facts(extension_asked=True)),
    "grant_suspension": ({}, Facts(suspension_asked=True)),
    "refuse_suspension": ({}, Facts(suspension_asked=True)),
    "appeal": ({}, Facts(appealable_since=NOW)),
    "uphold": ({}, Facts(appeal_open=True)),
    "dismiss": ({}, Facts(appeal_open=True)),
    "answer_order": ({}, Facts(order_open=True)),
}


def test_the_table_names_every_action() -> None:
    assert set(TABLE) == {action.value for action in Action}


def possible(action: Action, status: Status) -> bool:
    """Whether one who may do everything may do this from the status, all guards content."""
    columns, facts = HOLDS.get(action, ({}, Facts()))
    # Who is staff of the holding unit may not check: everything but unit_staff there.
    checks = action in (Action.PASS, Action.REWORK, Action.INSPECT)
    actor = person(*(set(Role) - {Role.UNIT_STAFF})) if checks else EVERYBODY
    return obstacle(MOVES[action], case(status, **columns), facts, actor, NOW) is None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Action)
def test_each_action_is_possible_from_its_statuses_only(action: Action, status: Status) -> None:
    sources = {LETTERS[letter] for letter in TABLE[action][0]}
    assert possible(action, status) == (status in sources)


@pytest.mark.parametrize("action", Action)
def test_each_action_leads_where_the_table_says(action: Action) -> None:
    assert set(MOVES[action].targets) == {LETTERS[letter] for letter in TABLE[action][1]}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_each_action_is_open_to_its_roles_only(action: Action, role: Role) -> None:
    expected = role in {ROLES[letter] for letter in TABLE[action][2]}
    assert (acting_role(MOVES[action], {role}) is role) == expected


OWN = {
    "submit", "self_handle", "screen", "join", "answer", "stop_waiting", "hand_over", "unplace",
    "feedback", "take_in", "withdraw", "urge", "supplement", "release_content", "refuse_content",
    "inspect",
}  # fmt: skip


def test_all_but_these_are_sent_by_staff() -> None:
    assert {action for action, move in MOVES.items() if not move.offered} == OWN


UNIT = Actor(7, "", (Grant(Role.UNIT_STAFF, Scope.UNIT, "HW"),), "HW")
OTHER = Actor(7, "", (Grant(Role.UNIT_STAFF, Scope.UNIT, "SZ"),), "SZ")
WORKER = Actor(7, "", (Grant(Role.GRID_WORKER, Scope.AREA, "g"),), "JD")
DESK = Actor(7, "", (Grant(Role.DISPATCHER, Scope.AREA, "d"),), "ZB")
CHIEF = Actor(7, "", (Grant(Role.SUPERVISOR, Scope.ALL),), "DC")
ELSEWHERE = Actor(
    7, "", (Grant(Role.DISPATCHER, Scope.AREA, "d"), Grant(Role.SUPERVISOR, Scope.AREA, "x"))
)
LILY = Actor(7, "")
ME = frozenset({7})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Row = tuple[str, str, dict[str, Any], Facts, Actor, bool]
GUARDS: list[Row] = [
    ("accept", "submitted", {}, Facts(), DESK, True),
    ("accept", "submitted", {}, Facts(), CHIEF, False),
    ("accept", "submitted", {"arbitrated": True}, Facts(), CHIEF, True),
    ("accept", "submitted", {"arbitrated": True}, Facts(), DESK, False),
    ("accept", "submitted", {"arbitrated": True}, Facts(), ELSEWHERE, False),
    ("reject", "submitted", {}, Facts(), CHIEF, False),
    ("reject", "submitted", {"arbitrated": True}, Facts(), CHIEF, True),
    ("ask_reporter", "submitted", {}, Facts(), DESK, False),
    ("ask_reporter", "submitted", {"holder": "reporter"}, Facts(reporters=ME), DESK, False),
    ("ask_reporter", "submitted", {"arbitrated": True}, Facts(reporters=ME), DESK, False),
    ("answer", "submitted", {"holder": "desk"}, Facts(), LILY, False),
    ("ask_verification", "submitted", {"arbitrated": True}, Facts(), DESK, False),
    ("verify", "verifying", {"holder": "worker:7"}, Facts(), WORKER, True),
    ("verify", "verifying", {"holder": "worker:8"}, Facts(), WORKER, False),
    ("verify", "verifying", {"holder": "unit:JD"}, Facts(), WORKER, True),
    ("verify", "verifying", {"holder": "unit:ZB"}, Facts(), WORKER, False),
    ("start", "assigned", {}, Facts(), UNIT, True),
    ("start", "assigned", {}, Facts(), OTHER, False),
    ("start", "assigned", {}, Facts(), WORKER, False),
    ("start", "assigned", {"unit_3": "JD"}, Facts(), WORKER, True),
    ("resolve", "in_progress", {}, Facts(), UNIT, True),
    ("resolve", "in_progress", {}, Facts(), WORKER, False),
    ("hand_back", "assigned", {}, Facts(start_due_at=NOW), UNIT, True),
    ("hand_back", "assigned", {}, Facts(start_due_at=NOW - HOUR), UNIT, False),
    ("hand_back", "assigned", {"arbitrated": True}, Facts(), UNIT, False),
    ("control", "assigned", {}, Facts(), UNIT, False),
    ("ask_extension", "in_progress", {}, Facts(), UNIT, True),
    ("ask_extension", "in_progress", {}, Facts(extension_asked=True), UNIT, False),
    ("ask_extension", "in_progress", {}, Facts(extension_granted=True), UNIT, False),
    ("grant_extension", "in_progress", {}, Facts(), CHIEF, False),
    ("refuse_extension", "in_progress", {}, Facts(), CHIEF, False),
    ("ask_suspension", "in_progress", {}, Facts(), UNIT, True),
    ("ask_suspension", "in_progress", {}, Facts(suspension_asked=True), UNIT, False),
    ("ask_suspension", "in_progress", {}, Facts(suspensions=1), UNIT, False),
    ("grant_suspension", "in_progress", {}, Facts(), CHIEF, False),
    ("grant_suspension", "in_progress", {}, Facts(suspensions=1), CHIEF, True),
    ("grant_suspension", "in_progress", {}, Facts(suspensions=2), CHIEF, False),
    ("refuse_suspension", "in_progress", {}, Facts(suspensions=1), CHIEF, False),
    ("appeal", "closed", {}, Facts(), UNIT, False),
    ("appeal", "closed", {}, Facts(appealable_since=NOW - 2 * DAY), UNIT, True),
    ("appeal", "closed", {}, Facts(appealable_since=NOW - 20 * DAY), UNIT, False),
    ("appeal", "closed", {}, Facts(appealable_since=NOW, appeal_open=True), UNIT, False),
    ("uphold", "closed", {}, Facts(), CHIEF, False),
    ("uphold", "closed", {}, Facts(appeal_open=True, involved=ME), CHIEF, False),
    ("dismiss", "closed", {}, Facts(appeal_open=True, involved=ME), CHIEF, False),
    ("supervise", "assigned", {}, Facts(order_open=True), CHIEF, False),
    ("answer_order", "assigned", {}, Facts(), UNIT, False),
    ("answer_order", "assigned", {}, Facts(order_open=True), UNIT, True),
    ("answer_order", "assigned", {}, Facts(order_open=True), DESK, False),
    ("answer_order", "submitted", {"unit": None}, Facts(order_open=True), DESK, True),
    ("reopen", "closed", {"closed_at": NOW - 15 * DAY}, Facts(), LILY, True),
    ("reopen", "closed", {"closed_at": NOW - 15 * DAY - HOUR}, Facts(), LILY, False),
    ("reopen", "closed", {"closed_at": NOW - 15 * DAY - HOUR}, Facts(), CHIEF, True),
    ("reopen", "closed", {"closed_at": NOW}, Facts(reporter_reopens=1), LILY, True),
    ("reopen", "closed", {"closed_at": NOW}, Facts(reporter_reopens=2), LILY, False),
    ("reopen", "closed", {"closed_at": NOW}, Facts(reporter_reopens=2), CHIEF, True),
    ("reopen", "rejected", {}, Facts(rejected_at=NOW - 16 * DAY), LILY, False),
    ("reopen", "rejected", {"changed_at": NOW}, Facts(rejected_at=NOW - 14 * DAY), LILY, True),
]
for name in ("pass", "rework"):
    GUARDS += [
        (name, "resolved", {}, Facts(), WORKER, True),
        (name, "resolved", {}, Facts(), DESK, True),
        (name, "resolved", {}, Facts(reporters=ME), WORKER, False),
        (name, "resolved", {}, Facts(handlers=ME), DESK, False),
        (name, "resolved", {}, Facts(contractors=frozenset({"JD"})), WORKER, False),
        (name, "resolved", {"unit_2": "JD"}, Facts(), WORKER, False),
        (name, "resolved", {"unit_1": "DC"}, Facts(), CHIEF, False),
        (name, "resolved", {}, Facts(), UNIT, False),
    ]


@pytest.mark.parametrize(
    ("action", "status", "columns", "facts", "actor", "expected"),
    GUARDS,
    ids=[f"{row[0]}-{i}" for i, row in enumerate(GUARDS)],
)
def test_each_guard_allows_and_refuses(
    action: str, status: str, columns: dict[str, Any], facts: Facts, actor: Actor, expected: bool
) -> None:
    reason = obstacle(MOVES[Action(action)], case(status, **columns), facts, actor, NOW)
    assert (reason is None) == expected, reason
    if reason is not None:
        assert not reason.isascii()  # said in Chinese


def test_what_is_offered_is_what_may_be_sent_now_in_the_tables_order() -> None:
    def names(actor: Actor, row: Any, facts: Facts = Facts()) -> list[str]:  # noqa: B008
        return [m.action.value for m in allowed(row, facts, actor, roles_on(actor, row), NOW)]

    assert names(UNIT, case("assigned")) == ["start", "delegate", "hand_back", "remark"]
    assert names(OTHER, case("assigned")) == []
    assert names(DESK, case("submitted"), Facts(reporters=frozenset({1}))) == [
        "accept", "reject", "ask_reporter", "ask_verification", "recategorise", "relocate",
        "merge", "paraphrase", "remark",
    ]  # fmt: skip
    assert names(CHIEF, case("closed")) == ["call_back", "reopen", "remark"]
    assert names(LILY, case("closed")) == []


@pytest.mark.parametrize(
    ("scope", "code", "expected"),
    [
        (Scope.ALL, "", True),
        *[(Scope.AREA, code, True) for code in "dscgy"],
        *[(Scope.UNIT, code, True) for code in PATH],
        (Scope.AREA, "HW", False),
        (Scope.UNIT, "d", False),
        (Scope.AREA, "x", False),
        (Scope.UNIT, "SZ", False),
    ],
)
def test_a_grant_covers_its_subtree(scope: Scope, code: str, expected: bool) -> None:
    assert covers(Grant(Role.UNIT_STAFF, scope, code), case()) == expected


def test_a_named_worker_sees_the_case_as_worker_only() -> None:
    grants = (Grant(Role.GRID_WORKER, Scope.AREA, "x"), Grant(Role.DISPATCHER, Scope.AREA, "x"))
    actor = Actor(7, "", grants)
    assert roles_on(actor, case(holder="worker:7")) == {Role.GRID_WORKER}
    assert roles_on(actor, case(holder="worker:77")) == frozenset()
