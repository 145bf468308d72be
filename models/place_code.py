"""Places with a code to scan: an area, a bin, a shop front."""

from datetime import datetime

from sqlalchemy import Double, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class PlaceCode(Base):
    """`code` is the scene of the mini program code, 1 to 32 characters. Degrees are WGS-84."""

    __tablename__ = "place_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str | None]
    longitude: Mapped[float] = mapped_column(Double)
    latitude: Mapped[float] = mapped_column(Double)
    category: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
