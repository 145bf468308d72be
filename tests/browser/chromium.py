"""The system's Chromium, and pages in it that may do nothing but what their test expects."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from deploy.browser import executable

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000
"""How long a condition may take; it only bounds a test that fails."""
UNASKED = "/favicon.ico"
"""What Chromium looks for by itself where a document, such as JSON, names no icon."""
NO_BROWSER = "no Chromium: `make browser` installs it, or says what to install"


@contextmanager
def launched() -> Iterator[Browser]:
    """One Chromium. SHOW_BROWSER shows it, and slows it down for eyes.

    Raises:
        FileNotFoundError: there is none on this machine.
    """
    path = executable()
    if path is None:
        raise FileNotFoundError(NO_BROWSER)
    expect.set_options(timeout=PATIENCE_MS)
    shown = bool(os.environ.get("SHOW_BROWSER"))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            headless=not shown,
            slow_mo=400 if shown else 0,
            chromium_sandbox=os.geteuid() != 0,
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own: cookies and cache are theirs alone.

    What goes wrong in any of their pages is a fault: an error in the console, an exception, a
    request to anybody but `origin`. A test names what it expects of that with `expects`.
    """

    origin: str
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        self.context.on("dialog", self._interrupted)
        self.context.on("request", lambda request: self._asked(request.url))

    def visit(self, path: str, width: int = 1366, height: int = 768) -> Page:
        """A new page of that size, in CSS pixels, at a path of the served application."""
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(self.origin + path)
        return page

    def expects(self, pattern: str) -> None:
        """Takes faults that match for right; one must come."""
        self._expected.append(pattern)

    def check(self) -> None:
        """Fails on a fault that nobody expected, and on one that was expected and did not come."""
        rest = [f for f in self.faults if not any(re.search(p, f) for p in self._expected)]
        missed = [p for p in self._expected if not any(re.search(p, f) for f in self.faults)]
        if rest or missed:
            raise AssertionError(f"faults: {rest}; expected and not seen: {missed}")

    def _said(self, message: Any) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not url.endswith(UNASKED):
            self.faults.append(f"console: {message.text} {url}")

    def _interrupted(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if (
            parts.scheme not in {"data", "blob"}
            and f"{parts.scheme}://{parts.netloc}" != self.origin
        ):
            self.faults.append(f"elsewhere: {url}")


@contextmanager
def visiting(browser: Browser, origin: str, **options: Any) -> Iterator[Visitor]:
    """A visitor in China, with Playwright's options of a context; checked at the end."""
    given: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | options
    context = browser.new_context(**given)
    try:
        visitor = Visitor(origin, context)
        yield visitor
        visitor.check()
    finally:
        context.close()


@cache
def _axe_source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page as it is now: its rule and the elements."""
    page.evaluate(_axe_source() + "\n;null")
    found = page.evaluate('axe.run(document, {resultTypes: ["violations"]})')
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
