"""Exact output for small networks, and arithmetic on it: what a table shows must add up to what it says below."""

import csv
import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import convcalc
from convcalc.arith.units import human
from convcalc.render.comparison import BLOCKS, comparison_sheets
from convcalc.render.difference import difference_markdown, difference_sheets
from convcalc.render.formats.csv import chunks as csv_chunks
from convcalc.render.formats.json import json_text
from convcalc.render.formats.markdown import markdown_chunks
from convcalc.render.report import report_sheet, usual_columns
from convcalc.render.report_printout import ReportPrintout
from convcalc.render.sheet import Sheet
from convcalc.render.style import Screen
from convcalc.render.table import sheets_renderable
from convcalc.render.text import text_chunks
from convcalc.render.zoo import family_sheet, zoo_sheet
from convcalc.report.columns import COLUMNS, DEFAULT, columns
from convcalc.report.view import View
from tests.golden import assert_golden
from tests.render.networks import BRANCHES, DIGITS, DIGITS_EDITED, FACTS, TIED, ZOO

NETWORKS = ("resnet50", "lenet", "alexnet", "vgg16", "resnet18")
GOLDENS = Path(__file__).parent / "goldens"


def view(names: tuple[str, ...] = DEFAULT, target: str = "lenet") -> View:
    report = convcalc.analyse(convcalc.loads(TIED) if target == "tied" else target)
    return View(report, columns(names))


def difference() -> convcalc.Difference:
    """What an edit made of a small network."""
    old, new = [convcalc.analyse(convcalc.loads(text, name=name))
                for text, name in ((DIGITS, "old.yaml"), (DIGITS_EDITED, "new.yaml"))]  # fmt: skip
    return convcalc.difference(old, new)


def branches() -> Sheet:
    """The table of a network with branches, with the default columns."""
    report = convcalc.analyse(convcalc.loads(BRANCHES))
    return report_sheet(View(report, usual_columns(report)))


