"""Containers: section 5 of the language."""

from __future__ import annotations

import pytest

from tests.helpers import assert_one_problem, lines, network

CONV = "conv2d: {name: c, out_channels: 3, kernel_size: 1}"

GRAPHS = [
    pytest.param(
        f"- sequential: {{name: s, layers: [{CONV}, relu]}}\n- tanh: {{from: s.c}}\n- tanh: {{from: s}}",
        ["s.c <- input: 3x8x8, 12", "s.relu_1 <- s.c: 3x8x8, 0", "tanh_1 <- s.c: 3x8x8, 0",
        "tanh_2 <- s.relu_1: 3x8x8, 0"],
        id="a named container adds a level",
    ),
    pytest.param(
        f"- relu\n- sequential: {{layers: [{CONV}, relu]}}\n- tanh: {{from: c}}",
        ["relu_1 <- input: 3x8x8, 0", "c <- relu_1: 3x8x8, 12", "relu_2 <- c: 3x8x8, 0", "tanh_1 <- c: 3x8x8, 0"],
        id="an unnamed one adds none, and shares the numbers around it",
    ),
    pytest.param(
        f"- sequential: {{repeat: 2, layers: [{CONV}]}}\n- tanh: {{from: sequential_1.0.c}}",
        ["sequential_1.0.c <- input: 3x8x8, 12", "sequential_1.1.c <- sequential_1.0.c: 3x8x8, 12",
         "tanh_1 <- sequential_1.0.c: 3x8x8, 0"],
        id="a repeated one adds a level",
    ),
    pytest.param(
        f"- relu: {{name: a}}\n- sequential: {{name: s, layers: [{CONV}, add: {{from: [previous, a, input]}}]}}",
        ["a <- input: 3x8x8, 0", "s.c <- a: 3x8x8, 12", "s.add_1 <- s.c + a + input: 3x8x8, 0"],
        id="it sees the names around it, and `input` is the scope's",
    ),
    pytest.param("- sequential: {name: s, layers: []}\n- relu: {from: s}", ["relu_1 <- input: 3x8x8, 0"], id="empty"),
    pytest.param(
        "- sequential: {name: s, numbered: true, layers: [tanh, relu: {name: r}, relu: {when: false}, tanh]}\n"
        "- tanh: {from: s.0}",
        ["s.0 <- input: 3x8x8, 0", "s.r <- s.0: 3x8x8, 0", "s.1 <- s.r: 3x8x8, 0", "tanh_1 <- s.0: 3x8x8, 0"],
        id="a numbered one: the entries that are there and have no name",
    ),
    pytest.param(
        "- sequential:\n    name: s\n    numbered: true\n    layers:\n      - sequential:\n"
        "          rows: [[depth], [2], [1]]\n          layers: [relu: {repeat: =depth}, tanh: {when: =row == 1}]\n"
        "      - relu: {name: last, repeat: 2}\n      - relu: {rows: [[repeat], [1], [2]]}",
        ["s.0 <- input: 3x8x8, 0", "s.1 <- s.0: 3x8x8, 0", "s.2 <- s.1: 3x8x8, 0", "s.3 <- s.2: 3x8x8, 0",
         "s.last.0 <- s.3: 3x8x8, 0", "s.last.1 <- s.last.0: 3x8x8, 0", "s.4 <- s.last.1: 3x8x8, 0",
         "s.5 <- s.4: 3x8x8, 0", "s.6 <- s.5: 3x8x8, 0"],
        id="a numbered one: copies and what a sequential without a name has",
    ),
    pytest.param(
        "- sequential: {name: s, numbered: true, layers: [relu, residual: {layers: [tanh]}, sequential: {numbered: "
        "true, layers: [relu]}]}",
        ["s.0 <- input: 3x8x8, 0", "s.1.tanh_1 <- s.0: 3x8x8, 0", "s.1 <- s.1.tanh_1 + s.0: 3x8x8, 0",
         "s.2.0 <- s.1: 3x8x8, 0"],
        id="a numbered one: a container in it that merges or numbers is one member",
    ),
    pytest.param(
        "- sequential: {name: s, numbered: true, layers: [relu: {repeat: 0}, relu: {rows: [[when], [false]]}, tanh]}",
        ["s.0 <- input: 3x8x8, 0"],
        id="a numbered one: no copies",
    ),
    pytest.param(
        f"- residual: {{layers: [{CONV}, relu]}}",
        ["c <- input: 3x8x8, 12", "relu_1 <- c: 3x8x8, 0", "residual_1 <- relu_1 + input: 3x8x8, 0"],
        id="residual: the identity, and a row for the sum",
    ),
    pytest.param(
        "- residual:\n    name: r\n    layers:\n      - conv2d: {name: body, out_channels: 5, kernel_size: 1}\n"
        "    shortcut:\n      - conv2d: {name: short, out_channels: 5, kernel_size: 1}\n- tanh: {from: r.short}\n- "
        "tanh: {from: r}",
        ["r.body <- input: 5x8x8, 20", "r.short <- input: 5x8x8, 20", "r <- r.body + r.short: 5x8x8, 0",
         "tanh_1 <- r.short: 5x8x8, 0", "tanh_2 <- r: 5x8x8, 0"],
        id="residual: a shortcut, under the container's name",
    ),
    pytest.param(
        f"- parallel: {{branches: [[{CONV}], [], [relu]]}}",
        ["c <- input: 3x8x8, 12", "relu_1 <- input: 3x8x8, 0", "parallel_1 <- c + input + relu_1: 9x8x8, 0"],
        id="parallel: concat of the channels, [] is the identity",
    ),
    pytest.param(
        "- parallel: {name: p, axis: 2, branches: [[relu], [tanh]]}",
        ["p.relu_1 <- input: 3x8x8, 0", "p.tanh_1 <- input: 3x8x8, 0", "p <- p.relu_1 + p.tanh_1: 3x8x16, 0"],
        id="parallel: another axis",
    ),
    pytest.param(
        "- parallel: {merge: add, branches: [[relu], [tanh]]}\n- parallel: {merge: mul, branches: [[], "
        "[global_avg_pool, sigmoid]]}",
        ["relu_1 <- input: 3x8x8, 0", "tanh_1 <- input: 3x8x8, 0", "parallel_1 <- relu_1 + tanh_1: 3x8x8, 0",
         "global_avg_pool_1 <- parallel_1: 3x1x1, 0", "sigmoid_1 <- global_avg_pool_1: 3x1x1, 0",
         "parallel_2 <- parallel_1 + sigmoid_1: 3x8x8, 0"],
        id="parallel: add, and mul with a gate that broadcasts",
    ),
    pytest.param(
        "- parallel: {merge: =how, branches: [[relu], [tanh]]}",
        ["relu_1 <- input: 3x8x8, 0", "tanh_1 <- input: 3x8x8, 0", "parallel_1 <- relu_1 + tanh_1: 3x8x8, 0"],
        id="parallel: the merge from a param",
    ),
    pytest.param(
        "- parallel: {merge: ='add' if in_channels == 3 else 'concat', branches: [[relu], [tanh]]}",
        ["relu_1 <- input: 3x8x8, 0", "tanh_1 <- input: 3x8x8, 0", "parallel_1 <- relu_1 + tanh_1: 3x8x8, 0"],
        id="parallel: the merge from the shape of what it reads",
    ),
    pytest.param(
        "- parallel: {branches: [[relu]]}",
        ["relu_1 <- input: 3x8x8, 0", "parallel_1 <- relu_1: 3x8x8, 0"],
        id="parallel: one branch",
    ),
    pytest.param(
        f"- parallel: {{name: p, repeat: 2, branches: [[{CONV}], []]}}\n- tanh: {{from: p.0.c}}\n- tanh: {{from: p.0}}",
        ["p.0.c <- input: 3x8x8, 12", "p.0 <- p.0.c + input: 6x8x8, 0", "p.1.c <- p.0: 3x8x8, 21",
         "p.1 <- p.1.c + p.0: 9x8x8, 0", "tanh_1 <- p.0.c: 3x8x8, 0", "tanh_2 <- p.0: 6x8x8, 0"],
        id="parallel: repeated",
    ),
    pytest.param(
        "- relu: {name: a}\n- tanh: {name: b}\n- residual: {from: a, layers: [sigmoid]}",
        ["a <- input: 3x8x8, 0", "b <- a: 3x8x8, 0", "sigmoid_1 <- a: 3x8x8, 0",
        "residual_1 <- sigmoid_1 + a: 3x8x8, 0"],
        id="from of a container",
    ),
]  # fmt: skip

