"""`trainable` and `tied`: section 3 of the language."""

from __future__ import annotations

import pytest

import convcalc
from tests.helpers import analysed, assert_one_problem, network

CONV = "out_channels: 3, kernel_size: 1"
BLOCKS = f"""
blocks:
  unit:
    layers:
      - conv2d: {{name: a, {CONV}}}
      - batch_norm2d: {{name: n}}
  own:
    layers:
      - conv2d: {{name: a, {CONV}, tied: true}}
  stack:
    layers:
      - unit: {{name: inner}}
"""

TIED = [
    pytest.param(
        f"- conv2d: {{name: a, {CONV}}}\n- conv2d: {{name: b, {CONV}, tied: a}}\n- conv2d: {{name: c, {CONV}, tied: "
        f"b}}",
        {"a": None, "b": "a", "c": "a"}, 12, id="a layer, and a chain",
    ),
    pytest.param(
        "- unit: {name: x}\n- unit: {name: y, tied: x}",
        {"x.a": None, "x.n": None, "y.a": "x.a", "y.n": "x.n"}, 18, id="a whole block",
    ),
    pytest.param(
        "- stack: {name: x}\n- stack: {name: y, tied: x}",
        {"x.inner.a": None, "x.inner.n": None, "y.inner.a": "x.inner.a", "y.inner.n": "x.inner.n"}, 18,
        id="a block of blocks",
    ),
    pytest.param(
        f"- unit: {{name: x}}\n- conv2d: {{name: y, {CONV}, tied: x.a}}",
        {"x.a": None, "x.n": None, "y": "x.a"}, 18, id="a layer inside a block, by its full name",
    ),
    pytest.param(
        f"- conv2d: {{name: c, {CONV}, repeat: 3, tied: true}}",
        {"c.0": None, "c.1": "c.0", "c.2": "c.0"}, 12, id="true: the copies of its own repeat",
    ),
    pytest.param(
        f"- sequential:\n    name: s\n    repeat: 2\n    layers:\n      - conv2d: {{name: c, {CONV}, tied: true}}\n"
        f"      - conv2d: {{name: d, {CONV}}}",
        {"s.0.c": None, "s.0.d": None, "s.1.c": "s.0.c", "s.1.d": None}, 36, id="true: an enclosing repeat",
    ),
    pytest.param(
        "- own: {name: o, repeat: 2}\n- own: {name: p}",
        {"o.0.a": None, "o.1.a": "o.0.a", "p.a": None}, 24, id="true: a repeated block, but not another use of it",
    ),
    pytest.param(
        "- unit: {name: u, repeat: 2, tied: true}",
        {"u.0.a": None, "u.0.n": None, "u.1.a": "u.0.a", "u.1.n": "u.0.n"}, 18, id="true on a block",
    ),
    pytest.param(
        f"- conv2d: {{name: a, {CONV}}}\n- conv2d: {{name: b, {CONV}, tied: a, stride: 2}}",
        {"a": None, "b": "a"}, 12, id="a stride changes no parameter shape",
    ),
    pytest.param(
        f"- conv2d: {{name: a, {CONV}}}\n- conv2d: {{name: b, {CONV}, tied: false}}\n- conv2d: {{name: c, {CONV}, "
        f"tied: null}}",
        {"a": None, "b": None, "c": None}, 36, id="false and null tie nothing",
    ),
]  # fmt: skip

FROZEN = [
    (f"- conv2d: {{name: a, {CONV}, trainable: false}}", {"a": 12}),
    (f"- conv2d: {{name: a, {CONV}, trainable: true}}", {"a": 0}),
    ("- unit: {name: u, trainable: false}\n- unit: {name: v}", {"u.a": 12, "u.n": 6, "v.a": 0, "v.n": 0}),
    ("- stack: {name: s, trainable: false}", {"s.inner.a": 12, "s.inner.n": 6}),
    (
        f"- sequential:\n    trainable: false\n    layers:\n      - conv2d: {{name: a, {CONV}, trainable: true}}",
        {"a": 12},
    ),
    (f"- conv2d: {{name: a, {CONV}, repeat: 2, trainable: =index > 0}}", {"a.0": 12, "a.1": 0}),
    (f"- conv2d: {{name: a, {CONV}, trainable: false}}\n- conv2d: {{name: b, {CONV}, tied: a}}", {"a": 12, "b": 0}),
]

MISMATCHES = [
    f"- conv2d: {{name: a, {CONV}}}\n- conv2d: {{out_channels: 3, kernel_size: 3, tied: §a}}",
    f"- conv2d: {{name: a, {CONV}}}\n- conv2d: {{{CONV}, bias: false, tied: §a}}",
    "- conv2d: {name: a, out_channels: 3, kernel_size: [1, 2]}\n- conv2d: {out_channels: 3, kernel_size: [2, 1], "
    "tied: §a}",
    "- conv2d: {name: a, out_channels: 3, kernel_size: 2}\n- conv_transpose2d: {out_channels: 3, kernel_size: 3, "
    "tied: §a}",
    "- conv2d: {name: a, out_channels: =index + 3, kernel_size: 1, repeat: 2, tied: §true}",
    f"- unit: {{name: u}}\n- conv2d: {{{CONV}, tied: §u}}",
]


