"""Categories: data that decides intake, limits and evidence."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Words


class Intake(StrEnum):
    AUTO = "auto"
    VERIFY = "verify"
    DESK = "desk"


class EvidenceRule(StrEnum):
    AFTER_PHOTO = "after_photo"
    PHOTO_OR_NOTE = "photo_or_note"


INTAKE_LABELS = {Intake.AUTO: "自动立案", Intake.VERIFY: "先核实", Intake.DESK: "人工受理"}
EVIDENCE_LABELS = {
    EvidenceRule.AFTER_PHOTO: "处置后照片",
    EvidenceRule.PHOTO_OR_NOTE: "照片或说明",
}
KIND_LABELS = {"event": "事件", "component": "部件"}


class Category(Base):
    """`public` cases may be shown to everybody, `coarse` ones with their place to about 100 m: they
    are about people. `fields` are what reports of it are asked besides (extra_fields.Field)."""

    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint("kind IN ('event', 'component')", name="kind"),
        CheckConstraint("intake IN ('auto', 'verify', 'desk')", name="intake"),
        CheckConstraint("evidence IN ('after_photo', 'photo_or_note')", name="evidence"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    category_group: Mapped[str]
    group_name: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    handle_limit: Mapped[str]
    control_limit: Mapped[str | None]
    calendar: Mapped[str]
    intake: Mapped[str]
    public: Mapped[bool]
    evidence: Mapped[str]
    min_photos: Mapped[int] = mapped_column(SmallInteger)
    emergency: Mapped[bool]
    coarse: Mapped[bool] = mapped_column(server_default="false")
    aliases: Mapped[Words]
    fields: Mapped[Json] = mapped_column(server_default="[]")
    accept_when: Mapped[str]
    close_when: Mapped[str]
    call_first: Mapped[str | None]
    retired_at: Mapped[datetime | None]
