"""Exact output for small networks, and arithmetic on it: what a table shows must add up to what it says below.

A golden that is out of date on purpose is written anew by CONVCALC_WRITE_GOLDENS=1.
"""

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import convcalc
from convcalc.render.comparison import BLOCKS, comparison_sheets
from convcalc.render.csv_ import csv_chunks
from convcalc.render.html import report_html
from convcalc.render.markdown import markdown_chunks
from convcalc.render.report import report_sheet
from convcalc.render.sheet import Sheet
from convcalc.render.table import sheets_renderable
from convcalc.render.text import text_chunks
from convcalc.report.columns import COLUMNS, DEFAULT, WIDE, columns
from convcalc.report.view import View
from tests.render.networks import TIED

GOLDENS = Path(__file__).parent / "goldens"


def view(names: tuple[str, ...] = DEFAULT, target: str = "lenet") -> View:
    report = convcalc.analyse(convcalc.loads(TIED) if target == "tied" else target)
    return View(report, columns(names))


def on_terminal(sheets: list[Sheet], width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(sheets_renderable([sheet.fitted(width) for sheet in sheets]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def outputs() -> dict[str, str]:
    lenet = convcalc.analyse("lenet")
    comparison = convcalc.compare("lenet", without_pooling=True)
    layers = convcalc.compare("alexnet#conv1", "lenet#conv1")
    return {
        "lenet-80.txt": on_terminal([report_sheet(view(), rounded=True)], 80),
        "lenet-120.txt": on_terminal([report_sheet(view(WIDE), rounded=True)], 120),
        "lenet-40.txt": on_terminal([report_sheet(view(), rounded=True)], 40),
        "lenet-pipe.txt": "".join(text_chunks([report_sheet(view())])),
        "tied-pipe.txt": "".join(text_chunks([report_sheet(view(target="tied"))])),
        "lenet.csv": "".join(csv_chunks([view()])),
        "lenet.md": "".join(markdown_chunks([report_sheet(view())])),
        "lenet.html": report_html(lenet),
        "compare-lenet-80.txt": on_terminal(comparison_sheets(comparison, marks=BLOCKS, rounded=True), 80),
        "compare-lenet-pipe.txt": "".join(text_chunks(comparison_sheets(comparison, marks="#+-"))),
        "compare-layers.md": "".join(markdown_chunks(comparison_sheets(layers))),
    }


@pytest.mark.parametrize("name", outputs())
def test_golden(name: str) -> None:
    path = GOLDENS / name
    found = outputs()[name]
    if os.environ.get("CONVCALC_WRITE_GOLDENS"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


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
