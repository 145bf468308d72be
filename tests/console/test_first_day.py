"""The first day of an installation: an administrator, and nothing set up yet."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.factory import App
from config import Settings
from tests.bare import FIRST, bare
from tests.conftest import Servers
from tests.console.desk import PASSWORD, Desk, csrf_of
from tests.console.district import KINDS, PAGES, UNITS, WGS84, confirm, preview


@pytest.fixture
def bare_app(servers: Servers, settings: Settings) -> Iterator[App]:
    with bare(servers, settings) as app:
        yield app


def test_the_first_administrator_is_led_through_set_up(bare_app: App) -> None:
    client = bare_app.test_client()
    given = {"username": FIRST, "password": PASSWORD, "next": ""}
    answer = client.post("/console/sign-in", data=given)
    assert answer.location == "/console/admin"
    desk = Desk(client)
    for path in PAGES:
        desk.get(path)
    assert "还差 5 步" in desk.get("/console/admin")
    start: dict[str, Any] = {"back": "start"}
    example = {
        kind: desk.answer("GET", f"/console/district/{kind}/template").data for kind in KINDS
    }
    for kind in ("catalogue", "areas", "units"):
        form = start | (WGS84 if kind == "areas" else {})
        answer = confirm(desk, kind, preview(desk, kind, example[kind], **form))
        assert answer.location.startswith("/console/admin?done=")
        assert "立即生效" in desk.get(answer.location)
    rest = desk.get("/console/admin")
    assert "还差 2 步：账号、权责" in rest
    rules = preview(desk, "responsibilities", example["responsibilities"], **start)
    assert "还差 1 步：账号" in desk.get(confirm(desk, "responsibilities", rules).location)
    place = "longitude=112.56&latitude=26.89&coord_type=wgs84&category=exposed-garbage"
    found = desk.get(f"/console/district/responsibilities/check?{place}")
    assert "归 <b>洁净环卫公司</b>" in found
    assert "第一网格" in found


def test_a_form_sent_twice_at_once_imports_once(bare_app: App) -> None:
    def at_desk() -> Desk:
        client = bare_app.test_client()
        given = {"username": FIRST, "password": PASSWORD, "next": "/console/admin"}
        assert client.post("/console/sign-in", data=given).status_code == 302
        return Desk(client)

    desks = [at_desk() for _ in range(4)]
    page = preview(desks[0], "units", UNITS)
    with ThreadPoolExecutor(len(desks)) as pool:
        answers = list(pool.map(lambda desk: confirm(desk, "units", _signed(desk, page)), desks))
    told = sorted(answer.location.partition("?")[2] for answer in answers)
    assert told[0].removeprefix("done=").isdecimal()
    assert told[1:] == ["done=unchanged"] * 3


def _signed(desk: Desk, page: str) -> str:
    """The page with the form of this desk's session."""
    return page.replace(csrf_of(page), csrf_of(desk.get("/console/admin")))
