"""Histories as `flask history import` plays them: lines that stories append to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from app.services import audit_feed, history
from models.calendar import LOCAL
from models.geo import Point
from models.routing import Atlas
from tests.drive import CENTRE, place

REPLY = "3月5日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"


def local(text: str) -> datetime:
    """`2026-03-02 09:00` in local time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@dataclass
class History:
    """Collects lines in any order."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def add(self, at: datetime, by: str, **fields: Any) -> None:
        self.lines.append({"at": at.isoformat(), "by": by} | fields)

    def report(
        self,
        name: str,
        at: datetime,
        *,
        category: str | None = "exposed-garbage",
        by: str = "resident:lily",
        where: Point = CENTRE,
        photos: int = 1,
        **more: Any,
    ) -> str:
        given = {
            "description": "路边一堆垃圾没人清理",
            "location": place(where),
            "category": category,
        }
        self.add(at, by, case=name, report=given | more, photos=photos)
        return name

    def start(self, name: str, at: datetime, by: str = "unit1") -> None:
        self.add(at, by, case=name, action="start")

    def resolve(self, name: str, at: datetime, by: str = "unit1", outcome: str = "fixed") -> None:
        fields = {"action": "resolve", "outcome": outcome, "comment": "垃圾已清走", "photos": 1}
        self.add(at, by, case=name, **fields)

    def rework(self, name: str, at: datetime, by: str = "desk") -> None:
        self.add(at, by, case=name, action="rework", reason="现场仍有遗留")

    def close(self, name: str, at: datetime, by: str = "desk") -> None:
        fields = {"action": "pass", "method": "on_site", "reply": REPLY, "photos": 1}
        self.add(at, by, case=name, **fields)

    def feedback(self, name: str, at: datetime, rating: int, *, solved: bool = True) -> None:
        fields = {"call": "feedback", "solved": solved, "rating": rating}
        self.add(at, "resident:lily", case=name, **fields)

    def text(self) -> list[bytes]:
        """The lines of the file, in order of time."""
        ordered = sorted(self.lines, key=lambda line: datetime.fromisoformat(line["at"]))
        return [orjson.dumps(line) for line in ordered]

    def play(self, db: Connection, atlas: Atlas) -> dict[str, str]:
        """Plays it and brings the audit up to it; case numbers by name."""
        numbers = history.play(db, atlas, self.text(), lambda _: None)
        while audit_feed.follow(db, atlas):
            pass
        return numbers


def hours(amount: float) -> timedelta:
    return timedelta(hours=amount)
