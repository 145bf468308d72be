"""Taking in reports: residents, joiners, patrols, self-handling, and on somebody's behalf."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from app.services import area, evidence, external_number, photo, screening
from app.services.assignment import known_category, propose_unit
from app.services.case import SYSTEM_ACTOR, Turn, perform
from app.services.draft import SYSTEM, Draft, reporter, staff
from app.services.screening import Surroundings
from models import extra_fields, moment
from models.account import Actor, Role
from models.calendar import LOCAL
from models.canonical import GENESIS
from models.case import Case
from models.db import Rows
from models.errors import EvidenceRefused, FieldFault, Forbidden, InvalidInput
from models.facts import Facts
from models.geo import Point
from models.outbox import Outbox
from models.phone import SealedPhone
from models.report import Report
from models.routing import Atlas
from models.status import Action, Status
from models.submission import ON_BEHALF, Source, Submission
from models.workflow import MOVES, covers

Keep = Callable[[Rows, dict[str, Any]], None]
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def submit(
    db: Connection,
    atlas: Atlas,
    actor: Actor,
    given: Submission,
    phone: SealedPhone | None = None,
    keep: Keep | None = None,
    *,
    partner: bool = False,
) -> dict[str, Any]:
    """Takes a report in as a new case and screens it; returns id, case number, status, receipt.
    `phone` is the contact phone of the submission, encrypted; `partner` that another system sends
    it, by its account.

    Without an external number all of it is written by one statement; `keep` is given the rows and
    the answer, and may add rows to be written along.

    Raises:
        InvalidInput, OutsideServiceArea, PhotoUnusable, EvidenceRefused: what is wrong with it.
        Forbidden: a way in that the actor may not use.
        Conflict: the external number is known, of a case that the actor may not see.
    """
    source, role = (Source.OPEN311, Role.SYSTEM) if partner else _way_in(actor, given)
    category = known_category(atlas, given.category) if given.category else None
    _check_amounts(given, source, category)
    answers = extra_fields.fitting(
        category.fields if category is not None else (),
        given.attributes,
        complete=partner or source not in ON_BEHALF,
    )
    if source in ON_BEHALF and given.external_number:
        known = external_number.known(db, atlas, actor, role, source, given)
        if known is not None:
            return known
    place = area.locate(atlas, given.location)
    around = screening.look(db, atlas, actor, place.point, given.category, phone, given.photo_ids)
    flags = screening.photo_flags(atlas, around.photos, place.point, actor)
    now = moment.now()
    row = _new_row(atlas, given, place, around.case_id, source, category, flags, now)
    draft = Draft(atlas, row, now, new=True)
    by = reporter(1) if role is Role.CITIZEN else staff(actor, role)
    reported = frozenset({actor.id}) if actor.id is not None else frozenset()
    turn = Turn(db, draft, actor, role, Facts(reporters=reported), given, by=by)
    turn.texts = words_of(given, answers)
    receipt = _record(turn, around, source, phone)
    if given.after_photo_ids:
        _self_handle(turn, around.photos)
    else:
        _screen(db, draft, around, turn.facts)
    answer = {
        "id": str(around.report_id),
        "case_number": draft.case.number,
        "status": draft.case.status,
        "receipt": receipt.hex(),
    }
    if keep is not None:
        keep(draft.rows, answer)
    draft.save(db)
    return answer


def _way_in(actor: Actor, given: Submission) -> tuple[Source, Role]:
    if given.patrol:
        if not actor.holds(Role.GRID_WORKER):
            raise Forbidden("只有网格员可以上报巡查")
        _not_on_behalf(given)
        return Source.PATROL, Role.GRID_WORKER
    if given.after_photo_ids:
        raise InvalidInput.at("/after_photo_ids", "只有巡查自办需要处置后照片")
    if given.source is None or given.source is Source.RESIDENT:
        _not_on_behalf(given)
        return Source.RESIDENT, Role.CITIZEN
    if given.source not in ON_BEHALF:
        raise InvalidInput.at("/source", "巡查请用 patrol 字段")
    if given.source is Source.OPEN311:
        raise InvalidInput.at("/source", "外部系统请用 Open311 接口")
    for role in (Role.DISPATCHER, Role.SUPERVISOR):
        if actor.holds(role):
            return given.source, role
    raise Forbidden("只有受理派遣员和督查员可以代录")


def _not_on_behalf(given: Submission) -> None:
    for name in ("external_number", "external_due_at", "reporter_name"):
        if getattr(given, name) is not None:
            raise InvalidInput.at(f"/{name}", "只有代录可以填写")


def _check_amounts(given: Submission, source: Source, category: Any) -> None:
    if source is Source.PATROL and category is None:
        raise InvalidInput.at("/category", "巡查上报请选择类别")
    if category is None or source in ON_BEHALF:
        return
    if len(given.photo_ids) < category.min_photos:
        message = f"“{category.name}”至少需要 {category.min_photos} 张照片"
        raise InvalidInput.at("/photo_ids", message)


def _new_row(
    atlas: Atlas,
    given: Submission,
    place: area.Place,
    case_id: int,
    source: Source,
    category: Any,
    flags: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(Case.__table__.columns.keys())
    where = place.placement
    return row | {
        "id": case_id,
        "number": f"{atlas.policy.number_prefix}{now.astimezone(LOCAL):%Y%m%d}{case_id:06d}",
        "version": 0,
        "round": 1,
        "source": source.value,
        "category": given.category,
        "emergency": category is not None and category.emergency,
        "public": category is not None and category.public,
        "longitude": place.point.longitude,
        "latitude": place.point.latitude,
        "raw_longitude": given.location.longitude,
        "raw_latitude": given.location.latitude,
        "coord_type": given.location.coord_type.value,
        "accuracy_m": given.location.accuracy_m,
        "district": where.district,
        "street": where.street,
        "community": where.community,
        "grid": where.grid,
        "overlay": where.overlay,
        "placed": where.how,
        "routed_unit": propose_unit(atlas, where, given.category, now),
        "revision": atlas.revision,
        "arbitrated": False,
        "external_due_at": given.external_due_at,
        "flags": flags,
        "reports": 1,
        "head_seq": 0,
        "head_hash": GENESIS,
        "changed_at": now,
        "submitted_at": now,
    }


def _record(turn: Turn, around: Surroundings, source: Source, phone: SealedPhone | None) -> bytes:
    given, case, draft = turn.fields, turn.case, turn.draft
    turn.payload = {
        "source": source.value,
        "category": given.category,
        "location": area.e7(Point(case.longitude, case.latitude)),
        "grid": case.grid,
        "anonymous": given.anonymous,
        "flags": case.flags,
        **staff_mark(by_staff(turn.actor, around, source)),
        "photos": draft.attach(around.photos, "report", turn.actor, report_id=around.report_id),
    }
    receipt = perform(turn, MOVES[Action.SUBMIT], lambda _: Status.SUBMITTED)
    add_report(turn, around, source, receipt, ordinal=1, phone=phone)
    turn.payload, turn.texts = {}, {}
    return receipt


def words_of(given: Submission, answers: extra_fields.Answers) -> dict[str, str | None]:
    """The words of a report, as its entry keeps them."""
    told = orjson.dumps(answers).decode() if answers else None
    return {"description": given.description, "address": given.address, "attributes": told}


def by_staff(actor: Actor, around: Surroundings, source: Source) -> bool:
    """Whether a resident's report comes from an account or phone of staff."""
    return source is Source.RESIDENT and (actor.is_staff or around.staff_phone)