@pytest.mark.parametrize(("layers", "expected", "params"), TIED)
def test_tied(layers: str, expected: dict[str, str | None], params: int) -> None:
    report = analysed(network(layers, head=BLOCKS))
    assert {row.name: row.tied_to for row in report.rows} == expected
    assert report.totals.params == params
    assert all(row.params == 0 for row in report.rows if row.tied_to)


def test_tied_weights_are_counted_once_and_used_each_time() -> None:
    one, two = analysed(network(f"- conv2d: {{name: c, {CONV}, repeat: 2, tied: true}}")).rows
    assert (one.params, two.params) == (12, 0)
    assert one.macs == two.macs == 576


@pytest.mark.parametrize("layers", MISMATCHES)
def test_tied_parameters_must_have_the_same_shapes(layers: str) -> None:
    assert_one_problem(network(layers, head=BLOCKS), "tied-shapes-differ")


@pytest.mark.parametrize(
    ("layers", "rule"),
    [
        (f"- conv2d: {{{CONV}, tied: §later}}\n- conv2d: {{name: later, {CONV}}}", "unknown-name"),
        (f"- conv2d: {{{CONV}, tied: §5}}", "wrong-type"),
        (f"- relu: {{name: r}}\n- conv2d: {{{CONV}, tied: §r}}", "nothing-to-tie"),
    ],
)
def test_tied_names_an_earlier_entry_with_parameters(layers: str, rule: str) -> None:
    assert_one_problem(network(layers), rule)


@pytest.mark.parametrize(("layers", "expected"), FROZEN, ids=[case[0] for case in FROZEN])
def test_frozen_parameters(layers: str, expected: dict[str, int]) -> None:
    report = analysed(network(layers, head=BLOCKS))
    assert {row.name: row.frozen_params for row in report.rows} == expected
    assert report.totals.frozen_params == sum(expected.values())
    totals = report.totals.to_dict()
    assert totals["trainable_params"] == totals["params"] - sum(expected.values())


def test_trainable_is_true_or_false() -> None:
    assert_one_problem(
        network(f"- conv2d: {{{CONV}, trainable: §no}}"), "wrong-value", "trainable must be true or false"
    )


def test_copies_are_tied_number_by_number() -> None:
    text = """
input: {a: [3, 8, 8], b: [3, 8, 8]}
params: {table: [[width, times], [4, 1], [6, 2]]}
layers:
  - conv2d: {name: t, from: a, rows: =table, out_channels: =width, kernel_size: 1, repeat: =times}
  - conv2d: {name: u, from: b, rows: =table, out_channels: =width, kernel_size: 1, repeat: =times, tied: t}
  - conv2d: {name: last, from: t, out_channels: 6, kernel_size: 1, tied: t}
"""
    rows = {row.name: row for row in convcalc.analyse(convcalc.loads(text)).rows}
    assert {name: row.tied_to for name, row in rows.items() if row.tied_to} == {
        "u.0.0": "t.0.0", "u.1.0": "t.1.0", "u.1.1": "t.1.1", "last": "t.1.1",
    }  # fmt: skip


def test_tied_may_read_the_shape_of_the_input() -> None:
    text = f"- conv2d: {{name: a, {CONV}, repeat: 2, tied: =in_channels == 3}}"
    assert [row.tied_to for row in analysed(network(text)).rows] == [None, "a.0"]


def test_a_norm_of_buffers_alone() -> None:
    """torchvision's FrozenBatchNorm2d has four vectors and no counter; a frozen norm keeps its parameters."""
    frozen, fixed, plain = analysed(
        network(
            "- batch_norm2d: {trainable: false}\n- batch_norm2d: {as_buffers: true}\n"
            "- batch_norm2d: {as_buffers: true, affine: false}"
        )
    ).rows
    assert (frozen.params, frozen.trainable_params, frozen.buffers) == (6, 0, 7)
    assert (fixed.params, fixed.buffers) == (0, 12)
    assert (plain.params, plain.buffers) == (0, 6)
    for name in ("as_buffers", "fixed_statistics"):
        no_statistics = f"- batch_norm2d: {{{name}: §true, track_running_stats: false}}"
        assert_one_problem(network(no_statistics), "contradicting-parameters")


def test_fixed_statistics_change_no_figure() -> None:
    """They are buffers all the same, and the weights are learned."""
    (norm,) = analysed(network("- batch_norm2d: {fixed_statistics: true}")).rows
    assert (norm.params, norm.trainable_params, norm.buffers) == (6, 6, 7)
