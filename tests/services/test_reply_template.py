"""Reply templates: what stands in braces, and a set to begin with that fits its own rules."""

import pytest
from sqlalchemy import Connection

from app.services import reply_template
from app.services.reply_template import STARTERS, filled


@pytest.mark.parametrize(
    ("body", "facts", "text"),
    [
        ("{category}已清理", {"category": "暴露垃圾"}, "暴露垃圾已清理"),
        ("{unit}于{date}", {"unit": "甲", "date": None}, "甲于【日期】"),
        ("{address}", {}, "【地址】"),
        ("{nothing} {", {"nothing": "x"}, "{nothing} {"),
        ("{category}", {"category": "{unit}", "unit": "甲"}, "{unit}"),
    ],
    ids=["known", "unknown", "nothing known", "no placeholder", "once only"],
)
def test_braces_are_filled_with_what_is_known(
    body: str, facts: dict[str, str | None], text: str
) -> None:
    assert filled(body, facts) == text


def test_the_set_to_begin_with_fits(db: Connection) -> None:
    assert reply_template.add_starters(db) == len(STARTERS)
    assert reply_template.add_starters(db) == 0
    assert {row.action for row in reply_template.in_use(db)} == set(reply_template.ACTIONS)
