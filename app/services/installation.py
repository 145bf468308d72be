"""Facts about the database as a whole: its migrations, and whether it is a demo."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.dialects.postgresql import insert

from app.services.safe import Safe
from models import moment
from models.account import Account
from models.errors import Conflict
from models.outbox import Installation

KEY_FACT, VERIFIED_FACT = "data_key", "ledger_verified"
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """Migrations are numbered files: the last one's number."""
    return max(path.name[:4] for path in MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))


def is_migrated(db: Connection) -> bool:
    if not inspect(db).has_table("alembic_version"):
        return False
    return db.execute(text("SELECT version_num FROM alembic_version")).scalar() == (
        newest_migration()
    )


def is_demo(db: Connection) -> bool:
    mode = select(Installation.value).where(Installation.key == "mode")
    return db.execute(mode).scalar_one_or_none() == "demo"


def require_key(db: Connection, safe: Safe) -> None:
    """Records which data key this database is used with, or makes sure that it is this one.

    Raises:
        Conflict: phone numbers here were encrypted with another key.
    """
    made = insert(Installation).values(key=KEY_FACT, value=safe.fingerprint)
    db.execute(made.on_conflict_do_nothing())
    known = select(Installation.value).where(Installation.key == KEY_FACT)
    if db.execute(known).scalar_one() != safe.fingerprint:
        raise Conflict("数据密钥与数据库登记的不同：请使用原来的 DATA_KEY（或 DATA_DIR/data.key）")


def note_verification(db: Connection, rows: int, anchors: int, bad: str | None) -> None:
    """Keeps what a check of the whole ledger found: how many rows and anchors, and the first that
    does not hold."""
    found = {"at": moment.now().isoformat(), "rows": rows, "anchors": anchors, "bad": bad}
    made = insert(Installation).values(key=VERIFIED_FACT, value=orjson.dumps(found).decode())
    known = {"value": made.excluded.value}
    db.execute(made.on_conflict_do_update(index_elements=["key"], set_=known))


def last_verification(db: Connection) -> dict[str, Any] | None:
    """What the last check of the whole ledger found; None: there was none."""
    kept = select(Installation.value).where(Installation.key == VERIFIED_FACT)
    found = db.execute(kept).scalar_one_or_none()
    return None if found is None else orjson.loads(found)


def is_empty(db: Connection) -> bool:
    return db.execute(select(func.count()).select_from(Account)).scalar_one() == 0


def mark_demo(db: Connection) -> None:
    statement = insert(Installation).values(key="mode", value="demo")
    db.execute(statement.on_conflict_do_nothing())
