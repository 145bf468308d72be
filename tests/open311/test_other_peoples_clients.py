"""Against a live server: a client of PyPI, the calls of a FixMyStreet, and another of us."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import xmltodict
from sqlalchemy import update

from app.services import api_key, endpoint
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey
from models.content import ContentCheck, ContentState
from tests.api.story import REPLY, Story
from tests.island import Island
from tests.island import island as make_island
from tests.little_server import serving_app
from workers import clock

HERE = Path(__file__).parent
BASE = "/open311/v2"
UNIT = "U-HW"
LISTS = ("service", "request", "request_update", "attribute", "value")
Servers = tuple[EmbeddedPostgres, EmbeddedValkey]


@pytest.fixture
def back(servers: Servers, tmp_path: Path) -> Iterator[Island]:
    with make_island(servers, tmp_path / "back", jurisdiction_id="hengyang") as found:
        yield found


@pytest.fixture
def url(back: Island) -> Iterator[str]:
    with serving_app(back.app) as address:
        yield f"{address}{BASE}"


def key_of(back: Island) -> str:
    return api_key.make(back.db, back.kit.atlas(), "front", [], [], 1000)


def test_georeport_runs_its_whole_surface(back: Island, url: str, tmp_path: Path) -> None:
    story = Story(back.drive)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    packages = tmp_path / "packages"
    run(*install, "--no-deps", "--target", str(packages), "-r", str(HERE / "georeport.txt"))
    script = str(HERE / "georeport_calls.py")
    told = json.loads(run(script, url, story.number, "junk-vehicle", PYTHONPATH=str(packages)))
    for form in ("json", "xml"):
        one = told[form]
        assert len(one["services"]) > 50
        assert one["definition"]["service_code"] == "junk-vehicle"
        found = one["numbered"] if form == "xml" else one["numbered"][0]
        listed = one["requests"] if form == "xml" else one["requests"][0]
        assert found == listed == one["one"]
        assert found["service_request_id"] == story.number
    assert as_text(told["json"]["one"]) == told["xml"]["one"]
    assert [one["code"] for one in told["json"]["definition"]["attributes"]] == [
        one["code"] for one in told["xml"]["definition"]["attributes"]["attribute"]
    ]


def run(*arguments: str, **variables: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_text(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in row.items()}


def w3c(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def read(answer: requests.Response) -> Any:
    assert answer.ok, answer.text
    return xmltodict.parse(answer.content, force_list=LISTS)


def test_a_fixmystreet_in_front(back: Island, url: str) -> None:
    """The calls that FixMyStreet makes, in their order and form: XML, W3C moments in UTC, extra
    fields and its own names for files."""
    key = key_of(back)
    services = read(requests.get(f"{url}/services.xml", timeout=10))["services"]["service"]
    assert {one["metadata"] for one in services} == {"true", "false"}
    meta = read(requests.get(f"{url}/services/junk-vehicle.xml", timeout=10))
    (kind, _) = meta["service_definition"]["attributes"]["attribute"]
    choice = kind["values"]["value"][0]["key"]
    sent = {
        "service_code": "junk-vehicle",
        "description": "A car without plates\n\nIt stands there for weeks\n\nhttp://fms/report/7\n",
        "lat": "26.9000000",
        "long": "112.5700000",
        "first_name": "Ann",
        "last_name": "Other",
        "email": "ann@example.org",
        "jurisdiction_id": "hengyang",
        "api_key": key,
        f"attribute[{kind['code']}]": choice,
        "attribute[fixmystreet_id]": "7",
        "attribute[northing]": "1",
    }
    numbers = set()
    for _ in range(2):  # its daemon sends again what it was not answered
        made = read(requests.post(f"{url}/requests.xml", data=sent, timeout=10))
        numbers.add(made["service_requests"]["request"][0]["service_request_id"])
    (number,) = numbers
    comment = {
        "service_request_id": number,
        "update_id": "41",
        "updated_datetime": w3c(datetime.now(UTC)),
        "status": "OPEN",
        "description": "It is still there",
        "first_name": "Ann",
        "last_name": "-",
        "email": "ann@example.org",
        "api_key": key,
    }
    answer = read(requests.post(f"{url}/servicerequestupdates.xml", data=comment, timeout=10))
    own = answer["service_request_updates"]["request_update"][0]["update_id"]
    desk, unit, worker = (back.drive.staff(name) for name in ("desk", "unit1", "worker1"))
    if back.drive.staff("desk").case(number)["status"] == "submitted":
        desk.done(number, "accept", unit=UNIT)
    else:
        desk.done(number, "reassign", unit=UNIT, reason="由本单位办理")
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment="已拖走", photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    window = {
        "start_date": w3c(datetime.now(UTC) - timedelta(hours=2)),
        "end_date": w3c(datetime.now(UTC) + timedelta(seconds=2)),
        "api_key": key,
    }
    found = read(requests.get(f"{url}/servicerequestupdates.xml", params=window, timeout=10))
    updates = found["service_request_updates"]["request_update"]
    assert own not in [one["update_id"] for one in updates], "its own comment does not come back"
    assert (updates[-1]["status"], updates[-1]["service_request_id"]) == ("FIXED", number)
    assert REPLY in updates[-1]["description"]
    states = read(requests.get(f"{url}/requests.xml?service_request_id={number}", timeout=10))
    assert states["service_requests"]["request"][0]["status"] == "closed"


def test_one_of_us_in_front_of_another(
    back: Island, url: str, servers: Servers, tmp_path: Path
) -> None:
    """A unit's cases go to the unit's own installation and come back solved, over real HTTP."""
    key = key_of(back)
    with make_island(servers, tmp_path / "front") as front:
        endpoint.connect(
            front.db,
            front.kit.atlas(),
            front.kit.safe,
            unit=UNIT,
            url=url,
            jurisdiction="hengyang",
            api_key=key,
            services={"*": "exposed-garbage"},
        )
        front.drive.read_set_up()
        story = Story(front.drive)
        for job in ("photo.render", "forwarding.send", "forwarding.send"):
            assert front.drive.work(job) == []
        (number,) = back.db.exec_driver_sql('SELECT number FROM "case"').scalars()
        work_there(back, number)
        clock.ask_other_systems(front.kit)
        assert front.drive.work("forwarding.fetch") == []
        case = story.case()
        assert case["status"] == "resolved"
        assert [one["action"] for one in case["timeline"]].count("resolve") == 1
        assert len(case["timeline"][-1]["photos"]) == 1
        assert REPLY in str(case["timeline"])
        story.worker.done(
            story.number, "pass", method="on_site", reply=REPLY, photo_ids=[story.worker.photo()]
        )


def work_there(back: Island, number: str) -> None:
    unit, worker = back.drive.staff("unit1"), back.drive.staff("worker1")
    assert back.drive.staff("desk").case(number)["source"] == "open311"
    unit.done(number, "start")
    unit.done(number, "resolve", outcome="fixed", comment="已清走", photo_ids=[unit.photo()])
    worker.done(number, "pass", method="on_site", reply=REPLY, photo_ids=[worker.photo()])
    assert back.drive.work("photo.render") == []
    back.db.execute(update(ContentCheck).values(state=ContentState.RELEASED))
