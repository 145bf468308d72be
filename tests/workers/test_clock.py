"""The clock: chores at their times, none held up by another's fault."""

from typing import Any

import pytest
from sqlalchemy import Connection

from app.kit import Kit
from workers.clock import Chore, chores, each


def test_a_chore_is_done_when_it_is_due(kit: Kit) -> None:
    done: list[Any] = []
    chore = Chore(done.append, every_s=60)
    for now in (100.0, 130.0, 159.9, 160.0, 161.0, 1000.0):
        chore.run_if_due(kit, now)
    assert len(done) == 3


def test_a_chore_that_fails_is_tried_again_and_stops_nothing(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def fail(_kit: Kit) -> None:
        tried.append(1)
        raise ValueError("no luck")

    chore = Chore(fail, every_s=1)
    chore.run_if_due(kit, 1)
    chore.run_if_due(kit, 2)
    assert len(tried) == 2
    assert "no luck" in caplog.text


def test_one_bad_row_holds_up_none_of_the_others(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def do(_db: Connection, one: int) -> None:
        if one == 2:
            raise LookupError("poisoned")
        done.append(one)

    each(kit, [1, 2, 3], do)
    assert done == [1, 3]
    assert "poisoned" in caplog.text


def test_every_chore_of_the_clock_runs_on_an_idle_district(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    for chore in chores():
        chore.run_if_due(kit, 0)
    assert "failed" not in caplog.text
