"""The SQL that something costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextmanager
def counted(engine: Engine | Connection) -> Iterator[list[str]]:
    """Collects the statements that are sent meanwhile, without those of savepoints, and without the
    look at the revision of the set-up, which depends on the clock."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement and "FROM import_batch" not in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
