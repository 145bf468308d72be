"""What becomes of a report when it comes in: decided once, by rule."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.services import evidence, photo
from app.services.assignment import accept_round, give_to
from app.services.case import Turn
from models.account import Actor
from models.catalogue import Intake
from models.geo import EARTH_RADIUS_M, Point, distance_m, farther
from models.phone import SealedPhone
from models.routing import Atlas
from models.status import Status
from models.submission import Source


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the database knows around a new report.

    `photos`: the reporter's own, in their order;
    `same_nearby`: an open case of the same category lies within the policy's near distance;
    `limited`: a supervisor limits the reporter; `staff_phone`: the phone belongs to staff.
    """

    case_id: int
    report_id: int
    photos: list[Any]
    same_nearby: bool
    limited: bool
    staff_phone: bool


_LOOK = f"""
    WITH around AS MATERIALIZED (
    SELECT nextval('case_number') AS case_id,
           nextval('report_id_seq') AS report_id,
           EXISTS (SELECT FROM reporter_limit WHERE account_id = %(account)s
                   AND lifted_at IS NULL AND expires_at > now()) AS limited,
           EXISTS (SELECT FROM account a JOIN role_grant g ON g.account_id = a.id
                   WHERE a.phone_blind = ANY(%(phones)s)) AS staff_phone,
           (SELECT json_agg(json_build_array(longitude, latitude))
                   FILTER (WHERE category = %(category)s)  -- in WHERE, its index would be read
            FROM "case"
            WHERE box(point(longitude, latitude))
                  && box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))
              AND status NOT IN ('closed', 'merged', 'rejected', 'withdrawn')) AS same
    )
    SELECT around.*, own.* FROM around LEFT JOIN ({photo.OWN}) own ON true
    """  # noqa: S608  (two constants)


def look(
    db: Connection,
    atlas: Atlas,
    actor: Actor,
    where: Point,
    category: str | None,
    phone: SealedPhone | None,
    photo_ids: Sequence[str],
) -> Surroundings:
    """Serials for a new case and report, their photos, and what lies around: one statement.

    Raises:
        PhotoUnusable: as `photo.usable` says.
    """
    reach = math.degrees(atlas.policy.near_m / EARTH_RADIUS_M)
    across = reach / max(0.01, math.cos(math.radians(where.latitude)))
    rows = db.exec_driver_sql(
        _LOOK,
        {
            "account": actor.id,
            "phones": [p for p in (phone and phone.blind, actor.phone_blind) if p],
            "west": where.longitude - across,
            "east": where.longitude + across,
            "south": where.latitude - reach,
            "north": where.latitude + reach,
            "category": category,
            "ids": [photo.canonical_id(given) for given in photo_ids],
            "uploader": actor.id,
        },
    ).all()
    row = rows[0]
    photos = photo.usable((own for own in rows if own.id is not None), photo_ids, "/photo_ids")
    near = any(distance_m(where, Point(*place)) <= atlas.policy.near_m for place in row.same or ())
    return Surroundings(row.case_id, row.report_id, photos, near, row.limited, row.staff_phone)


def photo_flags(atlas: Atlas, photos: Sequence[Any], where: Point, actor: Actor) -> dict[str, Any]:
    """What the desk should know of a resident's photos; never a reason to refuse them."""
    flags: dict[str, Any] = {}
    copied = photo.copies(photos, where, actor.id, actor.unit)
    if copied:
        flags["copy_of"] = sorted(set(copied.values()))
    for row in photos:
        proof = evidence.proof_of(row)
        for place, accuracy in proof.places:
            away = farther(where, place, atlas.policy.photo_far_m + accuracy)
            if away is not None:
                flags["far_m"] = max(flags.get("far_m", 0), round(away))
        for taken in proof.times:
            age = row.uploaded_at - taken
            if age > timedelta(days=atlas.policy.photo_old_days):
                flags["old_days"] = max(flags.get("old_days", 0), age.days)
            elif taken > row.uploaded_at + evidence.CLOCK_ERROR:
                flags["future_time"] = True
    return flags


def screen(turn: Turn, around: Surroundings) -> Status:
    """Assigns, sends to be verified, or leaves to the desk; the entry says why."""
    case = turn.case
    target, because = _decide(turn, around)
    turn.payload["because"] = because
    if target is Status.ASSIGNED:
        give_to(turn.draft, case.routed_unit)
        accept_round(turn.draft)
        turn.payload["unit"] = case.routed_unit
    return target


_BY_INTAKE = {
    Intake.AUTO: Status.ASSIGNED,
    Intake.VERIFY: Status.VERIFYING,
    Intake.DESK: Status.SUBMITTED,
}


def _decide(turn: Turn, around: Surroundings) -> tuple[Status, str]:
    """The first rule that applies decides; its name stands in the ledger."""
    case = turn.case
    category = turn.atlas.categories.get(case.category)
    if category is None:
        return Status.SUBMITTED, "no_category"
    intake = Intake(category.intake)
    unknown = case.routed_unit is None
    rules = (
        (unknown and (category.emergency or intake is Intake.AUTO), Status.SUBMITTED, "no_unit"),
        (category.emergency, Status.ASSIGNED, "emergency"),
        (case.source == Source.PATROL and not unknown, Status.ASSIGNED, "patrol"),
        (bool(case.flags), Status.SUBMITTED, "photo_flags"),
        (around.limited, Status.SUBMITTED, "limited_reporter"),
        (around.same_nearby, Status.SUBMITTED, "similar_case_nearby"),
        (True, _BY_INTAKE[intake], f"intake_{intake}"),
    )
    return next((target, because) for applies, target, because in rules if applies)
