"""One Chromium for this folder; phones in it that run the runner's own small app.

Without Node the tests are skipped and say what to install; where `CI` is set they fail.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Request, Response

from deploy import node
from deploy.browser import executable
from tests.browser.chromium import NO_BROWSER, Visitor, launched, visiting
from tests.little_server import serving
from tests.tools.conftest import serving as serving_here
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn
from tools.wechat_standin.phones import RUNNER, Phones

FIXTURE = RUNNER / "test" / "fixture"


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
