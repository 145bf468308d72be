"""The in-app inbox."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Notice(Base):
    """One message to one account; `cause` makes sending it again harmless, `event` says what kind
    of news it is: the key of the table of messages."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "case_id", "cause"),
        Index("ix_notice_account_id_id", "account_id", text("id DESC")),
        Index("ix_notice_unread", "account_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))
    cause: Mapped[str]
    event: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
