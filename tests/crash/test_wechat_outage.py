"""A platform that is down for an hour, with real processes: nothing is lost, nothing is published,
everything is sent afterwards, once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from deploy.server import free_port
from tests.conftest import Servers
from tests.drive import Person
from tests.island import Island, eventually
from tests.island import island as make_island
from tests.tools.test_demo import serving
from tools.wechat_standin import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PUSH_KEY,
    DEMO_PUSH_TOKEN,
    PushTo,
    StandIn,
)

TEXT, IMAGE, SEND = (
    "/wxa/msg_sec_check",
    "/wxa/media_check_async",
    "/cgi-bin/message/subscribe/send",
)


@pytest.fixture
def standin() -> Iterator[tuple[StandIn, int]]:
    """The platform, and the port that it pushes to."""
    port = free_port()
    found = StandIn(
        "127.0.0.1",
        0,
        DEMO_APP_ID,
        DEMO_APP_SECRET,
        PushTo(f"http://127.0.0.1:{port}/wechat/push", DEMO_PUSH_TOKEN, DEMO_PUSH_KEY),
    )
    with serving(found):
        yield found, port


@pytest.fixture
def island(servers: Servers, tmp_path: Path, standin: tuple[StandIn, int]) -> Iterator[Island]:
    platform, port = standin
    changes = {"wechat_base_url": platform.url, "public_url": f"http://127.0.0.1:{port}"}
    with (
        make_island(servers, tmp_path, **changes) as found,
        serving(make_server("127.0.0.1", port, found.app, threaded=True)),
    ):
        found.run("UPDATE message_template SET urgent = true")
        for module in ("workers.relay", "workers.worker", "workers.clock"):
            found.launch(module, WECHAT_BASE_URL=platform.url, PUBLIC_URL=changes["public_url"])
        yield found


def control(platform: StandIn, what: str, **body: Any) -> None:
    answer = requests.post(f"{platform.url}/_standin/{what}", json=body, timeout=5)
    assert answer.status_code == 200, answer.text


def calls(platform: StandIn) -> Counter[str]:
    """Calls of the platform that had their effect."""
    listed = requests.get(f"{platform.url}/_standin/calls", timeout=5).json()
    return Counter(one["path"] for one in listed if one["errcode"] == 0)


def signed_in(island: Island, name: str) -> Person:
    answer = island.drive.client.post("/api/v1/sessions", json={"wechat_code": f"demo-{name}"})
    assert answer.status_code == 201, answer.text
    return Person(island.drive.client, int(answer.json["account"]["id"]), answer.json["token"])


def states(island: Island, number: str) -> list[str]:
    case = island.drive.staff("desk").case(number)
    return [one["state"] for one in case["content_checks"]]


def test_an_hour_without_the_platform(island: Island, standin: tuple[StandIn, int]) -> None:
    platform, _ = standin
    lily = signed_in(island, "lily")
    for _ in range(4):
        control(platform, "consents", name="lily", template_id="demo-accepted", accept=True)
    assert eventually(lambda: island.one("SELECT sum(remaining) FROM consent") == 4)
    control(platform, "down", down=True)

    early = lily.report("flyers")
    late = lily.report("exposed-garbage")
    assert early["status"] == "assigned"
    waiting = "SELECT count(*) FROM outbox WHERE error IS NOT NULL AND job = :job"
    assert eventually(lambda: island.one(waiting, job="content.check") == 2)
    assert eventually(lambda: island.one(waiting, job="message.send") == 2)
    assert states(island, early["case_number"]) == ["waiting", "waiting"]
    aged = (
        "UPDATE content_check SET created_at = created_at - interval '1 hour' WHERE case_id ="
        ' (SELECT id FROM "case" WHERE number = :number)'
    )
    assert island.run(aged, number=early["case_number"]) == 2
    assert eventually(lambda: states(island, early["case_number"]) == ["held", "held"])
    assert calls(platform)[TEXT] == calls(platform)[IMAGE] == calls(platform)[SEND] == 0
    assert lily.get("/api/v1/notices").json["items"], "the inbox does not wait"

    control(platform, "down", down=False)
    sooner = "UPDATE outbox SET due_at = now() WHERE error IS NOT NULL AND running_until IS NULL"

    def done() -> bool:
        island.run(sooner)
        return not island.one("SELECT count(*) FROM outbox")

    assert eventually(done, 90)
    assert eventually(lambda: states(island, late["case_number"]) == ["passed", "passed"])
    assert states(island, early["case_number"]) == ["held", "held"], "a person has it"
    assert calls(platform)[TEXT] == 2
    assert calls(platform)[IMAGE] == 2
    assert calls(platform)[SEND] == 2
    sent = "SELECT count(*) FROM message WHERE state = 'sent' AND confirmed_at IS NOT NULL"
    assert eventually(lambda: island.one(sent) == 2)
    assert island.one("SELECT remaining FROM consent") == 2
    shown = requests.get(f"{platform.url}/_standin/messages", timeout=5).json()
    numbers = sorted(one["data"]["character_string1"] for one in shown)
    assert numbers == sorted([early["case_number"], late["case_number"]])
