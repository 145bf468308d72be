"""What audits know of a case's rounds, read off its ledger alone. Pure.

A round's row says who it belongs to (place, unit, category, source, worker), when what happened or
was due, what it adds to each column of `models.measures`, and how long its stages took. The rules
are those of docs/figures.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from models.calendar import LOCAL, WorkingCalendar
from models.facts import is_mark
from models.measures import STAGES, TIMES
from models.status import Action, Status
from models.submission import Source

A, S = Action, Status
SATISFIED = 4
"""A rating from which on a resident counts as satisfied."""
LOW = 2
_LEFT_OUT = frozenset({S.WITHDRAWN, S.MERGED, S.REJECTED, S.TRANSFERRED})
_PLACE = ("district", "street", "community", "grid", "overlay")
_UNIT = ("unit_1", "unit_2", "unit_3")
_MINUTE = timedelta(minutes=1)

Calendars = Callable[[str | None, str | None], WorkingCalendar]
"""The calendar of a category and, where one is given, of a unit."""


@dataclass
class _Round:
    number: int
    began_at: datetime
    stands: str = ""
    holder: str = ""
    unit: str | None = None
    worker: int | None = None
    accepted_at: datetime | None = None
    accept_holder: str | None = None
    assigned_at: datetime | None = None
    start_due_at: datetime | None = None
    first_start_due_at: datetime | None = None
    started_at: datetime | None = None
    contact_at: datetime | None = None
    handed_back: bool = False
    resolved_at: datetime | None = None
    outcome: str = ""
    reworked: bool = False
    extended: bool = False
    due_at: datetime | None = None
    close_due_at: datetime | None = None
    suspensions: list[list[datetime | None]] = field(default_factory=list)
    transferred_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    check_holder: str | None = None
    answers: list[tuple[bool, int]] = field(default_factory=list)
    called: str = ""
    appealed: bool = False
    appeal_open: bool = False
    pardoned: bool = False


@dataclass
class _Case:
    told: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    counted: bool = False
    place_e7: dict[str, int] = field(default_factory=dict)
    rounds: list[_Round] = field(default_factory=list)
    marked: _Round | None = None
    appealed: _Round | None = None


def rounds(case_id: int, entries: Sequence[Any], calendars: Calendars) -> list[dict[str, Any]]:
    """Rows of `models.audit.audit_round`, one for each round, from a case's whole ledger (rows
    with seq, round, at, actor, action, from_status, to_status, holder, payload, hash), oldest
    first. `recurred_7` and `recurred_30` are 0: they depend on other cases."""
    case = _Case()
    for entry in entries:
        _read(case, entry)
    head = {"head_seq": entries[-1].seq, "head_hash": entries[-1].hash}
    return [_row(case_id, case, one, calendars) | head for one in case.rounds]


def _read(case: _Case, entry: Any) -> None:
    payload, action = entry.payload, entry.action
    if not case.rounds or case.rounds[-1].number != entry.round:
        case.rounds.append(_Round(entry.round, entry.at))
    one = case.rounds[-1]
    case.told |= payload.get("set", {})
    if action == A.SUBMIT:
        case.source = payload["source"]
        case.place_e7 = payload["location"]
    elif action == A.RELOCATE:
        case.place_e7 = payload["to"]
    if action in (A.SUBMIT, A.JOIN, A.TAKE_IN) and not payload.get("by_staff"):
        case.counted = True
    _assign(case, one, entry)
    reader = _READERS.get(action)
    if reader is not None:
        reader(one, entry)
    _suspend(one, entry)
    if entry.to_status == S.CLOSED and entry.from_status not in (None, S.CLOSED):
        one.closed_at, one.closed_by = entry.at, action
        one.check_holder = one.holder
    _appeal(case, one, entry)
    one.stands, one.holder = entry.to_status, entry.holder


def _assign(case: _Case, one: _Round, entry: Any) -> None:
    told = entry.payload.get("set", {})
    one.due_at = _moment(case.told.get("due_at"))
    one.close_due_at = _moment(case.told.get("close_due_at"))
    one.unit = "/".join(case.told[name] for name in _UNIT if case.told.get(name)) or None
    if entry.to_status == S.ASSIGNED and (entry.from_status != S.ASSIGNED or _given_anew(entry)):
        one.assigned_at, one.started_at = entry.at, None
        if one.accepted_at is None:
            one.accepted_at, one.accept_holder = entry.at, one.holder or None
    if "start_due_at" in told:
        one.start_due_at = _moment(told["start_due_at"])
        one.first_start_due_at = one.first_start_due_at or one.start_due_at
    if entry.from_status == S.ASSIGNED and entry.to_status not in (S.ASSIGNED, S.IN_PROGRESS):
        one.start_due_at = None
    if entry.from_status == S.ASSIGNED and entry.to_status == S.IN_PROGRESS:
        one.started_at = entry.at
        one.contact_at = one.contact_at or entry.at
        one.worker = entry.actor.get("account", one.worker)


def _given_anew(entry: Any) -> bool:
    """A case that waits for its start goes to another unit."""
    return entry.action != A.DELEGATE and "start_due_at" in entry.payload.get("set", {})


def _hand_back(one: _Round, _entry: Any) -> None:
    one.handed_back = True


def _resolve(one: _Round, entry: Any) -> None:
    one.resolved_at, one.outcome = entry.at, entry.payload["outcome"]
    one.worker = entry.actor.get("account", one.worker)


def _self_handle(one: _Round, entry: Any) -> None:
    one.worker = entry.actor["account"]


def _rework(one: _Round, _entry: Any) -> None:
    one.resolved_at, one.reworked = None, True


def _extend(one: _Round, _entry: Any) -> None:
    one.extended = True


def _transfer(one: _Round, entry: Any) -> None:
    one.transferred_at = entry.at


def _answer(one: _Round, entry: Any) -> None:
    if not entry.payload.get("by_staff"):
        one.answers.append((entry.payload["solved"], entry.payload["rating"]))


def _call(one: _Round, entry: Any) -> None:
    one.called = entry.payload["outcome"]


_READERS: dict[str, Callable[[_Round, Any], None]] = {
    A.HAND_BACK: _hand_back,
    A.RESOLVE: _resolve,
    A.SELF_HANDLE: _self_handle,
    A.REWORK: _rework,
    A.GRANT_EXTENSION: _extend,
    A.TRANSFER_OUT: _transfer,
    A.FEEDBACK: _answer,
    A.CALL_BACK: _call,
}


def _suspend(one: _Round, entry: Any) -> None:
    if entry.to_status == S.SUSPENDED and one.stands != S.SUSPENDED:
        one.suspensions.append([entry.at, None])
    elif one.stands == S.SUSPENDED and entry.to_status != S.SUSPENDED:
        one.suspensions[-1][1] = entry.at


def _appeal(case: _Case, one: _Round, entry: Any) -> None:
    """An appeal is about the round of the newest mark (rework, lateness, bad rating) before it;
    what is upheld is pardoned there."""
    if is_mark(entry):
        case.marked = one
    elif entry.action == A.APPEAL:
        case.appealed = case.marked or one
        case.appealed.appealed = case.appealed.appeal_open = True
    elif entry.action in (A.UPHOLD, A.DISMISS) and case.appealed is not None:
        case.appealed.appeal_open = False
        case.appealed.pardoned |= entry.action == A.UPHOLD


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _row(case_id: int, case: _Case, one: _Round, calendars: Calendars) -> dict[str, Any]:
    found = {
        "case_id": case_id,
        "round": one.number,
        "status": one.stands,
        "counted": case.counted,
        "source": case.source,
        "category": case.told.get("category"),
        "place": "/".join(case.told.get(name) or "" for name in _PLACE),
        "unit": one.unit,
        "worker": one.worker,
        "longitude_e7": case.place_e7["longitude_e7"],
        "latitude_e7": case.place_e7["latitude_e7"],
        "accept_holder": one.accept_holder,
        "unit_holder": f"unit:{one.unit.rpartition('/')[2]}" if one.unit else None,
        "check_holder": one.check_holder,
        "suspended": _ranges(one.suspensions),
    }
    moments = (
        *("began_at", "accepted_at", "start_due_at", "started_at", "due_at", "resolved_at"),
        *("close_due_at", "closed_at", "transferred_at"),
    )
    found |= {name: getattr(one, name) for name in moments}
    found |= _columns(case, one)
    found |= _times(case, one, calendars)
    return found | _days(one)


def _ranges(spans: Iterable[Sequence[datetime | None]]) -> str:
    """PostgreSQL's text of a multirange."""
    texts = (f'["{began}",' + (f'"{ended}")' if ended else ")") for began, ended in spans)
    return "{" + ",".join(texts) + "}"


