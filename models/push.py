"""What WeChat pushed to us, kept for a while so that a repeat changes nothing."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class Push(Base):
    """An event of WeChat. `key` names the event whatever way it came; `proof` is the signature it
    came with, which no other body may use."""

    __tablename__ = "push"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    proof: Mapped[str] = mapped_column(unique=True)
    body_sha256: Mapped[bytes]
    event: Mapped[Json]
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"), index=True)
    done_at: Mapped[datetime | None]