def staff_mark(marked: bool) -> dict[str, bool]:
    """What an entry says of words that come from staff as residents: figures leave them out."""
    return {"by_staff": True} if marked else {}


def add_report(
    turn: Turn,
    around: Surroundings,
    source: Source,
    receipt: bytes,
    *,
    ordinal: int,
    phone: SealedPhone | None = None,
) -> None:
    """Adds the report's row beside the entry that just recorded it."""
    given, case, actor = turn.fields, turn.case, turn.actor
    on_behalf = source in ON_BEHALF
    turn.draft.rows.add(
        Report,
        id=around.report_id,
        case_id=case.id,
        ordinal=ordinal,
        entry_case_id=case.id,
        entry_seq=case.head_seq,
        source=source.value,
        account_id=None if on_behalf else actor.id,
        recorded_by=actor.id if on_behalf else None,
        external_number=given.external_number if on_behalf else None,
        external_due_at=given.external_due_at,
        category=given.category,
        reporter_name=given.reporter_name,
        contact_phone=phone and phone.sealed,
        anonymous=given.anonymous,
        by_staff=by_staff(actor, around, source),
        limited=around.limited,
        flags=case.flags,
        longitude=case.longitude,
        latitude=case.latitude,
        receipt=receipt,
        submitted_at=turn.now,
    )
    turn.draft.rows.add(
        Outbox,
        job="report.index",
        args={"report_id": around.report_id},
        created_at=turn.now,
        due_at=turn.now,
    )


