"""Which version of the privacy agreement a person agreed to, and when."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from models.account import PrivacyConsent

_TOLD = select(PrivacyConsent.version, PrivacyConsent.agreed_at)


def agreed(db: Connection, account_id: int, version: str, at: datetime | None) -> dict[str, Any]:
    """Records that the person agreed to a version at a moment (None: just now; a phone's clock that
    is ahead counts no more). What was recorded of the same version before stays.

    Returns:
        version and agreed_at, as recorded.
    """
    now = datetime.now(UTC)
    values = {"account_id": account_id, "version": version, "agreed_at": min(at or now, now)}
    db.execute(insert(PrivacyConsent).values(values).on_conflict_do_nothing())
    mine = (PrivacyConsent.account_id == account_id, PrivacyConsent.version == version)
    return dict(db.execute(_TOLD.where(*mine)).mappings().one())


def latest(db: Connection, account_id: int) -> dict[str, Any] | None:
    """The version that was agreed to last, with agreed_at; None: the person never agreed."""
    own = _TOLD.where(PrivacyConsent.account_id == account_id)
    by_time = (PrivacyConsent.agreed_at.desc(), PrivacyConsent.recorded_at.desc())
    last = own.order_by(*by_time).limit(1)
    row = db.execute(last).mappings().one_or_none()
    return None if row is None else dict(row)
