"""Uploading photos and looking at them."""

from typing import Any, Literal

from flask import Response, request
from flask_openapi3 import APIBlueprint, FileStorage, Tag
from pydantic import BaseModel, ConfigDict, Field

from app.auth import Access, Work, access, authenticate, kit, spend, write
from app.schemas.page import Query
from app.schemas.parts import UNCHANGED, media
from app.schemas.photo import PhotoOut
from app.schemas.problem import ProblemOut
from app.services import photo
from app.services.photo import Shutter
from app.uploads import taken_in
from models.db import transaction
from models.errors import InvalidInput
from models.fields import Location, Moment
from models.geo import CoordType, wgs84_to_gcj02

api = APIBlueprint("photo", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="photos")])
TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
CACHED = "private, max-age=31536000, immutable"


class Upload(Query):
    """The file, and what the phone knows of the shot; a place needs its `coord_type`."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)

    file: FileStorage
    taken_at: Moment | None = None
    longitude: float | None = None
    latitude: float | None = None
    coord_type: CoordType | None = None
    accuracy_m: float | None = None
    phone_time: Moment | None = None

    def shutter(self) -> Shutter:
        location = None
        if self.longitude is not None or self.latitude is not None:
            location = Location.model_validate(
                {
                    name: value
                    for name in ("longitude", "latitude", "coord_type", "accuracy_m")
                    if (value := getattr(self, name)) is not None
                }
            )
        return Shutter(self.taken_at, location, self.phone_time)


@api.post("/photos", summary="上传照片", responses={201: PhotoOut, 429: ProblemOut})
@access(Access.SIGNED_IN)
def upload(form: Upload) -> Response:
    """Decodes, compares and stores outside transactions: no connection waits for pixels."""
    here = kit()
    with transaction(here.engine) as db:
        actor = authenticate(db)
        spend(Work(db, here, here.atlas(), actor), "photos", here.settings.photos_per_hour)
    if isinstance(form.file, str):
        raise InvalidInput.at("/file", "应为文件")
    data, shutter = form.file.read(), form.shutter()
    with taken_in(here, data) as upload:
        made = write(
            lambda work: _shape(upload.record(work.db, work.actor, shutter)),
            201,
            repr(sorted(request.form.items())).encode() + data,
        )
        upload.named = made.get_json()["id"]
    return made


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "sha256": row["sha256"].hex(),
        "width": row["width"],
        "height": row["height"],
        "media_type": row["media_type"],
        "exif": {
            "taken_at": row["exif_taken_at"],
            "location": _pairs(row["exif_longitude"], row["exif_latitude"]),
        },
        "client": {
            "taken_at": row["client_taken_at"],
            "location": _pairs(row["client_longitude"], row["client_latitude"]),
        },
    }


def _pairs(longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    if longitude is None or latitude is None:
        return None
    shifted = wgs84_to_gcj02(longitude, latitude)
    return {
        "wgs84": {"longitude": longitude, "latitude": latitude},
        "gcj02": {"longitude": shifted.longitude, "latitude": shifted.latitude},
    }


class PhotoPath(BaseModel):
    photo_id: str = Field(max_length=36)


class PhotoQuery(Query):
    size: Literal["thumb", "large", "original"] = "large"


@api.get(
    "/photos/<photo_id>",
    summary="看照片",
    responses={200: media(*TYPES), 304: UNCHANGED, 403: ProblemOut},
)
@access(Access.SIGNED_IN)
def view(path: PhotoPath, query: PhotoQuery) -> Response:
    here = kit()
    with transaction(here.engine) as db:
        row = photo.visible(db, authenticate(db), path.photo_id, query.size)
    tag = f"{row.sha256.hex()}-{query.size}"
    if tag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{tag}"', "Cache-Control": CACHED})
    data, media_type = photo.bytes_of(here.store, row, query.size)
    response = Response(data, mimetype=media_type)
    response.set_etag(tag)
    response.headers["Cache-Control"] = CACHED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    return response
