"""Keys of other systems that send reports."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Words


class ApiKey(Base):
    """Only the SHA-256 of a key is stored. `rights` are what it may do: read what became of its
    own reports, write reports and updates. `services` and `areas` are the codes that it may report
    on, null: all. Photos and records of its reports are its account's, which nobody signs in to."""

    __tablename__ = "api_key"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    rights: Mapped[Words] = mapped_column(server_default="{read,write}")
    services: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    areas: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    per_hour: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]
