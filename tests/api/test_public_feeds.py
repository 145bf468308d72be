"""Atom feeds of public cases: valid, and only what may be public."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from sqlalchemy import Engine, update

from models.case import Case
from models.content import ContentCheck
from models.ledger import LedgerText
from tests.drive import CENTRE, Answer, Drive, problem
from tests.statements import counted

PATH = "/public/feeds/cases.atom"
ATOM, GEORSS = "{http://www.w3.org/2005/Atom}", "{http://www.georss.org/georss}"
HOSTILE = '<script>alert(1)</script> & ]]> \u0001\ufffe "x"'


def get(drive: Drive, **query: Any) -> Answer:
    return drive.client.get(PATH, query_string=query)


def parsed(answer: Answer) -> Element:
    return fromstring(answer.data)  # noqa: S314  (our own)


def feed(drive: Drive, **query: Any) -> Element:
    answer = get(drive, **query)
    assert answer.status_code == 200, answer.text
    return parsed(answer)


def entries(drive: Drive, **query: Any) -> list[Element]:
    return feed(drive, **query).findall(f"{ATOM}entry")


def numbers(drive: Drive, **query: Any) -> list[str]:
    return [said(entry, "id").rpartition("/")[2] for entry in entries(drive, **query)]


def said(entry: Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def made(drive: Drive, who: str = "lily", category: str = "flyers", **more: Any) -> str:
    found = drive.resident(who).report(category, photo_ids=[], **more)
    number: str = found["case_number"]
    return number


def changed(drive: Drive, number: str, **columns: Any) -> None:
    drive.db.execute(update(Case).where(Case.number == number).values(**columns))


def test_a_feed_has_what_the_standard_asks_for(drive: Drive) -> None:
    number = made(drive)
    answer = get(drive)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    found = parsed(answer)
    assert said(found, "id") == "tag:photos.test,2026:/public/feeds/cases.atom"
    assert found.findtext(f"{ATOM}author/{ATOM}name") == "示范区"
    assert "示范区" in said(found, "title")
    links = {link.get("rel"): link.get("href") for link in found.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://photos.test/public/feeds/cases.atom",
        "alternate": "http://photos.test/map",
    }
    (entry,) = found.findall(f"{ATOM}entry")
    assert said(entry, "id") == f"tag:photos.test,2026:/cases/{number}"
    assert said(entry, "title").startswith("街头散发广告（")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"http://photos.test/map/cases/{number}"
    category = entry.find(f"{ATOM}category")
    assert category is not None
    assert (category.get("term"), category.get("label")) == ("flyers", "街头散发广告")
    assert entry.findtext(f"{GEORSS}point") == "26.9 112.57"
    for name in ("updated", "published"):
        assert datetime.fromisoformat(said(entry, name)).tzinfo
    assert said(entry, "updated") == said(found, "updated")


def test_an_empty_feed_is_valid_and_does_not_change(drive: Drive) -> None:
    first, second = get(drive), get(drive)
    assert first.data == second.data
    assert said(parsed(first), "updated")
    assert "Last-Modified" not in first.headers


def test_words_are_told_when_they_may_be_and_never_as_markup(drive: Drive) -> None:
    made(drive, description="路边有人发传单", address="我家门口")
    (entry,) = entries(drive)
    assert "传单" not in said(entry, "summary")
    drive.db.execute(update(ContentCheck).values(state="passed"))
    drive.db.execute(update(LedgerText).values(content=HOSTILE))
    answer = get(drive)
    assert "<script>" not in answer.text
    (entry,) = entries(drive)
    assert said(entry, "summary") == '<script>alert(1)</script> & ]]>  "x"'


def test_what_is_not_public_is_in_no_feed(drive: Drive) -> None:
    hidden = drive.resident().report("food-safety", photo_ids=[])["case_number"]
    gone = {status: made(drive, status) for status in ("withdrawn", "merged")}
    for status, number in gone.items():
        changed(drive, number, status=status)
    assert numbers(drive) == []
    anonymous = made(drive, "a", anonymous=True, description="是我楼下的")
    drive.db.execute(update(ContentCheck).values(state="passed"))
    assert numbers(drive) == [anonymous]
    assert "楼下" not in get(drive).text
    assert hidden not in get(drive).text


def test_a_coarse_place_stays_coarse(drive: Drive) -> None:
    spot = {"longitude": 112.5712345, "latitude": 26.9012345, "coord_type": "wgs84"}
    number = made(drive, location=spot)
    coarse = next(c.code for c in drive.kit.atlas().categories.values() if c.coarse)
    changed(drive, number, category=coarse)
    (entry,) = entries(drive)
    assert entry.findtext(f"{GEORSS}point") == "26.901 112.571"


def test_the_last_changed_comes_first_and_fifty_are_enough(drive: Drive) -> None:
    cases = [made(drive, str(i)) for i in range(3)]
    now = datetime.now(UTC)
    for age, number in enumerate(cases):
        changed(drive, number, changed_at=now - timedelta(hours=age))
    assert numbers(drive) == cases
    changed(drive, cases[2], changed_at=now + timedelta(hours=1))
    assert numbers(drive) == [cases[2], cases[0], cases[1]]
    changed(drive, cases[2], changed_at=now - timedelta(days=91))
    assert numbers(drive) == cases[:2]


def test_a_feed_may_be_of_an_area_of_any_level_and_of_a_category(drive: Drive) -> None:
    number = made(drive)
    located = drive.kit.atlas().locate(CENTRE, 50)
    assert located is not None
    for code in (located.grid, located.community, located.street, located.district):
        assert numbers(drive, area=code) == [number], code
        assert numbers(drive, area=code, category="flyers") == [number]
    assert numbers(drive, area=located.grid, category="debris") == []
    other = next(a.code for a in drive.kit.atlas().areas.values() if a.code > located.grid)
    assert numbers(drive, area=other) == []
    named = feed(drive, area=located.grid, category="flyers")
    assert said(named, "id").endswith(f"?area={located.grid}&category=flyers")
    assert "街头散发广告" in said(named, "title")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"area": "nowhere"}, "nowhere"),
        ({"category": "nothing"}, "nothing"),
        ({"category": "food-safety"}, "food-safety"),
    ],
)
def test_what_is_unknown_is_named(drive: Drive, query: dict[str, str], named: str) -> None:
    assert named in problem(get(drive, **query), 404, "not-found")["detail"]


def test_a_case_that_is_taken_back_leaves_at_once(drive: Drive) -> None:
    first, second = made(drive), made(drive, "b")
    before = get(drive)
    assert datetime.strptime(before.headers["Last-Modified"], "%a, %d %b %Y %H:%M:%S %Z")  # noqa: DTZ007
    headers = {
        "If-None-Match": before.headers["ETag"],
        "If-Modified-Since": before.headers["Last-Modified"],
    }
    assert drive.client.get(PATH, headers=headers).status_code == 304
    changed(drive, second, status="withdrawn")
    assert drive.client.get(PATH, headers=headers).status_code == 200
    del headers["If-None-Match"]
    assert drive.client.get(PATH, headers=headers).status_code == 200
    assert numbers(drive) == [first]


def test_a_feed_takes_one_statement(drive: Drive, engine: Engine) -> None:
    made(drive)
    drive.kit.atlas()
    with counted(engine) as seen:
        get(drive)
    assert len(seen) == 1
