"""Blocks that have the name of a built-in type: refused, or what the name means where the type came later."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.errors import SpecError

SPEC = """
input: [3, 8, 8]
blocks:
  {name}:
    params: {{width: null}}
    layers:
      - conv2d: {{out_channels: =width, kernel_size: 1}}
layers:
  - {name}: {{width: 4}}
"""


@pytest.mark.parametrize("name", ["stack", "mean", "matmul", "scalar"])
def test_a_block_keeps_the_name_of_a_later_type(name: str) -> None:
    graph = convcalc.loads(SPEC.format(name=name))
    assert [node.layer.type.name for node in graph.nodes] == ["conv2d"]
    assert graph.nodes[0].output_shape == (4, 8, 8)


@pytest.mark.parametrize("name", ["conv2d", "relu", "residual"])
def test_a_block_cannot_take_another_name_of_a_type(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        convcalc.loads(SPEC.format(name=name))
    assert "taken-name" in {problem.rule for problem in caught.value.problems}
