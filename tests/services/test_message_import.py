"""The table of messages: imported whole or not at all."""

import pytest
from sqlalchemy import Connection, select

from app.cli.setup import MESSAGES
from app.services.message_import import import_messages
from models.errors import ImportRefused
from models.message import MessageTemplate

HEAD = "event,template_id,page,urgent,fields\n"
GOOD = "pass,T1,pages/report/detail?id={report},no,thing1={category};time2={time}\n"


def imported(db: Connection, rows: str) -> None:
    import_messages(db, (HEAD + rows).encode(), "messages.csv")


def test_a_table_replaces_the_one_before(db: Connection) -> None:
    imported(db, GOOD)
    (row,) = db.execute(select(MessageTemplate.__table__)).all()
    assert (row.event, row.template_id, row.urgent) == ("pass", "T1", False)
    assert row.fields == {"thing1": "{category}", "time2": "{time}"}


def test_the_demos_table_is_sound(db: Connection) -> None:
    data = MESSAGES.read_bytes() + b"\n"
    import_messages(db, data, MESSAGES.name)
    events = set(db.execute(select(MessageTemplate.event)).scalars())
    assert {"routed", "pass", "task", "task.warning"} <= events


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("nothing,T1,pages/a,no,thing1=x", "/rows/2/event"),
        ("pass,,pages/a,no,thing1=x", "/rows/2/template_id"),
        ("pass,T 1,pages/a,no,thing1=x", "/rows/2/template_id"),
        ("pass,T1,/pages/a,no,thing1=x", "/rows/2/page"),
        ("pass,T1,pages/a?id={other},no,thing1=x", "/rows/2/page"),
        ("pass,T1,pages/a?id={report,no,thing1=x", "/rows/2/page"),
        ("pass,T1,pages/a,maybe,thing1=x", "/rows/2/urgent"),
        ("pass,T1,pages/a,no,", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing=x", "/rows/2/fields"),
        ("pass,T1,pages/a,no,color1=x", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1={phone}", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1={number.__class__}", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1={number!r}", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1={number:>9}", "/rows/2/fields"),
        ("pass,T1,pages/a,no,thing1=x;thing1=y", "/rows/2/fields"),
        (GOOD + GOOD.strip(), "/rows/3/event"),
    ],
)
def test_each_fault_is_named_and_the_old_table_stays(
    db: Connection, row: str, pointer: str
) -> None:
    before = db.execute(select(MessageTemplate.__table__)).all()
    with pytest.raises(ImportRefused) as refused:
        imported(db, row + "\n")
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert db.execute(select(MessageTemplate.__table__)).all() == before
