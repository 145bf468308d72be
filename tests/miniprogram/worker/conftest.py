"""A district, its platform, and phones of its staff that are bound already."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visitor, visiting
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tests.little_server import serving_app
from tests.miniprogram.handset import Handset
from tests.miniprogram.worker.work import Hold, code
from tests.tools.conftest import serving
from tools.check_miniprogram import SOURCE
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn
from tools.wechat_standin.phones import Phones

REFUSED = r"responded with a status of (401|403|404|409|422|503)"
"""What browsers say of a refusal, and of a picture that is not made yet."""


@pytest.fixture(scope="package")
def platform(node_program: str) -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving(found):
        yield found


@pytest.fixture(scope="package")
def island(
    browser: Browser,
    servers: Servers,
    platform: StandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Island]:
    with (
        make_island(
            servers, tmp_path_factory.mktemp("district"), wechat_base_url=platform.url
        ) as found,
        serving_app(found.app) as url,
    ):
        out = Path(tmp_path_factory.mktemp("build"))
        platform.phones = Phones(SOURCE, out, url, {}, "secret")
        for username in ("worker1", "unit1", "unit2"):
            body = {"wechat_code": f"demo-{username}", "binding_code": code(found, username)}
            answer = found.drive.client.post("/api/v1/sessions", json=body)
            assert answer.status_code == 201, answer.text
        yield found


@pytest.fixture
def hold(browser: Browser, island: Island, platform: StandIn) -> Iterator[Hold]:
    """Holds a phone of its own: `hold("worker1", width=320)`; consent, permissions and
    messages were agreed to before."""
    visitors: list[Visitor] = []
    asked = island.drive.resident().get("/api/v1/me/consents").json["items"]
    templates = [one["template_id"] for one in asked]
    with ExitStack() as stack:

        def held(person: str, *, width: int = 375, **scopes: bool) -> Handset:
            visitor = stack.enter_context(visiting(browser, platform.url, has_touch=True))
            visitors.append(visitor)
            address = f"/phone/phone.html?phone={person}&person={person}"
            found = Handset(visitor.visit(address, width, 720))
            found.trust(**scopes)
            found.set("subscriptions", dict.fromkeys(templates, "accept"))
            return found

        island.clear()
        yield held
        for visitor in visitors:
            for page in visitor.context.pages:
                page.close()
            visitor.faults[:] = [one for one in visitor.faults if not re.search(REFUSED, one)]
