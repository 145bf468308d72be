"""Which clocks run in which state, and how long they are given."""

from datetime import datetime
from typing import Any

from app.services.draft import Draft
from models.calendar import add_limit
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
    if status == S.CLOSED:
        draft.meet(Clock.SUPERVISE)
    elif status in FINAL:
        draft.clear(Clock.SUPERVISE)
    for clock in sorted(now_running - before):
        start(draft, clock)


def start(draft: Draft, clock: Clock) -> None:
    """Starts a clock with the limit that the case has for it."""
    if clock is Clock.HANDLE:
        draft.start(clock, draft.case.due_at, since=draft.case.accepted_at)
    elif clock in (Clock.SUSPENSION, Clock.TRANSFER):
        draft.start(clock, draft.case.review_at)
    else:
        draft.start(clock, stage_due(draft.atlas, draft.case, clock, draft.now))


def stage_due(atlas: Atlas, case: Any, clock: Clock, now: datetime) -> datetime:
    """When a stage that begins now is due."""
    policy = atlas.policy
    if clock is Clock.START:
        if case.emergency:
            return add_limit(now, policy.emergency_start_limit)
        limit = atlas.categories[case.category].handle_limit
        quarter = (add_limit(now, limit) - now) / 4
        return min(add_limit(now, policy.start_limit), now + quarter)
    if clock is Clock.ACCEPT and case.emergency:
        return add_limit(now, policy.emergency_accept_limit)
    limits = {
        Clock.ACCEPT: policy.accept_limit,
        Clock.ANSWER: policy.answer_limit,
        Clock.VERIFY: policy.verify_limit,
        Clock.CHECK: policy.check_limit,
    }
    return add_limit(now, limits[clock])


def handling_due(atlas: Atlas, case: Any, since: datetime) -> datetime:
    """When handling is due: the category's limit, or an earlier time set from outside."""
    due = add_limit(since, atlas.categories[case.category].handle_limit)
    return due if case.external_due_at is None else min(due, case.external_due_at)


def control_due(atlas: Atlas, category: str, since: datetime) -> datetime | None:
    limit = atlas.categories[category].control_limit
    return add_limit(since, limit) if limit else None