MISTAKES = [
    ("- parallel: {merge: §sub, branches: [[], []]}", "wrong-value", "merge must be"),
    ("- parallel: {branches: §[]}", "wrong-type", "a list of lists"),
    ("- §parallel", "wrong-type", "a list of lists"),
    ("- parallel: {branches: [§relu]}", "wrong-type", "a branch must be a list"),
    ("- §sequential", "missing-key", "no `layers`"),
    ("- §residual: {shortcut: []}", "missing-key", "no `layers`"),
    ("- sequential: {layers: [], §layer: []}", "unknown-key", "sequential has no `layer`"),
    ("- sequential: {layers: §5}", "wrong-type", "must be a list"),
    ("- sequential: {from: §[input, input], layers: [relu]}", "too-many-inputs", "reads 1 entry"),
    ("- §residual: {layers: [conv2d: {out_channels: 4, kernel_size: 1}]}", "shapes-do-not-agree", "4x8x8 and 3x8x8"),
    ("- §parallel: {branches: [[], [max_pool2d: {kernel_size: 2}]]}", "shapes-do-not-agree", "3x8x8 and 3x4x4"),
    ("- parallel: {merge: add, axis: §1, branches: [[], []]}", "unknown-key", "axis"),
    ("- sequential: {layers: [relu: {name: a}]}\n- relu: {name: §a}", "bad-name", "used twice"),
    ("- sequential: {name: s, layers: [relu: {name: a}]}\n- relu: {from: §a}", "unknown-name", "`a`"),
    ("- parallel: {branches: [[relu: {name: a}], [relu: {name: §a}]]}", "bad-name", "used twice"),
]


@pytest.mark.parametrize(("layers", "expected"), GRAPHS)
def test_containers(layers: str, expected: list[str]) -> None:
    assert lines(network(layers, head="params: {how: add}")) == expected


@pytest.mark.parametrize(("layers", "rule", "message"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_wrong_container_is_one_problem_at_its_place(layers: str, rule: str, message: str) -> None:
    assert_one_problem(network(layers), rule, message)
