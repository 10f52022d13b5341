"""What becomes a block, and which of its values follow from others."""

from __future__ import annotations

from pathlib import Path

import pytest

import convcalc
from convcalc.importers.specs import spec_text
from tests.importers.expansion import expanded

OPTIONAL_INSIDE_OPTIONAL = """
input: [16, 32, 32]
blocks:
  shortcut:
    params: {out: null, stride: 1}
    layers:
      - avg_pool2d: {name: pool, kernel_size: 2, when: =stride > 1}
      - conv2d: {name: conv, out_channels: =out, kernel_size: 1, bias: false}
  unit:
    params: {out: null, stride: 1}
    layers:
      - conv2d: {name: conv1, out_channels: =out, kernel_size: 3, stride: =stride, padding: 1, bias: false}
      - relu
      - conv2d: {name: conv2, out_channels: =out, kernel_size: 3, padding: 1, bias: false}
      - relu
      - conv2d: {name: conv3, out_channels: =out, kernel_size: 1, bias: false}
      - shortcut: {name: shortcut, from: input, out: =out, stride: =stride, when: =stride > 1 or in_channels != out}
      - add: {from: [conv3, shortcut]}
layers:
  - unit: {name: a, out: 32}
  - unit: {name: b, out: 32}
  - unit: {name: c, out: 64, stride: 2}
  - unit: {name: d, out: 64}
"""
FIRST_ENTRY_IS_OPTIONAL = """
input: [16, 32, 32]
blocks:
  unit:
    params: {widen: 2, out: null}
    layers:
      - conv2d: {name: widen, out_channels: =widen * in_channels, kernel_size: 1, when: =widen > 1}
      - conv2d: {name: depthwise, out_channels: =in_channels, groups: =in_channels, kernel_size: 3, padding: 1}
      - conv2d: {name: project, out_channels: =out, kernel_size: 1}
layers:
  - unit: {name: a, out: 16, widen: 1}
  - unit: {name: b, out: 24}
  - unit: {name: c, out: 24}
"""
GROWING = """
input: [8, 16, 16]
blocks:
  layer:
    layers:
      - conv2d: {name: conv, out_channels: 4, kernel_size: 3, padding: 1}
      - concat: {from: [input, conv]}
layers:
  - layer: {name: dense, repeat: 5}
"""
SHARED = """
input: [8, 16, 16]
blocks:
  unit:
    params: {out: null}
    layers:
      - conv2d: {name: conv, out_channels: =out, kernel_size: 3, padding: 1}
      - relu
layers:
  - unit: {name: a, out: 8}
  - unit: {name: b, out: 16}
  - conv2d: {name: last, from: a, tied: a.conv, out_channels: 8, kernel_size: 3, padding: 1}
  - concat: {from: [b, last]}
"""
FIRST_USE_IS_THE_EXCEPTION = """
input: [16, 32, 32]
blocks:
  unit:
    params: {expand: true, out: null}
    layers:
      - conv2d: {name: expand, out_channels: =3 * in_channels, kernel_size: 1, when: =expand}
      - conv2d: {name: project, out_channels: =out, kernel_size: 3, padding: 1}
      - add: {from: [project, input]}
layers:
  - unit: {name: a, out: 16, expand: false}
  - conv2d: {name: to24, out_channels: 24, kernel_size: 1}
  - unit: {name: b, out: 24}
  - conv2d: {name: to40, out_channels: 40, kernel_size: 1}
  - unit: {name: c, out: 40}
"""
CASES = {
    "optional inside optional": (OPTIONAL_INSIDE_OPTIONAL, ["when: =stride > 1", "in_channels != out"]),
    "the first entry is optional": (FIRST_ENTRY_IS_OPTIONAL, ["groups: =in_channels", "when:"]),
    "an entry is in all uses but the first": (FIRST_USE_IS_THE_EXCEPTION, ["when: ="]),
    "growing": (GROWING, ["repeat: 5", "concat: {from: [input, conv]}"]),
    "shared with a layer inside a block": (SHARED, ["tied: a.conv"]),
}


@pytest.mark.parametrize(("text", "shown"), CASES.values(), ids=CASES)
def test_blocks(text: str, shown: list[str], tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(text, encoding="utf-8")
    graph, network = expanded(str(file))
    written = spec_text(network)
    before, after = convcalc.analyse(graph), convcalc.analyse(convcalc.loads(written.partition("expect:")[0]))
    # Layers with parameters keep their names.
    assert [row.name for row in after.rows if row.params] == [row.name for row in before.rows if row.params]
    assert [row.output_shape for row in after.rows] == [row.output_shape for row in before.rows]
    assert (after.totals.params, after.totals.macs) == (before.totals.params, before.totals.macs)
    assert [part for part in shown if part not in written] == []
