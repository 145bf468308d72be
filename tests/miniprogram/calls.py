"""What the tests of the phone's calls share."""

from typing import Any

from playwright.sync_api import Page

BASE = "https://example.invalid"
"""The server of the small app."""


def words_of(page: Page, call: str) -> str:
    """What a call fails with."""
    found: str = page.evaluate(f"{call}.then(() => 'it did not fail', one => one.errMsg)")
    return found


def button(page: Page, name: str) -> Any:
    return page.get_by_role("dialog").last.get_by_role("button", name=name, exact=True)


def begun(page: Page, call: str) -> None:
    """Begins a call whose dialog a person answers."""
    page.evaluate(f"() => {{ window.told = {call}.catch(one => one); }}")
