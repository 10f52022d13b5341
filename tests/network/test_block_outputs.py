"""Blocks with several outputs: read by name or all together, and handed on by copies in a row."""

from __future__ import annotations

import pytest

import convcalc
from tests.helpers import assert_one_problem

HEAD = """input: {x: [4, 8, 8], y: [2, 8, 8]}
blocks:
  pair:
    inputs: [x, y]
    outputs: [a, b]
    params: {wide: true}
    layers:
      - conv2d: {name: a, from: x, out_channels: 4, kernel_size: 1}
      - conv2d: {name: b, from: y, out_channels: 2, kernel_size: 1, when: =wide}
      - relu: {name: aside, from: a}
  split:
    outputs: [one, two, three]
    layers:
      - identity: {name: one}
      - identity: {name: two, from: input}
      - identity: {name: three, from: input}
  first:
    outputs: [inside]
    layers:
      - identity: {name: inside}
      - relu
layers:
"""


def edges(layers: str) -> list[str]:
    graph = convcalc.loads(HEAD + layers)
    return [f"{node.name} <- {' + '.join(map(graph.tensor_name, node.reads))}" for node in graph.nodes]


GRAPHS = [
    pytest.param(
        "  - pair: {name: p, from: [x, y]}\n  - relu: {from: p.b}\n",
        ["p.a <- x", "p.b <- y", "p.aside <- p.a", "relu_1 <- p.b"],
        id="by name",
    ),
    pytest.param(
        "  - pair: {name: p, from: [x, y]}\n  - concat: {name: c}\n  - concat: {from: [c, p]}\n",
        ["p.a <- x", "p.b <- y", "p.aside <- p.a", "c <- p.a + p.b", "concat_1 <- c + p.a + p.b"],
        id="all of them, in order: of the entry before, and of a name",
    ),
    pytest.param(
        "  - pair: {name: p, from: [x, y], repeat: 2}\n  - pair: {name: q}\n  - relu: {from: p.0.b}\n",
        ["p.0.a <- x", "p.0.b <- y", "p.0.aside <- p.0.a", "p.1.a <- p.0.a", "p.1.b <- p.0.b",
         "p.1.aside <- p.1.a", "q.a <- p.1.a", "q.b <- p.1.b", "q.aside <- q.a", "relu_1 <- p.0.b"],
        id="outputs become inputs in order",
    ),
    pytest.param(
        "  - pair: {rows: [[name, wide], [p, true], [q, true]], from: [x, y]}\n  - concat\n",
        ["p.a <- x", "p.b <- y", "p.aside <- p.a", "q.a <- p.a", "q.b <- p.b", "q.aside <- q.a",
         "concat_1 <- q.a + q.b"],
        id="of rows, too",
    ),
    pytest.param(
        "  - pair: {name: p, from: [x, y], repeat: 0}\n  - pair: {name: q, when: false}\n  - concat\n"
        "  - concat: {from: [q]}\n",
        ["concat_1 <- x + y", "concat_2 <- x + y"],
        id="a block that is left out passes on all that it would have read",
    ),
    pytest.param(
        "  - pair: {name: p, from: [x, y], wide: false}\n  - relu\n",
        ["p.a <- x", "p.aside <- p.a", "relu_1 <- p.a"],
        id="an output that `when` leaves out is none",
    ),
    pytest.param(
        "  - first: {name: f, from: x}\n  - relu\n",
        ["f.inside <- x", "f.relu_1 <- f.inside", "relu_1 <- f.inside"],
        id="one output that is not the last entry",
    ),
    pytest.param(
        "  - pair: {name: p, from: [x, y]}\n  - sequential: {name: s, from: x, layers: [split, concat]}\n",
        ["p.a <- x", "p.b <- y", "p.aside <- p.a", "s.split_1.one <- x", "s.split_1.two <- x",
         "s.split_1.three <- x", "s.concat_1 <- s.split_1.one + s.split_1.two + s.split_1.three"],
        id="inside a container",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "expected"), GRAPHS)
def test_what_is_read(layers: str, expected: list[str]) -> None:
    assert edges(layers) == expected


def test_outputs_of_the_network() -> None:
    last = "  - pair: {name: p, from: [x, y], repeat: 2}\n"
    assert list(convcalc.loads(HEAD + last).outputs) == ["p.1.a", "p.1.b"]
    assert list(convcalc.loads(HEAD + last + "outputs: [p, p.0.b]\n").outputs) == ["p.1.a", "p.1.b", "p.0.b"]


@pytest.mark.parametrize(
    ("layers", "rule", "message"),
    [
        ("  - pair: {name: p, from: [x, y]}\n  - §relu\n", "too-many-inputs", "reads 1 entry, not 2"),
        ("  - §split: {from: x, repeat: 2}\n", "wrong-inputs", "3 outputs of a copy do not fit the 1 inputs"),
        ("  - pair: {name: p, from: [x, y]}\n  - relu: {from: §p.c}\n", "unknown-name", "p.c"),
    ],
)
def test_refused(layers: str, rule: str, message: str) -> None:
    assert_one_problem(HEAD + layers, rule, message)


@pytest.mark.parametrize(
    ("outputs", "rule"),
    [("[§b]", "unknown-name"), ("§a", "wrong-type"), ("§[1]", "wrong-type"), ("§[]", "wrong-type")],
)
def test_refused_where_it_is_defined(outputs: str, rule: str) -> None:
    spec = f"input: [3, 8, 8]\nblocks:\n  k:\n    outputs: {outputs}\n    layers: [relu: {{name: a}}]\nlayers: [k]\n"
    assert_one_problem(spec, rule)


def test_one_too_many_says_which_there_are() -> None:
    problem = assert_one_problem(HEAD + "  - pair: {name: p, from: [x, y]}\n  - §relu\n", "too-many-inputs")
    assert "`from: p.a`" in problem.help
