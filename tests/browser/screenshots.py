"""Pictures of the pages for the documentation: `python -m tests.browser.screenshots`.

Serves the town of the browser tests with a year behind it. The pictures are small PNG files with
the colours that they need.
"""

import argparse
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.kit import Kit
from app.services import audit_feed
from deploy.embedded import temporary_servers
from models.db import transaction
from models.geo import Point
from tests.browser import town as towns
from tests.browser.chromium import launched, visiting
from tests.browser.staff import enter
from tests.drive import Drive, place
from tests.island import island
from tests.little_server import serving_app
from tests.miniprogram import screenshots as phones
from tests.tools.conftest import serving
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
MOST_BYTES = 150_000
MONTHS = 13
COLOURS = 240
PHONE, DESK = (360, 740), (1280, 720)
PHONE_SCALE = 1.5


@dataclass(frozen=True)
class Shot:
    """A picture: its name, what is looked at, what must be there first, and who is signed in."""

    name: str
    path: str
    there: str
    size: tuple[int, int]
    who: str | None = None


SHOTS = (
    Shot("map-desk", "/map/cases/{solved}", ".case-head", DESK),
    Shot("results-desk", "/map?view=solved", ".card", DESK),
    Shot("figures-desk", "/map?view=stats", ".trend svg", DESK),
    Shot("map-phone", "/map", "#open-count:not(:empty)", PHONE),
    Shot("list-phone", "/map?view=list", ".row", PHONE),
    Shot("case-phone", "/map/cases/{solved}", ".case-head", PHONE),
    Shot("figures-phone", "/map?view=stats", ".trend svg", PHONE),
    Shot("results-phone", "/map?view=solved", ".card", PHONE),
    Shot("console-case", "/console/cases/{solved}", ".panes", DESK, "desk"),
    Shot("console-cases", "/console/cases", "tbody tr", DESK, "desk"),
    Shot("console-desk", "/console/desk", ".queue li", DESK, "desk"),
    Shot("console-desk-phone", "/console/desk", ".queue li", PHONE, "desk"),
    Shot("console-map", "/console/map?period=90&by=status", "#map canvas", DESK, "supervisor"),
    Shot("console-wall", "/console/wall", "canvas", (1920, 1080), "supervisor"),
    Shot("console-audit", "/console/audit", "tbody tr", DESK, "supervisor"),
    Shot("console-times", "/console/audit/times", "tbody tr", DESK, "supervisor"),
    Shot("console-spot-checks", "/console/supervision/spot-checks", "main h1", DESK, "supervisor"),
    Shot("console-areas", "/console/district/areas", "svg", DESK, "admin"),
    Shot(
        "console-responsibilities", "/console/district/responsibilities", "tbody tr", DESK, "admin"
    ),
    Shot("console-accounts", "/console/admin/accounts", "tbody tr", DESK, "admin"),
)


def settled(page: Page) -> None:
    """Waits until the fonts and every picture in sight are there."""
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        """() => [...document.images].every((image) => {
          const box = image.getBoundingClientRect();
          return box.top > innerHeight || !box.width || (image.complete && image.naturalWidth);
        })"""
    )


def taken(browser: Browser, origin: str, shot: Shot, town: towns.Town) -> bytes:
    """The picture as PNG. AssertionError where the page does what it should not."""
    scale = PHONE_SCALE if shot.size == PHONE else 1
    with visiting(browser, origin, device_scale_factor=scale, reduced_motion="reduce") as visitor:
        path = shot.path.format(solved=town.solved)
        if shot.who is not None:
            enter(visitor, shot.who).close()
        page = visitor.visit(path, *shot.size)
        expect(page.locator(shot.there).first).to_be_visible()
        settled(page)
        return page.screenshot()


def reduced(png: bytes) -> bytes:
    """The same picture with fewer colours, and without metadata."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()


FOR_THE_DESK = (
    ("cooking-fumes", "楼下烧烤店油烟直排，晚上开窗都呛人"),
    ("works-noise", "工地凌晨还在打桩，整栋楼睡不着"),
    ("cooking-fumes", "早餐店没有装油烟净化器，整条巷子都是油味"),
)


def _report_for_the_desk(drive: Drive) -> None:
    """Cases that wait for a person, with pictures."""
    for position, (category, words) in enumerate(FOR_THE_DESK):
        where = Point(112.562 + position * 0.004, 26.895 + position * 0.002)
        person = drive.resident(f"waiting{position}")
        person.report(
            category,
            description=words,
            location=place(where),
            photo_ids=[person.photo(at=where)],
        )
    drive.work("photo.render")


def _follow_the_ledger(kit: Kit) -> None:
    """Brings the audit up to the last case, as the clock does all the time."""
    with transaction(kit.engine) as db:
        while audit_feed.follow(db, kit.atlas()):
            pass


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.screenshots", description=__doc__
    )
    parser.add_argument("--out", type=Path, default=FOLDER)
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    platform = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with (
        temporary_servers() as servers,
        serving(platform),
        tempfile.TemporaryDirectory() as folder,
        island(servers, Path(folder), wechat_base_url=platform.url) as found,
    ):
        town = towns.build(found, months=MONTHS)
        _report_for_the_desk(found.drive)
        _follow_the_ledger(found.kit)
        with serving_app(found.app) as origin, launched() as browser:
            for shot in SHOTS:
                (out / f"{shot.name}.png").write_bytes(reduced(taken(browser, origin, shot, town)))
            # Words made to break pages are nothing to show.
            found.drive.staff("unit2").done(town.hostile, "hand_back", reason="不属于本单位职责")
            build = Path(folder) / "phones"
            for name, png in phones.taken(browser, platform, origin, found, build).items():
                (out / f"mini-program-{name}.png").write_bytes(reduced(png))
    return 0


if __name__ == "__main__":
    sys.exit(main())
