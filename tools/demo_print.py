"""What the demo shows of a case, an inbox and a ledger, as a person would read it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from unicodedata import east_asian_width

from models.account import ROLE_LABELS, Role
from models.calendar import LOCAL
from models.canonical import GENESIS, entry_hash
from models.fields import CALL_BACK_OUTCOMES, FINDINGS, OUTCOMES, REJECT_REASONS, SUSPENSION_REASONS
from models.status import STATUS_LABELS, Status

Json = dict[str, Any]
WORDS = {
    "outcome": OUTCOMES | CALL_BACK_OUTCOMES,
    "finding": FINDINGS,
    "reason": REJECT_REASONS | SUSPENSION_REASONS,
    "method": {"on_site": "现场核查", "desk": "资料核查"},
}
"""What codes in the facts of an event are called."""


def width(text: str) -> int:
    """Columns on a screen: two for each Chinese character."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length as lines with aligned columns, the last one ragged."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (text + " " * (most - width(text)) for text, most in zip(row, widths, strict=True))
        lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(LOCAL).strftime("%m-%d %H:%M:%S")


def timeline(case: Json) -> str:
    """The events of a case as staff read them."""
    head = ("时间", "轮次", "谁", "做了什么", "之后", "内容")
    return table([head, *(_event(event) for event in case["timeline"])])


def _event(event: Json) -> tuple[str, ...]:
    role = ROLE_LABELS[Role(event["role"])]
    who = event["who"] if event["who"].startswith(role) else f"{role} {event['who']}"
    status = STATUS_LABELS[Status(event["to"])]
    said = (text for name, text in event["texts"].items() if text and name != "address")
    words = " · ".join([*_facts(event), *said])
    return clock(event["at"]), str(event["round"]), who, event["label"], status, words


def _facts(event: Json) -> list[str]:
    facts, photos, told = event["facts"], len(event["photos"]), []
    if "solved" in facts:
        told.append(f"{'已解决' if facts['solved'] else '未解决'}，{facts['rating']} 星")
    told += [words[facts[name]] for name, words in WORDS.items() if facts.get(name) in words]
    if photos:
        told.append(f"照片 {photos} 张")
    return told


def inbox(notices: Sequence[Json]) -> str:
    return table([(clock(one["created_at"]), one["title"], one["body"]) for one in notices])


def first_fault(entries: Sequence[Json]) -> int | None:
    """The number of the first ledger entry that does not fit (docs/ledger.md), or None."""
    start = {"hash": GENESIS.hex(), "seq": 0, "case": entries[0]["case"]} if entries else {}
    for before, entry in pairwise([start, *entries]):
        body = {name: value for name, value in entry.items() if name != "hash"}
        linked = entry["previous"] == before["hash"] and entry["seq"] == before["seq"] + 1
        whole = entry_hash(body).hex() == entry["hash"] and entry["case"] == before["case"]
        if not (linked and whole):
            return int(before["seq"]) + 1
    return None


def problem(found: Json) -> str:
    """A refusal that the story does not expect."""
    lines = [f"{found.get('title', '')}（{found['status']}）：{found.get('detail', '')}"]
    lines += [f"{fault['pointer']}：{fault['message']}" for fault in found.get("errors", [])]
    if found.get("request_id"):
        lines.append(f"request_id {found['request_id']}")
    return "\n".join("  " + line for line in lines)