def _self_handled(one: _Round) -> bool:
    return one.closed_by == A.SELF_HANDLE


def _out(one: _Round) -> bool:
    """Whether the round is in no figure of handling and closing: it was withdrawn, merged,
    rejected, transferred or self-handled."""
    by_others = one.closed_by in (A.TRANSFER_BACK, A.SELF_HANDLE)
    return one.stands in _LEFT_OUT or (one.stands == S.CLOSED and by_others)


def _columns(case: _Case, one: _Round) -> dict[str, int]:
    """What the round adds to each column; see docs/figures.md."""
    first, in_, own = one.number == 1, not _out(one), _self_handled(one)
    owed, closable = in_ and one.due_at is not None, in_ and one.close_due_at is not None
    resolved = owed and one.resolved_at is not None
    resolved_in_time = resolved and _by(one.resolved_at, one.due_at)
    late = owed and not resolved_in_time and not _stopped(one)
    closed = closable and one.stands == S.CLOSED
    closed_in_time = closed and _by(one.closed_at, one.close_due_at)
    to_start = in_ and one.start_due_at is not None and one.assigned_at is not None
    assigned = one.accepted_at is not None
    ratings = [rating for _, rating in one.answers]
    pardoned = [solved for solved, rating in one.answers if rating <= LOW and one.pardoned]
    amounts = {
        "found": first,
        "found_by_patrol": first and case.source == Source.PATROL,
        "self_handled": first and own,
        "reported": first and not own,
        "accepted": first and not own and assigned,
        "assigned": assigned,
        "never_handed_back": assigned and not one.handed_back,
        "contacted_in_time": assigned and _by(one.contact_at, one.first_start_due_at),
        "due_to_start": to_start,
        "started_in_time": to_start and _by(one.started_at, one.start_due_at),
        "due": owed,
        "resolved": resolved,
        "resolved_in_time": resolved_in_time,
        "reworked": resolved and one.reworked,
        "extended": owed and one.extended,
        "late": late,
        "pardoned_late_resolved": resolved and not resolved_in_time and one.pardoned,
        "pardoned_late": late and one.pardoned,
        "pardoned_reworked": resolved and one.reworked and one.pardoned,
        "appealed": one.appealed,
        "appeal_open": one.appeal_open,
        "upheld": one.pardoned,
        "due_to_close": closable,
        "closed": closed,
        "closed_in_time": closed_in_time,
        "pardoned_late_closed": closed and not closed_in_time and one.pardoned,
        "fixed": closed and one.outcome == "fixed",
        "recurred_7": 0,
        "recurred_30": 0,
        "answered": len(ratings),
        "solved": sum(solved for solved, _ in one.answers),
        "satisfied": sum(rating >= SATISFIED for rating in ratings),
        "pardoned_answered": len(pardoned),
        "pardoned_solved": sum(pardoned),
        "called": one.called != "",
        "called_solved": one.called == "solved",
        "called_unsolved": one.called == "unsolved",
        "transferred": one.transferred_at is not None,
    }
    return {name: int(amount) if case.counted else 0 for name, amount in amounts.items()}


