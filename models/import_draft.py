"""Files of the set-up that were uploaded to be looked at."""

from datetime import datetime

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ImportDraft(Base):
    """The last file of its kind that an account uploaded, as it will be imported if confirmed.

    `token` changes with each upload: what is confirmed is what was looked at.
    """

    __tablename__ = "import_draft"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    file_name: Mapped[str]
    coord_type: Mapped[str | None]
    content: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"), index=True)
