"""The page in Chromium, without a network: what a reader does with it, and what the browser says about it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from convcalc.page.page import page
from convcalc.page.subject import subject
from tests.helpers import analysed, network

pytest.importorskip("playwright", reason="the page is tried in a browser by playwright: pip install '.[browser]'")
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import convcalc

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium here", allow_module_level=True)
AXE = os.environ.get("CONVCALC_AXE", "")  # the path of axe.min.js

pytestmark = pytest.mark.slow
SIZES = ((400, 900), (1200, 900), (1920, 1080))
FINDING = network(
    """
    - conv2d: {name: first, out_channels: 4, kernel_size: 3}
    - relu
    - conv2d: {name: second, out_channels: 4, kernel_size: 1, stride: 2}
    """
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of networks: one, one with many blocks, one with findings, and two."""
    reports = {
        "lenet": [convcalc.analyse("lenet")],
        "resnet50": [convcalc.analyse("resnet50")],
        "finding": [analysed(FINDING)],
        "two": [convcalc.analyse("resnet18"), convcalc.analyse("resnet34")],
        "wavenet": [convcalc.analyse("wavenet")],
        "c3d": [convcalc.analyse("c3d")],
    }
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, group in reports.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text("".join(page([subject(report) for report in group])), "utf-8")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Reader:
    """A tab that reads pages from files. What the browser says, and what it asks for, must be nothing."""

    def __init__(self, context: BrowserContext, files: dict[str, Path]) -> None:
        self.files = files
        self.said: list[str] = []
        self.asked: list[str] = []
        self.tab: Page = context.new_page()
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))

    def open(self, name: str) -> Page:
        self.tab.goto(self.files[name].as_uri())
        return self.tab

    def names(self) -> list[str]:
        """The first cells of the lines that the table shows."""
        return self.tab.locator(".layers tbody th").all_inner_texts()

    def column(self, place: int) -> list[str]:
        return self.tab.locator(f".layers tbody td:nth-child({place})").all_inner_texts()


