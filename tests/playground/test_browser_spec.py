"""The spec in Chromium: edits, errors, completion."""

from __future__ import annotations

import re

import pytest

import convcalc
from tests.playground.browsing import SPEC, Page, expect, go_to, params

pytestmark = pytest.mark.slow


def test_an_edit_moves_the_figures_and_the_views(tab: Page) -> None:
    go_to(tab, "name: first", "kernel_size: 3")
    tab.keyboard.press("Backspace")
    tab.keyboard.type("5")
    edited = SPEC.replace("kernel_size: 3", "kernel_size: 5")
    expect(tab.locator("#figures dd").first).to_contain_text(f"{params(edited):,} ·")
    expect(tab.locator("#graph .view")).to_contain_text("conv2d 5×5, 4")
    expect(tab.locator("#layer")).to_contain_text("4 × (3 / 1) × 5 × 5 + 4")
    tab.locator("#tab-table").click()
    row = convcalc.analyse(convcalc.loads(edited)).row("first")
    expect(tab.locator("#table tbody tr").first).to_contain_text(f"{row.params:,}")


def test_an_error_is_underlined_at_its_place(tab: Page) -> None:
    go_to(tab, "name: first", "kernel_size: 3")
    tab.keyboard.press("Backspace")
    tab.keyboard.type("x")
    expect(tab.locator(".cm-lintRange-error")).to_have_text("x")
    expect(tab.locator("#problem-count")).to_have_text("1 error")
    expect(tab.locator("#problems")).to_contain_text("kernel_size must be a positive whole number, not 'x'")
    expect(tab.locator(".old")).to_be_visible()
    expect(tab.locator("#figures dd").first).to_contain_text(f"{params(SPEC):,} ·")  # the last ones that are right
    tab.keyboard.press("Control+Home")
    tab.locator("#problems button").click()
    assert tab.evaluate("getSelection().toString()") == "x"


def test_a_finding_is_underlined_with_its_help(tab: Page) -> None:
    text = SPEC.replace("kernel_size: 3}", "kernel_size: 1, stride: 2}")
    tab.locator(".cm-content").click()
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(text)
    expect(tab.locator(".cm-lintRange-warning").first).to_be_visible()
    assert tab.locator("#problems .warning .notes").count() > 0


def test_figures_that_the_spec_does_not_expect_are_folded(tab: Page) -> None:
    tab.locator(".cm-content").click()
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(SPEC + "expect: {params: 1}\n")
    expect(tab.locator("#problem-count")).to_have_text("1 figure differs from what the spec expects")
    expect(tab.locator(".cm-lintRange-info")).to_have_text("1")
    tab.locator("#expectations summary").click()
    expect(tab.locator("#expectations li")).to_contain_text(f"params is {params(SPEC):,}, expected 1")
    tab.locator("#expectations summary").click()


@pytest.mark.parametrize(
    ("place", "typed", "offered", "becomes"),
    [
        ("kernel_size: 3", ", strid", "stride", "stride: "),
        ("    - relu", "\n- max_po", "max_pool2d", "max_pool2d: {kernel_size: "),
        ("kernel_size: 3", ", bias: f", "false", "bias: false"),
    ],
)
def test_completion_offers_what_fits(tab: Page, place: str, typed: str, offered: str, becomes: str) -> None:
    line = "name: first" if "kernel" in place else "- relu"
    go_to(tab, line, place.strip())
    for letter in typed:
        tab.keyboard.press("Enter") if letter == "\n" else tab.keyboard.type(letter)
    tab.keyboard.press("Control+Space")
    option = tab.locator(".cm-tooltip-autocomplete li", has_text=re.compile(f"^{offered}"))
    expect(option.first).to_be_visible()
    option.first.click()
    assert becomes in tab.locator(".cm-content").inner_text()


def test_a_word_says_what_it_means(tab: Page) -> None:
    tab.locator(".cm-line span", has_text="out_channels").hover()
    expect(tab.locator(".meaning")).to_contain_text("channels (maps) of the output")
    tab.mouse.move(0, 0)
