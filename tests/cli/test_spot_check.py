"""`flask spot-check verify`: what it says of a draw, and how it ends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text, update

from models.case import Case
from tests.console.desk import sign_in
from tests.console.test_spot_checks import closed, draw
from tests.drive import Drive


def verify(drive: Drive, check: Any) -> Result:
    runner = drive.client.application.test_cli_runner()
    found: Result = runner.invoke(args=["spot-check", "verify", str(check)])
    return found


@pytest.fixture
def check(drive: Drive) -> str:
    closed(drive, 12)
    return draw(sign_in(drive, "supervisor"), size="12").rpartition("/")[2]


def test_a_draw_that_holds(drive: Drive, check: str) -> None:
    found = verify(drive, check)
    assert found.exit_code == 0, found.output
    assert found.output.splitlines() == [
        "总体与哈希一致",
        "按种子重算，抽中的案卷相同",
        "总体至今没有变化",
    ]


def test_a_change_that_nothing_explains(drive: Drive, check: str) -> None:
    number = closed(drive, 1)[0]
    gone = drive.db.execute(
        update(Case)
        .where(Case.number < number)
        .values(closed_at=datetime(2026, 5, 1, tzinfo=UTC))
        .returning(Case.number)
    ).scalars()
    found = verify(drive, check)
    assert found.exit_code == 1
    named = [line for line in found.output.splitlines() if line.startswith("- ")]
    assert [line.partition("：")[0][2:] for line in named] == sorted(gone)
    assert f"+ {number}：抽取时不在总体中" in found.output


COLUMNS = (
    *("first", "last", "area", "unit", "categories", "self_handled_weight", "population"),
    *("drawn_by", "population_sha256", "seed", "drawn_from", "size"),
)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("seed", "'another'", "抽中的案卷不同"),
        ("drawn_from", "drawn_from || 'HY1 1' || chr(10)", "总体与哈希不一致"),
        ("size", "size - 1", "抽中的案卷不同"),
    ],
    ids=["seed", "lines", "size"],
)
def test_a_draw_that_is_not_what_it_says(
    drive: Drive, check: str, column: str, value: str, said: str
) -> None:
    """As it would be after somebody had gone round the triggers."""
    values = (value if name == column else name for name in COLUMNS)
    made = drive.db.execute(
        text(
            f"INSERT INTO spot_check ({', '.join(COLUMNS)}) SELECT {', '.join(values)}"
            " FROM spot_check WHERE id = :id RETURNING id"
        ),
        {"id": check},
    ).scalar_one()
    drive.db.execute(
        text(
            "INSERT INTO spot_check_item (spot_check_id, position, case_id, self_handled)"
            " SELECT :made, position, case_id, self_handled FROM spot_check_item"
            " WHERE spot_check_id = :id"
        ),
        {"made": made, "id": check},
    )
    found = verify(drive, made)
    assert found.exit_code == 1
    assert said in found.output


def test_no_such_draw(drive: Drive) -> None:
    found = verify(drive, 999999)
    assert found.exit_code == 1
    assert "没有这次抽查" in found.output
