"""Figures counted a second time, from exported ledger lines alone.

It shares no code with the product: docs/figures.md and docs/ledger.md are all it knows.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

CHINA = timedelta(hours=8)
OUT = {"withdrawn", "merged", "rejected", "transferred"}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _month(text: str) -> str:
    return (_time(text) + CHINA).strftime("%Y-%m")


def recount(lines: Iterable[bytes], until: str) -> dict[str, Counter[str]]:
    """Counts by month (`2026-10`), as of a moment in the ledger's form."""
    cases: dict[str, list[Any]] = {}
    for line in lines:
        entry = json.loads(line)
        cases.setdefault(entry["case"], []).append(entry)
    months: dict[str, Counter[str]] = {}

    def count(month: str, name: str, amount: int = 1) -> None:
        months.setdefault(month, Counter())[name] += amount

    for entries in cases.values():
        if not any(
            e["action"] in ("submit", "join", "take_in") and not e["payload"].get("by_staff")
            for e in entries
        ):
            continue
        told: dict[str, Any] = {}
        for number in sorted({e["round"] for e in entries}):
            own = [e for e in entries if e["round"] == number]
            _round(own, told, number, until, count)
    return months


def _round(own: list[Any], told: dict[str, Any], number: int, until: str, count: Any) -> None:
    for entry in own:
        told |= entry["payload"].get("set", {})
    closing = [e for e in own if e["to"] == "closed" and e["from"] != "closed"]
    how = closing[-1]["action"] if closing else ""
    last = own[-1]["to"]
    _coming_in(own, number, how, count)
    if last not in OUT and not (last == "closed" and how in ("self_handle", "transfer_back")):
        done = None
        for entry in own:
            if entry["action"] in ("resolve", "rework"):
                done = entry if entry["action"] == "resolve" else None
        if told.get("due_at"):
            _handling(own, told["due_at"], done, until, count)
        if told.get("close_due_at"):
            _closing(own, told["close_due_at"], done, until, count)
    for entry in own:
        if entry["action"] == "feedback" and closing:
            month = _month(closing[-1]["at"])
            count(month, "answered")
            count(month, "solved", entry["payload"]["solved"])
            count(month, "satisfied", entry["payload"]["rating"] >= 4)


def _coming_in(own: list[Any], number: int, how: str, count: Any) -> None:
    assigned = [e for e in own if e["to"] == "assigned"]
    if number == 1:
        month = _month(own[0]["at"])
        count(month, "found")
        count(month, "found_by_patrol", own[0]["payload"]["source"] == "patrol")
        count(month, "reported", how != "self_handle")
        count(month, "accepted", how != "self_handle" and bool(assigned))
    if assigned:
        month = _month(assigned[0]["at"])
        count(month, "assigned")
        count(month, "never_handed_back", all(e["action"] != "hand_back" for e in own))


def _handling(own: list[Any], due_at: str, done: Any, until: str, count: Any) -> None:
    month, due = _month(due_at), _time(due_at)
    in_time = done is not None and _time(done["at"]) <= due
    began = [_time(e["at"]) for e in own if e["action"] == "grant_suspension"]
    stopped = own[-1]["to"] == "suspended" and max(began) <= due
    count(month, "due")
    count(month, "resolved", done is not None)
    count(month, "resolved_in_time", in_time)
    passed = done is not None or due <= _time(until)
    count(month, "late", not in_time and not stopped and passed)
    count(month, "reworked", done is not None and any(e["action"] == "rework" for e in own))
    count(month, "extended", any(e["action"] == "grant_extension" for e in own))


def _closing(own: list[Any], due_at: str, done: Any, until: str, count: Any) -> None:
    month, due = _month(due_at), _time(due_at)
    year, number = int(month[:4]), int(month[5:])
    following = f"{year + number // 12}-{number % 12 + 1:02d}-01T00:00:00+08:00"
    end = min(_time(following), _time(until))
    then = [e["to"] for e in own if _time(e["at"]) <= end]
    suspended = then[-1:] == ["suspended"]
    closed = own[-1]["to"] == "closed" and not suspended
    at = next((_time(e["at"]) for e in own if e["to"] == "closed"), None)
    count(month, "due_to_close")
    count(month, "suspended", suspended)
    count(month, "closed", closed)
    count(month, "closed_in_time", closed and at is not None and at <= due)
    count(month, "fixed", closed and done is not None and done["payload"]["outcome"] == "fixed")