@pytest.fixture
def reader(browser: Browser, files: dict[str, Path]) -> Iterator[Reader]:
    context = browser.new_context(
        offline=True, viewport={"width": 1200, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    made = Reader(context, files)
    yield made
    context.close()
    assert made.said == []
    assert all(url.startswith("file:") for url in made.asked)


# -- how it looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["resnet50", "two"])
def test_a_page_fits_the_window(reader: Reader, name: str, size: tuple[int, int]) -> None:
    reader.tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab = reader.open(name)
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert tab.locator("article").first.is_visible()


def test_it_follows_the_light_or_dark_of_the_browser(reader: Reader) -> None:
    colours = []
    for scheme in ("light", "dark"):
        reader.tab.emulate_media(color_scheme=scheme)
        tab = reader.open("lenet")
        colours.append(
            [
                tab.evaluate("getComputedStyle(document.documentElement).backgroundColor"),
                tab.locator(".view svg text").first.evaluate("element => getComputedStyle(element).fill"),
                tab.locator(".view .conv").first.evaluate("element => getComputedStyle(element).fill"),
            ]
        )
    assert all(light != dark for light, dark in zip(*colours, strict=True))


def test_it_is_printed(reader: Reader, tmp_path: Path) -> None:
    tab = reader.open("lenet")
    printed = tab.pdf(path=tmp_path / "page.pdf", format="A4")
    assert printed.startswith(b"%PDF")
    tab.emulate_media(media="print")
    assert not tab.locator(".layers .tools").is_visible()
    assert tab.locator(".layers table").is_visible()


def test_without_scripts_it_is_a_document(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    tab.goto(files["resnet50"].as_uri())
    assert tab.locator(".layers tbody tr").count() == 175
    assert not tab.locator(".tools").first.is_visible()
    tab.locator(".blocks > summary").click()
    tab.locator("summary", has_text="layer2.0").click()
    assert tab.locator(".blocks details[open] svg").is_visible()
    context.close()


# -- what a reader does ----------------------------------------------------------------------------------------------


def test_the_table_is_sorted(reader: Reader) -> None:
    tab = reader.open("lenet")
    before = reader.names()
    head = tab.locator(".layers thead th", has_text="params")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    counts = [int(text.replace(",", "")) for text in reader.column(5)]
    assert counts == sorted(counts, reverse=True)
    tab.keyboard.press("Enter")  # the focus is still on the header
    assert head.get_attribute("aria-sort") == "ascending"
    assert [int(text.replace(",", "")) for text in reader.column(5)] == sorted(counts)
    tab.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "none"
    assert reader.names() == before


def test_the_table_is_filtered(reader: Reader) -> None:
    tab = reader.open("resnet50")
    tab.get_by_label("Filter").fill("downsample")
    assert len(reader.names()) == 8
    assert all("downsample" in name for name in reader.names())
    assert "8 of 175 layers" in tab.locator(".layers [role=status]").inner_text()
    tab.get_by_label("Filter").fill("layer?.0.conv1*")
    assert reader.names() == [f"layer{number}.0.conv1" for number in range(1, 5)]
    tab.get_by_label("Filter").fill("")
    assert len(reader.names()) == 11


def test_blocks_are_folded_and_opened(reader: Reader) -> None:
    tab = reader.open("resnet50")
    assert reader.names()[4:8] == [f"▸ layer{number}" for number in range(1, 5)]
    block = tab.get_by_role("button", name="layer1", exact=False).and_(tab.locator(".fold")).first
    block.press("Enter")
    assert tab.locator(".fold").first.get_attribute("aria-expanded") == "true"
    assert reader.names()[5:8] == ["▸ layer1.0", "▸ layer1.1", "▸ layer1.2"]
    tab.get_by_role("button", name="Open blocks").click()
    assert len([name for name in reader.names() if name[0] not in "▸▾"]) == 175
    tab.get_by_role("button", name="Fold blocks").click()
    assert len(reader.names()) == 11


def test_columns_are_chosen(reader: Reader) -> None:
    tab = reader.open("lenet")
    tab.locator(".columns summary").click()
    tab.locator(".columns input[data-name=connections]").check()
    tab.locator(".columns input[data-name=type]").uncheck()
    heads = tab.locator(".layers thead th").all_inner_texts()
    assert "connections" in heads
    assert "type" not in heads
    row = convcalc.analyse("lenet").row("conv1")
    assert f"{row.connections:,}" in tab.locator(".layers tbody tr").first.inner_text()


def test_a_block_of_the_drawing_is_opened_and_left(reader: Reader) -> None:
    tab = reader.open("resnet50")
    closed = tab.locator(".view .box[data-block]").first
    closed.focus()
    closed.press("Enter")
    assert tab.locator(".trail [aria-current]").inner_text() == "layer1.0"
    inner = tab.locator(".view .box", has_text="layer1.0.conv2")
    inner.click()
    assert tab.locator(".layer h2").inner_text().startswith("layer1.0.conv2")
    assert "chosen" in (inner.get_attribute("class") or "")
    tab.get_by_role("button", name="Whole network").click()
    assert tab.locator(".view .box[data-block]").count() > 1
    assert not tab.locator(".trail").is_visible()


def test_a_chosen_layer_is_derived(reader: Reader) -> None:
    tab = reader.open("lenet")
    tab.locator(".layers").get_by_role("button", name="conv2").click()
    panel = tab.locator(".layer")
    assert "= 16 × (6 / 1) × 5 × 5 + 16" in panel.inner_text()
    assert tab.locator("tr.chosen th").inner_text() == "conv2"
    tab.locator(".layers tbody tr", has_text="fc2").locator("td").last.click()  # anywhere in the row
    assert panel.locator("h2").inner_text().startswith("fc2")


def test_a_unit_is_moved(reader: Reader) -> None:
    tab = reader.open("lenet")
    says = tab.locator(".field [role=status]")
    slider = tab.get_by_label("unit along rows")
    slider.press("Home")
    assert "Unit 0, 12 sees rows 0 to 4, columns 12 to 16 of input 1x28x28" in says.inner_text()
    slider.press("ArrowRight")
    assert "Unit 1, 12 sees rows 1 to 5" in says.inner_text()
    picture = tab.locator(".image").bounding_box()
    assert picture is not None
    tab.mouse.move(picture["x"] + 3, picture["y"] + 3)
    tab.mouse.down()
    assert "Unit 0, 0 sees" in says.inner_text()
    tab.mouse.move(picture["x"] + picture["width"] - 3, picture["y"] + 3)
    assert "Unit 0, 23 sees rows 0 to 4, columns 23 to 27" in says.inner_text()
    tab.mouse.up()


@pytest.mark.parametrize(("name", "axes"), [("wavenet", 1), ("c3d", 3)])
def test_a_unit_is_moved_along_each_axis(reader: Reader, name: str, axes: int) -> None:
    tab = reader.open(name)
    sliders = tab.locator(".field input")
    assert sliders.count() == axes
    before = tab.locator(".field [role=status]").inner_text()
    sliders.first.press("Home")
    assert tab.locator(".field [role=status]").inner_text() != before


def test_a_row_and_the_table_are_copied(reader: Reader) -> None:
    tab = reader.open("lenet")
    tab.get_by_role("button", name="Copy row as CSV").click()
    tab.get_by_text("Copied.").wait_for()
    head = "name,type,output_shape,receptive_field,params,macs\n"
    assert tab.evaluate("navigator.clipboard.readText()") == f"{head}conv1,conv2d,6x24x24,5x5,156,86400\n"
    tab.get_by_role("button", name="Copy table as Markdown").click()
    tab.locator(".layers").get_by_text("Copied.").wait_for()
    lines = tab.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[:3] == [
        "| name | type | output | field | params | macs |",
        "|---|---|---|---|---:|---:|",
        "| conv1 | conv2d | 6x24x24 | 5x5 | 156 | 86,400 |",
    ]
    assert len(lines) == 14


def test_where_copying_is_refused_the_text_is_shown(reader: Reader) -> None:
    reader.tab.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    tab = reader.open("lenet")
    tab.get_by_role("button", name="Copy row as CSV").click()
    assert tab.get_by_label("Text to copy").input_value().startswith("name,type,")


def test_a_finding_leads_to_its_layer(reader: Reader) -> None:
    tab = reader.open("finding")
    tab.locator(".findings").get_by_role("button", name="second").first.click()
    assert tab.locator(".layer h2").inner_text().startswith("second")
    assert tab.locator(".layer .finding").count() >= 1


def test_two_networks_have_parts_of_their_own(reader: Reader) -> None:
    tab = reader.open("two")
    first, second = tab.locator("article").all()
    second.get_by_label("Filter").fill("fc")
    assert second.locator(".layers tbody tr").count() == 1
    assert first.locator(".layers tbody tr").count() > 1


# -- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not AXE, reason="CONVCALC_AXE does not name axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["resnet50", "finding", "two"])
def test_axe_finds_nothing_serious(reader: Reader, name: str, scheme: Literal["light", "dark"]) -> None:
    reader.tab.emulate_media(color_scheme=scheme)
    tab = reader.open(name)
    tab.locator(".columns summary").first.click()
    tab.evaluate(Path(AXE).read_text("utf-8"))
    found = tab.evaluate("axe.run().then(result => result.violations)")
    serious = [
        (violation["id"], violation["help"], [node["html"][:120] for node in violation["nodes"]][:3])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == [], json.dumps(serious, indent=2)
