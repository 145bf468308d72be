"""How smoothly the staff's map moves in a browser, with as many cases as it shows at once."""

import statistics as stats
from collections.abc import Callable, Iterator
from itertools import pairwise

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.auth import COOKIE
from app.factory import create_app
from app.kit import Kit
from app.services import account
from benchmarks.figures import Figure
from config import Settings
from models.account import Account
from models.db import transaction
from tests.browser.chromium import launched, visiting
from tests.little_server import serving_app

SIZE = (1366, 768)
SMOOTH_MS = 34.0
"""Two frames of a screen that shows sixty a second."""
RECORD = """() => {
  window.frames_ = [];
  const seen = (at) => { window.frames_.push(at); window.asked_ = requestAnimationFrame(seen); };
  window.asked_ = requestAnimationFrame(seen);
}"""
RECORDED = "() => { cancelAnimationFrame(window.asked_); return window.frames_; }"


def measure_map(settings: Settings) -> Iterator[Figure]:
    """Milliseconds from frame to frame while somebody drags, zooms, or moves the slider."""
    app = create_app(settings)
    kit: Kit = app.extensions["kit"]
    with transaction(kit.engine) as db:
        known = select(Account.id).where(Account.username == "supervisor")
        token = account.open_session(db, db.execute(known).scalar_one()).token
    with serving_app(app) as origin, launched() as browser, visiting(browser, origin) as visitor:
        where = f"{origin}/console/"
        visitor.context.add_cookies([{"name": COOKIE, "value": token, "url": where}])
        for what, path, doing in (
            ("crowds, dragged", "/console/map", _drag),
            ("crowds, zoomed", "/console/map", _zoom),
            ("single signs, dragged", "/console/map?show=points", _drag),
            ("single signs, zoomed", "/console/map?show=points", _zoom),
            ("heat, dragged", "/console/map?show=heat", _drag),
            ("single signs, day by day", "/console/map?show=points&period=90&unit=U-SZ", _days),
        ):
            page = visitor.visit(path, *SIZE)
            expect(page.locator("#total")).not_to_be_empty()
            page.wait_for_load_state("networkidle")
            yield _figure(what, page, doing)
            page.close()
    kit.close()


def _figure(what: str, page: Page, doing: Callable[[Page], None]) -> Figure:
    shown = page.locator("#total").inner_text()
    page.evaluate(RECORD)
    doing(page)
    frames: list[float] = page.evaluate(RECORDED)
    lengths = sorted(b - a for a, b in pairwise(frames))
    typical, late = stats.median(lengths), lengths[int(len(lengths) * 0.95)]
    return Figure(
        f"{what} ({shown})",
        f"{typical:.0f} ms (95 %: {late:.0f}, longest {lengths[-1]:.0f})",
        f"< {SMOOTH_MS:.0f} ms",
        ok=typical < SMOOTH_MS,
    )


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator("#map").bounding_box()
    assert box is not None  # noqa: S101  (it is there)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _drag(page: Page) -> None:
    x, y = _middle(page)
    for _ in range(3):
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(x - 5 * step, y + 2 * step)
        page.mouse.up()
        page.wait_for_timeout(400)


def _zoom(page: Page) -> None:
    page.mouse.move(*_middle(page))
    for by in (-240, -240, 240, 240):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(700)


def _days(page: Page) -> None:
    page.locator("#day").focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(60)
