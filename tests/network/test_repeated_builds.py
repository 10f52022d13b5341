"""What one build leaves to the next changes nothing: every network equals one that is read and built alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcalc.analysis import analyse
from convcalc.analysis.analyse import Analysis
from convcalc.errors import ConvcalcError
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.network import block_copies, place
from convcalc.network.build import build
from convcalc.network.trace import Trace
from convcalc.report.report import Report
from convcalc.shipped import files
from convcalc.text.collector import Problems
from convcalc.text.source import Source

BLOCKS = """\
input: {left: [4, 12, 12], right: [4, 12, 12]}
params: {width: 4, kernel: 3, depth: 2, act: relu, frozen: false, unread: 1}
variants:
  wide: {params: {width: 6}}
custom:
  scaled: {params: {by: 2}, output_shape: =in_shape, parameters: =by * width, macs: =in_channels, window: pointwise}
blocks:
  unit:
    params: {out: =width, stride: 1}
    layers:
      - conv2d: {name: conv, out_channels: =out, kernel_size: =kernel, stride: =stride, padding: =kernel // 2}
      - =act
      - scaled: {by: =stride + 1}
  two_outputs:
    inputs: [a, b]
    outputs: [first, second]
    layers:
      - unit: {name: first, from: a, repeat: =depth}
      - add: {name: second, from: [b, b]}
  remembering:
    layers:
      - permute: {name: rows, axes: [1, 0, 2]}
      - flatten: {start_axis: 1, name: flat}
      - lstm: {name: lstm, hidden_size: =width}
      - identity: {from: lstm.h, when: =kernel > 3, name: state}
  shared:
    layers:
      - conv2d: {name: first, out_channels: =in_channels, kernel_size: 3, padding: 1}
      - conv2d: {name: second, out_channels: =in_channels, kernel_size: 3, padding: 1, tied: first}
layers:
  - two_outputs: {name: pair, from: [left, right]}
  - concat: {name: joined, from: [pair.first, pair.second]}
  - unit: {name: units, repeat: 3, trainable: =not frozen}
  - unit: {name: narrow, out: 2, when: =width > 4}
  - residual: {name: around, layers: [{unit: {name: inner, out: =in_channels}}]}
  - add: {name: sum, from: [units.0.conv, units.1.conv, units.*]}
  - unit: {name: again, tied: units.1, out: =width}
  - shared: {name: tied, repeat: 2}
  - add: {name: both, from: [tied.0.second, tied.1.first]}
  - remembering: {name: memory}
  - remembering: {name: more, from: both}
  - identity: {name: state, from: more.lstm.h}
"""
VARIANTS = """\
variants:
  one: {input: {a: [3, 8, 8]}}
  two: {input: {a: [3, 8, 8], b: [3, 8, 8]}}
blocks:
  unit: {layers: [{conv2d: {name: conv, out_channels: 3, kernel_size: 3, padding: 1}}, {relu: {name: act}}]}
layers:
  - unit: {name: first, from: a}
  - unit: {name: middle}
  - unit: {name: last, tied: middle}
  - add: {from: [first.conv, last.conv]}
"""
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "width": st.integers(3, 6),
    "kernel": st.sampled_from([1, 3, 5]),
    "depth": st.integers(0, 3),
    "act": st.sampled_from(["relu", "tanh", "prelu", "no_such_type", "unit"]),
    "frozen": st.booleans(),
    "unread": st.integers(1, 3),
    "units.1.conv.kernel_size": st.sampled_from([3, 5, 20]),
    "units.*.conv.bias": st.booleans(),
    "pair.first.out": st.integers(2, 4),
    "around.inner.conv.padding": st.integers(0, 2),
    "more.*.num_layers": st.integers(1, 2),
    "no_layer.bias": st.just(True),
    "units.4.conv.bias": st.just(True),
    "*.conv.no_key": st.just(True),
}
RESNET = {
    "base_width": st.sampled_from([32, 64, 96]),
    "classes": st.sampled_from([10, 1000]),
    "groups": st.sampled_from([1, 2, 7]),
    "depths": st.sampled_from([[1, 2, 1, 3], [2, 2, 2, 2]]),
    "layer1.0.conv2.kernel_size": st.sampled_from([3, 5]),
}


def overrides_of(changes: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Overrides]:
    return st.builds(
        Overrides.of,
        st.dictionaries(st.sampled_from(sorted(changes)), st.none(), max_size=3).flatmap(
            lambda chosen: st.fixed_dictionaries({name: changes[name] for name in chosen})
        ),
        st.none(),
        st.sampled_from([None, None, "full", "none"]),
        st.booleans(),
    )


def outcome(
    text: str, built: tuple[Any, Problems] | None, variant: str | None, overrides: Overrides, traced: bool
) -> Any:
    """The JSON of a network, or the messages where it does not build. Without `built` everything is done anew."""
    if built is None:
        for results in (place._LAYERS, place._SHAPES, analyse._FACTS):
            results.clear()
    spec, problems = built or parse(Source("net.yaml", text))
    try:
        graph = build(spec, problems, variant, overrides, Trace() if traced else None)
        graph.check_changes()
        nodes = [(node.name, node.line, node.trainable, node.tied_to, node.reads) for node in graph.nodes]
        return Report(Analysis(graph)).to_dict(), nodes
    except ConvcalcError as error:
        problems_found = getattr(error, "problems", None)
        return [str(each) for each in problems_found] if problems_found else (str(error), getattr(error, "help", ""))


def check_each(text: str, calls: list[tuple[str | None, Overrides, bool]]) -> None:
    """Build one spec again and again; a traced build copies no block."""
    alone = [outcome(text, None, variant, overrides, True) for variant, overrides, _ in calls]
    once = parse(Source("net.yaml", text))
    for (variant, overrides, traced), expected in zip(calls, alone):
        assert outcome(text, once, variant, overrides, traced) == expected


def calls_of(changes: dict[str, st.SearchStrategy[Any]], *variants: str) -> st.SearchStrategy[Any]:
    call = st.tuples(st.sampled_from([None, *variants]), overrides_of(changes), st.sampled_from([False, False, True]))
    return st.lists(call, min_size=2, max_size=6)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(calls_of(CHANGES, "wide"))
def test_blocks_in_random_order(calls: list[tuple[str | None, Overrides, bool]]) -> None:
    check_each(BLOCKS, calls)


@pytest.mark.parametrize("variants", [("one", "two"), ("two", "one")])
def test_variants_with_other_inputs(variants: tuple[str, ...]) -> None:
    check_each(VARIANTS, [(variant, Overrides(), False) for variant in variants])


def test_the_expanded_blocks_of_many_builds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_copies, "MAX_NODES", 100)
    spec, problems = parse(Source("net.yaml", BLOCKS))
    for width in range(1, 40):
        graph = build(spec, problems, None, Overrides.of({"width": width}))
        kept = sum(len(block.nodes) for block in spec.expanded_blocks.values())
        assert 0 < kept <= 100 + 2 * len(graph.nodes)


def test_the_network_of_blocks_builds() -> None:
    _, nodes = outcome(BLOCKS, None, None, Overrides(), False)
    assert len(nodes) > 30
    assert any(tied is not None for _, _, _, tied, _ in nodes)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(calls_of(RESNET, "resnet18", "resnext50_32x4d"))
def test_residual_networks_in_random_order(calls: list[tuple[str | None, Overrides, bool]]) -> None:
    check_each(Path(files()["resnet"]).read_text(encoding="utf-8"), calls)
