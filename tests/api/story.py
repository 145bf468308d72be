"""One case on its way, and the people who move it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from models.case import Case
from models.ledger import LedgerEntry
from models.outbox import Outbox
from models.photo import Attachment, Photo
from models.report import Report
from tests.drive import Drive

REPORTS = "/api/v1/reports"
WORDS = "路边一堆垃圾没人清理"
TABLES = (Case, Report, LedgerEntry, Attachment, Photo, Outbox)

REPLY = "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。"
WITHOUT_PHOTO = {None, "suggestion", "flyers", "street-noise", "pipe-burst"}


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def rows(drive: Drive) -> list[int]:
    """How many rows each table that a write touches holds."""
    return [drive.db.execute(select(func.count()).select_from(t)).scalar_one() for t in TABLES]


class Story:
    """One case on its way, and who may move it."""

    def __init__(self, drive: Drive, category: str | None = "exposed-garbage") -> None:
        self.drive = drive
        self.lily = drive.resident()
        self.desk, self.unit = drive.staff("desk"), drive.staff("unit1")
        self.worker, self.supervisor = drive.staff("worker1"), drive.staff("supervisor")
        photo_ids = [] if category in WITHOUT_PHOTO else [self.lily.photo()]
        self.report = self.lily.report(category, photo_ids=photo_ids)
        self.number: str = self.report["case_number"]

    def case(self) -> dict[str, Any]:
        return self.desk.case(self.number)

    def start(self) -> "Story":
        self.unit.done(self.number, "start")
        return self

    def resolve(self) -> "Story":
        self.unit.done(
            self.number,
            "resolve",
            outcome="fixed",
            comment="垃圾已清走",
            photo_ids=[self.unit.photo()],
        )
        return self

    def close(self) -> "Story":
        self.worker.done(
            self.number, "pass", method="on_site", reply=REPLY, photo_ids=[self.worker.photo()]
        )
        return self

    def call(self, what: str, **body: Any) -> Any:
        return self.lily.post(f"/api/v1/reports/{self.report['id']}/{what}", body)


def closed_at(story: Story) -> datetime:
    return datetime.fromisoformat(story.case()["closed_at"])


def status(found: dict[str, Any]) -> tuple[str, str]:
    return found["status"], found["holder"].split(":")[0]


def due(case: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(case["due_at"])
