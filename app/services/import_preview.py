"""What an import would change: it is done by the same code, compared, and undone."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.services import admin_log, import_draft, map_changes, set_up_rows
from app.services.area import revision
from app.services.area_import import import_areas
from app.services.catalogue_import import import_catalogue
from app.services.duty_import import import_duties
from app.services.field_import import import_fields
from app.services.import_batch import Summary, one_at_a_time
from app.services.map_changes import MapChanges
from app.services.responsibility_import import import_responsibilities
from app.services.set_up_rows import Rows
from app.services.unit_import import import_units
from models.account import Actor
from models.calendar import LOCAL
from models.errors import Conflict, NotFound
from models.geo import CoordType

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
_ORDER = (REMOVED, CHANGED, ADDED)


@dataclass(frozen=True, slots=True)
class Change:
    """`how` is ADDED, CHANGED or REMOVED; `fields` are label, words before and words after."""

    how: str
    key: str
    title: str
    belongs: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """`base` says what was compared with: the set-up's revision and the day."""

    summary: Summary
    base: str
    changes: list[Change]
    map: MapChanges | None = None

    def count(self, how: str) -> int:
        return sum(change.how == how for change in self.changes)

    @property
    def by_group(self) -> list[tuple[str, dict[str, int]]]:
        """How many changes of each kind there are, by what they belong to."""
        found: dict[str, Counter[str]] = {}
        for change in self.changes:
            found.setdefault(change.belongs, Counter())[change.how] += 1
        return [(name, dict(counts)) for name, counts in found.items()]


class _OnlyLookedError(Exception):
    """Undoes what was only done to compare."""


_ROWS: dict[str, Callable[[Connection], Rows]] = {
    "areas": set_up_rows.areas,
    "units": set_up_rows.units,
    "responsibilities": set_up_rows.responsibilities,
    "duties": set_up_rows.duties,
    "catalogue": set_up_rows.catalogue,
    "fields": set_up_rows.fields,
}
_IMPORTS: dict[str, Callable[[Connection, bytes, str], Summary]] = {
    "units": import_units,
    "responsibilities": import_responsibilities,
    "duties": import_duties,
    "catalogue": import_catalogue,
    "fields": import_fields,
}
KINDS = tuple(_ROWS)


def _import(db: Connection, kind: str, draft: Any) -> Summary:
    if kind == "areas":
        return import_areas(db, draft.content, CoordType(draft.coord_type), draft.file_name)
    return _IMPORTS[kind](db, draft.content, draft.file_name)


def base_of(db: Connection) -> str:
    return f"{revision(db)}/{datetime.now(LOCAL).date()}"


def look(db: Connection, kind: str, draft: Any) -> Preview:
    """What importing the draft (content, file_name, coord_type) would change.

    Raises:
        ImportRefused: names every fault.
    """
    found: list[Preview] = []
    one_at_a_time(db)
    base = base_of(db)
    with suppress(_OnlyLookedError), db.begin_nested():
        before = _ROWS[kind](db)
        summary = _import(db, kind, draft)
        after = _ROWS[kind](db)
        seen = map_changes.compare(db, before, after) if kind == "areas" else None
        found.append(Preview(summary, base, _changes(before, after, seen), seen))
        raise _OnlyLookedError
    return found[0]


def _changes(before: Rows, after: Rows, seen: MapChanges | None) -> list[Change]:
    found = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            found.append(Change(ADDED, key, now.title, now.belongs))
        elif now is None and was is not None:
            found.append(Change(REMOVED, key, was.title, was.belongs))
        elif was is not None and now is not None:
            fields = [
                (label, was.fields.get(label, ""), text)
                for label, text in now.fields.items()
                if was.fields.get(label, "") != text
            ]
            if seen is not None and key in seen.moved:
                fields.append(("边界", *seen.moved[key].in_words()))
            if fields:
                found.append(Change(CHANGED, key, now.title, now.belongs, tuple(fields)))
    return sorted(found, key=lambda one: _ORDER.index(one.how))


def confirm(db: Connection, actor: Actor, kind: str, token: str, base: str) -> Summary:
    """Imports the actor's draft just as it was looked at. One that is imported already is
    `unchanged`.

    Raises:
        NotFound: the draft is gone. Conflict: it was replaced, or the set-up changed meanwhile.
        ImportRefused: names every fault.
    """
    one_at_a_time(db)
    draft = import_draft.find(db, actor, kind)
    if draft is None:
        raise NotFound("没有待确认的文件，请重新上传")
    if draft.token != token:
        raise Conflict("您后来又上传了一个文件，下面是那个文件的预览，请核对后再确认")
    if base_of(db) != base:
        seen = look(db, kind, draft)
        if seen.summary.unchanged:
            return seen.summary
        raise Conflict("预览之后，设置被更新过。下面是按最新设置重新计算的预览，请核对后再确认")
    summary = _import(db, kind, draft)
    if not summary.unchanged:
        log(db, actor, summary, draft.file_name)
    return summary


def log(db: Connection, actor: Actor, summary: Summary, subject: str) -> None:
    """Records an import or another change of the set-up that has a revision."""
    facts = {
        "revision": summary.revision,
        "rows": summary.rows,
        "added": summary.added,
        "ended": summary.ended,
    }
    admin_log.record(db, actor, f"{summary.kind}.import", subject, **facts)
