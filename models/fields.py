"""What each action needs: the fields of the moves, checked and bounded.

Titles are Chinese because forms show them. `photo_ids` are ids of the caller's own uploads.
"""

import re
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeGuard

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from models.geo import CoordType

_BARE_FORMULA = re.compile(
    r"^(?:您好|你好|已经?|经|现场?|该|问题|此|收到|感谢|反映|处理|处置|解决|办结|整改|完毕|完成|转交|转办|落实"
    r"|到位|了|的|请|您|我们|进行|及时|人员|单位|支持|理解|监督|关注|反馈|谢谢|核实|清理|情况|属实|相关|部门|[\s，。！、,.!~～])++$"
)


def says_what_was_done(reply: str) -> bool:
    """Whether a reply is more than a bare formula."""
    return len(reply) >= 10 and not _BARE_FORMULA.match(reply)


def storable(value: object) -> TypeGuard[str]:
    """Whether it is a text that the database can hold."""
    return isinstance(value, str) and "\x00" not in value


def _no_nul(value: str) -> str:
    if not storable(value):
        raise ValueError("含有无法保存的字符")
    return value


def _in_calendar(value: datetime) -> datetime:
    """Far from the ends of time, where adding a day or a time zone overflows."""
    if not 1900 <= value.year < 2200:
        raise ValueError("年份应在 1900 至 2199 之间")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_in_calendar)]


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
ShortReason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]
PhotoIds = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{32,36}$")]], Field(max_length=9)
]

RejectReason = Literal[
    "out_of_scope",
    "unclear",
    "not_found",
    "already_solved",
    "duplicate",
    "private_dispute",
    "other",
]
REJECT_REASONS: dict[str, str] = {
    "out_of_scope": "不属受理范围",
    "unclear": "信息不清，无法核实",
    "not_found": "现场未发现",
    "already_solved": "问题已消除",
    "duplicate": "重复上报",
    "private_dispute": "个人纠纷",
    "other": "其他",
}
SuspensionReason = Literal[
    "funding", "weather", "ownership", "renovation_plan", "construction_site", "third_party"
]
SUSPENSION_REASONS: dict[str, str] = {
    "funding": "需立项或资金",
    "weather": "天气或季节原因",
    "ownership": "权属不清",
    "renovation_plan": "已列入改造计划",
    "construction_site": "在建工地或拆迁范围",
    "third_party": "需第三方配合",
}
Outcome = Literal["fixed", "gone_on_arrival", "absent", "recorded", "cannot"]
OUTCOMES: dict[str, str] = {
    "fixed": "已处置",
    "gone_on_arrival": "到场已消失",
    "absent": "不实",
    "recorded": "已记录",
    "cannot": "无法处置",
}
Finding = Literal["exists", "absent", "unable"]
FINDINGS: dict[str, str] = {"exists": "属实", "absent": "不存在", "unable": "无法核实"}
CallBackOutcome = Literal["solved", "unsolved", "unreachable"]
CALL_BACK_OUTCOMES: dict[str, str] = {
    "solved": "已解决",
    "unsolved": "未解决",
    "unreachable": "未联系上",
}


class Fields(BaseModel):
    """Base of all fields: unknown names are refused, NUL never reaches the database.

    `exactly_one` names fields of which one is to be given, and the others are not.
    """

    model_config = ConfigDict(extra="forbid")
    exactly_one: ClassVar[tuple[str, ...]] = ()

    @field_validator("*", mode="after")
    @classmethod
    def _storable(cls, value: object) -> object:
        return _no_nul(value) if isinstance(value, str) else value


class Location(Fields):
    """A coordinate pair in degrees with the system it was measured in."""

    longitude: float = Field(title="经度", ge=-180, le=180, allow_inf_nan=False)
    latitude: float = Field(title="纬度", ge=-90, le=90, allow_inf_nan=False)
    coord_type: CoordType = Field(title="坐标系")
    accuracy_m: float | None = Field(
        default=None, title="精度（米）", ge=0, le=100_000, allow_inf_nan=False
    )


class NoFields(Fields):
    pass


class Reason(Fields):
    reason: Text = Field(title="原因")


class Accept(Fields):
    unit: Code | None = Field(default=None, title="责任单位")
    category: Code | None = Field(default=None, title="类别")
    worker: Code | None = Field(default=None, title="经办人")
    paraphrase: Text | None = Field(default=None, title="代述")


