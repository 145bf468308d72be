"""Holder spans of any history that the moves allow."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from models.spans import holder_spans
from models.status import FINAL, Action, Status
from models.workflow import MOVES

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOLDERS = st.sampled_from(["desk", "supervisor", "reporter", "unit:U-HW", "worker:7"])
PAUSE = st.timedeltas(timedelta(0), timedelta(days=40))


@st.composite
def histories(draw: st.DrawFn) -> list[SimpleNamespace]:
    """Entries of a case that takes random moves, each from a status that allows it."""
    status, round_, at = Status.SUBMITTED, 1, START
    entries = [_entry(Action.SUBMIT, status, round_, at, "desk")]
    for _ in range(draw(st.integers(0, 25))):
        possible = [m for m in MOVES.values() if status in m.sources]
        if not possible:
            break
        move = draw(st.sampled_from(sorted(possible, key=lambda m: m.action)))
        target = draw(st.sampled_from(sorted(move.targets))) if move.targets else status
        if move.action is Action.REOPEN and status is Status.CLOSED:
            round_ += 1
        status, at = target, at + draw(PAUSE)
        nobody = status in FINAL or status is Status.SUSPENDED
        entries.append(_entry(move.action, status, round_, at, "none" if nobody else draw(HOLDERS)))
    return entries


def _entry(
    action: Action, status: Status, round_: int, at: datetime, holder: str
) -> SimpleNamespace:
    return SimpleNamespace(
        action=action, to_status=status.value, round=round_, at=at, holder=holder
    )


def lifetime(entries: Sequence[SimpleNamespace], until: datetime) -> timedelta:
    """The other way round: from the first entry to the end, less what lies after final ones."""
    times = [*(entry.at for entry in entries), until]
    gaps = (
        later - entry.at
        for entry, later in zip(entries, times[1:], strict=True)
        if Status(entry.to_status) in FINAL
    )
    return until - START - sum(gaps, timedelta(0))


@given(histories(), PAUSE)
def test_spans_add_up_to_the_lifetime(entries: list[SimpleNamespace], more: timedelta) -> None:
    until = entries[-1].at + more
    spans = holder_spans(entries, until)
    assert sum((s.ended_at - s.began_at for s in spans), timedelta(0)) == lifetime(entries, until)
    assert all(one.ended_at <= two.began_at for one, two in pairwise(spans))
    assert all(span.began_at < span.ended_at for span in spans)


@given(histories(), PAUSE, st.timedeltas(timedelta(0), timedelta(days=900)))
def test_every_moment_belongs_to_whom_the_ledger_names(
    entries: list[SimpleNamespace], more: timedelta, after: timedelta
) -> None:
    until = entries[-1].at + more
    moment = START + after
    holds = [s for s in holder_spans(entries, until) if s.began_at <= moment < s.ended_at]
    last = [entry for entry in entries if entry.at <= moment][-1]
    if moment >= until or Status(last.to_status) in FINAL:
        assert holds == []
    else:
        assert [(s.holder, s.round, s.status) for s in holds] == [
            (last.holder, last.round, last.to_status)
        ]
