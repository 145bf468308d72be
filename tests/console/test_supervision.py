"""The landing page: what waits in each part, for those who may follow it up."""

import re

import pytest

from app.console.supervision import SECTIONS
from tests.console.desk import sign_in
from tests.console.test_appeals import appealed
from tests.console.test_orders import ordered
from tests.drive import Drive
from tests.statements import counted

HOME = "/console/supervision"
PARTS = ["spot-checks", "orders", "appeals", "call-backs", "moderation"]


@pytest.mark.parametrize(
    ("username", "parts"),
    [
        ("supervisor", PARTS),
        ("desk", ["orders", "call-backs", "moderation"]),
        ("admin", ["spot-checks", "orders", "appeals"]),
        ("unit1", ["orders"]),
    ],
)
def test_each_sees_their_own_parts_and_every_one_opens(
    drive: Drive, username: str, parts: list[str]
) -> None:
    desk = sign_in(drive, username)
    page = desk.get(HOME)
    shown = re.findall(rf'<li class="card idle"><a href="{HOME}/([\w-]+)"', page)
    assert [one for one in shown if one in PARTS] == parts
    assert f'href="{HOME}" aria-current="page"' in page
    for part in parts:
        assert f'href="{HOME}/{part}" aria-current="page"' in desk.get(f"{HOME}/{part}")


def test_what_waits_is_counted(drive: Drive) -> None:
    appealed(drive)
    ordered(drive)
    page = sign_in(drive, "supervisor").get(HOME)
    assert len(re.findall(r'<span class="amount">1</span>', page)) == 2
    assert "1</span><span>件待审理" in page
    assert "1</span><span>件待回复" in page


def test_it_takes_a_fixed_number_of_statements(drive: Drive) -> None:
    supervisor = sign_in(drive, "supervisor")
    appealed(drive)
    for cases in range(2):
        with counted(drive.db) as seen:
            supervisor.get(HOME)
        assert len(seen) == len(SECTIONS) + 2, (cases, seen)
        appealed(drive)
        ordered(drive)
