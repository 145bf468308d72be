"""Pictures for the documentation: made, small, and those that lie there."""

import io

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.screenshots import FOLDER, MOST_BYTES, SHOTS, reduced, taken
from tests.browser.town import Town
from tests.miniprogram.screenshots import PICTURES


def test_a_phones_picture_is_sharp_and_small(browser: Browser, origin: str, town: Town) -> None:
    shot = next(shot for shot in SHOTS if shot.name == "case-phone")
    png = reduced(taken(browser, origin, shot, town))
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.size) == ("PNG", (540, 1110))
    assert len(png) < MOST_BYTES


def test_the_pictures_that_are_kept_are_those_that_are_made() -> None:
    kept = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    phones = {f"mini-program-{name}.png" for name in PICTURES}
    assert set(kept) == {f"{shot.name}.png" for shot in SHOTS} | phones
    assert max(kept.values()) < MOST_BYTES
