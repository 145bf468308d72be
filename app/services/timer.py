"""Which clocks run in which state, and how long they are given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.services.draft import Draft
from models.calendar import ALWAYS, WorkingCalendar, in_clock_time
from models.facts import Facts
from models.routing import Atlas
from models.status import FINAL, Status
from models.timer import Clock

S = Status

MEETS: dict[Clock, frozenset[Status]] = {
    Clock.ACCEPT: frozenset({S.ASSIGNED, S.VERIFYING, S.REJECTED, S.CLOSED}),
    Clock.VERIFY: frozenset({S.SUBMITTED, S.ASSIGNED, S.REJECTED}),
    Clock.ANSWER: frozenset({S.SUBMITTED, S.ASSIGNED, S.REJECTED}),
    Clock.START: frozenset({S.IN_PROGRESS}),
    Clock.HANDLE: frozenset({S.RESOLVED}),
    Clock.CHECK: frozenset({S.CLOSED, S.IN_PROGRESS}),
    Clock.SUSPENSION: frozenset({S.IN_PROGRESS}),
    Clock.TRANSFER: frozenset({S.SUBMITTED, S.CLOSED}),
}
"""Statuses whose arrival meets a clock; any other end of it clears it."""


HANDLING = (S.SUBMITTED, S.VERIFYING, S.ASSIGNED, S.IN_PROGRESS)
"""Statuses in which the handling clock runs, once it was started."""


SOON = timedelta(hours=2)
"""Working time before the due time from which on it is near."""
_INSTANT = timedelta(microseconds=1)


def soon_until(calendar: WorkingCalendar, now: datetime) -> datetime:
    """The last moment that lies no more than SOON of the calendar's time ahead."""
    return calendar.add(now, SOON + _INSTANT) - _INSTANT


def is_overdue(case: Any, now: datetime) -> bool:
    """Whether the case still waits to be handled after its due time."""
    return case.status in HANDLING and case.due_at is not None and case.due_at < now


def running(case: Any) -> frozenset[Clock]:
    """The clocks that status and holder imply."""
    status, found = case.status, set()
    if status == S.SUBMITTED:
        found.add(Clock.ANSWER if case.holder == "reporter" else Clock.ACCEPT)
    if case.due_at is not None and status in HANDLING:
        found.add(Clock.HANDLE)
    single = {
        S.VERIFYING: Clock.VERIFY,
        S.ASSIGNED: Clock.START,
        S.RESOLVED: Clock.CHECK,
        S.SUSPENDED: Clock.SUSPENSION,
        S.TRANSFERRED: Clock.TRANSFER,
    }
    if status in single:
        found.add(single[status])
    return frozenset(found)


def follow(draft: Draft, before: frozenset[Clock]) -> None:
    """Ends the clocks that the new state no longer implies and starts those it does."""
    now_running = running(draft.case)
    for clock in before - now_running:
        if draft.case.status in MEETS[clock]:
            draft.meet(clock)
        else:
            draft.clear(clock)
    status = draft.case.status
    if status not in (S.SUBMITTED, S.VERIFYING, S.ASSIGNED, S.IN_PROGRESS):
        draft.clear(Clock.CONTROL)
    if status in FINAL and status != S.CLOSED:  # what was done is still owed an answer
        draft.clear(Clock.SUPERVISE)
    for clock in sorted(now_running - before):
        start(draft, clock)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due, and the name of the calendar that its time is counted in."""

    at: datetime
    calendar: str

    @classmethod
    def of(cls, calendar: WorkingCalendar, start: datetime, limit: str) -> "Deadline":
        name = ALWAYS if in_clock_time(limit) else calendar.name
        return cls(calendar.add_working_time(start, limit), name)


def start(draft: Draft, clock: Clock) -> None:
    """Starts a clock with the limit that the case has for it."""
    case = draft.case
    if clock is Clock.HANDLE:
        start_handling(draft)
    elif clock in (Clock.SUSPENSION, Clock.TRANSFER):
        calendar = draft.atlas.calendar_of(case.category, case.unit)
        draft.start(clock, case.review_at, calendar.name)
    else:
        stage = stage_deadline(draft.atlas, case, clock, draft.now)
        draft.start(clock, stage.at, stage.calendar)


def start_handling(draft: Draft) -> None:
    """Starts the handling clock anew, to the case's due time from the round's acceptance."""
    case = draft.case
    calendar = handling_calendar(draft.atlas, case).name
    draft.start(Clock.HANDLE, case.due_at, calendar, since=case.accepted_at)


def stage_deadline(atlas: Atlas, case: Any, clock: Clock, now: datetime) -> Deadline:
    """When a stage that begins now is due. The unit's calendar counts for what the unit does."""
    policy = atlas.policy
    if clock is Clock.START:
        calendar = atlas.calendar_of(case.category, case.unit)
        if case.emergency:
            return Deadline.of(calendar, now, policy.emergency_start_limit)
        own = Deadline.of(calendar, now, policy.start_limit)
        handling = Deadline.of(calendar, now, atlas.categories[case.category].handle_limit)
        counted = atlas.calendars[handling.calendar]
        quarter = counted.add(now, counted.working_time_between(now, handling.at) / 4)
        return min(own, Deadline(quarter, counted.name), key=lambda one: one.at)
    calendar = atlas.calendar_of(case.category)
    if clock is Clock.ACCEPT and case.emergency:
        return Deadline.of(calendar, now, policy.emergency_accept_limit)
    limits = {
        Clock.ACCEPT: policy.accept_limit,
        Clock.ANSWER: policy.answer_limit,
        Clock.VERIFY: policy.verify_limit,
        Clock.CHECK: policy.check_limit,
    }
    return Deadline.of(calendar, now, limits[clock])


def handling_calendar(atlas: Atlas, case: Any) -> WorkingCalendar:
    """The calendar that the handling limit of the case's category is counted in."""
    category = atlas.categories.get(case.category)
    if category is not None and in_clock_time(category.handle_limit):
        return atlas.calendars[ALWAYS]
    return atlas.calendar_of(case.category, case.unit)


def handling_due(atlas: Atlas, case: Any, since: datetime, facts: Facts) -> datetime:
    """When handling is due: the category's limit, longer by the working time suspended, or an
    earlier time set from outside; no earlier than an extension granted this round."""
    calendar = handling_calendar(atlas, case)
    due = calendar.add_working_time(since, atlas.categories[case.category].handle_limit)
    for began, ended in facts.suspended:
        due = calendar.add(due, calendar.working_time_between(began, ended))
    if case.external_due_at is not None:
        due = min(due, case.external_due_at)
    return max(due, facts.extended_to or due)


def close_due(atlas: Atlas, case: Any) -> datetime | None:
    """When the case should be closed: the check limit after handling is due."""
    if case.due_at is None:
        return None
    calendar = atlas.calendar_of(case.category)
    return Deadline.of(calendar, case.due_at, atlas.policy.check_limit).at


def control_deadline(atlas: Atlas, case: Any, since: datetime) -> Deadline | None:
    limit = atlas.categories[case.category].control_limit
    calendar = atlas.calendar_of(case.category, case.unit)
    return Deadline.of(calendar, since, limit) if limit else None
