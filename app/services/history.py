"""Playing a history: reports and actions with given times, through the services that serve people.

One JSON object a line (docs/history.md). For trials, demonstrations and tests; never in production.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from pydantic import ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import Connection, insert, select, text

from app.services import account, case, report, reporter, sweep
from app.services.actions import HANDLERS
from models import moment
from models.account import Account, Actor, Grant, Role, RoleGrant, Scope
from models.case import Case
from models.errors import DomainError, FieldFault, ImportRefused, InvalidInput
from models.fields import Answer, Fields, GiveFeedback, Moment, Reason, Supplement
from models.geo import to_wgs84
from models.likeness import SKETCH_BYTES, bands, likeness
from models.photo import Photo
from models.routing import Atlas
from models.status import Action
from models.submission import Submission
from models.timer import Clock, Timer

RESIDENT = "resident:"
SHUTTER = timedelta(seconds=60)
"""How long before a line its photos are taken; those after the work half as long."""
Progress = Callable[[int], None]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Line(Fields):
    """One thing that happened. `photos` and `after_photos` are how many pictures, made up at the
    time and place of the case. An action's own fields stand beside these."""

    model_config = ConfigDict(extra="allow")

    at: Moment
    by: Name
    report: dict[str, Any] | None = None
    case: Name | None = None
    action: Action | None = None
    call: str | None = None
    photos: int = Field(default=0, ge=0, le=9)
    after_photos: int = Field(default=0, ge=0, le=9)


CALLS: dict[str, tuple[Any, type[Fields] | None]] = {
    "supplement": (reporter.supplement, Supplement),
    "answer": (reporter.answer, Answer),
    "feedback": (reporter.feedback, GiveFeedback),
    "appeal": (reporter.appeal, Reason),
    "urge": (reporter.urge, None),
    "withdraw": (reporter.withdraw, None),
}


@dataclass
class _Player:
    db: Connection
    atlas: Atlas
    actors: dict[str, Actor] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    reports: dict[tuple[str, int | None], str] = field(default_factory=dict)


def play(
    db: Connection, atlas: Atlas, lines: Iterable[bytes], progress: Progress
) -> dict[str, str]:
    """Plays a file, all of it or nothing; returns the case numbers by the names it gave.

    What falls due by itself in between (a suspension's review, an unanswered question) is done at
    its own time.

    Raises:
        ImportRefused: naming the line, and what is wrong with it.
    """
    # Statistics know nothing of rows that are not committed: every look-up would read whole tables.
    db.execute(text("SET LOCAL enable_seqscan = off"))
    player = _Player(db, atlas)
    before = datetime.fromtimestamp(0, UTC)
    for position, given in enumerate(lines, start=1):
        if not given.strip():
            continue
        try:
            line = Line.model_validate(orjson.loads(given))
            _in_order(line, before)
            _fall_due(player, line.at)
            with moment.at(line.at):
                _do(player, line)
        except (DomainError, ValidationError, orjson.JSONDecodeError) as error:
            raise _refused(position, error) from error
        before = line.at
        progress(position)
    _fall_due(player, datetime.now(UTC))
    return player.numbers


def _refused(position: int, error: Exception) -> ImportRefused:
    if isinstance(error, DomainError):
        faults = [FieldFault(f"/{position}{f.pointer}", f.message) for f in error.faults]
        return ImportRefused(f"第 {position} 行：{error.detail}", faults)
    if isinstance(error, ValidationError):
        faults = [
            FieldFault("".join(f"/{part}" for part in (position, *one["loc"])), one["msg"])
            for one in error.errors(include_url=False, include_input=False)
        ]
        return ImportRefused(f"第 {position} 行填写有误", faults)
    return ImportRefused(f"第 {position} 行不是 JSON 对象", [])


def _in_order(line: Line, before: datetime) -> None:
    if line.at < before:
        raise InvalidInput.at("/at", "时间早于上一行")
    if line.at > datetime.now(UTC):
        raise InvalidInput.at("/at", "时间晚于现在")


def _fall_due(player: _Player, until: datetime) -> None:
    """Does what cases do by themselves up to a moment, each at its time."""
    due = (
        select(Timer.id, Timer.due_at)
        .where(
            Timer.next_at <= until,
            Timer.due_at <= until,
            Timer.clock.in_([Clock.ANSWER, Clock.SUSPENSION]),
        )
        .order_by(Timer.due_at, Timer.id)
    )
    for timer in player.db.execute(due).all():
        with moment.at(timer.due_at):
            sweep.fire(player.db, player.atlas, [timer.id])


def _do(player: _Player, line: Line) -> None:
    actor = _actor(player, line.by)
    given = dict(line.model_extra or {})
    if line.report is not None:
        _report(player, line, actor)
    elif line.case is None or line.case not in player.numbers:
        raise InvalidInput.at("/case", f"前面没有上报过案卷 {line.case}")
    elif line.call is not None:
        _call(player, line, actor, given)
    elif line.action is not None:
        _act(player, line, actor, given)
    else:
        raise InvalidInput.at("/action", "请给出 report、action 或 call")


