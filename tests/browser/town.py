"""A small town for browsers to look at: cases open and closed, pictures that a person released."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.clients.photo_store import PhotoStore, rendition_key
from app.services import photo, public
from models.calendar import LOCAL
from models.case import Case
from models.content import ContentCheck, ContentState
from models.geo import Point
from models.photo import Attachment
from models.report import Report
from models.routing import Atlas
from tests.drive import Drive, place
from tests.histories import History, hours
from tests.island import Island
from tools.pictures import Stage, make_photo

HOSTILE = "井盖旁有积水 <img src=x onerror=alert(1)> <script>alert(2)</script>"
HOSTILE_ADDRESS = '"><svg onload=alert(3)>书院路口'
HIDDEN = "food-safety"
"""A category that is not public."""
RECENT, RECENT_DAYS = 40, 29
BEFORE = (24, 19, 22, 17, 25, 15, 20, 12, 18, 14, 9, 13)
"""How many cases came in each month before those days, the latest month first."""
SOLVED = 6
LOOKED_AT = ("exposed-garbage", "debris", "bin-overflow")
"""Categories of the solved cases that have pictures."""
KINDS = (
    ("exposed-garbage", "路边一堆垃圾，两天没人清"),
    ("road-damage", "路面破了个坑，骑车颠得厉害"),
    ("bin-overflow", "垃圾桶满了，袋子堆到路上"),
    ("bike-parking", "共享单车堵住了盲道"),
    ("traffic-facility", "路口的隔离护栏倒了一截"),
    ("debris", "人行道边堆着装修渣土"),
    ("blocked-drain", "一下雨积水就排不下去"),
    ("damaged-greenery", "花坛被踩坏，几棵树苗倒了"),
    ("public-toilet", "公厕没有人打扫"),
)
SLOW = {
    "road-damage": 9,
    "traffic-facility": 5,
    "blocked-drain": 1,
    "debris": 2,
    "damaged-greenery": 9,
}
"""Categories with long limits, and for how many days their cases are still open."""
WHO_WORKS = {
    "U-HW": "unit1",
    "U-SZ": "unit2",
    "U-YL": "unit3",
    "U-ZF": "unit4",
    "U-JD1": "unit5",
    "U-JD2": "unit6",
}


@dataclass(frozen=True)
class Town:
    """Numbers of cases; `solved` has pictures before and after, `hostile` is open, with text that
    would run if it were markup. Tests of this folder share the town: they add to it, and leave
    these as they are."""

    hostile: str
    solved: str
    hidden: str


def build(island: Island, *, months: int = 1) -> Town:
    """Plays what happened in so many months, makes the pictures, and reports the last case."""
    solved = _play(island, months)
    _release_words(island.db)
    for position, number in enumerate(solved):
        _give_pictures(island.db, island.kit.store, number, scene=position + 1)
    hostile = _report(island.drive)
    hidden: str = island.drive.resident().report(HIDDEN, photo_ids=[])["case_number"]
    return Town(hostile, solved[0], hidden)


def _play(island: Island, months: int) -> list[str]:
    """Numbers of closed cases that may have pictures, the last closed first."""
    history = History()
    looked_at: list[str] = []
    today = datetime.now(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    atlas = island.kit.atlas()
    for position, days in enumerate(_days_ago(months)):
        at = today - timedelta(days=days) + hours(8 + position * 5 % 9 + position * 11 % 60 / 60)
        category, words = KINDS[position % len(KINDS)]
        where = _spot(position)
        by = _who_works(atlas, where, category, at)
        if by is None:
            continue
        name = f"case {position}"
        history.report(name, at, category=category, where=where, description=words)
        if days > SLOW.get(category, 0):
            _finish(history, name, at, by, position)
            if category in LOOKED_AT and len(looked_at) < SOLVED:
                looked_at.append(name)
        elif position % 2:
            history.start(name, at + hours(1.5), by)
    with island.kit.engine.begin() as db:
        numbers = history.play(db, atlas)
    return [numbers[name] for name in looked_at]


def _days_ago(months: int) -> list[int]:
    """How many days ago each case came, the latest first."""
    days = [1 + i * RECENT_DAYS // RECENT for i in range(RECENT)]
    for month, amount in enumerate(BEFORE[: months - 1]):
        days += [RECENT_DAYS + 1 + month * 30 + i * 30 // amount for i in range(amount)]
    return days


def _finish(history: History, name: str, at: datetime, by: str, position: int) -> None:
    took = 1.5 + position * 7 % 11 / 3
    history.start(name, at + hours(took / 4), by)
    history.resolve(name, at + hours(took), by)
    history.close(name, at + hours(took + 1.2))
    if position % 5:
        history.feedback(name, at + hours(took + 2), 4 + position % 2 if position % 8 else 2)


def _spot(position: int) -> Point:
    """Places spread evenly over the district, none near another."""
    across, along = position * 0.618 % 1, position * 0.381966 * 1.7 % 1
    return Point(112.5515 + 0.0405 * across, 26.8868 + 0.0135 * along + 0.0040 * across)


def _who_works(atlas: Atlas, where: Point, category: str, at: datetime) -> str | None:
    placement = atlas.locate(where, 0)
    if placement is None:
        return None
    return WHO_WORKS.get(atlas.responsible(placement, category, at.date()) or "")


def _give_pictures(db: Connection, store: PhotoStore, number: str, *, scene: int) -> None:
    """Puts files behind the pictures of a played case, and releases them."""
    found = db.execute(
        select(Attachment.photo_id, Attachment.role, Attachment.case_id, Attachment.seq)
        .join(Case, Case.id == Attachment.case_id)
        .where(Case.number == number)
        .order_by(Attachment.seq)
    ).all()
    for seed, one in enumerate(found):
        stage: Stage = "before" if one.role in public.BEFORE else "after"
        data = make_photo(scene * 10 + seed, scene=scene, stage=stage, size=(640, 480))
        for rendition in ("large", "thumb"):
            store.put(rendition_key(one.photo_id, rendition), data, "image/jpeg")
        photo.mark_rendered(db, one.photo_id)
        _release(db, case_id=one.case_id, seq=one.seq, photo_id=one.photo_id)


def _release_words(db: Connection) -> None:
    """Releases what residents wrote in the played cases, which nobody checks."""
    checked = select(ContentCheck.case_id).where(ContentCheck.photo_id.is_(None))
    reports = select(Report.entry_case_id, Report.entry_seq).where(
        Report.entry_case_id.not_in(checked)
    )
    for case_id, seq in db.execute(reports).all():
        _release(db, case_id=case_id, seq=seq)


def _release(db: Connection, **what: Any) -> None:
    released = {"state": ContentState.RELEASED, "created_at": datetime.now(LOCAL)}
    db.execute(insert(ContentCheck).values(what | released))


def _report(drive: Drive) -> str:
    """The newest case, as a resident's phone sends it, its picture rendered by the job."""
    lily = drive.resident()
    where = Point(112.5705, 26.9012)
    made = lily.report(
        "road-damage",
        description=HOSTILE,
        location=place(where),
        address=HOSTILE_ADDRESS,
        photo_ids=[lily.photo(at=where)],
    )
    drive.work("photo.render")
    drive.db.execute(update(ContentCheck).values(state=ContentState.RELEASED))
    number: str = made["case_number"]
    return number
