"""The page without a browser: well-formed, small, nothing from elsewhere, and every figure of the engine."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import pytest

import convcalc
from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.page.markup import data
from convcalc.page.page import page
from convcalc.page.subject import subject
from convcalc.page.table import SHOWN, Lines
from convcalc.render.cells import readable
from convcalc.render.derivation import format_result, grouped
from convcalc.report.columns import ALL
from convcalc.report.derivation import derive
from convcalc.report.field import LayerField
from convcalc.report.figures import wirings
from convcalc.report.view import View, fold
from tests.helpers import analysed, network
from tests.page.reading import Page, page_of

# An image, blocks in blocks, an interpolation, one axis, three axes, tokens, several inputs, nothing but vectors.
NETWORKS = ("lenet", "resnet50", "unet", "wavenet", "c3d", "gpt2", "siamese", "googlenet", "pointnet")
FINDING = network(
    """
    - conv2d: {name: first, out_channels: 4, kernel_size: 3}
    - batch_norm2d
    - conv2d: {name: second, out_channels: 4, kernel_size: 1, stride: 2}
    """
)
HOSTILE = "</script><script>alert(1)</script><!--<b>&amp;\"'`${x}"


@cache
def shown(target: str) -> tuple[convcalc.Report, Page]:
    report = convcalc.analyse(target)
    return report, page_of(report)


@pytest.mark.parametrize("target", NETWORKS)
def test_the_table_has_the_figures_of_every_layer(target: str) -> None:
    report, read = shown(target)
    cells = [readable(column) for column in SHOWN]
    rows = [[str(cell(row)) for cell in cells] for row in report.rows]
    start = read.rows.index(rows[0])
    assert read.rows[start : start + len(rows)] == rows


@pytest.mark.parametrize("target", NETWORKS)
def test_the_data_has_every_column_of_layers_and_blocks(target: str) -> None:
    report, read = shown(target)
    lines, view = Lines(report), View(report, SHOWN)
    for column in read.data.raw["columns"]:
        cell = readable(view.of_network(ALL[column["name"]]))
        assert read.data.column(column["name"]) == [str(cell(line)) for line in lines.all]
    left_out = ALL.keys() - {column["name"] for column in read.data.raw["columns"]}
    for name in left_out:
        assert {readable(view.of_network(ALL[name]))(row) for row in report.rows} <= {"", "–"}


@pytest.mark.parametrize("target", ["resnet50", "googlenet"])
def test_blocks_are_those_of_a_folded_table(target: str) -> None:
    report, read = shown(target)
    parents = read.data.raw["parents"]
    names = read.data.column("name")
    outermost = {names[line] for line, parent in enumerate(parents) if parent < 0}
    assert outermost == {line.name for line in fold(report.rows, 1)}
    for line, parent in enumerate(parents):
        assert parent < 0 or names[line].startswith(f"{names[parent]}.")


@pytest.mark.parametrize("target", NETWORKS)
def test_derivations_are_those_of_explain(target: str) -> None:
    report, read = shown(target)
    for row in report.rows:
        steps = [
            [step.title, step.symbols, grouped(step.numbers), format_result(step.result), *step.notes]
            for step in derive(report, row.name).steps
        ]
        assert read.data.steps(row.index) == steps


@pytest.mark.parametrize("target", NETWORKS)
def test_units_see_what_the_engine_says(target: str) -> None:
    report, read = shown(target)
    looked_at = 0
    for row in report.rows[::5]:
        try:
            field = LayerField(report, row.name)
        except convcalc.UsageError:
            assert not read.data.raw["layers"][row.index][3]
            continue
        for axis, (clipped, unclipped) in zip(field.axes, read.data.boxes(row.index), strict=True):
            step = -(-axis.units // len(clipped))
            assert clipped == [axis.clipped(unit) for unit in range(0, axis.units, step)]
            assert unclipped == [axis.unclipped(unit) for unit in range(0, axis.units, step)] or not axis.tracks
            looked_at += 1
    assert looked_at


@pytest.mark.parametrize("target", ["lenet", "resnet50"])
def test_the_wirings_have_the_counts_of_the_engine(target: str) -> None:
    report, read = shown(target)
    counts = {f"{figure.of_network(report):,}" for figure in wirings()}
    assert counts == {row[2] for row in read.rows if row[0] in ("Fully connected", "Not shared", "Shared")}


def test_findings_are_those_of_check() -> None:
    report = analysed(FINDING)
    expected = [problem.message for problem in check_source(report.graph.source, Settings()).problems]
    read = page_of(report)
    said = [read.data.say(finding[1]) for finding in read.data.raw["findings"]]
    assert sorted(said) == sorted(expected)
    assert said
    second = next(row for row in report.rows if row.name == "second")
    assert read.data.raw["layers"][second.index][4]
    for message in expected:
        assert message in read.source.replace("&#x27;", "'").replace("&quot;", '"')


def test_a_comment_ignores_a_finding() -> None:
    ignored = FINDING.replace("stride: 2}", "stride: 2}  # convcalc: ignore[dropped-rows, pointwise-stride] meant so")
    rules = {found.problem.rule for found in subject(analysed(FINDING)).findings}
    left = {found.problem.rule for found in subject(analysed(ignored)).findings}
    assert left == rules - {"dropped-rows", "pointwise-stride"}


# -- the file --------------------------------------------------------------------------------------------------------


def test_a_page_of_resnet50_has_under_300_kilobytes() -> None:
    assert len(shown("resnet50")[1].source.encode()) < 300_000


@pytest.mark.parametrize("target", NETWORKS)
def test_a_page_loads_nothing_and_repeats_no_id(target: str) -> None:
    _, read = shown(target)
    ids = [element.attributes["id"] for element in read.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    names = {name for element in read.elements for name in element.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "data"}
    assert not [name for name in names if name.startswith("on")]
    assert {element.name for element in read.elements}.isdisjoint({"link", "img", "iframe", "object", "base"})
    styles = "".join(text for inside, text in read.texts if inside == "style")
    assert not re.search(r"url\(|@import", styles)


def test_a_page_is_the_same_each_time() -> None:
    assert "".join(page([subject(convcalc.analyse("resnet18"))])) == "".join(
        page([subject(convcalc.analyse("resnet18"))])
    )


@pytest.mark.parametrize("target", ["lenet", "resnet50"])
def test_headers_have_a_scope_and_regions_a_name(target: str) -> None:
    _, read = shown(target)
    assert all("scope" in element.attributes for element in read.elements if element.name == "th")
    labels = [element.attributes for element in read.elements if element.name in ("section", "article", "nav")]
    assert all("aria-label" in attributes or "aria-labelledby" in attributes for attributes in labels)
    levels = [int(element.name[1]) for element in read.elements if re.fullmatch("h[1-6]", element.name)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


# -- what a spec may say ---------------------------------------------------------------------------------------------


def called(text: str) -> convcalc.Report:
    """A small network with this text wherever a spec may have any: the names of its layers are letters and digits."""
    quoted = text.replace("'", "''")
    head = f"name: '{quoted}'\ndescription: '{quoted}'\nsource: '{quoted}'"
    report = analysed(network("- conv2d: {out_channels: 4, kernel_size: 3}\n- relu", head=head))
    report.target = text
    return report


def test_a_text_is_never_markup() -> None:
    read = page_of(called(HOSTILE))
    plain = page_of(called("plain"))
    assert [each.name for each in read.elements] == [each.name for each in plain.elements]
    assert read.data.raw == plain.data.raw
    assert HOSTILE in "".join(text for inside, text in read.texts if inside == "h1")


def test_data_is_never_markup() -> None:
    written = data({"texts": [HOSTILE]})
    assert written.count("<") == 2
    assert Page(written).all_data == [{"texts": [HOSTILE]}]


def test_characters_that_turn_the_writing_around_are_replaced() -> None:
    assert "\u202e" not in page_of(called("a\u202eb")).source


def test_a_long_name_is_written_a_few_times() -> None:
    name = "x" * 10_000
    report = analysed(network(f"- conv2d: {{name: {name}, out_channels: 4, kernel_size: 3}}\n- relu"))
    assert page_of(report).source.count(name) < 10


def test_unknown_figures_are_said_to_be_unknown() -> None:
    report = analysed(network("- mystery: {name: odd}\n- relu", head="custom:\n  mystery: {macs: 0}"))
    read = page_of(report)
    assert "?" in read.data.column("params")
    assert "whose counts are not known" in read.source


def test_a_network_of_a_thousand_layers() -> None:
    layers = "\n".join("- conv2d: {out_channels: 8, kernel_size: 3, padding: 1}" for _ in range(1000))
    read = page_of(analysed(network(layers)))
    assert len(read.data.raw["layers"]) == 1000


# -- several networks ------------------------------------------------------------------------------------------------


def test_several_networks_are_side_by_side() -> None:
    reports = [convcalc.analyse(target) for target in ("lenet", "alexnet", "lenet")]
    read = page_of(*reports)
    assert len(read.all_data) == 3
    assert "From lenet to alexnet" in read.source
    assert "No difference: lenet and lenet" in read.source
    ids = [element.attributes["id"] for element in read.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    small, large = reports[0].totals.params, reports[1].totals.params
    assert small is not None
    assert large is not None
    assert f"+{large - small:,}" in read.source