def _actor(player: _Player, name: str) -> Actor:
    if name not in player.actors:
        player.actors[name] = _known(player.db, name)
    return player.actors[name]


def _known(db: Connection, name: str) -> Actor:
    if name.startswith(RESIDENT):
        return Actor(account.account_of_openid(db, f"history-{name[len(RESIDENT) :]}"), "市民")
    row = db.execute(
        select(Account.id, Account.display_name, Account.unit, Account.phone_blind).where(
            Account.username == name
        )
    ).one_or_none()
    if row is None:
        raise InvalidInput.at("/by", f"没有账号 {name}；市民写作 resident:名字")
    grants = db.execute(
        select(RoleGrant.role, RoleGrant.scope, RoleGrant.code)
        .where(RoleGrant.account_id == row.id)
        .order_by(RoleGrant.id)
    )
    held = tuple(Grant(Role(g.role), Scope(g.scope), g.code) for g in grants)
    return Actor(row.id, row.display_name, held, row.unit, row.phone_blind)


def _report(player: _Player, line: Line, actor: Actor) -> None:
    given = dict(line.report or {})
    submission = Submission.model_validate(given | {"join_case": None})
    if submission.contact_phone is not None:
        raise InvalidInput.at("/report/contact_phone", "导入的历史不带电话号码")
    place = submission.location
    where = to_wgs84(place.longitude, place.latitude, place.coord_type)
    if line.photos:
        given["photo_ids"] = _photos(player, actor, line.photos, where, SHUTTER)
    if line.after_photos:
        given["after_photo_ids"] = _photos(player, actor, line.after_photos, where, SHUTTER / 2)
    joined = given.get("join_case")
    if joined is not None:
        given["join_case"] = player.numbers.get(joined, joined)
    submission = Submission.model_validate(given)
    take = report.submit if joined is None else reporter.join
    answer = take(player.db, player.atlas, actor, submission)
    name = line.case or answer["case_number"]
    player.numbers[name] = answer["case_number"]
    player.reports[name, actor.id] = answer["id"]


def _call(player: _Player, line: Line, actor: Actor, given: dict[str, Any]) -> None:
    if line.call not in CALLS:
        raise InvalidInput.at("/call", f"只能是：{'、'.join(CALLS)}")
    do, needs = CALLS[line.call]
    report_id = player.reports.get((str(line.case), actor.id))
    if report_id is None:
        raise InvalidInput.at("/by", "没有上报过这个案卷")
    found = reporter.own(player.db, actor, report_id)
    given |= _evidence(player, line, actor)
    fields = () if needs is None else (needs.model_validate(given),)
    do(player.db, player.atlas, actor, found, *fields)


def _act(player: _Player, line: Line, actor: Actor, given: dict[str, Any]) -> None:
    assert line.action is not None  # noqa: S101  (looked at before)
    number = player.numbers[str(line.case)]
    if "target" in given:
        given["target"] = player.numbers.get(given["target"], given["target"])
    if "worker" in given:
        given["worker"] = str(_actor(player, given["worker"]).id)
    given |= _evidence(player, line, actor)
    version = player.db.execute(select(Case.version).where(Case.number == number)).scalar_one()
    case.act(
        player.db,
        player.atlas,
        actor,
        number,
        line.action,
        version,
        lambda needs: needs.model_validate(given),
        HANDLERS,
        and_lock=given.get("target") if line.action is Action.MERGE else None,
    )


def _evidence(player: _Player, line: Line, actor: Actor) -> dict[str, Any]:
    if not line.photos:
        return {}
    number = player.numbers[str(line.case)]
    row = player.db.execute(
        select(Case.longitude, Case.latitude).where(Case.number == number)
    ).one()
    return {"photo_ids": _photos(player, actor, line.photos, row, SHUTTER)}


def _photos(player: _Player, actor: Actor, amount: int, where: Any, before: timedelta) -> list[str]:
    """Rows of pictures that nobody took: there is no file behind them."""
    rows = []
    for _ in range(amount):
        sketch = secrets.token_bytes(SKETCH_BYTES)
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "uploader_id": actor.id,
            "uploaded_at": moment.now() - before / 2,
            "sha256": hashlib.sha256(sketch).digest(),
            "media_type": "image/jpeg",
            "width": 1600,
            "height": 1200,
            "size": 0,
            "sketch": sketch,
            "likeness": likeness(sketch),
            "similar_to": [],
            "client_taken_at": moment.now() - before,
            "client_longitude": where.longitude,
            "client_latitude": where.latitude,
            "client_accuracy_m": 10.0,
        }
        row |= {f"band{i}": value for i, value in enumerate(bands(row["likeness"]))}
        rows.append(row)
    player.db.execute(insert(Photo), rows)
    return [row["id"] for row in rows]
