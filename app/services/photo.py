"""Photos: taking them in, finding copies, using them, showing them."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, text, update

from app.clients.photo_store import PhotoStore, original_key, rendition_key
from models import moment
from models.account import AccessLog, Actor, Role
from models.case import Case
from models.content import ContentCheck, ContentState
from models.copy_check import is_copy
from models.errors import FieldFault, NotFound, NotReady, PhotoUnusable
from models.fields import Location
from models.geo import Point, distance_m, to_wgs84
from models.likeness import COPY_DISTANCE, band_probes, bands, likeness, probes
from models.outbox import Outbox
from models.photo import Attachment, Photo
from models.photo_facts import ImageFacts
from models.report import Report
from models.workflow import SCOPE_COLUMNS, roles_on

NO_PHOTO = "没有这张照片，或您不能查看"
COPY_RADIUS_M = 500
Size = Literal["thumb", "large", "original"]


@dataclass(frozen=True, slots=True)
class Shutter:
    """What the client says it read when the shutter fell; `phone_time` is its clock at upload."""

    taken_at: datetime | None = None
    location: Location | None = None
    phone_time: datetime | None = None


def keep(store: PhotoStore, data: bytes) -> str:
    """Stores an original under a new unguessable id, before any row tells of it."""
    photo_id = str(uuid.uuid4())
    store.put(original_key(photo_id), data, "application/octet-stream")
    return photo_id


def forget(store: PhotoStore, photo_id: str) -> None:
    """Removes an original that no row tells of."""
    store.delete(original_key(photo_id))


def record(
    db: Connection,
    actor: Actor,
    photo_id: str,
    data: bytes,
    facts: ImageFacts,
    similar_to: Sequence[str],
    shutter: Shutter,
) -> dict[str, Any]:
    """Records a stored and decoded upload and posts the making of its renditions."""
    now = moment.now()
    client = shutter.location and to_wgs84(
        shutter.location.longitude, shutter.location.latitude, shutter.location.coord_type
    )
    row: dict[str, Any] = {
        "id": photo_id,
        "uploader_id": actor.id,
        "uploaded_at": now,
        "sha256": hashlib.sha256(data).digest(),
        "media_type": facts.media_type,
        "width": facts.width,
        "height": facts.height,
        "size": len(data),
        "sketch": facts.sketch,
        "likeness": likeness(facts.sketch),
        "similar_to": similar_to,
        "exif_taken_at": facts.taken_at,
        "exif_longitude": facts.location and facts.location[0],
        "exif_latitude": facts.location and facts.location[1],
        "exif_accuracy_m": facts.accuracy_m,
        "client_taken_at": shutter.taken_at,
        "client_longitude": client and client.longitude,
        "client_latitude": client and client.latitude,
        "client_accuracy_m": shutter.location and shutter.location.accuracy_m,
        "clock_skew_s": shutter.phone_time and (now - shutter.phone_time).total_seconds(),
    }
    row |= {f"band{i}": value for i, value in enumerate(bands(row["likeness"]))}
    db.execute(insert(Photo).values(**row))
    db.execute(
        insert(Outbox).values(
            job="photo.render", args={"photo_id": photo_id}, created_at=now, due_at=now
        )
    )
    return row


OWN = """
    SELECT id, sha256, similar_to, uploaded_at, exif_taken_at, exif_longitude,
           exif_latitude, exif_accuracy_m, client_taken_at, client_longitude, client_latitude,
           client_accuracy_m, clock_skew_s,
           EXISTS (SELECT FROM attachment a WHERE a.photo_id = mine.id) AS used,
           (SELECT coalesce(json_agg(json_build_object(
                       'id', p.id, 'same', p.sha256 = mine.sha256,
                       'longitude', a.longitude, 'latitude', a.latitude,
                       'account', a.account_id, 'unit', a.unit, 'number', c.number)), '[]')
            FROM photo p JOIN attachment a ON a.photo_id = p.id JOIN "case" c ON c.id = a.case_id
            WHERE p.sha256 = mine.sha256 OR p.id = ANY(mine.similar_to)) AS twins
    FROM photo mine
    WHERE id = ANY(CAST(%(ids)s AS uuid[])) AND uploader_id = %(uploader)s
    """


"""The photos `ids` of `uploader`. `twins` are the attached photos with the same bytes, or which
they are like."""


def load(db: Connection, actor: Actor, ids: Sequence[str], pointer: str) -> list[Any]:
    """The actor's own unused photos; see `usable`."""
    if not ids:
        return []
    values = {"ids": [canonical_id(given) for given in ids], "uploader": actor.id}
    return usable(db.exec_driver_sql(OWN, values), ids, pointer)


