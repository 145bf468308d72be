"""Whether photos prove what they should: time, place, and that they are no copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from app.services import photo
from app.services.assignment import point_of
from models.account import Actor
from models.catalogue import EvidenceRule
from models.errors import EvidenceRefused, FieldFault
from models.geo import Point, distance_m, farther
from models.moment import local
from models.photo import Photo

NOTE_LENGTH = 20
TIME_TOLERANCE = timedelta(minutes=2)
CLOCK_ERROR = timedelta(minutes=10)
PLACE_M = 100
PLACE_LIMIT_M = 300
WANTED = (
    "请提交处置后在现场新拍的照片：拍摄时间晚于派单或返工时间，"
    "拍摄地点在案卷位置 100 米以内，且没有用过"
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What one photo knows of itself: corrected times, and places with accuracy in metres."""

    times: tuple[datetime, ...]
    places: tuple[tuple[Point, float], ...]

    @property
    def complete(self) -> bool:
        return bool(self.times) and bool(self.places)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one photo. `times` and `places` by source, `exif` or `client`: moments set
    right by the phone's skew, metres away from the case. `erased`: the original and all that it
    knew are gone."""

    uploaded_at: datetime
    times: Mapping[str, datetime]
    places: Mapping[str, int]
    erased: bool


def known(db: Connection, photo_ids: Sequence[str], where: Point) -> dict[str, Known]:
    """What the photos of a case know of their time and place, by id."""
    rows = db.execute(select(Photo.__table__).where(Photo.id.in_(photo_ids))).all()
    return {str(row.id): _known(row, where) for row in rows}


def _known(row: Any, where: Point) -> Known:
    skew = timedelta(seconds=row.clock_skew_s or 0)
    times, places = {}, {}
    for source in ("exif", "client"):
        taken = getattr(row, f"{source}_taken_at")
        longitude = getattr(row, f"{source}_longitude")
        if taken is not None:
            times[source] = taken + skew
        if longitude is not None:
            place = Point(longitude, getattr(row, f"{source}_latitude"))
            places[source] = round(distance_m(where, place))
    return Known(row.uploaded_at, times, places, row.original_erased_at is not None)


def own_photos(db: Connection, actor: Actor, ids: Sequence[str]) -> list[Any]:
    """The actor's own unused photos, in the order given; see `photo.load`."""
    return photo.load(db, actor, ids, "/photo_ids")


def proof_of(row: Any) -> Proof:
    """Time and place of a photo from EXIF and client; the phone's clock is set right by the
    skew seen at upload."""
    skew = timedelta(seconds=row.clock_skew_s or 0)
    times = [t + skew for t in (row.exif_taken_at, row.client_taken_at) if t is not None]
    places = []
    if row.exif_longitude is not None:
        place = Point(row.exif_longitude, row.exif_latitude)
        places.append((place, row.exif_accuracy_m or 0.0))
    if row.client_longitude is not None:
        place = Point(row.client_longitude, row.client_latitude)
        places.append((place, row.client_accuracy_m or 0.0))
    return Proof(tuple(times), tuple(places))


def faults_of(row: Any, where: Point, since: datetime) -> list[str]:
    """Why a photo does not prove work done at the place after `since`; empty if it may."""
    faults = []
    if row.uploaded_at < since:
        faults.append(f"照片在 {local(since)} 之前已上传")
    proof = proof_of(row)
    for taken in proof.times:
        if taken < since - TIME_TOLERANCE:
            faults.append(f"照片拍摄于 {local(taken)}，早于 {local(since)}")
        elif taken > row.uploaded_at + CLOCK_ERROR:
            faults.append(f"照片拍摄时间 {local(taken)} 晚于上传时间")
    for place, accuracy in proof.places:
        away = farther(where, place, min(PLACE_M + accuracy, PLACE_LIMIT_M))
        if away is not None:
            faults.append(f"照片拍摄地点距案卷位置约 {round(away)} 米")
    return faults


def require(
    db: Connection,
    rule: str,
    photos: Sequence[Any],
    note: str,
    case: Any,
    actor: Actor,
) -> bool:
    """Checks the category's evidence rule; returns whether the evidence is unproven.

    Raises:
        EvidenceRefused: with each reason, and what would be accepted.
    """
    if rule == EvidenceRule.PHOTO_OR_NOTE and not photos:
        if len(note) < NOTE_LENGTH:
            message = f"请附照片，或写明至少 {NOTE_LENGTH} 字的处置情况"
            raise EvidenceRefused(message, [FieldFault("/comment", message)])
        return False
    return require_after_photo(db, photos, case, actor, since=case.evidence_since)


def require_after_photo(
    db: Connection,
    photos: Sequence[Any],
    case: Any,
    actor: Actor,
    *,
    since: datetime | None,
) -> bool:
    """At least one photo must hold; returns whether those that hold are all unproven.

    Photos that hold but know neither time nor place enough are marked `unproven`.
    """
    since = since or case.submitted_at
    if not photos:
        raise EvidenceRefused("缺少现场照片", [FieldFault("/photo_ids", WANTED)], accepted=WANTED)
    where = point_of(case)
    photo.look_again(db, photos)
    copies = photo.copies(photos, where, actor.id, actor.unit)
    faults: list[FieldFault] = []
    proven = []
    for position, row in enumerate(photos):
        reasons = faults_of(row, where, since)
        if row.id in copies:
            reasons.append("照片与已提交的照片重复")
        faults += [FieldFault(f"/photo_ids/{position}", reason) for reason in reasons]
        row.unproven = not proof_of(row).complete
        if not reasons:
            proven.append(not row.unproven)
    if not proven:
        raise EvidenceRefused("照片不能证明现场已处置", faults, accepted=WANTED)
    return not any(proven)
