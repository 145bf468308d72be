"""Places that have a code to scan."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from app.auth import Access, access, read
from app.schemas.district import ScannedPlaceOut
from app.services import place_code

api = APIBlueprint("place", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="places")])


class PlacePath(BaseModel):
    code: str = Field(max_length=32)


@api.get("/places/<code>", summary="扫码得到的地点", responses={200: ScannedPlaceOut})
@access(Access.SIGNED_IN)
def one(path: PlacePath) -> Response:
    """What the report page fills in: the scene of the scanned mini program code names the place."""
    return read(lambda work: place_code.shape(work.atlas, place_code.known(work.db, path.code)))
