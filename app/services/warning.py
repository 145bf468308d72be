"""What people read when clocks reach a step: one notice each, or one digest of many."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.services.notice import TASK, Told, insert, row
from app.services.people import People, holders, listener
from models.account import Role
from models.facts import unit_path
from models.routing import Atlas
from models.timer import CLOCK_LABELS, Clock

EVENT = f"{TASK}.warning"
_REVIEWS = frozenset({Clock.SUSPENSION, Clock.TRANSFER})


MOST_WARNINGS = 5
"""A sweep that has more for one person writes one digest instead."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Warning:
    case: Any
    timer: Any
    step: int

    @property
    def title(self) -> str:
        label = CLOCK_LABELS[Clock(self.timer.clock)]
        late = f"{label}{'已到期' if self.timer.clock in _REVIEWS else '已超时'}"
        return {1: f"{label}时限已过七成", 2: f"{label}即将超时"}.get(self.step, late)


def warn(
    db: Connection, atlas: Atlas, fired: Iterable[tuple[Any, Any, int]], now: datetime
) -> None:
    """Clocks (case, timer, step) reached steps: the holder hears of each, from 90 % on its head,
    from 100 % on supervisors. Who would hear of many at once reads one digest."""
    people = People(db)
    inbox_of: dict[int, list[_Warning]] = {}
    for case, timer, step in fired:
        listeners = holders(people, atlas, case, listener(case, case.holder))
        if step >= 2:
            listeners |= people.heads(unit_path(case))
        if step >= 3:
            listeners |= people.in_scope(case, Role.SUPERVISOR)
        for person in listeners:
            inbox_of.setdefault(person, []).append(_Warning(case, timer, step))
    rows = [
        one
        for person, found in inbox_of.items()
        for one in (_single if len(found) <= MOST_WARNINGS else _digest)(atlas, person, found, now)
    ]
    insert(db, rows)


def _single(
    atlas: Atlas, person: int, found: Sequence[_Warning], now: datetime
) -> Iterator[dict[str, Any]]:
    for one in found:
        category = atlas.category_name(one.case.category)
        body = f"案卷 {one.case.number}（{category}）请尽快办理。"
        cause = f"timer:{one.timer.id}:{one.step}"
        yield row(one.case, cause, Told(person, None, EVENT, one.title, body), now)


def _digest(
    _atlas: Atlas, person: int, found: Sequence[_Warning], now: datetime
) -> Iterator[dict[str, Any]]:
    urgent = sorted(found, key=lambda one: (-one.step, one.timer.due_at))
    counts = Counter(one.title for one in urgent)
    parts = "，".join(f"{title} {count} 个" for title, count in counts.items())
    numbers = list(dict.fromkeys(one.case.number for one in urgent))
    more = "等" if len(numbers) > _SHOWN else ""
    body = f"{parts}。最急：{'、'.join(numbers[:_SHOWN])}{more}。请在案卷列表中按时限办理。"
    first = urgent[0]
    cause = f"timer:{first.timer.id}:{first.step}:digest"
    title = f"{len(numbers)} 个案卷有时限预警"
    yield row(first.case, cause, Told(person, None, EVENT, title, body), now)
