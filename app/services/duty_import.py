"""Importing who checks which area when, and leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, insert, select

from app.services.dated_rows import Dated, change, last_day
from app.services.import_batch import Import, Summary, TableRow, newest_areas
from app.services.responsibility_import import write_days
from models.account import Account, RoleGrant
from models.area import Unit
from models.calendar import HOLIDAY, LOCAL
from models.duty import Duty, Leave
from models.errors import InvalidInput, NotFound
from models.moment import rfc3339

COLUMNS = (
    *("area", "worker", "weekdays", "starts", "ends", "valid_from", "valid_to", "backup"),
    "duty_unit",
)
_KEY = ("area", "worker_id", "weekdays", "starts", "ends", "backup_id", "duty_unit")


@dataclass(frozen=True, slots=True)
class _Worker:
    id: int
    everywhere: bool
    areas: frozenset[str]


def import_duties(db: Connection, data: bytes, file_name: str) -> Summary:
    """Makes the duties from today on those of a CSV file with `COLUMNS`.

    `worker` and `backup` are usernames of grid workers; a row without worker names the
    `duty_unit` that is on call. Weekdays are `1-5,7` with Monday 1, and 8 for legal holidays;
    hours are local, `ends` 24:00 is midnight. `valid_from` blank is today. Duties that the file
    lacks end yesterday.

    Raises:
        ImportRefused: names every fault.
    """
    upload = Import(db, "duties", file_name, data)
    same = upload.unchanged()
    if same is not None:
        return same
    rows = upload.table(data, COLUMNS)
    today = datetime.now(LOCAL).date()
    workers = _workers(db)
    wanted = [_dated(upload, row, workers) for row in rows]
    current = [row for row, w in zip(rows, wanted, strict=True) if last_day(w) >= today]
    _check_codes(db, upload, current)
    planned = change(_stored(db), wanted, today, upload.fault)
    revision = upload.accept(len(rows))
    if planned.insert:
        db.execute(insert(Duty), [_values(row) for row in planned.insert])
    write_days(db, Duty, planned)
    return Summary(
        "duties",
        revision,
        rows=len(rows),
        added=len(planned.insert),
        ended=planned.ended,
        warnings=tuple(_without_role(db, current, workers)),
    )


def add_leave(db: Connection, username: str, starts_at: datetime, ends_at: datetime) -> Summary:
    """A worker is away from the first moment up to the second; the same leave counts once.

    Raises:
        NotFound: no such grid worker. InvalidInput: it ends before it starts.
    """
    if ends_at <= starts_at:
        raise InvalidInput.at("/ends_at", "结束时间须晚于开始时间")
    worker = _workers(db).get(username)
    if worker is None:
        raise NotFound(f"没有网格员“{username}”")
    content = f"{worker.id} {rfc3339(starts_at)} {rfc3339(ends_at)}".encode()
    upload = Import(db, "leave", f"leave {username}", content)
    values = {"worker_id": worker.id, "starts_at": starts_at, "ends_at": ends_at}
    known = db.execute(select(Leave.id).filter_by(**values)).first()
    if known is not None:
        return Summary("leave", 0, 1, unchanged=True)
    revision = upload.accept(1)
    db.execute(insert(Leave).values(values))
    return Summary("leave", revision, rows=1, added=1)


def _workers(db: Connection) -> dict[str, _Worker]:
    found: dict[str, _Worker] = {}
    grants = (
        select(Account.id, Account.username, RoleGrant.scope, RoleGrant.code)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == "grid_worker", Account.enabled, Account.username.is_not(None))
    )
    for row in db.execute(grants):
        known = found.get(row.username, _Worker(row.id, False, frozenset()))
        areas = known.areas | ({row.code} if row.scope == "area" else set())
        everywhere = known.everywhere or row.scope == "all"
        found[row.username] = _Worker(row.id, everywhere, areas)
    return found


def _dated(upload: Import, row: TableRow, workers: Mapping[str, _Worker]) -> Dated:
    weekdays, starts, ends = _weekdays(row["weekdays"]), _clock(row["starts"]), _clock(row["ends"])
    if not weekdays:
        upload.fault(row.pointer("weekdays"), f"“{row['weekdays']}”应如 1-5 或 6,7,8（8 为节假日）")
    for column, clock in (("starts", starts), ("ends", ends)):
        if clock is None or (column == "starts" and row[column] == "24:00"):
            upload.fault(row.pointer(column), f"“{row[column]}”应如 08:30")
    if starts is not None and ends is not None and time(0) != ends <= starts:
        upload.fault(row.pointer("ends"), "应晚于 starts；跨夜的班请分成两行")
    elif ends == time(0) and row["ends"] != "24:00":
        upload.fault(row.pointer("ends"), "一天结束请写 24:00")
    people = {name: workers[row[name]].id for name in ("worker", "backup") if row[name] in workers}
    key = (
        row["area"],
        people.get("worker"),
        weekdays,
        starts,
        ends,
        people.get("backup"),
        row["duty_unit"] or None,
    )
    _check_people(upload, row, workers)
    valid_from, valid_to = upload.day(row, "valid_from"), upload.day(row, "valid_to")
    return Dated(key, valid_from, valid_to, pointer=f"/rows/{row.number}")


def _check_people(upload: Import, row: TableRow, workers: Mapping[str, _Worker]) -> None:
    for column in ("worker", "backup"):
        if row[column] and row[column] not in workers:
            upload.fault(row.pointer(column), f"“{row[column]}”不是在用的网格员账号")
    if row["worker"] and row["duty_unit"]:
        upload.fault(row.pointer("duty_unit"), "网格员和值班单位只能填一个")
    if not row["worker"] and not row["duty_unit"]:
        upload.fault(row.pointer("duty_unit"), "没有网格员的行须填值班单位")
    if row["backup"] and not row["worker"]:
        upload.fault(row.pointer("backup"), "没有网格员的行不能有替补")
    if row["backup"] and row["backup"] == row["worker"]:
        upload.fault(row.pointer("backup"), "替补不能是本人")


def _weekdays(text: str) -> tuple[int, ...]:
    """`1-5,7` to its numbers in order; empty when it makes no sense."""
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        numbers = (first, last) if dash else (first, first)
        if not all(n.isascii() and n.isdecimal() and len(n) == 1 for n in numbers):
            return ()
        low, high = int(numbers[0]), int(numbers[1])
        if not 1 <= low <= high <= HOLIDAY:
            return ()
        days |= set(range(low, high + 1))
    return tuple(sorted(days))


def _clock(text: str) -> time | None:
    if text == "24:00":
        return time(0)
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  (a time of day has no zone)
    except ValueError:
        return None


def _check_codes(db: Connection, upload: Import, rows: Sequence[TableRow]) -> None:
    areas = newest_areas(db)
    units = set(db.execute(select(Unit.code).where(Unit.retired_at.is_(None))).scalars())
    for row in rows:
        if row["area"] not in areas:
            upload.fault(row.pointer("area"), f"当前地图中没有区域“{row['area']}”")
        if row["duty_unit"] and row["duty_unit"] not in units:
            upload.fault(row.pointer("duty_unit"), f"没有单位“{row['duty_unit']}”，或已停用")


def _stored(db: Connection) -> list[Dated]:
    columns = [Duty.__table__.c[name] for name in _KEY]
    stored = []
    for row_id, first, last, *values in db.execute(
        select(Duty.id, Duty.valid_from, Duty.valid_to, *columns)
    ):
        key = tuple(tuple(sorted(v)) if isinstance(v, list) else v for v in values)
        stored.append(Dated(key, first, last, row_id))
    return stored


def _values(row: Dated) -> dict[str, Any]:
    values = dict(zip(_KEY, row.key, strict=True))
    return values | {
        "weekdays": list(values["weekdays"]),
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }


def _without_role(
    db: Connection, rows: Sequence[TableRow], workers: Mapping[str, _Worker]
) -> list[str]:
    """Workers who could not act on the cases that their duty brings them."""
    areas = newest_areas(db)
    missing = set()
    for row in rows:
        above, code = set(), row["area"]
        while code in areas and code not in above:
            above.add(code)
            code = areas[code].parent or ""
        for name in (row["worker"], row["backup"]):
            if name and not workers[name].everywhere and not workers[name].areas & above:
                missing.add((name, row["area"]))
    return [f"{name} 在 {area} 值班，但没有该区域的网格员角色" for name, area in sorted(missing)]
