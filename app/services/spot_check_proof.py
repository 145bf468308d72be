"""Making a draw again, and comparing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from app.services import spot_check
from models import draw as draws
from models.case import Case
from models.errors import NotFound
from models.spot_check import SpotCheck, SpotCheckItem
from models.status import STATUS_LABELS, Status


@dataclass(frozen=True, slots=True)
class Change:
    """A case by which the population differs from that of the draw; `explained` by the ledger: it
    was reopened since."""

    number: str
    why: str
    explained: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """`kept`: the lines that were kept are those that were hashed. `repeated`: seed and lines give
    the drawn cases, in their order. `gone` and `come` are what changed since."""

    kept: bool
    repeated: bool
    gone: Sequence[Change]
    come: Sequence[Change]

    @property
    def holds(self) -> bool:
        """Whether the draw is what it says, and every later change is explained."""
        changes = (*self.gone, *self.come)
        return self.kept and self.repeated and all(one.explained for one in changes)


def prove(db: Connection, check_id: int) -> Proof:
    """Draws again from the kept lines, and compares these with the cases as they are now.

    Raises:
        NotFound: no such draw.
    """
    row = db.execute(select(SpotCheck.__table__).where(SpotCheck.id == check_id)).one_or_none()
    if row is None:
        raise NotFound(spot_check.NO_CHECK)
    then, now = row.drawn_from, spot_check.population(db, row)
    items = db.execute(
        select(Case.number)
        .join(SpotCheckItem, SpotCheckItem.case_id == Case.id)
        .where(SpotCheckItem.spot_check_id == check_id)
        .order_by(SpotCheckItem.position)
    ).scalars()
    before, after = set(then.splitlines()), set(now.splitlines())
    return Proof(
        kept=draws.digest(then) == row.population_sha256 and then.count("\n") == row.population,
        repeated=draws.drawn(row.seed, draws.parsed(then), row.size) == list(items),
        gone=_gone(db, row, before - after),
        come=[
            Change(number, "抽取时不在总体中", explained=False)
            for number in _numbers(after - before)
        ],
    )


def _numbers(lines: Iterable[str]) -> list[str]:
    return sorted(line.partition(" ")[0] for line in lines)


_SINCE = text(
    """
    SELECT c.number, c.status,
           EXISTS (SELECT FROM ledger_entry e WHERE e.case_id = c.id AND e.action = 'reopen'
                   AND e.at >= :since) AS reopened
    FROM "case" c WHERE c.number = ANY(:numbers)
    """
)


def _gone(db: Connection, row: Any, lines: Iterable[str]) -> list[Change]:
    numbers = _numbers(lines)
    rows = db.execute(_SINCE, {"numbers": numbers, "since": row.drawn_at})
    known = {one.number: one for one in rows}
    return [_why(number, known.get(number)) for number in numbers]


def _why(number: str, found: Any) -> Change:
    if found is None:
        return Change(number, "案卷已不存在", explained=False)
    status = STATUS_LABELS[Status(found.status)]
    if found.reopened:
        return Change(number, f"抽取后重新办理，现在{status}", explained=True)
    return Change(number, f"结案时间、范围或权重与抽取时不同，现在{status}", explained=False)
