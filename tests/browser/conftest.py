"""A served town, one Chromium, and visitors whose pages are watched.

The town and Chromium belong to this folder: they end before the tests of the next one begin, as
Playwright keeps an event loop in the thread.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from deploy.browser import executable
from tests.browser import town as towns
from tests.browser.chromium import NO_BROWSER, Visitor, launched, violations, visiting
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tests.little_server import serving_app

Visitors = Callable[..., Visitor]
Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if executable() is None:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with launched() as found:
        yield found


@pytest.fixture(scope="package")
def island(
    browser: Browser, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Island]:
    with make_island(servers, tmp_path_factory.mktemp("town")) as found:
        yield found


@pytest.fixture(scope="package")
def town(island: Island) -> towns.Town:
    return towns.build(island)


@pytest.fixture(scope="package")
def origin(island: Island) -> Iterator[str]:
    """The address of the served application, without a slash at its end."""
    with serving_app(island.app) as url:
        yield url


@pytest.fixture
def visitors(browser: Browser, origin: str) -> Iterator[Visitors]:
    """Makes visitors, each in a context of their own, with Playwright's options of a context."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(visiting(browser, origin, **options))


@pytest.fixture
def visitor(visitors: Visitors) -> Visitor:
    return visitors()


@pytest.fixture
def visit(visitor: Visitor) -> Visit:
    """Opens a path: `visit("/map", 360, 740)`."""
    return visitor.visit


@pytest.fixture
def axe() -> Axe:
    """What axe finds wrong with a page; an empty list is what tests want."""
    return violations


SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1366, 768)}


@pytest.fixture(params=[*SIZES])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height of a phone, a tablet and a desk's screen."""
    return SIZES[request.param]
