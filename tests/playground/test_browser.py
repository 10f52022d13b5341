"""The playground in Chromium: the offline file without a network, and the hosted form below a path."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import convcalc
from convcalc.exporters.export import export_bytes
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from playground.engine import files
from tests.playground.conftest import ROOT
from tests.playground.test_build import OFFLINE

pytest.importorskip("playwright", reason="the playground is tried in a browser by playwright: pip install '.[browser]'")
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium here", allow_module_level=True)
AXE = os.environ.get("CONVCALC_AXE", "")  # the path of axe.min.js
PATIENCE = 20_000  # milliseconds, on a busy machine

pytestmark = pytest.mark.slow
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, built: Path) -> Iterator[Watched]:
    """The offline file, without a network: opened once, because Python takes seconds to load."""
    context = browser.new_context(
        offline=True, viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    tab = Watched(context)
    tab.page.goto((built / OFFLINE).as_uri())
    expect(tab.page.locator("#figures")).to_contain_text("44,426")  # at once, before Python is there
    assert tab.page.locator("body").get_attribute("data-engine") == "starting"
    tab.page.wait_for_selector("body[data-engine=ready]")
    yield tab
    context.close()
    tab.check("file:")


@pytest.fixture
def tab(opened: Watched) -> Page:
    """The tab with the small spec, as a user has it at first."""
    page = opened.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#tab-graph").click()
    page.locator("#tab-layer").click()
    page.locator("#wirings input").first.check()
    write(page, SPEC)
    return page


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


# -- the spec --------------------------------------------------------------------------------------------------------


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


# -- the views -------------------------------------------------------------------------------------------------------


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


# -- files and links -------------------------------------------------------------------------------------------------


def test_an_onnx_file_is_dropped(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(export_bytes(build_network(find("lenet"), Overrides())))
    tab.evaluate(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name));
          for (const kind of ["dragenter", "dragover", "drop"]) {
            document.querySelector(".cm-content").dispatchEvent(
              new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        [path.name, list(path.read_bytes())],
    )
    expect(tab.locator("#figures dd").first).to_contain_text("44,426 ·")
    expect(tab.locator("#note")).to_contain_text("44,426 parameters as in model.onnx")


def test_a_file_of_pytorch_is_chosen(tab: Page) -> None:
    path = ROOT / "tests" / "data" / "import" / "digits.pt2"
    tab.locator("#chooser").set_input_files(path)
    count = convcalc.analyse(str(path)).totals.params
    expect(tab.locator("#figures dd").first).to_contain_text(f"{count:,} ·")
    expect(tab.locator("#note")).to_contain_text("parameters as in digits.pt2")


def test_a_file_that_cannot_be_read_leaves_the_spec(tab: Page, tmp_path: Path) -> None:
    (tmp_path / "weights.h5").write_bytes(b"nothing")
    tab.locator("#chooser").set_input_files(tmp_path / "weights.h5")
    expect(tab.locator("#note")).to_contain_text("does not read .h5")
    assert "name: first" in tab.locator(".cm-content").inner_text()


def test_a_link_holds_the_spec(tab: Page, built: Path) -> None:
    tab.get_by_role("radio", name="Not shared").check()
    tab.locator("#link").click()
    expect(tab.locator("#note")).to_have_text("Copied.")
    link = tab.evaluate("navigator.clipboard.readText()")
    assert link == tab.url
    other = Watched(tab.context)
    other.page.goto(link)
    expect(other.page.locator(".cm-content")).to_contain_text("name: small")
    expect(other.page.locator("#figures")).to_contain_text("params, not shared")
    expect(other.page.locator("#title")).to_contain_text("small")
    other.page.goto(link.partition("&")[0][:-20])
    expect(other.page.locator("#note")).to_contain_text("The link is not whole")
    other.page.close()
    other.check("file:")


def test_downloads(tab: Page) -> None:
    def saved(name: str) -> tuple[str, str]:
        tab.locator(".menu > summary", has_text="Download").click()
        with tab.expect_download() as found:
            tab.locator(f"#save-{name}").click()
        tab.locator(".menu > summary", has_text="Download").click()
        return found.value.suggested_filename, Path(found.value.path()).read_text("utf-8")

    tab.locator("#graph .box", has_text="first").click()
    expect(tab.locator("#layer h2")).to_contain_text("first")
    report = convcalc.analyse(convcalc.loads(SPEC))
    assert saved("yaml") == ("small.yaml", SPEC)
    assert saved("svg") == ("small.svg", report.draw().svg)
    assert saved("wiring") == ("small-first.svg", report.draw("wiring", layer="first").svg)
    name, table = saved("csv")
    assert name == "small.csv"
    assert table.splitlines()[1].startswith("first,conv2d,input,")


# -- readers of all kinds --------------------------------------------------------------------------------------------


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


# -- the hosted form -------------------------------------------------------------------------------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def test_the_hosted_form_works_below_any_path(browser: Browser, built: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "playground").symlink_to(built)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    tab = Watched(context)
    base = f"http://127.0.0.1:{server.server_port}/docs/playground/"
    tab.page.goto(base)
    tab.page.wait_for_selector("body[data-engine=ready]")
    write(tab.page, SPEC)
    # A long computation gives way to a newer text.
    tab.page.keyboard.press("Control+A")
    tab.page.keyboard.insert_text(SPEC.replace("- relu", "- conv2d: {repeat: 4900, out_channels: 4, kernel_size: 1}"))
    tab.page.wait_for_timeout(200)
    write(tab.page, SPEC.replace("out_channels: 4", "out_channels: 6"))
    context.close()
    server.shutdown()
    server.server_close()
    tab.check(base)


def test_the_shipped_choices_are_all_targets(tab: Page) -> None:
    values = tab.locator("#shipped option").evaluate_all("options => options.map((each) => each.value)")
    assert values == ["", *files.shipped_names()]
