"""The drawings of a page: each closed block opens, and shows its own layers."""

from __future__ import annotations

import re

import pytest

import convcalc
from convcalc.drawing.graph.fold import MOST_BOXES, diagram
from convcalc.drawing.graph.section import Section
from convcalc.page.drawings import MOST_CHARACTERS, Drawings

BLOCK = re.compile(r'data-row="(\d+)" data-block="(\d+)"')


@pytest.mark.parametrize("target", ["resnet50", "googlenet", "mobilenet_v2", "bert"])
def test_every_closed_block_opens_to_its_layers(target: str) -> None:
    report = convcalc.analyse(target)
    drawings = Drawings(report, report.name)
    opened = set()
    for number, drawing in enumerate(drawings.all):
        for row, block in BLOCK.findall(drawing.svg):
            inner = drawings.all[int(block)]
            assert inner.outer == number
            assert report.rows[int(row)].name.startswith(f"{inner.name}.")
            opened.add(int(block))
        rows = [int(row) for row in re.findall(r'data-row="(\d+)"', drawing.svg)]
        names = [report.rows[row].name for row in rows]
        assert number == 0 or all(name.startswith(f"{drawing.name}.") for name in names)
    assert opened == set(range(1, len(drawings.all)))


@pytest.mark.parametrize("target", ["resnet50", "googlenet", "bert"])
def test_every_layer_can_be_reached(target: str) -> None:
    report = convcalc.analyse(target)
    text = "".join(drawing.svg for drawing in Drawings(report, report.name).all)
    rows = {int(row) for row in re.findall(r'class="box" data-row="(\d+)">', text)}
    reached = {_without_copy(report.rows[row].name) for row in rows}
    assert {_without_copy(row.name) for row in report.rows} <= reached


def test_a_network_of_many_blocks_has_some_of_their_drawings() -> None:
    """The table shows what is in the others."""
    drawings = Drawings(convcalc.analyse("densenet201"), "")
    sizes = [len(drawing.svg) for _, drawing in drawings.blocks()]
    assert sum(sizes[:-1]) < MOST_CHARACTERS <= sum(sizes)
    blocks = {int(block) for drawing in drawings.all for _, block in BLOCK.findall(drawing.svg)}
    assert blocks > set(range(1, len(drawings.all)))


def _without_copy(name: str) -> str:
    """A name without the numbers of its blocks: copies of a block are shown once."""
    return re.sub(r"\b\d+\.|_?\d+$", "", name)


def test_a_section_reads_and_gives_what_the_block_does() -> None:
    report = convcalc.analyse("resnet18")
    first = next(row.index for row in report.rows if row.name.startswith("layer2.0."))
    last = max(row.index for row in report.rows if row.name.startswith("layer2.0."))
    section = Section(report, first, last + 1)
    assert section.rows == report.rows[first : last + 1]
    assert list(section.graph.inputs.values()) == [report.rows[first].input_shapes[0]]
    (output,) = section.graph.outputs
    assert output == report.rows[last].name
    boxes = diagram(section, least=3).boxes
    assert [box.kind for box in boxes].count("input") == 1
    assert [box.kind for box in boxes].count("output") == 1
    assert len(boxes) <= MOST_BOXES + 2
