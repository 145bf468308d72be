"""The fields of the actions: bounds, and replies that say something."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import fields
from models.fields import Accept, Fields, Location, Pass, Reason, Reject, Supervise, Supplement

BARE = [
    "已处理",
    "已处理完毕。",
    "您好，您反映的问题已处理完毕，感谢您的支持！",
    "经核实，情况属实，已转交相关部门处理。",
    "经现场核实，该问题已处置完毕，感谢反映！",
    "问题已解决，问题已解决，问题已解决。",
    "已办结 已办结 已办结 已办结",
    "您好，感谢您的反映，我们已及时进行处理。",
    "已整改完毕，已落实到位，请您监督，谢谢。",
    "！！！！！！！！！！！！！！",
]
REAL = [
    "11月23日上午环卫站清理了垃圾并冲洗了地面，由环卫一班负责。",
    "您好，市政公司今日10时更换井盖一块，并检查了周边6处。",
    "已于3月2日由执法二队劝离占道摊贩3户，现场已清理。",
    "经核实，该处为施工围挡，住建局已要求3日内拆除。",
    "园林公司修剪了压线的树枝，清运两车，完毕。",
]


@pytest.mark.parametrize("reply", BARE)
def test_bare_formulas_are_refused(reply: str) -> None:
    with pytest.raises(ValidationError, match="套话"):
        Pass(method="desk", reply=reply)


@pytest.mark.parametrize("reply", REAL)
def test_replies_that_say_what_was_done_are_accepted(reply: str) -> None:
    assert Pass(method="desk", reply=reply).reply == reply


@pytest.mark.parametrize("part", ["已", "的", "已经", "处理", " ", "，", "感谢", "请您"])
@pytest.mark.parametrize("end", ["", "x", "李"])
def test_the_longest_reply_is_judged_at_once(part: str, end: str) -> None:
    """A pattern that went back and forth would not end within the test run."""
    reply = (part * 500)[: 500 - len(end)] + end
    with suppress(ValidationError):
        assert Pass(method="desk", reply=reply).reply == reply.strip()


@given(st.text(alphabet="已经处理完毕感谢您的，。 x1", max_size=500))
def test_any_reply_is_judged(reply: str) -> None:
    with suppress(ValidationError):
        assert Pass(method="desk", reply=reply).reply == reply.strip()


BAD: list[tuple[type[Fields], dict[str, Any]]] = [
    (Reason, {}),
    (Reason, {"reason": ""}),
    (Reason, {"reason": "  \t\n "}),
    (Reason, {"reason": "字" * 501}),
    (Reason, {"reason": "a\x00b"}),
    (Reason, {"reason": "x", "more": 1}),
    (Reason, {"reason": None}),
    (Reason, {"reason": ["x"]}),
    (Reject, {"reason": "no such", "reply": "x"}),
    (Accept, {"unit": "a b"}),
    (Accept, {"unit": "a\n"}),
    (Accept, {"unit": "U" * 65}),
    (Accept, {"unit": ""}),
    (Supplement, {"photo_ids": ["0" * 32] * 10}),
    (Supplement, {"photo_ids": ["g" * 32]}),
    (Supplement, {"photo_ids": ["0" * 31]}),
    (Supplement, {"photo_ids": ["0" * 32 + "\n"]}),
    (Supervise, {"due_at": "2026-01-01T00:00:00", "comment": "x"}),
    (Supervise, {"due_at": "9999-12-31T00:00:00Z", "comment": "x"}),
    (Supervise, {"due_at": "1899-12-31T00:00:00Z", "comment": "x"}),
    (Supervise, {"due_at": "soon", "comment": "x"}),
    (Location, {"longitude": 1, "latitude": 1}),
    (Location, {"longitude": float("nan"), "latitude": 1, "coord_type": "wgs84"}),
    (Location, {"longitude": 1, "latitude": float("inf"), "coord_type": "wgs84"}),
    (Location, {"longitude": 180.1, "latitude": 1, "coord_type": "wgs84"}),
    (Location, {"longitude": 1, "latitude": -90.1, "coord_type": "wgs84"}),
    (Location, {"longitude": 1, "latitude": 1, "coord_type": "wgs84", "accuracy_m": -0.1}),
    (fields.GiveFeedback, {"solved": True, "rating": 0}),
    (fields.GiveFeedback, {"solved": True, "rating": 6}),
    (fields.GiveFeedback, {"solved": "perhaps", "rating": 5}),
    (fields.AskSuspension, {"reason": "weather", "review_at": datetime(2027, 1, 1, tzinfo=UTC)}),
]


@pytest.mark.parametrize(
    ("shape", "values"), BAD, ids=[f"{b[0].__name__}-{i}" for i, b in enumerate(BAD)]
)
def test_what_is_out_of_bounds_is_refused(shape: type[Fields], values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        shape.model_validate(values)


def test_bounds_themselves_are_accepted() -> None:
    assert Reason(reason=" " + "字" * 500 + " ").reason == "字" * 500
    assert Location.model_validate({"longitude": -180, "latitude": 90, "coord_type": "bd09"})
    assert len(Supplement(photo_ids=["0" * 32] * 9).photo_ids) == 9
    assert Supervise.model_validate({"due_at": "2199-12-31T23:59:59Z", "comment": "x"})


@pytest.mark.parametrize(
    ("labels", "alias"),
    [
        (fields.REJECT_REASONS, fields.RejectReason),
        (fields.SUSPENSION_REASONS, fields.SuspensionReason),
        (fields.OUTCOMES, fields.Outcome),
        (fields.FINDINGS, fields.Finding),
        (fields.CALL_BACK_OUTCOMES, fields.CallBackOutcome),
    ],
)
def test_every_choice_has_its_words(labels: dict[str, str], alias: Any) -> None:
    assert set(labels) == set(alias.__args__)