class Reject(Fields):
    reason: RejectReason = Field(title="不予立案原因")
    reply: Text = Field(title="答复市民")


class AskReporter(Fields):
    question: Text = Field(title="请市民补充什么")


class AskVerification(Fields):
    worker: Code | None = Field(default=None, title="网格员")


class Verify(Fields):
    finding: Finding = Field(title="核实结果")
    comment: Text = Field(title="说明")
    photo_ids: PhotoIds = Field(default=[], title="现场照片")


class Delegate(Fields):
    exactly_one = ("unit", "worker")
    unit: Code | None = Field(default=None, title="下级单位")
    worker: Code | None = Field(default=None, title="经办人")


class Reassign(Fields):
    unit: Code = Field(title="责任单位")
    reason: Text = Field(title="原因")


class Recategorise(Fields):
    category: Code = Field(title="类别")
    reason: Text = Field(title="原因")


class Relocate(Fields):
    location: Location = Field(title="位置")
    reason: Text = Field(title="原因")


class Control(Fields):
    comment: Text = Field(title="采取的措施")
    photo_ids: PhotoIds = Field(default=[], title="现场照片")


class AskExtension(Fields):
    due_at: Moment = Field(title="新的期限")
    reason: Text = Field(title="原因")


class AskSuspension(Fields):
    reason: SuspensionReason = Field(title="挂账原因")
    review_at: Moment = Field(title="复查日期")
    photo_ids: PhotoIds = Field(title="临时安全措施照片", min_length=1)


class GrantSuspension(Fields):
    reason: SuspensionReason = Field(title="挂账原因")
    review_at: Moment = Field(title="复查日期")
    photo_ids: PhotoIds = Field(default=[], title="临时安全措施照片")


class TransferOut(Fields):
    to: Text = Field(title="转往单位")
    external_number: Code | None = Field(default=None, title="对方编号")
    reason: Text = Field(title="原因")
    review_at: Moment = Field(title="复查日期")
    reply: Text = Field(title="答复市民")
    photo_ids: PhotoIds = Field(default=[], title="转办凭证")


class TransferBack(Fields):
    outcome: Literal["answered", "returned"] = Field(title="对方答复")
    comment: Text = Field(title="对方怎么说")
    reply: Text | None = Field(default=None, title="答复市民")


class Resolve(Fields):
    outcome: Outcome = Field(title="处置结果")
    comment: Text = Field(title="做了什么")
    photo_ids: PhotoIds = Field(default=[], title="处置后照片")


class Pass(Fields):
    method: Literal["on_site", "desk"] = Field(title="核查方式")
    reply: Text = Field(title="答复市民")
    photo_ids: PhotoIds = Field(default=[], title="核查照片")
    reason: Text | None = Field(default=None, title="说明")

    @field_validator("reply")
    @classmethod
    def _says_what_was_done(cls, value: str) -> str:
        if not says_what_was_done(value):
            raise ValueError("请写明做了什么、何时、由谁处理，不能只写套话")
        return value


class CallBack(Fields):
    outcome: CallBackOutcome = Field(title="回访结果")
    comment: Text | None = Field(default=None, title="说明")


class Merge(Fields):
    target: Code = Field(title="并入案卷")


class Paraphrase(Fields):
    paraphrase: Text = Field(title="代述")


class Remark(Fields):
    comment: Text = Field(title="批注")


class Supervise(Fields):
    due_at: Moment = Field(title="督办期限")
    comment: Text = Field(title="督办要求")


class AnswerOrder(Fields):
    comment: Text = Field(title="办理情况")
    photo_ids: PhotoIds = Field(default=[], title="照片")


class Urge(Fields):
    pass


class Supplement(Fields):
    text: Text | None = Field(default=None, title="补充说明")
    photo_ids: PhotoIds = Field(default=[], title="照片")


class Answer(Fields):
    text: Text = Field(title="答复")
    photo_ids: PhotoIds = Field(default=[], title="照片")


class GiveFeedback(Fields):
    solved: bool = Field(title="是否解决")
    rating: int = Field(title="满意度", ge=1, le=5)
    comment: Text | None = Field(default=None, title="意见")
    photo_ids: PhotoIds = Field(default=[], title="照片")
