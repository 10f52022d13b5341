"""What comes in and goes out in Chromium: files, links, downloads, shipped specs."""

from __future__ import annotations

from pathlib import Path

import pytest

import convcalc
from convcalc.exporters.export import export_bytes
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from playground.engine import files
from tests.playground.browsing import SPEC, Page, Watched, expect
from tests.playground.conftest import ROOT

pytestmark = pytest.mark.slow


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


def test_the_shipped_choices_are_all_targets(tab: Page) -> None:
    values = tab.locator("#shipped option").evaluate_all("options => options.map((each) => each.value)")
    assert values == ["", *files.shipped_names()]
