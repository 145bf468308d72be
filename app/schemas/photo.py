"""Shapes of photos."""

from datetime import datetime

from pydantic import BaseModel

from app.schemas.parts import PairsOut, Sha256


class ShotOut(BaseModel):
    """When and where, of one source."""

    taken_at: datetime | None
    location: PairsOut | None


class PhotoOut(BaseModel):
    """`exif` is what the file says, `client` what the phone said."""

    id: str
    sha256: Sha256
    width: int
    height: int
    media_type: str
    exif: ShotOut
    client: ShotOut
