"""The database: engine, the only commit, and rows written together."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, create_engine

from models.base import Base

set_json_dumps(orjson.dumps)
set_json_loads(orjson.loads)
# One wire type for every int: psycopg would pick int2, int4 or int8 by value, and each mix
# would be a prepared statement of its own.
psycopg.adapters.register_dumper(int, Int8Dumper)


def connect(url: str, *, pool_size: int = 5, statement_timeout_ms: int = 30_000) -> Engine:
    """An engine on PostgreSQL through psycopg 3; transactions end after the timeout. Its errors
    do not tell the values that statements were given: they come into logs."""
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        pool_timeout=10,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c timezone=UTC -c statement_timeout={statement_timeout_ms}"
            f" -c idle_in_transaction_session_timeout={statement_timeout_ms}",
        },
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One unit of work: commits at the end, rolls back on any error."""
    with engine.begin() as db:
        yield db


class Rows:
    """Rows for several tables, inserted by one statement.

    Round trips and parameters are what a busy request pays for: each table's rows travel as one
    JSON parameter, which PostgreSQL takes apart by the table's own types. Rows of the same table
    must name the same columns. Foreign keys between them hold: PostgreSQL checks them at the
    statement's end.
    """

    def __init__(self) -> None:
        self._tables: dict[type[Base], list[dict[str, Any]]] = {}

    def add(self, table: type[Base], **values: Any) -> None:
        self._tables.setdefault(table, []).append(values)

    def insert(self, db: Connection) -> None:
        """Writes all rows and forgets them."""
        if not self._tables:
            return
        shape = tuple((table, tuple(rows[0])) for table, rows in self._tables.items())
        values = {
            f"t{position}": orjson.dumps(rows, default=_plain).decode()
            for position, rows in enumerate(self._tables.values())
        }
        self._tables = {}
        db.exec_driver_sql(_statement(shape), values)


def _plain(value: Any) -> str:
    """Bytes in PostgreSQL's hexadecimal form."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"cannot store {type(value).__name__}")


@lru_cache(maxsize=256)
def _statement(shape: tuple[tuple[type[Base], tuple[str, ...]], ...]) -> str:
    """`WITH t0 AS (INSERT …), t1 AS (INSERT …) SELECT`, from table and column names only."""
    inserts = []
    for position, (table, columns) in enumerate(shape):
        known = table.__table__.columns
        names = ", ".join(f'"{known[column].name}"' for column in columns)
        inserts.append(
            f't{position} AS (INSERT INTO "{table.__tablename__}" ({names})'  # noqa: S608
            f" SELECT {names} FROM jsonb_populate_recordset("
            f'NULL::"{table.__tablename__}", %(t{position})s::jsonb))'
        )
    return f"WITH {', '.join(inserts)} SELECT"