def on_terminal(sheets: list[Sheet], width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(sheets_renderable([sheet.fitted(width) for sheet in sheets]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@functools.cache
def outputs() -> dict[str, str]:
    lenet = convcalc.analyse("lenet")
    comparison = convcalc.compare("lenet", without_pooling=True)
    layers = convcalc.compare("alexnet#conv1", "lenet#conv1")
    networks = convcalc.compare(*NETWORKS)
    edited = difference()
    return {
        "lenet-80.txt": on_terminal([report_sheet(view())], 80),
        "lenet-120.txt": on_terminal([report_sheet(view())], 120),
        "lenet-40.txt": on_terminal([report_sheet(view())], 40),
        "lenet-si-80.txt": on_terminal([report_sheet(view(), human)], 80),
        "lenet-pipe.txt": "".join(text_chunks([report_sheet(view())])),
        "tied-pipe.txt": "".join(text_chunks([report_sheet(view(target="tied"))])),
        "lenet.csv": "".join(csv_chunks(ReportPrintout([lenet]), Screen())),
        "lenet.md": "".join(markdown_chunks([report_sheet(view())])),
        "lenet.html": lenet._repr_html_(),
        "compare-lenet-80.txt": on_terminal(comparison_sheets(comparison, marks=BLOCKS, width=80), 80),
        "compare-lenet-pipe.txt": "".join(text_chunks(comparison_sheets(comparison, marks="#+-"))),
        "compare-two-80.txt": on_terminal(comparison_sheets(convcalc.compare(*NETWORKS[:2]), width=80), 80),
        "compare-networks-64.txt": on_terminal(comparison_sheets(networks, width=64), 64),
        "compare-networks-80.txt": on_terminal(comparison_sheets(networks, width=80), 80),
        "compare-networks-120.txt": on_terminal(comparison_sheets(networks, width=120), 120),
        "compare-networks-pipe.txt": "".join(text_chunks(comparison_sheets(networks))),
        "compare-networks.md": "".join(markdown_chunks(comparison_sheets(networks))),
        "zoo-80.txt": on_terminal([zoo_sheet(ZOO, grouped=True)], 80),
        "zoo-about-120.txt": on_terminal([zoo_sheet(ZOO, grouped=True, about=True)], 120),
        "branches-80.txt": on_terminal([branches()], 80),
        "branches-pipe.txt": "".join(text_chunks([branches()])),
        "zoo-pipe.txt": "".join(text_chunks([zoo_sheet(ZOO)])),
        "zoo-one-80.txt": on_terminal([family_sheet(ZOO[:3], grouped=True, title="Large", facts=FACTS)], 80),
        "diff-80.txt": on_terminal(difference_sheets(edited), 80),
        "diff-120.txt": on_terminal(difference_sheets(edited), 120),
        "diff-all-pipe.txt": "".join(text_chunks(difference_sheets(edited, every=True))),
        "diff.md": "".join(difference_markdown(edited)),
        "diff.json": json_text(edited.to_dict()),
        "compare-layers.md": "".join(markdown_chunks(comparison_sheets(layers))),
    }


def test_the_signs_of_a_difference_are_coloured() -> None:
    console = Console(file=io.StringIO(), width=120, color_system="standard", force_terminal=True)
    console.print(sheets_renderable(difference_sheets(difference())))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for colour, cell in ((32, "+ bn1"), (31, "- fc1"), (33, "~ conv1")):
        assert f"\033[{colour}m{cell}" in shown


@pytest.mark.parametrize("name", outputs())
def test_golden(name: str) -> None:
    assert_golden(GOLDENS / name, outputs()[name])


def test_every_golden_has_its_output() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(outputs())


def tables(lines: list[str]) -> Iterator[list[str]]:
    """The lines from the head of each plain table to its totals."""
    rules = [index for index, line in enumerate(lines) if re.fullmatch("[-─]+", line)]
    for first, last in zip(rules[::2], rules[1::2], strict=True):
        yield [lines[first - 1], *lines[first + 1 : last], lines[last + 1]]


@pytest.mark.parametrize("name", ["lenet-pipe.txt", "tied-pipe.txt", "compare-lenet-pipe.txt"])
def test_columns_of_figures_add_up_to_their_totals(name: str) -> None:
    checked = 0
    for head, *rows, total in tables((GOLDENS / name).read_text(encoding="utf-8").splitlines()):
        for match in re.finditer(r"(\d[\d,]*)", total):
            # Figures are aligned to the right, so each ends where the total of its column ends.
            ends = [line[: match.end()].rstrip().split("  ")[-1].split(" ")[-1] for line in rows]
            if match.start() and total[match.start() - 1] in "×.":
                continue  # factors do not add up
            numbers = [0 if cell == "tied" else int(cell.replace(",", "")) for cell in ends]
            assert sum(numbers) == int(match.group().replace(",", "")), head
            checked += 1
    assert checked >= 2


def test_markdown_adds_up() -> None:
    lines = [line for line in (GOLDENS / "lenet.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]
    for column in (-2, -1):
        figures = [int(row[column].replace(",", "")) for row in cells[2:]]
        assert sum(figures[:-1]) == figures[-1] > 0


def test_csv_adds_up_to_the_reports_totals() -> None:
    rows = list(csv.DictReader(io.StringIO((GOLDENS / "lenet.csv").read_text(encoding="utf-8"))))
    assert sum(int(row["params"]) for row in rows) == 44426
    assert sum(int(row["macs"]) for row in rows) == 281640


@pytest.mark.parametrize("target", ["lenet", "alexnet", "resnet18", "tied"])
@pytest.mark.parametrize("column", [column for column in COLUMNS.values() if column.is_sum], ids=lambda c: c.name)
def test_every_column_adds_up_to_the_total_of_its_name(target: str, column: "convcalc.report.columns.Column") -> None:
    shown = view(target=target)
    total = shown.total(column)
    assert total == sum(column.get(line) for line in shown.lines)
    name = {"units": "output_elements"}.get(column.name, column.name)
    if column.name not in ("weights", "biases"):
        assert total == getattr(shown.report.totals, name)
