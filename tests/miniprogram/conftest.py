"""One Chromium for this folder; phones in it that run the runner's own small app, and phones that
run the mini program against a district's service.

Without Node the tests are skipped and say what to install; where `CI` is set they fail.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Request, Response

from deploy import node
from deploy.browser import executable
from tests.browser.chromium import NO_BROWSER, Visitor, launched, visiting
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tests.little_server import serving, serving_app
from tests.miniprogram.handset import Handset, bind
from tests.tools.conftest import serving as serving_here
from tools.check_miniprogram import SOURCE
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn
from tools.wechat_standin.phones import RUNNER, Phones

FIXTURE = RUNNER / "test" / "fixture"
BOUND = ("worker1", "unit1", "unit2")
"""Staff whose phones are bound to their accounts."""
REFUSED = r"responded with a status of (401|403|404|409|422|503)"
"""What browsers say of a refusal, and of a picture that is not made yet."""


def needed(lack: str | None) -> None:
    """Skips for what is lacking, or fails where nothing may be."""
    if lack is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(lack)


@pytest.fixture(scope="session")
def node_program() -> str:
    needed(node.missing())
    return node.node() or ""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    needed(None if executable() else NO_BROWSER)
    with launched() as found:
        yield found


def echo(request: Request) -> Response:
    """The service behind the phones: says what it was asked."""
    if request.path == "/picture.png":
        return Response((FIXTURE / "images" / "dot.png").read_bytes(), mimetype="image/png")
    if request.path == "/words":
        return Response("不是 JSON", mimetype="text/plain")
    if request.files:
        file = request.files["photo"]
        size = len(file.read())
        told = f'{{"form": "{request.form.get("kind")}", "size": {size}}}'
        return Response(told, mimetype="application/json")
    told = f'{{"method": "{request.method}", "query": "{request.query_string.decode()}"}}'
    return Response(told, 201 if request.method == "POST" else 200, mimetype="application/json")


@pytest.fixture(scope="package")
def standin(node_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with serving(echo) as service:
        found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
        out = tmp_path_factory.mktemp("phone")
        found.phones = Phones(FIXTURE, Path(out), service, {"T1": "办结通知"}, "secret")
        with serving_here(found):
            yield found


Hold = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser, standin: StandIn) -> Iterator[Visitor]:
    with visiting(browser, standin.url, has_touch=True) as found:
        yield found


@pytest.fixture
def hold(visitor: Visitor) -> Hold:
    """Holds a phone: `hold("lily", "pages/tags/tags")`; its page when the app runs."""

    def held(person: str = "lily", path: str = "", width: int = 375) -> Page:
        address = f"/phone/phone.html?phone={person}&path={path}"
        page = visitor.visit(address, width, 720)
        page.wait_for_selector("html[data-ready]")
        return page

    return held


@pytest.fixture(scope="module")
def shared(browser: Browser, standin: StandIn) -> Iterator[Page]:
    """One phone for all of a module, where what one test does is nothing to the next."""
    with ExitStack() as stack:
        visitor = stack.enter_context(visiting(browser, standin.url))
        page = visitor.visit("/phone/phone.html?phone=shared", 375, 720)
        page.wait_for_selector("html[data-ready]")
        yield page


@pytest.fixture(scope="package")
def platform(node_program: str) -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving_here(found):
        yield found


@pytest.fixture(scope="package")
def island(
    browser: Browser,
    servers: Servers,
    platform: StandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Island]:
    """A district with the platform behind it."""
    folder = tmp_path_factory.mktemp("district")
    with make_island(servers, folder, wechat_base_url=platform.url) as found:
        for username in BOUND:
            bind(found.drive, username)
        yield found


@pytest.fixture(scope="package")
def origin(
    island: Island, platform: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the district's service, without a slash at its end; phones reach it."""
    with serving_app(island.app) as url:
        out = Path(tmp_path_factory.mktemp("build"))
        platform.phones = Phones(SOURCE, out, url, {}, "secret")
        yield url


Handsets = Callable[..., Handset]


@pytest.fixture
def phones(browser: Browser, island: Island, origin: str, platform: StandIn) -> Iterator[Handsets]:
    """Phones of their own: `phones("lily", width=320, camera=False)`. Privacy and permissions were
    agreed to before where they are `trusted`; so were `messages`, by staff unless it says so."""
    visitors: list[Visitor] = []
    asked = island.drive.resident().get("/api/v1/me/consents").json["items"]
    templates = [one["template_id"] for one in asked]
    with ExitStack() as stack:

        def held(
            person: str,
            *,
            width: int = 375,
            messages: bool | None = None,
            trusted: bool = True,
            **scopes: bool,
        ) -> Handset:
            visitor = stack.enter_context(visiting(browser, platform.url, has_touch=True))
            visitors.append(visitor)
            address = f"/phone/phone.html?phone={person}&person={person}"
            found = Handset(visitor.visit(address, width, 720))
            if trusted:
                found.trust(**scopes)
            if person in BOUND if messages is None else messages:
                found.set("subscriptions", dict.fromkeys(templates, "accept"))
            return found

        island.clear()
        island.run("DELETE FROM consent")  # who has messages left is not asked for more
        yield held
        for visitor in visitors:
            for page in visitor.context.pages:
                page.close()
            visitor.faults[:] = [one for one in visitor.faults if not re.search(REFUSED, one)]
