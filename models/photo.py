"""Photos: what arrived, and where each was used."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, Integer, SmallInteger, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Photo(Base):
    """An uploaded picture. Places are WGS-84 degrees; the three sources are kept apart.

    `similar_to` are the earlier photos that this one is a copy of, found when it arrived.
    """

    __tablename__ = "photo"
    __table_args__ = (
        Index("ix_photo_sha256", "sha256", postgresql_using="hash"),
        Index("ix_photo_band0", "band0"),
        Index("ix_photo_band1", "band1"),
        Index("ix_photo_band2", "band2"),
        Index("ix_photo_band3", "band3"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    uploader_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime]
    sha256: Mapped[bytes]
    media_type: Mapped[str]
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int]
    sketch: Mapped[bytes]
    likeness: Mapped[int]
    similar_to: Mapped[list[str]] = mapped_column(ARRAY(Uuid(as_uuid=False)))
    band0: Mapped[int] = mapped_column(Integer)
    band1: Mapped[int] = mapped_column(Integer)
    band2: Mapped[int] = mapped_column(Integer)
    band3: Mapped[int] = mapped_column(Integer)
    exif_taken_at: Mapped[datetime | None]
    exif_longitude: Mapped[float | None] = mapped_column(Double)
    exif_latitude: Mapped[float | None] = mapped_column(Double)
    exif_accuracy_m: Mapped[float | None] = mapped_column(Double)
    client_taken_at: Mapped[datetime | None]
    client_longitude: Mapped[float | None] = mapped_column(Double)
    client_latitude: Mapped[float | None] = mapped_column(Double)
    client_accuracy_m: Mapped[float | None] = mapped_column(Double)
    clock_skew_s: Mapped[float | None] = mapped_column(Double)
    rendered_at: Mapped[datetime | None]
    original_erased_at: Mapped[datetime | None]


class Attachment(Base):
    """A photo's one use. Its primary key is the rule that a photo is attached once."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_case_id_seq", "case_id", "seq"),)

    photo_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("photo.id"), primary_key=True
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    seq: Mapped[int] = mapped_column(Integer)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))
    role: Mapped[str]
    position: Mapped[int] = mapped_column(SmallInteger)
    longitude: Mapped[float] = mapped_column(Double)
    latitude: Mapped[float] = mapped_column(Double)
    account_id: Mapped[int]
    unit: Mapped[str | None]
    unproven: Mapped[bool] = mapped_column(server_default="false")
    attached_at: Mapped[datetime]
