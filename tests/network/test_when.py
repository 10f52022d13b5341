"""`when`: an identity stands in the place of an entry that is left out."""

from __future__ import annotations

import pytest

from tests.helpers import analysed, assert_one_problem, lines, network

HEAD = "params: {off: false, n: 2}"
CONV = "conv2d: {name: c, out_channels: 4, kernel_size: 1"

GRAPHS = [
    pytest.param(f"- {CONV}, when: true}}\n- relu", ["c <- input: 4x8x8, 16", "relu_1 <- c: 4x8x8, 0"], id="true"),
    pytest.param(f"- {CONV}, when: =off}}\n- relu", ["relu_1 <- input: 3x8x8, 0"], id="false"),
    pytest.param(
        "- tanh: {name: t}\n- relu: {name: a}\n- add: {name: sum, from: [t, previous], when: false}\n- sigmoid: "
        "{from: sum}",
        ["t <- input: 3x8x8, 0", "a <- t: 3x8x8, 0", "sigmoid_1 <- t: 3x8x8, 0"],
        id="its name stands for its own first from",
    ),
    pytest.param(
        "- tanh: {name: t}\n- relu: {name: a}\n- add: {from: [t, previous], when: false}\n- sigmoid",
        ["t <- input: 3x8x8, 0", "a <- t: 3x8x8, 0", "sigmoid_1 <- t: 3x8x8, 0"],
        id="and so does previous",
    ),
    pytest.param(
        "- conv2d: {out_channels: =nope, kernel_size: =1 / 0, when: false, repeat: =nope, trainable: =nope, tied: "
        "nope}\n- relu",
        ["relu_1 <- input: 3x8x8, 0"],
        id="nothing else of it is evaluated",
    ),
    pytest.param(
        "- tanh: {name: t}\n- add: {from: [t, nope], when: false}\n- relu",
        ["t <- input: 3x8x8, 0", "relu_1 <- t: 3x8x8, 0"],
        id="nor the rest of its from",
    ),
    pytest.param("- =nope: {when: false}\n- relu", ["relu_1 <- input: 3x8x8, 0"], id="nor its type"),
    pytest.param(
        "- conv2d: {name: c, out_channels: 2, kernel_size: 1, when: =in_channels > 2}\n"
        "- conv2d: {name: d, out_channels: 2, kernel_size: 1, when: =in_channels > 2}",
        ["c <- input: 2x8x8, 8"],
        id="it sees the shape that is read",
    ),
    pytest.param(
        "- relu: {name: r, repeat: 3, when: =index != 1}\n- tanh: {from: r.1}\n- tanh: {from: r}",
        ["r.0 <- input: 3x8x8, 0", "r.2 <- r.0: 3x8x8, 0", "tanh_1 <- r.0: 3x8x8, 0", "tanh_2 <- r.2: 3x8x8, 0"],
        id="a copy by itself",
    ),
    pytest.param(
        "- relu: {rows: [[name, use], [a, true], [b, false], [c, true]], when: =use}\n- tanh: {from: b}",
        ["a <- input: 3x8x8, 0", "c <- a: 3x8x8, 0", "tanh_1 <- a: 3x8x8, 0"],
        id="a row by itself",
    ),
    pytest.param(
        "- sequential: {name: s, when: false, layers: [relu]}\n- residual: {layers: [relu], when: =off}\n- tanh: "
        "{from: s}",
        ["tanh_1 <- input: 3x8x8, 0"],
        id="containers",
    ),
    pytest.param(
        "- residual:\n    layers: [relu]\n    shortcut:\n      - conv2d: {out_channels: 3, kernel_size: 1, when: "
        "false}",
        ["relu_1 <- input: 3x8x8, 0", "residual_1 <- relu_1 + input: 3x8x8, 0"],
        id="the identity of a shortcut",
    ),
]

MISTAKES = ["- relu: {when: §1}", "- relu: {when: §yes}", "- relu: {when: §=n}", "- relu: {when: §null}"]


@pytest.mark.parametrize(("layers", "expected"), GRAPHS)
def test_when(layers: str, expected: list[str]) -> None:
    assert lines(network(layers, head=HEAD)) == expected


@pytest.mark.parametrize("layers", MISTAKES)
def test_it_is_true_or_false(layers: str) -> None:
    assert_one_problem(network(layers, head=HEAD), "wrong-value", "when must be true or false")


def test_what_is_left_out_is_no_output() -> None:
    layers = "- relu: {name: a}\n- tanh: {name: b, when: =aux}\n- sigmoid: {name: c}"
    text = network(layers, head="params: {aux: true}\noutputs: [b, c]")
    assert list(analysed(text).outputs) == ["b", "c"]
    assert list(analysed(text, params={"aux": False}).outputs) == ["c"]
