"""What administrators changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Json


class AdminEntry(Base):
    """One change: `what` as `account.disable`, `subject` as a user name or a file's name. Rows are
    added only; `facts` hold no secret and no resident's data."""

    __tablename__ = "admin_entry"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    what: Mapped[str]
    subject: Mapped[str]
    facts: Mapped[Json] = mapped_column(server_default="{}")
