"""Blocks, and types that are expressions: section 3 of the language."""

from __future__ import annotations

import pytest

from tests.helpers import assert_one_problem, lines, network, problems

HEAD = """
params: {width: 4, act: tanh, unit: conv2d, mine: pair, kernel: 1}
blocks:
  pair:
    params: {out: null, kernel: 3, half: =out // 2, keep: =in_channels == out}
    layers:
      - conv2d: {name: one, out_channels: =half, kernel_size: =kernel, padding: same}
      - conv2d: {name: two, out_channels: =out, kernel_size: 1, when: =not keep}
  wide:
    layers:
      - conv2d: {name: c, out_channels: =width, kernel_size: 1}
  join:
    inputs: [x, skip]
    params: {channels: =in_channels}
    layers:
      - concat: {name: both, from: [x, skip]}
      - conv2d: {name: c, out_channels: =channels, kernel_size: 1}
      - add: {name: sum, from: [previous, input]}
      - relu: {name: aside, from: skip}
  outer:
    params: {n: 2}
    layers:
      - pair: {name: p, out: =2 * n, kernel: 1, repeat: =n}
  empty:
    layers: []
  counted:
    params: {at: 0}
    layers:
      - conv2d: {name: c, out_channels: =at + 1, kernel_size: 1}
"""

GRAPHS = [
    pytest.param(
        "- pair: {out: 8}",
        ["pair_1.one <- input: 4x8x8, 112", "pair_1.two <- pair_1.one: 8x8x8, 40"],
        id="defaults: values, and expressions over earlier params and the block's own input",
    ),
    pytest.param("- pair: {name: p, out: 3, kernel: 1}", ["p.one <- input: 1x8x8, 4"], id="what the entry gives"),
    pytest.param(
        "- pair: {name: p, out: =in_channels + 1, keep: false}",
        ["p.one <- input: 2x8x8, 56", "p.two <- p.one: 4x8x8, 12"],
        id="the entry's expressions see its own input",
    ),
    pytest.param("- wide: {name: w}", ["w.c <- input: 4x8x8, 16"], id="the spec's params lie beneath the block's"),
    pytest.param(
        "- pair: {name: p, out: 8, keep: true}",
        ["p.one <- input: 4x8x8, 112"],
        id="the block's own kernel hides the spec's",
    ),
    pytest.param(
        "- relu: {name: a}\n- conv2d: {name: b, out_channels: 2, kernel_size: 1}\n- join: {name: j, from: "
        "[previous, a]}\n"
        "- relu: {from: j.sum}",
        ["a <- input: 3x8x8, 0", "b <- a: 2x8x8, 8", "j.both <- b + a: 5x8x8, 0", "j.c <- j.both: 2x8x8, 12",
         "j.sum <- j.c + b: 2x8x8, 0", "j.aside <- a: 3x8x8, 0", "relu_1 <- j.sum: 2x8x8, 0"],
        id="several inputs; `input` is the first of them; inside is read by full names",
    ),
    pytest.param(
        "- outer: {name: o}\n- relu: {from: o.p.0.one}\n- relu: {from: o.p}\n- relu: {from: o.p.two}",
        ["o.p.0.one <- input: 2x8x8, 8", "o.p.0.two <- o.p.0.one: 4x8x8, 12", "o.p.1.one <- o.p.0.two: 2x8x8, 10",
         "relu_1 <- o.p.0.one: 2x8x8, 0", "relu_2 <- o.p.1.one: 2x8x8, 0", "relu_3 <- o.p.1.one: 2x8x8, 0"],
        id="blocks in blocks, repeated; the name of one left out stands for what it would have read",
    ),
    pytest.param(
        "- counted: {name: k, repeat: 2, at: =index}",
        ["k.0.c <- input: 1x8x8, 4", "k.1.c <- k.0.c: 2x8x8, 4"],
        id="index is handed in as a param",
    ),
    pytest.param(
        "- counted: {rows: [[name, at], [k, 1], [l, 2]]}",
        ["k.c <- input: 2x8x8, 8", "l.c <- k.c: 3x8x8, 9"],
        id="a column fills the param of its name",
    ),
    pytest.param("- empty\n- relu", ["relu_1 <- input: 3x8x8, 0"], id="an empty block is an identity"),
    pytest.param(
        "- =act\n- =unit: {out_channels: 2, kernel_size: 1}\n- =mine: {name: m, out: 2, kernel: 1}\n- =act",
        ["tanh_1 <- input: 3x8x8, 0", "conv2d_1 <- tanh_1: 2x8x8, 8", "m.one <- conv2d_1: 1x8x8, 3",
         "tanh_2 <- m.one: 1x8x8, 0"],
        id="types from expressions: a layer, a block",
    ),
    pytest.param(
        "- =act if in_channels > 3 else 'relu'\n- \"=['sigmoid', act][0]\"",
        ["relu_1 <- input: 3x8x8, 0", "sigmoid_1 <- relu_1: 3x8x8, 0"],
        id="and more than a name",
    ),
]  # fmt: skip

