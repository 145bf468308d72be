"""Spot checks: random draws of closed cases, and what was found at each."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from sqlalchemy import Boolean, ForeignKey, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Words
from models.fields import Code, Fields

LONGEST = timedelta(days=92)
MOST_DRAWN, HEAVIEST = 200, 10
GROUP = "group:"
"""Begins a choice of a whole group of categories."""

Finding = Literal["genuine", "not_done", "faked", "cannot_tell"]
FINDINGS: dict[str, str] = {
    "genuine": "属实",
    "not_done": "未处置到位",
    "faked": "弄虚作假",
    "cannot_tell": "无法判断",
}
JUDGED = ("genuine", "not_done", "faked")
"""Findings that the share of genuine cases is counted in."""
BAD = frozenset({"not_done", "faked"})


class Rule(Fields):
    """What is drawn from. `first` and `last` are local days of closing, both inclusive; `category`
    is the code of a category, or `group:` and that of a group."""

    first: date = Field(title="结案日期从")
    last: date = Field(title="到")
    area: Code | None = Field(default=None, title="区域")
    unit: Code | None = Field(default=None, title="责任单位")
    category: Code | None = Field(default=None, title="类别")
    size: int = Field(title="抽取件数", ge=1, le=MOST_DRAWN)
    self_handled_weight: int = Field(default=3, title="自办案卷的权重", ge=1, le=HEAVIEST)

    @field_validator("first", "last")
    @classmethod
    def _in_calendars(cls, value: date) -> date:
        if not 2000 <= value.year < 2100:
            raise ValueError("年份应在 2000 至 2099 之间")
        return value

    @field_validator("last")
    @classmethod
    def _after_first(cls, value: date, info: ValidationInfo) -> date:
        first = info.data.get("first", value)
        if not first <= value < first + LONGEST:
            raise ValueError(f"不能早于开始日期，最长 {LONGEST.days} 天")
        return value


class Found(Fields):
    """What was found at a case."""

    finding: Finding = Field(title="结论")
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = Field(
        default="", title="说明", validate_default=True
    )

    @field_validator("comment")
    @classmethod
    def _told(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("finding", "genuine") != "genuine" and len(value) < 2:
            raise ValueError("除“属实”外，请写明看到了什么")
        return value


class SpotCheck(Base):
    """One draw. Its rule, its seed and the lines that it drew from are kept, so that anybody can
    draw it again (docs/spot-checks.md); the database refuses to change or delete one.

    `categories` are those of the rule, none: any. `drawn_from` are the lines of the population, one
    `number weight` for each case, in order of their numbers; `population` is their count.
    """

    __tablename__ = "spot_check"

    id: Mapped[Id]
    drawn_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    drawn_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    first: Mapped[date]
    last: Mapped[date]
    area: Mapped[str | None]
    unit: Mapped[str | None]
    categories: Mapped[Words]
    size: Mapped[int] = mapped_column(Integer)
    self_handled_weight: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str]
    population: Mapped[int] = mapped_column(Integer)
    population_sha256: Mapped[bytes]
    drawn_from: Mapped[str]


class SpotCheckItem(Base):
    """A case that was drawn; `finding` is null until somebody looked, and final from then on."""

    __tablename__ = "spot_check_item"

    spot_check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    self_handled: Mapped[bool] = mapped_column(Boolean)
    finding: Mapped[str | None]
    comment: Mapped[str | None]
    found_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    found_at: Mapped[datetime | None]
