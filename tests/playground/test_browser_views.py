"""The views in Chromium: drawings, the switch, the table."""

from __future__ import annotations

import pytest

import convcalc
from tests.playground.browsing import SPEC, Page, expect, write

pytestmark = pytest.mark.slow


def test_a_layer_is_chosen_in_the_drawing_and_by_the_cursor(tab: Page) -> None:
    tab.locator("#graph .box", has_text="last").click()
    expect(tab.locator("#layer h2")).to_contain_text("last")
    expect(tab.locator(".cm-chosen")).to_contain_text("name: last")
    tab.locator(".cm-line", has_text="name: first").click()
    expect(tab.locator("#layer h2")).to_contain_text("first")
    tab.locator("#tab-wiring").click()
    expect(tab.locator("#wiring svg")).to_contain_text("Locally connected")
    tab.locator("#tab-maps").click()
    expect(tab.locator("#maps svg")).to_contain_text("4@14×14")


def test_the_switch_counts_each_wiring(tab: Page) -> None:
    totals = convcalc.analyse(convcalc.loads(SPEC)).totals
    tab.locator("#tab-table").click()
    for label, count in (("Not shared", totals.params_unshared), ("Fully connected", totals.params_fully_connected)):
        tab.get_by_role("radio", name=label).check()
        expect(tab.locator("#figures dd").first).to_contain_text(f"{count:,} ·")
        expect(tab.locator("#table tfoot")).to_contain_text(f"{count:,}")
    expect(tab.locator("#layer .counted dt")).to_have_text("Parameters if fully connected")


def test_the_table_stays_as_the_user_has_it(tab: Page) -> None:
    tab.locator("#tab-table").click()
    tab.get_by_label("Filter").fill("l")
    tab.locator("#table thead button", has_text="params").click()
    names = tab.locator("#table tbody th").all_inner_texts()
    tab.locator(".cm-line", has_text="name: last").click()
    tab.keyboard.press("End")
    tab.keyboard.type(" ")
    write(tab, SPEC.replace("out_features: 10", "out_features: 11"))
    assert tab.locator("#table tbody th").all_inner_texts() == names == ["last", "relu_1", "flatten_1"]
    assert tab.get_by_label("Filter").input_value() == "l"
    tab.get_by_label("Filter").fill("")
    tab.locator("#table thead button", has_text="params").click()
    tab.locator("#table thead button", has_text="params").click()


def test_a_block_stays_open(tab: Page) -> None:
    tab.locator("#shipped").select_option("resnet@resnet50")
    expect(tab.locator("#figures")).to_contain_text("25,557,032")
    tab.locator("#graph .view .box[data-block]").first.click()
    expect(tab.locator("#graph .trail [aria-current]")).to_have_text("layer1.0")
    tab.locator("#variant").select_option("resnet101")
    expect(tab.locator("#figures")).to_contain_text("44,549,160")
    expect(tab.locator("#graph .trail [aria-current]")).to_have_text("layer1.0")
