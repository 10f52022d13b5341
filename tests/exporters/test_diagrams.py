"""Diagrams as text: their boxes, arrows and frames; Graphviz reads them where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from convcalc import api
from convcalc.drawing.graph.fold import diagram
from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find

TARGETS = ["lenet", "resnet18", "googlenet", "unet", "siamese", "hrnet", "yolov8", "inception_v3"]


def text_of(target: str, format: str, depth: int | None = None) -> str:
    return export(build_network(find(target), Overrides()), format, depth)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("depth", [1, 2, None])
def test_mermaid_has_every_box_and_arrow(target: str, depth: int | None) -> None:
    drawn, lines = diagram(api.analyse(target), depth), text_of(target, "mermaid", depth).splitlines()
    assert lines[0] == "flowchart TD"
    boxes = [line for line in lines if re.match(r' +n\d+(\["|\(\["|\(\(").*("\]|"\]\)|"\)\))$', line)]
    arrows = [line for line in lines if re.match(r"  n\d+ -->(\|[^|]+\|)? n\d+$", line)]
    opened = [line for line in lines if re.match(r' +subgraph g\d+_\d+ \["[^"]+"\]$', line)]
    assert (len(boxes), len(arrows), len(opened)) == (len(drawn.boxes), len(drawn.edges), len(drawn.frames))
    assert len(opened) == sum(line.strip() == "end" for line in lines)
    assert len(lines) == 1 + len(boxes) + len(arrows) + 2 * len(opened)


@pytest.mark.parametrize("target", TARGETS)
def test_dot_has_every_box_and_arrow(target: str) -> None:
    drawn, text = diagram(api.analyse(target), 2), text_of(target, "dot", 2)
    assert text.count("{") == text.count("}")
    assert len(re.findall(r"^ +n\d+ \[label=\".*\".*\];$", text, re.M)) == len(drawn.boxes)
    assert len(re.findall(r"^  n\d+ -> n\d+", text, re.M)) == len(drawn.edges)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("target", TARGETS)
def test_graphviz_reads_it(target: str) -> None:
    call = [shutil.which("dot") or "", "-Tplain"]
    done = subprocess.run(call, input=text_of(target, "dot"), capture_output=True, text=True, check=False)  # noqa: S603 - our own call
    assert done.returncode == 0, done.stderr
