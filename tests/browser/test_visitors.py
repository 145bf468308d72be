"""The guard on every page notices, and so does axe."""

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visitor, visiting
from tests.browser.conftest import Axe

THROWN = """new Promise((done) => {
  addEventListener("error", () => setTimeout(done));
  setTimeout(() => { throw Error("broken"); });
})"""


def test_an_error_in_the_console_is_a_fault(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="went wrong"), visiting(browser, origin) as visitor:
        visitor.visit("/healthz").evaluate("console.error('went wrong')")


def test_an_exception_is_a_fault(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="broken"), visiting(browser, origin) as visitor:
        visitor.visit("/healthz").evaluate(THROWN)


def test_a_dialog_is_a_fault(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="hello"), visiting(browser, origin) as visitor:
        visitor.visit("/healthz").evaluate("alert('hello')")


def test_a_request_to_anybody_else_is_a_fault(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="elsewhere"), visiting(browser, origin) as visitor:
        visitor.visit("/healthz").evaluate("fetch('http://127.0.0.1:9/').catch(() => null)")


def test_what_was_expected_and_did_not_come_is_a_fault(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="never"), visiting(browser, origin) as visitor:
        visitor.expects("never")


def test_visitors_share_nothing(browser: Browser, origin: str) -> None:
    with visiting(browser, origin) as first, visiting(browser, origin) as second:
        first.visit("/healthz").evaluate("document.cookie = 'a=1'")
        assert first.context.cookies()
        assert not second.context.cookies()


def test_axe_finds_what_is_wrong(visitor: Visitor, axe: Axe) -> None:
    page = visitor.visit("/healthz")
    page.set_content('<html lang="zh"><title>一</title><main><h1>一</h1><img src="data:,"></main>')
    assert [found.split(":")[0] for found in axe(page)] == ["image-alt"]
