"""What all tests of the playground in Chromium need. Without a browser, a module that imports this is skipped."""

from __future__ import annotations

import shutil

import pytest

import convcalc

pytest.importorskip("playwright", reason="the playground is tried in a browser by playwright: pip install '.[browser]'")
from playwright.sync_api import Browser as Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Page
from playwright.sync_api import expect as expect
from playwright.sync_api import sync_playwright as sync_playwright

from playground.measure import served as served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium here", allow_module_level=True)
PATIENCE = 20_000  # milliseconds, on a busy machine
SPEC = """\
name: small
input: [3, 16, 16]
layers:
  - conv2d: {name: first, out_channels: 4, kernel_size: 3}
  - relu
  - flatten
  - linear: {name: last, out_features: 10}
"""


class Watched:
    """A tab. What the browser says, and what it asks of a network, must be nothing."""

    def __init__(self, context: BrowserContext) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def check(self, *allowed: str) -> None:
        assert self.said == []
        assert [url for url in self.asked if not url.startswith(("blob:", "data:", *allowed))] == []


def write(page: Page, text: str) -> None:
    """Replace the spec, and wait for its figures."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    expect(page.locator("#figures dd").first).to_contain_text(f"{params(text):,} ·")
    expect(page.locator("#problem-count")).to_have_text("No problems")


def params(text: str) -> int:
    count = convcalc.analyse(convcalc.loads(text)).totals.params
    assert count is not None
    return count


def go_to(page: Page, line: str, after: str) -> None:
    """Put the cursor after a part of a line."""
    row = page.locator(".cm-line", has_text=line)
    row.click()
    page.keyboard.press("Home")
    page.keyboard.press("Home")  # before the indentation
    for _ in range(row.inner_text().index(after) + len(after)):
        page.keyboard.press("ArrowRight")