BODY = """
blocks:
  b:
    layers:
      - {}
"""

INSIDE = [
    ("- relu: {name: a}\n- b", "relu: {from: §a}", "unknown-name", "`a`"),
    ("- b: {repeat: 2}", "conv2d: {kernel_size: 1, out_channels: §=index}", "bad-expression", "'index'"),
    ("- b: {rows: [[k], [1]]}", "conv2d: {kernel_size: 1, out_channels: §=k}", "bad-expression", "'k'"),
]

MISTAKES = [
    ("- §pair", "missing-parameter", "out must be given"),
    ("- pair: {out: 8, §outt: 3}", "unknown-key", "pair has no `outt`"),
    ("- §join", "wrong-inputs", "2 inputs (x, skip), and 1"),
    ("- join: {from: §[input, input, input]}", "wrong-inputs", "and 3 are given"),
    ("- §=width", "unknown-type", "gives 4"),
    ("- §='con2d': {out_channels: 3}", "unknown-type", "con2d"),
    ("- §=nope", "bad-expression", "'nope'"),
]


@pytest.mark.parametrize(("layers", "expected"), GRAPHS)
def test_blocks(layers: str, expected: list[str]) -> None:
    assert lines(network(layers, head=HEAD)) == expected


@pytest.mark.parametrize(("layers", "rule", "message"), MISTAKES)
def test_a_block_is_used_as_it_is_defined(layers: str, rule: str, message: str) -> None:
    assert_one_problem(network(layers, head=HEAD), rule, message)


@pytest.mark.parametrize(("layers", "entry", "rule", "message"), INSIDE, ids=[case[1] for case in INSIDE])
def test_a_block_sees_neither_names_nor_columns_nor_the_index_around_it(
    layers: str, entry: str, rule: str, message: str
) -> None:
    problem = assert_one_problem(network(layers, head=BODY.format(entry)), rule, message)
    (note,) = problem.trail
    assert note.startswith("in b_1")


@pytest.mark.parametrize(
    "blocks",
    [
        "a: {layers: [b]}\n  b: {layers: [a]}",
        "a: {layers: [sequential: {layers: [residual: {layers: [a]}]}]}",
        "a: {params: {t: a}, layers: [=t]}",
        "a: {layers: [{a: {when: =in_channels > 0}}]}",
    ],
)
def test_blocks_that_use_themselves(blocks: str) -> None:
    received = problems(network("- a", head=f"blocks:\n  {blocks}"))
    assert {problem.rule for problem in received} == {"block-cycle"}


def test_names_in_a_block_are_its_own_and_start_anew() -> None:
    head = "blocks: {b: {layers: [relu, relu]}}"
    assert [line.split(" <- ")[0] for line in lines(network("- relu\n- b\n- b\n- relu", head=head))] == [
        "relu_1", "b_1.relu_1", "b_1.relu_2", "b_2.relu_1", "b_2.relu_2", "relu_2",
    ]  # fmt: skip