def usable(rows: Iterable[Any], ids: Sequence[str], pointer: str) -> list[Any]:
    """The rows of `OWN` as namespaces, in the order of the ids.

    Raises:
        PhotoUnusable: an id that is unknown, another's, used already or given twice; naming it.
    """
    found = {str(row.id): row for row in rows}
    wanted = [canonical_id(given) for given in ids]
    faults, photos = [], []
    for position, photo_id in enumerate(wanted):
        row = found.get(photo_id or "")
        if row is None:
            faults.append(FieldFault(f"{pointer}/{position}", "没有这张照片，请重新上传"))
        elif row.used or photo_id in wanted[:position]:
            faults.append(FieldFault(f"{pointer}/{position}", "这张照片已经用过，请另拍一张"))
        else:
            columns = row._asdict() | {"id": photo_id, "unproven": False}
            photos.append(SimpleNamespace(**columns))
    if faults:
        raise PhotoUnusable(faults[0].message, faults)
    return photos


def canonical_id(photo_id: str) -> str | None:
    """The id as the database writes it; None for what is none."""
    try:
        return str(uuid.UUID(photo_id))
    except ValueError:
        return None


_ALIKE = text(
    """
    SELECT id, sketch FROM photo
    WHERE (band0 = ANY(:band0) OR band1 = ANY(:band1)
           OR band2 = ANY(:band2) OR band3 = ANY(:band3))
      AND EXISTS (SELECT FROM unnest(CAST(:probes AS bigint[])) probe
                  WHERE bit_count((likeness # probe)::bit(64)) <= :distance)
      AND id <> :own
    ORDER BY (SELECT min(bit_count((likeness # probe)::bit(64)))
              FROM unnest(CAST(:probes AS bigint[])) probe), uploaded_at DESC
    LIMIT :most
    """
)
MOST_CANDIDATES = 12


def candidates(db: Connection, sketch: bytes, own: str = str(uuid.UUID(int=0))) -> list[Any]:
    """Photos (id, sketch) that this sketch may be a copy of, the likest first, used or not.

    The band indexes give every photo whose likeness is within COPY_DISTANCE of a probe.
    """
    wanted = probes(sketch)
    values = {f"band{i}": band for i, band in enumerate(band_probes(wanted))}
    rows = db.execute(
        _ALIKE,
        values | {"probes": wanted, "distance": COPY_DISTANCE, "own": own, "most": MOST_CANDIDATES},
    )
    return list(rows)


def copied_from(sketch: bytes, found: Sequence[Any]) -> list[str]:
    """Ids of the candidates that the sketch is a copy of; about 8 ms of CPU each."""
    return [str(row.id) for row in found if is_copy(sketch, row.sketch)]


def copies(
    photos: Sequence[Any], where: Point, account: int | None, unit: str | None
) -> dict[str, str]:
    """Which of the loaded photos are copies of attached ones: photo id to the other's case.

    The same bytes count anywhere; a likeness counts within 500 m or by the same person or unit.
    """
    return {
        photo.id: twin["number"]
        for photo in photos
        for twin in photo.twins
        if twin["same"]
        or twin["account"] == account
        or (unit is not None and twin["unit"] == unit)
        or distance_m(where, Point(twin["longitude"], twin["latitude"])) <= COPY_RADIUS_M
    }


_TWINS = text(
    """
    SELECT p.id::text, false AS same, a.longitude, a.latitude, a.account_id AS account, a.unit,
           c.number
    FROM photo p JOIN attachment a ON a.photo_id = p.id JOIN "case" c ON c.id = a.case_id
    WHERE p.id = ANY(CAST(:ids AS uuid[]))
    """
)


