"""The words of reports, so that cases are found by them."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from models.ledger import LedgerText
from models.report import Report, ReportWords
from models.search import grams

WORDS = ("description", "address")
"""Texts of the entry that recorded a report."""


def index(db: Connection, report_id: int) -> None:
    """Notes the character pairs of a report's words; again is harmless.

    The report is locked, so that words just being erased are not noted.
    """
    entry = db.execute(
        select(Report.entry_case_id, Report.entry_seq)
        .where(Report.id == report_id)
        .with_for_update()
    ).one()
    words = db.execute(
        select(LedgerText.content).where(
            LedgerText.case_id == entry.entry_case_id,
            LedgerText.seq == entry.entry_seq,
            LedgerText.field.in_(WORDS),
        )
    ).scalars()
    found = grams(*words)
    if found:
        row = insert(ReportWords).values(report_id=report_id, grams=found)
        db.execute(row.on_conflict_do_nothing())
