"""Rows on their way into the database by COPY."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import Connection

from app.services.search import WORDS
from models.audit import AuditQueue, audit_round
from models.base import Base
from models.calendar import WorkingCalendar
from models.content import ContentCheck, ContentState
from models.db import Rows
from models.outbox import Outbox
from models.report import Report, ReportWords
from models.rounds import Calendars, rounds
from models.search import grams
from models.timer import Timer, upcoming

ORDER = (
    "case",
    "ledger_entry",
    "ledger_text",
    "report",
    "report_words",
    "photo",
    "attachment",
    "content_check",
    "timer",
    "feedback",
    "audit_round",
)
"""Tables after those that they refer to."""
BATCH_BYTES = 1 << 16


class Sheet(Rows):
    """Collects rows as `Rows` does, but holds them until `copy`.

    Jobs are dropped: what they would do has been done long ago. A clock that still runs at
    `until` stands at the step that it reached by then.
    """

    def __init__(self, until: datetime, calendars: Mapping[str, WorkingCalendar]) -> None:
        super().__init__()
        self.until = until
        self.calendars = calendars
        self.tables: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: type[Base], **values: Any) -> None:
        if table in (Outbox, AuditQueue):
            return
        if table is ContentCheck:
            values |= {"state": ContentState.PASSED}
        elif table is Timer:
            values |= self._reached(values)
        elif table is Report:
            values |= {"withdrawn_at": None}
            self._index(values)
        self.tables.setdefault(table.__tablename__, []).append(values)

    def insert(self, db: Connection) -> None:
        """Nothing yet: `copy` writes all."""

    def audit(self, case_id: int, calendars: Calendars) -> None:
        """Adds the rounds of the case that was told last, as its ledger has them."""
        chain: list[Any] = []
        for entry in reversed(self.tables["ledger_entry"]):
            if entry["case_id"] != case_id:
                break
            chain.insert(0, SimpleNamespace(**entry))
        self.tables.setdefault(audit_round.name, []).extend(rounds(case_id, chain, calendars))

    def _index(self, report: dict[str, Any]) -> None:
        entry = (report["entry_case_id"], report["entry_seq"])
        texts = self.tables.get("ledger_text", [])[-len(WORDS) :]
        words = (text["content"] for text in texts if (text["case_id"], text["seq"]) == entry)
        if found := grams(*words):
            self.add(ReportWords, report_id=report["id"], grams=found)

    def _reached(self, timer: dict[str, Any]) -> dict[str, Any]:
        if timer["next_at"] is None or timer["next_at"] >= self.until:
            return {"fired_at": None}
        calendar = self.calendars[timer["calendar"]]
        step, next_at = upcoming(calendar, timer["started_at"], timer["due_at"], self.until)
        return {"step": step - 1, "next_at": next_at, "fired_at": self.until}

    def copy(self, connection: psycopg.Connection[Any]) -> int:
        """Writes and forgets the rows; returns how many. Foreign keys are not looked at."""
        count = 0
        for table in sorted(self.tables, key=ORDER.index):
            rows = self.tables[table]
            names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                for lines in _batches(rows):
                    copy.write(lines)
            count += len(rows)
        self.tables = {}
        return count


def _batches(rows: list[dict[str, Any]]) -> Iterable[str]:
    batch, size = [], 0
    for row in rows:
        line = "\t".join([_TEXT[type(value)](value) for value in row.values()])
        batch.append(line)
        size += len(line)
        if size > BATCH_BYTES:
            yield "\n".join(batch) + "\n"
            batch, size = [], 0
    if batch:
        yield "\n".join(batch) + "\n"


def _escaped(text: str) -> str:
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        return text.replace("\r", "\\r")
    return text


def _array(words: list[str]) -> str:
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return _escaped("{" + ",".join([f'"{word}"' for word in quoted]) + "}")


class _Texts(dict[type, Any]):
    """PostgreSQL's COPY text of a value, by its type."""

    def __missing__(self, kind: type) -> Any:
        parent = next(base for base in kind.__mro__ if base in self)
        self[kind] = self[parent]
        return self[kind]


_TEXT = _Texts(
    {
        type(None): lambda _: "\\N",
        bool: lambda value: "t" if value else "f",
        int: int.__repr__,
        float: float.__repr__,
        str: _escaped,
        bytes: lambda value: "\\\\x" + value.hex(),
        datetime: datetime.isoformat,
        date: date.isoformat,
        dict: lambda value: _escaped(orjson.dumps(value).decode()),
        list: _array,
    }
)