def look_again(db: Connection, photos: Sequence[Any]) -> None:
    """Finds copies anew: of two that arrived at the same instant neither knew the other."""
    own = select(Photo.id, Photo.sketch).where(Photo.id.in_([photo.id for photo in photos]))
    sketches = {str(row.id): row.sketch for row in db.execute(own)}
    for photo in photos:
        known = {str(other) for other in photo.similar_to}
        sketch = sketches[photo.id]
        alike = copied_from(sketch, candidates(db, sketch, photo.id))
        found = [other for other in alike if other not in known]
        if found:
            rows = db.execute(_TWINS, {"ids": found}).mappings()
            photo.twins = [*photo.twins, *map(dict, rows)]
            photo.similar_to = [*known, *found]


SHOWN_TO_REPORTERS = frozenset({"after", "check"})


def visible(db: Connection, actor: Actor, photo_id: str, size: Size) -> Any:
    """The photo's row if the actor may see it in that size, else NotFound.

    Its uploader, staff who may see its case, and reporters of the case (what was done there,
    unless a person refused it) see renditions. Originals are for supervisors and admins, and each
    look is logged.
    """
    row = db.execute(
        select(
            Photo.id,
            Photo.uploader_id,
            Photo.media_type,
            Photo.sha256,
            Photo.rendered_at,
            Photo.original_erased_at,
            Attachment.role,
            Attachment.case_id,
            ContentCheck.state.label("content"),
            *(getattr(Case, name) for name in SCOPE_COLUMNS),
        )
        .outerjoin(Attachment, Attachment.photo_id == Photo.id)
        .outerjoin(Case, Case.id == Attachment.case_id)
        .outerjoin(ContentCheck, ContentCheck.photo_id == Photo.id)
        .where(Photo.id == canonical_id(photo_id))
    ).one_or_none()
    if row is None:
        raise NotFound(NO_PHOTO)
    roles = roles_on(actor, row) if row.case_id is not None else frozenset()
    if size == "original":
        if not roles & {Role.SUPERVISOR, Role.ADMIN} or row.original_erased_at is not None:
            raise NotFound(NO_PHOTO)
        db.execute(
            insert(AccessLog).values(
                account_id=actor.id, case_id=row.case_id, what=f"photo:{row.id}"
            )
        )
        return row
    if row.uploader_id == actor.id or roles:
        return row
    shown = row.role in SHOWN_TO_REPORTERS and row.content != ContentState.REFUSED
    if shown and _reported(db, actor, row.case_id):
        return row
    raise NotFound(NO_PHOTO)


def _reported(db: Connection, actor: Actor, case_id: int) -> bool:
    own = select(Report.id).where(Report.case_id == case_id, Report.account_id == actor.id)
    return db.execute(own.limit(1)).one_or_none() is not None


def bytes_of(store: PhotoStore, row: Any, size: Size) -> tuple[bytes, str]:
    """The stored bytes and their media type.

    Raises:
        NotReady: the rendition has not been made yet.
    """
    if size == "original":
        return store.get(original_key(row.id)), row.media_type
    if row.rendered_at is None:
        raise NotReady("照片正在处理，请稍后再看", retry_after=2)
    return store.get(rendition_key(row.id, size)), "image/jpeg"


def is_rendered(db: Connection, photo_id: str) -> bool:
    rendered_at = select(Photo.rendered_at).where(Photo.id == photo_id)
    return db.execute(rendered_at).scalar_one() is not None


def mark_rendered(db: Connection, photo_id: str) -> None:
    db.execute(
        update(Photo)
        .where(Photo.id == photo_id, Photo.rendered_at.is_(None))
        .values(rendered_at=datetime.now(UTC))
    )


def mark_original_erased(db: Connection, photo_id: str) -> None:
    """Forgets what the metadata said; the picture's hash and sketch still find copies.

    Raises:
        NotReady: the renditions are still to be made from the original.
    """
    erased = db.execute(
        update(Photo)
        .where(Photo.id == photo_id, Photo.rendered_at.is_not(None))
        .values(
            original_erased_at=datetime.now(UTC),
            exif_taken_at=None,
            exif_longitude=None,
            exif_latitude=None,
            exif_accuracy_m=None,
            client_longitude=None,
            client_latitude=None,
            client_accuracy_m=None,
        )
    )
    if erased.rowcount == 0:
        raise NotReady("照片尚未处理完", retry_after=5)