def _by(moment: datetime | None, due: datetime | None) -> bool:
    return moment is not None and due is not None and moment <= due


def _stopped(one: _Round) -> bool:
    """Whether the clock stands still since before the round was due."""
    began = one.suspensions[-1][0] if one.stands == S.SUSPENDED else None
    return _by(began, one.due_at)


def _times(case: _Case, one: _Round, calendars: Calendars) -> dict[str, int | None]:
    """Whole minutes of each stage; none where the round is in no figure."""
    if _out(one) or not case.counted:
        return dict.fromkeys(TIMES)
    category = case.told.get("category")
    unit = one.unit.rpartition("/")[2] if one.unit else None
    plain, own = calendars(category, None), calendars(category, unit)
    closed = one.closed_at if one.stands == S.CLOSED else None
    first = one.began_at if one.number == 1 else None
    spans = {
        "accept": (first, one.accepted_at, plain),
        "start": (one.assigned_at, one.started_at, own),
        "resolve": (one.accepted_at, one.resolved_at, own),
        "check": (one.resolved_at, closed, plain),
        "close": (one.began_at, closed, plain),
    }
    found: dict[str, int | None] = {}
    for stage in STAGES:
        began, ended, calendar = spans[stage]
        known = began is not None and ended is not None
        clock = ended - began if known else None  # type: ignore[operator]
        working = calendar.working_time_between(began, ended) if known else None  # type: ignore[arg-type]
        found[f"{stage}_clock"] = None if clock is None else clock // _MINUTE
        found[f"{stage}_working"] = None if working is None else working // _MINUTE
    return found


def _days(one: _Round) -> dict[str, date | None]:
    return {
        "submitted_day": _day(one.began_at if one.number == 1 else None),
        "assigned_day": _day(one.accepted_at),
        "start_due_day": _day(one.start_due_at),
        "started_day": _day(one.started_at),
        "due_day": _day(one.due_at),
        "resolved_day": _day(one.resolved_at),
        "close_due_day": _day(one.close_due_at),
        "closed_day": _day(one.closed_at),
        "transferred_day": _day(one.transferred_at),
    }


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(LOCAL).date()
