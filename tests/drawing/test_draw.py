"""The drawings of a report in Python: shown in a notebook, saved to a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import convcalc
from convcalc.errors import UsageError
from docs.make_images import DRAWINGS, IMAGES
from tests.drawing.pictures import parsed, texts


def test_a_report_draws_itself() -> None:
    report = convcalc.analyse("lenet")
    assert "conv1" in texts(report.draw()._repr_svg_())
    assert "6@24×24" in texts(report.draw("maps").svg)
    assert "156 parameters" in texts(report.draw("wiring", layer="conv1").svg)


def test_a_drawing_is_saved(tmp_path: Path) -> None:
    drawing = convcalc.analyse("lenet").draw(heat="macs")
    drawing.save(tmp_path / "lenet.svg")
    parsed((tmp_path / "lenet.svg").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "tree"}, "there is no drawing `tree`"),
        ({"kind": "wiring"}, "wiring needs a layer"),
        ({"kind": "maps", "layer": "conv1"}, "draws a whole network"),
        ({"heat": "speed"}, "there is no figure `speed`"),
        ({"kind": "maps", "heat": "params"}, "heat colours a graph"),
    ],
)
def test_a_wrong_drawing_is_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        convcalc.analyse("lenet").draw(**arguments)  # type: ignore[arg-type]


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot end in bmp"):
        convcalc.analyse("lenet").draw().save(tmp_path / "a.bmp")


@pytest.mark.parametrize(("name", "target", "arguments"), DRAWINGS, ids=[name for name, _, _ in DRAWINGS])
def test_a_picture_of_the_docs_is_the_one_that_is_drawn(name: str, target: str, arguments: dict[str, str]) -> None:
    drawn = convcalc.analyse(target).draw(**arguments)  # type: ignore[arg-type]
    shown = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert shown == drawn.svg, "run `python docs/make_images.py`"


@pytest.mark.parametrize(("kind", "layer"), [("graph", None), ("maps", None), ("wiring", "conv1")])
def test_a_rule_of_a_drawing_holds_in_it_alone(kind: str, layer: str | None) -> None:
    """A notebook shows several drawings on one page, where the rules of all hold."""
    picture = convcalc.analyse("lenet").draw(kind, layer=layer).svg
    style = picture.partition("<style>")[2].partition("</style>")[0]
    selectors = re.findall(r"([^{}]+)\{", style)
    assert len(selectors) > 10
    assert all(selector.startswith((f".convcalc-{kind} ", "@media")) for selector in selectors)
    assert f'class="convcalc-{kind}"' in picture
