"""Who held a case from when to when, read off its ledger. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.status import FINAL, Status


@dataclass(frozen=True, slots=True)
class Span:
    """One party's hold on a case in one status; `holder` is `none` while suspended."""

    round: int
    holder: str
    status: str
    began_at: datetime
    ended_at: datetime


def holder_spans(entries: Sequence[Any], until: datetime) -> list[Span]:
    """The spans of a case, from its entries (rows with round, at, to_status, holder), oldest
    first, to its last final status or `until`.

    Each span begins where the one before it ended, except that the time between a final status
    and a reopening belongs to nobody and to no round. So the spans of a round add up to its length.
    """
    spans: list[Span] = []
    ends = [entry.at for entry in entries[1:]] + [until]
    for entry, ended_at in zip(entries, ends, strict=True):
        if Status(entry.to_status) in FINAL or ended_at <= entry.at:
            continue
        found = Span(entry.round, entry.holder, entry.to_status, entry.at, ended_at)
        last = spans[-1] if spans else None
        if last is not None and _goes_on(last, found):
            spans[-1] = Span(last.round, last.holder, last.status, last.began_at, ended_at)
        else:
            spans.append(found)
    return spans


def _goes_on(last: Span, found: Span) -> bool:
    same = (last.round, last.holder, last.status) == (found.round, found.holder, found.status)
    return same and last.ended_at == found.began_at
