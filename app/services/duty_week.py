"""Who is on duty where in a week, as routing decides it hour by hour. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from app.services.responsibility_matrix import path
from models.area import Level
from models.calendar import LOCAL
from models.routing import Absence, AreaShape, Atlas, DutyHours, OnDuty, Placement

DAYS = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when somebody is on duty, local; nobody: cases go to the desk. `away` is the
    worker whose hours these are, but who is on leave."""

    starts: datetime
    ends: datetime
    who: OnDuty
    away: int | None = None

    @property
    def hours(self) -> str:
        ends = "24:00" if self.ends.time() == time(0) else f"{self.ends:%H:%M}"
        return f"{self.starts:%H:%M}–{ends}"

    @property
    def told(self) -> tuple[str, OnDuty, int | None]:
        """What is the same on days that are alike."""
        return (self.hours, self.who, self.away)

    @property
    def whole_day(self) -> bool:
        return self.ends - self.starts == _DAY


class Week:
    """The shifts of seven days from a day on, with the leaves of these days. Places under the
    same areas with duties have the same ones."""

    def __init__(self, atlas: Atlas, first: date, absences: list[Absence]) -> None:
        self.days = [first + timedelta(days=i) for i in range(DAYS)]
        self._atlas, self._absences = replace(atlas, absences=absences), absences
        self._duties: dict[str, list[DutyHours]] = {}
        for duty in atlas.duties:
            self._duties.setdefault(duty.area, []).append(duty)
        self._known: dict[tuple[str, ...], list[list[Shift]]] = {}

    def of(self, placement: Placement) -> list[list[Shift]]:
        """The shifts of each day, which cover it whole."""
        chain = tuple(code for code in placement.levels_up() if code in self._duties)
        if chain not in self._known:
            self._known[chain] = [self._day(placement, chain, day) for day in self.days]
        return self._known[chain]

    def _day(self, placement: Placement, chain: tuple[str, ...], day: date) -> list[Shift]:
        edges = self._edges(chain, day)
        found: list[Shift] = []
        for starts, ends in pairwise(edges):
            who = self._atlas.on_duty(placement, starts)
            away = self._away(chain, starts, who)
            if found and (found[-1].who, found[-1].away) == (who, away):
                found[-1] = Shift(found[-1].starts, ends, who, away)
            else:
                found.append(Shift(starts, ends, who, away))
        return found

    def _edges(self, chain: tuple[str, ...], day: date) -> list[datetime]:
        """The moments of the day at which who is on duty may change."""
        midnight = datetime.combine(day, time(0), LOCAL)
        edges = {midnight, midnight + _DAY}
        workers = set()
        for duty in self._worked(chain):
            workers |= {duty.worker, duty.backup}
            edges |= {datetime.combine(day, clock, LOCAL) for clock in (duty.starts, duty.ends)}
        for absence in self._absences:
            if absence.worker in workers:
                edges |= {absence.starts_at.astimezone(LOCAL), absence.ends_at.astimezone(LOCAL)}
        return sorted(edge for edge in edges if midnight <= edge <= midnight + _DAY)

    def _worked(self, chain: tuple[str, ...]) -> list[DutyHours]:
        """Hours of workers, from the most specific area to the widest."""
        return [one for code in chain for one in self._duties[code] if one.worker is not None]

    def _away(self, chain: tuple[str, ...], now: datetime, who: OnDuty) -> int | None:
        for duty in self._worked(chain):
            if duty.covers(now):
                if duty.worker == who.worker:
                    return None
                if duty.worker is not None and self._atlas.is_absent(duty.worker, now):
                    return duty.worker
        return None


def unmanned(atlas: Atlas, day: date) -> list[AreaShape]:
    """Grids for which nobody has any duty that is valid on the day, at any hour."""
    known = {
        duty.area
        for duty in atlas.duties
        if duty.valid_from <= day and (duty.valid_to is None or day <= duty.valid_to)
    }
    grids = (area for area in atlas.areas.values() if area.level is Level.GRID)
    return [grid for grid in grids if known.isdisjoint(path(atlas, grid.code))]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
