"""The playground for readers of all kinds: the keyboard, small windows, dark pages, screen readers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.playground.browsing import SPEC, Page, expect

pytestmark = pytest.mark.slow
AXE = os.environ.get("CONVCALC_AXE", "")  # the path of axe.min.js


def test_the_keyboard_reaches_all_parts(tab: Page) -> None:
    focused: Callable[[], str] = lambda: tab.evaluate("document.activeElement.id || document.activeElement.className")  # noqa: E731
    tab.keyboard.press("Alt+2")
    assert focused() == "tab-graph"
    tab.keyboard.press("ArrowRight")
    assert focused() == "tab-maps"
    expect(tab.locator("#maps svg")).to_be_visible()
    tab.keyboard.press("End")
    assert focused() == "tab-table"
    tab.keyboard.press("Home")
    tab.keyboard.press("Alt+3")
    assert focused() == "tab-layer"
    tab.keyboard.press("Alt+1")
    assert "cm-content" in focused()
    tab.keyboard.press("Control+m")
    tab.keyboard.press("Tab")
    assert "cm-content" not in focused()
    tab.keyboard.press("Alt+1")
    tab.keyboard.press("Control+m")
    assert SPEC.rstrip() in tab.locator(".cm-content").inner_text()


@pytest.mark.parametrize("width", [360, 900, 1440])
def test_the_page_fits_the_window(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    for name in ("graph", "maps", "table"):
        tab.locator(f"#tab-{name}").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.locator(".menu > summary", has_text="Help").click()
    box = tab.locator(".help").bounding_box()
    tab.locator(".menu > summary", has_text="Help").click()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_it_follows_the_light_or_dark_of_the_browser(tab: Page) -> None:
    colours = []
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        places = ("body", ".cm-editor", "#graph .view svg text", ".tok-propertyName")
        colours.append([
            tab.locator(place).first.evaluate("e => { const s = getComputedStyle(e); return s.fill + s.color; }")
            for place in places
        ])  # fmt: skip
    tab.emulate_media(color_scheme="light")
    assert all(light != dark for light, dark in zip(*colours, strict=True))


@pytest.mark.skipif(not AXE, reason="CONVCALC_AXE does not name axe.min.js")
def test_a_screen_reader_can_read_it(tab: Page) -> None:
    tab.evaluate(Path(AXE).read_text("utf-8"))
    for name in ("graph", "maps", "table"):
        tab.locator(f"#tab-{name}").click()
        found = tab.evaluate("axe.run({ rules: { region: { enabled: false } } })")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