def _screen(db: Connection, draft: Draft, around: Surroundings, facts: Facts) -> None:
    turn = Turn(db, draft, SYSTEM_ACTOR, Role.SYSTEM, facts, None, by=SYSTEM)
    perform(turn, MOVES[Action.SCREEN], lambda t: screening.screen(t, around))


def _self_handle(turn: Turn, before: list[Any]) -> None:
    """A grid worker put it right on the spot: own grid, no emergency, before and after photos
    that know their time and place, and a comment."""
    given, case = turn.fields, turn.case
    if case.emergency:
        raise InvalidInput.at("/after_photo_ids", "突发险情不能自办，请上报由责任单位处置")
    own = [g for g in turn.actor.grants if g.role is Role.GRID_WORKER]
    if not any(covers(grant, case) for grant in own):
        raise InvalidInput.at("/location", "只能自办本人网格内的问题")
    if not before:
        raise InvalidInput.at("/photo_ids", "自办请附处置前照片")
    if given.comment is None:
        raise InvalidInput.at("/comment", "自办请写明做了什么")
    after = photo.load(turn.db, turn.actor, given.after_photo_ids, "/after_photo_ids")
    if {p.id for p in after} & {p.id for p in before}:
        raise InvalidInput.at("/after_photo_ids", "处置前后请用不同的照片")
    _prove(turn, before, after)
    turn.payload["photos"] = turn.draft.attach(after, "after", turn.actor)
    turn.texts["comment"] = given.comment
    case.closed_at = case.resolved_at = turn.now
    turn.by = staff(turn.actor, Role.GRID_WORKER)
    perform(turn, MOVES[Action.SELF_HANDLE], lambda _: Status.CLOSED)


def _same_picture(row: Any, others: list[Any]) -> bool:
    """Neither is attached yet, so that `copies` knows nothing of them."""
    alike = set(map(str, row.similar_to))
    return any(one.sha256 == row.sha256 or one.id in alike for one in others)


def _prove(turn: Turn, before: list[Any], after: list[Any]) -> None:
    where = Point(turn.case.longitude, turn.case.latitude)
    shot = [t for row in before for t in evidence.proof_of(row).times]
    since = max(shot, default=None)
    faults = []
    for pointer, rows in (("/photo_ids", before), ("/after_photo_ids", after)):
        copied = photo.copies(rows, where, turn.actor.id, turn.actor.unit)
        for position, row in enumerate(rows):
            reasons = [] if evidence.proof_of(row).complete else ["照片没有拍摄时间或位置"]
            if row.id in copied:
                reasons.append("照片与已提交的照片重复")
            if rows is after and _same_picture(row, before):
                reasons.append("处置前后是同一张照片")
            at = since if rows is after and since is not None else _EVER
            reasons += evidence.faults_of(row, where, at)
            faults += [FieldFault(f"{pointer}/{position}", reason) for reason in reasons]
    if faults:
        wanted = "自办需要处置前、后各至少一张带时间和位置的现场照片"
        raise EvidenceRefused("照片不能证明自办属实", faults, accepted=wanted)
