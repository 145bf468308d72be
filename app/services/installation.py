"""Facts about the database as a whole: its migrations, and whether it is a demo."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.dialects.postgresql import insert

from models.account import Account
from models.outbox import Installation

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


def is_empty(db: Connection) -> bool:
    return db.execute(select(func.count()).select_from(Account)).scalar_one() == 0


def mark_demo(db: Connection) -> None:
    statement = insert(Installation).values(key="mode", value="demo")
    db.execute(statement.on_conflict_do_nothing())
