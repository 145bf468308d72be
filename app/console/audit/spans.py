"""Who held a case how long, as bars: for a page of their own and for the case's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from app.auth import Access, access, kit
from app.console.audit.told import by_the_clock, worked
from app.console.pages import pages, render, work
from app.services import case_clock
from models.timer import Clock


@pages.get("/audit/cases/<number>/spans")
@access(Access.STAFF)
def audit_spans_page(number: str) -> Response:
    with work(kit().autocommit) as here:
        found = case_clock.clock(here.db, here.atlas, here.actor, number)
    return render("audit/spans_page.html", 200, here.actor, case=found, spans=drawn(found))


def drawn(clock: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rounds for `console/audit/spans.html`, the newest first, from `case_clock.clock`."""
    return [_round(one) for one in reversed(clock["rounds"])]


def _round(one: Mapping[str, Any]) -> dict[str, Any]:
    length = one["seconds"]
    segments, before = [], 0
    for span in one["spans"]:
        segments.append(
            span
            | {
                "kind": _kind(span["holder"]),
                "x": _share(before, length),
                "width": _share(span["seconds"], length),
                "clock": by_the_clock(span["seconds"]),
                "worked": worked(span["working_seconds"]),
            }
        )
        before += span["seconds"]
    holders = [
        held
        | {
            "kind": _kind(held["holder"]),
            "share": round(100 * held["seconds"] / length) if length else 0,
            "clock": by_the_clock(held["seconds"]),
            "worked": worked(held["working_seconds"]),
        }
        for held in one["holders"]
    ]
    return {
        "round": one["round"],
        "began_at": one["began_at"],
        "ended_at": one["ended_at"],
        "clock": by_the_clock(length),
        "worked": worked(one["working_seconds"]),
        "segments": segments,
        "holders": sorted(holders, key=lambda held: -held["seconds"]),
        "due": _due(one),
        "limits": one["limits"],
    }


def _kind(holder: str) -> str:
    """desk, supervisor, unit, worker, reporter, outside or none."""
    return holder.partition(":")[0]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def _due(one: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where the handling limit lies in the bar; None outside of it."""
    handling: Sequence[Any] = [x for x in one["limits"] if x["clock"] == Clock.HANDLE]
    if not handling:
        return None
    due_at = handling[-1]["due_at"]
    at = (due_at - one["began_at"]).total_seconds()
    inside = 0 <= at <= one["seconds"]
    return {"at": due_at, "x": _share(int(at), one["seconds"])} if inside else None
