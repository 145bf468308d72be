"""What comes in as a report, by any way in: checked and bounded."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from models.fields import Code, Fields, Location, Moment, PhotoIds, Supplement, Text


class Source(StrEnum):
    RESIDENT = "resident"
    PATROL = "patrol"
    HOTLINE = "hotline_12345"
    PHONE = "phone"
    WALK_IN = "walk_in"
    INSPECTION = "inspection"
    MEDIA = "media"
    OPEN311 = "open311"


SOURCE_LABELS = {
    Source.RESIDENT: "市民上报",
    Source.PATROL: "网格巡查",
    Source.HOTLINE: "12345 工单",
    Source.PHONE: "来电",
    Source.WALK_IN: "来访",
    Source.INSPECTION: "检查交办",
    Source.MEDIA: "媒体曝光",
    Source.OPEN311: "外部系统",
}
ON_BEHALF = frozenset(Source) - {Source.RESIDENT, Source.PATROL}

Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 -]{4,19}$")]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Submission(Fields):
    """A report as sent. `attributes` answer the category's extra fields; `patrol` and
    `after_photo_ids` are a grid worker's; `source` and what follows it are for reports recorded on
    somebody's behalf."""

    category: Code | None = Field(default=None, title="类别")
    description: Text = Field(title="问题描述")
    location: Location = Field(title="位置")
    address: ShortText | None = Field(default=None, title="地址")
    photo_ids: PhotoIds = Field(default=[], title="照片")
    attributes: dict[Code, str | list[str]] = Field(default={}, title="附加信息", max_length=20)
    anonymous: bool = Field(default=False, title="匿名")
    contact_phone: Phone | None = Field(default=None, title="联系电话")
    join_case: Code | None = Field(default=None, title="我也遇到的案卷")
    patrol: bool = Field(default=False, title="巡查")
    after_photo_ids: PhotoIds = Field(default=[], title="处置后照片")
    comment: Text | None = Field(default=None, title="处置说明")
    source: Source | None = Field(default=None, title="来源")
    external_number: Code | None = Field(default=None, title="外部编号")
    external_due_at: Moment | None = Field(default=None, title="外部期限")
    reporter_name: ShortText | None = Field(default=None, title="反映人")


class PartnerSubmission(Submission):
    """A report of another system: Open311 allows descriptions of 4,000 characters."""

    description: LongText = Field(title="问题描述")


class PartnerSupplement(Supplement):
    text: LongText | None = Field(default=None, title="补充说明")
