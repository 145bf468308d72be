"""Checks of what may be published: the words of an entry, or one photo."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id

ASKED_WITHIN = timedelta(days=1)
"""What could not be asked about by then is not asked about any more: a person has it."""
ANSWER_WITHIN = timedelta(minutes=30)
"""WeChat pushes its verdict on a photo within this time; what has none by then is a person's."""


class ContentState(StrEnum):
    """PASSED and RELEASED may be published; nothing else ever, and nothing that has no check."""

    WAITING = "waiting"
    PASSED = "passed"
    HELD = "held"
    RELEASED = "released"
    REFUSED = "refused"


STATE_LABELS = {
    ContentState.WAITING: "等待审核",
    ContentState.PASSED: "审核通过",
    ContentState.HELD: "待人工审核",
    ContentState.RELEASED: "人工放行",
    ContentState.REFUSED: "不予公开",
}


class Because(StrEnum):
    REVIEW = "review"
    RISKY = "risky"
    NO_ANSWER = "no_answer"
    NO_IDENTITY = "no_identity"
    INACTIVE = "inactive"
    FAILED = "failed"
    ERASED = "erased"


BECAUSE_LABELS = {
    Because.REVIEW: "微信建议人工复核",
    Because.RISKY: "微信认为有风险",
    Because.NO_ANSWER: "微信三十分钟内没有结果",
    Because.NO_IDENTITY: "提交人没有微信身份，微信无法审核",
    Because.INACTIVE: "提交人近两小时没有使用小程序，微信无法审核",
    Because.FAILED: "微信没有完成审核",
    Because.ERASED: "提交人已注销",
}
LABELS = {
    100: "正常",
    10001: "广告",
    20001: "时政",
    20002: "色情",
    20003: "辱骂",
    20006: "违法犯罪",
    20008: "欺诈",
    20012: "低俗",
    20013: "版权",
    21000: "其他",
}
"""WeChat's labels, as its documents name them."""

_STATES = ", ".join(f"'{state}'" for state in ContentState)


class ContentCheck(Base):
    """One thing to be checked before it may be published: a photo, or the words of the ledger
    entry (`case_id`, `seq`). `account_id` wrote or took it; `trace_id` is WeChat's number."""

    __tablename__ = "content_check"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index(
            "uq_content_check_words",
            "case_id",
            "seq",
            unique=True,
            postgresql_where=text("photo_id IS NULL"),
        ),
        Index("ix_content_check_case_id_seq", "case_id", "seq"),
        Index("ix_content_check_held", "id", postgresql_where=text("state = 'held'")),
        Index("ix_content_check_refused", "id", postgresql_where=text("state = 'refused'")),
        Index("ix_content_check_waiting", "created_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_content_check_account_id", "account_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    seq: Mapped[int] = mapped_column(Integer)
    photo_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("photo.id"), unique=True
    )
    account_id: Mapped[int | None]
    state: Mapped[str]
    because: Mapped[str | None]
    suggest: Mapped[str | None]
    label: Mapped[int | None] = mapped_column(Integer)
    trace_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]


def ruling(row: Any) -> dict[str, Any]:
    """How a check stands, in words as well."""
    return {
        "state": row.state,
        "state_label": STATE_LABELS[ContentState(row.state)],
        "because": row.because,
        "because_label": row.because and BECAUSE_LABELS[Because(row.because)],
        "suggest": row.suggest,
        "label": row.label,
        "label_name": row.label and LABELS.get(row.label, LABELS[21000]),
    }
