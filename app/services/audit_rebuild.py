"""Making the whole audit anew from the ledger, and comparing it with what is there."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from sqlalchemy import Connection, func, select, text

from app.services import audit_cells, audit_feed, audit_recurrence
from models.audit import SIZE_E7, audit_frozen_month
from models.case import Case
from models.histogram import compact
from models.measures import COLUMNS
from models.routing import Atlas

BATCH = 2000
SHOWN = 20
Progress = Callable[[str], None]
_SIGNED = "(SELECT 1 AS sign, * FROM audit_round) AS rounds"


class _OnlyLookedError(Exception):
    """Undoes what was only done to compare."""


def rebuild(db: Connection, atlas: Atlas, progress: Progress, *, write: bool) -> list[str]:
    """Reads every round off the ledger again and sums all up; returns what differed from the
    audit as it was, at most SHOWN of each kind. Without `write` all stays as it was; frozen months
    always do."""
    found: list[str] = []
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        db.execute(text(f"SET LOCAL {setting} = 0"))
    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": audit_feed.ONE_AT_A_TIME})
    with suppress(_OnlyLookedError), db.begin_nested():
        while audit_feed.follow(db, atlas):
            pass
        _read_all(db, atlas, progress)
        progress("比较案卷")
        found += _rounds_that_differ(db)
        found += _sum_anew(db, progress)
        if not write:
            raise _OnlyLookedError
        _months(db, progress)
    return found


def _read_all(db: Connection, atlas: Atlas, progress: Progress) -> None:
    """Fills the table `rebuilt` with the rounds of every case."""
    db.execute(text("DROP TABLE IF EXISTS pg_temp.rebuilt"))
    db.execute(text("CREATE TEMP TABLE rebuilt (LIKE audit_round) ON COMMIT DROP"))
    total = db.execute(select(func.count()).select_from(Case)).scalar_one()
    last, done = -1, 0
    ids = select(Case.id).order_by(Case.id).limit(BATCH)
    while batch := db.execute(ids.where(Case.id > last)).scalars().all():
        audit_feed.insert(db, audit_feed.read(db, atlas, batch), "rebuilt")
        last, done = batch[-1], done + len(batch)
        progress(f"{done}/{total} 个案卷")
    progress("复发")
    squares = f"(latitude_e7 / {SIZE_E7[0]}), (longitude_e7 / {SIZE_E7[1]})"
    where = "WHERE round = 1 AND counted"
    db.execute(text(f"CREATE INDEX ON rebuilt (category, {squares}, began_at) {where}"))
    db.execute(text("CREATE UNIQUE INDEX ON rebuilt (case_id, round)"))
    db.execute(text("ANALYZE rebuilt"))
    audit_recurrence.settle_all(db, "rebuilt")


def _rounds_that_differ(db: Connection) -> Iterator[str]:
    """Compares rounds, and puts the new in the place of the old."""
    rows = db.execute(
        text(
            """
            SELECT coalesce(c.number, CAST(found.case_id AS text)) AS number, found.round
            FROM (SELECT case_id, round
                  FROM rebuilt AS new FULL JOIN audit_round AS old USING (case_id, round)
                  WHERE new IS DISTINCT FROM old ORDER BY 1, 2 LIMIT :most) AS found
            LEFT JOIN "case" c ON c.id = found.case_id ORDER BY found.case_id, found.round
            """
        ),
        {"most": SHOWN},
    )
    for row in rows.all():
        yield f"{row.number} 第 {row.round} 轮与台账不符"
    db.execute(text("DELETE FROM audit_round"))
    db.execute(text("INSERT INTO audit_round SELECT * FROM rebuilt"))


def _sum_anew(db: Connection, progress: Progress) -> Iterator[str]:
    """Sums the days up again from the rounds, and compares."""
    progress("汇总")
    for table in ("audit_day", "audit_day_time"):
        db.execute(text(f"DROP TABLE IF EXISTS pg_temp.old_{table}"))
        db.execute(text(f"CREATE TEMP TABLE old_{table} ON COMMIT DROP AS SELECT * FROM {table}"))  # noqa: S608
        db.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    audit_cells.add(db, _SIGNED)
    differs = " OR ".join(f"coalesce(new.{c}, 0) <> coalesce(old.{c}, 0)" for c in COLUMNS)
    sums = f"""
        SELECT pair, day, a, b FROM audit_day AS new
        FULL JOIN old_audit_day AS old USING (pair, day, a, b)
        WHERE {differs} ORDER BY 1, 2, 3, 4 LIMIT :most
        """  # noqa: S608  (names of columns)
    for row in db.execute(text(sums), {"most": SHOWN}).all():
        yield f"{row.day} {row.pair} {row.a} {row.b} 的汇总与案卷不符"
    times = """
        SELECT pair, day, a, b,
               coalesce(new.codes, '') AS codes, coalesce(new.counts, '') AS counts,
               coalesce(old.codes, '') AS old_codes, coalesce(old.counts, '') AS old_counts
        FROM audit_day_time AS new FULL JOIN old_audit_day_time AS old USING (pair, day, a, b)
        WHERE new.codes IS DISTINCT FROM old.codes OR new.counts IS DISTINCT FROM old.counts
        """
    shown = 0
    for row in db.execute(text(times)):
        if compact(row.codes, row.counts) != compact(row.old_codes, row.old_counts):
            shown += 1
            if shown <= SHOWN:
                yield f"{row.day} {row.pair} {row.a} {row.b} 的用时汇总与案卷不符"


def _months(db: Connection, progress: Progress) -> None:
    frozen = set(db.execute(select(audit_frozen_month.c.month)).scalars())
    statement = "SELECT DISTINCT CAST(date_trunc('month', day) AS date) FROM {}"
    known = " UNION ".join(statement.format(t) for t in ("audit_day", "audit_month"))
    for month in sorted(set(db.execute(text(known)).scalars()) - frozen):
        progress(f"{month:%Y-%m}")
        audit_cells.sum_up(db, month)
    db.execute(text("DELETE FROM audit_stale"))
