"""The lists of supervision walk indexes, whatever there is in the tables."""

from typing import Any

import pytest
from sqlalchemy import event, text

from tests.console.desk import sign_in
from tests.drive import Drive

HOME = "/console/supervision"


@pytest.mark.parametrize(
    ("path", "indexes"),
    [
        ("/call-backs", ["ix_ledger_entry_call_back", "ix_feedback_bad"]),
        ("/appeals", ["ix_audit_round_appeal_open"]),
        ("/orders", ["ix_timer_order"]),
        ("/orders?view=answered", ["ix_timer_order_answered"]),
        ("/moderation", ["ix_content_check_held"]),
        ("/moderation?view=refused", ["ix_content_check_refused"]),
    ],
    ids=["call-backs", "appeals", "orders", "answered", "held", "refused"],
)
def test_a_list_is_read_by_its_indexes(drive: Drive, path: str, indexes: list[str]) -> None:
    supervisor = sign_in(drive, "supervisor")
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:
        seen.append((statement, values))

    event.listen(drive.db, "before_cursor_execute", note)
    supervisor.get(HOME + path)
    event.remove(drive.db, "before_cursor_execute", note)
    drive.db.execute(text("SET LOCAL enable_seqscan = off"))
    drive.db.execute(text("SET LOCAL enable_bitmapscan = off"))
    # Tables without rows are joined in whatever way, as what earlier tests left there suggests.
    drive.db.execute(text("SET LOCAL enable_nestloop = off"))
    drive.db.execute(text("SET LOCAL enable_mergejoin = off"))
    plans = [
        line
        for statement, values in seen
        if statement.strip().startswith(("SELECT", "WITH"))
        for (line,) in drive.db.exec_driver_sql(f"EXPLAIN {statement}", values)
    ]
    for index in indexes:
        assert any(index in line.split() for line in plans), (index, plans)
