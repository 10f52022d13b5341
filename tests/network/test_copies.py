"""`repeat`, `rows` and `*`: section 3 of the language."""

from __future__ import annotations

import pytest

from tests.helpers import analysed, assert_one_problem, lines, network

HEAD = "params: {table: [[out_channels, kernel_size], [4, 1], [6, 3]], n: 2}"
CONV = "conv2d: {name: c, out_channels: 3, kernel_size: 1"

REPEATS = [
    pytest.param(
        f"- {CONV}, repeat: 3}}",
        ["c.0 <- input: 3x8x8, 12", "c.1 <- c.0: 3x8x8, 12", "c.2 <- c.1: 3x8x8, 12"],
        id="copies in a row, each with weights of its own",
    ),
    pytest.param(f"- {CONV}, repeat: 1}}", ["c.0 <- input: 3x8x8, 12"], id="NAME.0 also when it is one"),
    pytest.param(
        f"- {CONV}, repeat: 2}}\n- add: {{from: [c, c.0]}}\n- relu: {{from: c.1}}",
        ["c.0 <- input: 3x8x8, 12", "c.1 <- c.0: 3x8x8, 12", "add_1 <- c.1 + c.0: 3x8x8, 0", "relu_1 <- c.1: 3x8x8, 0"],
        id="NAME is the last",
    ),
    pytest.param(
        "- relu: {repeat: 2}\n- relu",
        ["relu_1.0 <- input: 3x8x8, 0", "relu_1.1 <- relu_1.0: 3x8x8, 0", "relu_2 <- relu_1.1: 3x8x8, 0"],
        id="an unnamed entry has its number as its name",
    ),
    pytest.param(
        "- tanh: {name: t}\n- add: {name: a, from: [t, input], repeat: 2}",
        ["t <- input: 3x8x8, 0", "a.0 <- t + input: 3x8x8, 0", "a.1 <- a.0 + input: 3x8x8, 0"],
        id="copy k reads copy k - 1 in place of the first name",
    ),
    pytest.param(
        '- conv2d: {name: c, out_channels: "=2 * index + in_channels", kernel_size: 1, repeat: =n}',
        ["c.0 <- input: 3x8x8, 12", "c.1 <- c.0: 5x8x8, 20"],
        id="index, and the shape of what the copy reads",
    ),
    pytest.param(f"- {CONV}, repeat: 0}}\n- relu", ["relu_1 <- input: 3x8x8, 0"], id="repeat 0 leaves it out"),
    pytest.param(f"- {CONV}, repeat: 2.0}}", ["c.0 <- input: 3x8x8, 12", "c.1 <- c.0: 3x8x8, 12"], id="2.0 is 2"),
    pytest.param(
        '- sequential:\n    name: s\n    repeat: 2\n    layers:\n      - conv2d: {name: c, out_channels: =index + '
        '1, kernel_size: 1, repeat: 2}',
        ["s.0.c.0 <- input: 1x8x8, 4", "s.0.c.1 <- s.0.c.0: 2x8x8, 4", "s.1.c.0 <- s.0.c.1: 1x8x8, 3",
         "s.1.c.1 <- s.1.c.0: 2x8x8, 4"],
        id="index is that of the innermost repeat",
    ),
]  # fmt: skip

ROWS = [
    pytest.param(
        "- conv2d:\n    name: c\n    rows:\n      - [out_channels, kernel_size]\n      - [4, 1]\n      - [6, 3]",
        ["c.0 <- input: 4x8x8, 16", "c.1 <- c.0: 6x6x6, 222"],
        id="one copy per row, and a column fills the parameter of its name",
    ),
    pytest.param(
        "- conv2d: {name: c, rows: =table}",
        ["c.0 <- input: 4x8x8, 16", "c.1 <- c.0: 6x6x6, 222"],
        id="rows from a param",
    ),
    pytest.param(
        "- conv2d: {name: c, rows: [[k], [1], [3]], kernel_size: =k, padding: =k // 2, out_channels: =10 * row + k}",
        ["c.0 <- input: 1x8x8, 4", "c.1 <- c.0: 13x8x8, 130"],
        id="columns and the row's number are names in expressions",
    ),
    pytest.param(
        "- conv2d: {rows: [[name, out_channels], [wide, 4], [slim, 2]], kernel_size: 1}\n- relu: {from: wide}",
        ["wide <- input: 4x8x8, 16", "slim <- wide: 2x8x8, 10", "relu_1 <- wide: 4x8x8, 0"],
        id="a name column",
    ),
    pytest.param(
        "- conv2d: {name: c, rows: [[out_channels, repeat], [4, 1], [2, 2]], kernel_size: 1}\n- relu: {from: c.1.0}\n"
        "- relu: {from: c.0}\n- relu: {from: c}",
        ["c.0.0 <- input: 4x8x8, 16", "c.1.0 <- c.0.0: 2x8x8, 10", "c.1.1 <- c.1.0: 2x8x8, 6",
         "relu_1 <- c.1.0: 2x8x8, 0", "relu_2 <- c.0.0: 4x8x8, 0", "relu_3 <- c.1.1: 2x8x8, 0"],
        id="rows that are repeated: NAME.ROW.COPY",
    ),
    pytest.param(
        "- conv2d: {name: c, rows: [[n], [1], [2]], repeat: =n, kernel_size: 1, out_channels: =10 * row + index + 1}",
        ["c.0.0 <- input: 1x8x8, 4", "c.1.0 <- c.0.0: 11x8x8, 22", "c.1.1 <- c.1.0: 12x8x8, 144"],
        id="index starts anew in each row, and a column hides a param",
    ),
    pytest.param(
        "- conv2d: {rows: [[name, repeat, out_channels], [x, 1, 4], [y, 2, 2]], kernel_size: 1}\n- relu: {from: y.0}",
        ["x.0 <- input: 4x8x8, 16", "y.0 <- x.0: 2x8x8, 10", "y.1 <- y.0: 2x8x8, 6", "relu_1 <- y.0: 2x8x8, 0"],
        id="named rows that are repeated: ROW.COPY",
    ),
    pytest.param(
        "- tanh: {name: a}\n- tanh: {name: b}\n- add: {rows: [[name, from], [x, [a, b]], [y, [a, input]]]}",
        ["a <- input: 3x8x8, 0", "b <- a: 3x8x8, 0", "x <- a + b: 3x8x8, 0", "y <- x + input: 3x8x8, 0"],
        id="a from column; later rows read the copy before in place of its first name",
    ),
    pytest.param(
        "- sequential:\n    name: s\n    rows: [[width], [2], [4]]\n    layers:\n      - conv2d: {name: c, "
        "out_channels: =width, kernel_size: 1}",
        ["s.0.c <- input: 2x8x8, 8", "s.1.c <- s.0.c: 4x8x8, 12"],
        id="columns are seen inside a container",
    ),
    pytest.param(
        "- conv2d: {name: c, rows: [[out_channels], [=n], [=n * in_channels]], kernel_size: 1}",
        ["c.0 <- input: 2x8x8, 8", "c.1 <- c.0: 6x8x8, 18"],
        id="expressions in cells",
    ),
]  # fmt: skip

STARS = [
    ("c.*", ["concat_1 <- c.0.0 + c.1.1: 6x8x8, 0"]),
    ("c.1.*", ["concat_1 <- c.1.0 + c.1.1: 4x8x8, 0"]),
    ("c.*.0", ["concat_1 <- c.0.0 + c.1.0: 6x8x8, 0"]),
    ("c.*.*", ["concat_1 <- c.0.0 + c.1.0 + c.1.1: 8x8x8, 0"]),
]

MISTAKES = [
    ("- relu: {repeat: §-1}", "wrong-value"),
    ("- relu: {repeat: §1.5}", "wrong-value"),
    ("- relu: {repeat: §true}", "wrong-value"),
    ("- relu: {repeat: §null}", "wrong-value"),
    ("- relu: {repeat: §1000000000}", "too-large"),
    ("- relu: {repeat: 2, name: a}\n- relu: {from: §a.2}", "unknown-name"),
    ("- relu: {rows: §5}", "wrong-value"),
    ("- relu: {rows: §[]}", "wrong-value"),
    ("- relu: {rows: [[§1], [2]]}", "bad-name"),
    ("- relu: {rows: [[x, y], §[2]]}", "wrong-value"),
    ("- relu: {rows: [[x], §7]}", "wrong-value"),
    ("- relu: {rows: [[x, §x], [2, 3]]}", "bad-name"),
    ("- relu: {rows: [[§in_channels], [2]]}", "taken-name"),
    ("- relu: {rows: [[§max], [2]]}", "taken-name"),
    ("- conv2d:\n    out_channels: 2\n    rows:\n      - [kernel_size]\n      - [§0]", "wrong-value"),
    ("- conv2d:\n    out_channels: 2\n    rows:\n      - [kernel_size, x]\n      - [1, §=nope]", "bad-expression"),
]


@pytest.mark.parametrize(("layers", "expected"), [*REPEATS, *ROWS])
def test_copies(layers: str, expected: list[str]) -> None:
    assert lines(network(layers, head=HEAD)) == expected


@pytest.mark.parametrize(("reference", "expected"), STARS, ids=[case[0] for case in STARS])
def test_a_star_collects_copies_in_order(reference: str, expected: list[str]) -> None:
    layers = f"""
        - conv2d: {{name: c, rows: [[out_channels, repeat], [4, 1], [2, 2]], kernel_size: 1}}
        - concat: {{from: {reference}}}
    """
    assert lines(network(layers))[3:] == expected


def test_a_star_reaches_into_blocks() -> None:
    head = "blocks: {b: {layers: [conv2d: {name: skip, out_channels: 3, kernel_size: 1}, relu]}}"
    rows = lines(network("- b: {name: stack, repeat: 2}\n- add: {from: stack.*.skip}", head=head))
    assert rows[-1] == "add_1 <- stack.0.skip + stack.1.skip: 3x8x8, 0"


@pytest.mark.parametrize(("layers", "rule"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_wrong_table_or_count_is_one_problem_at_its_place(layers: str, rule: str) -> None:
    assert_one_problem(network(layers), rule)


def test_repeat_zero_is_no_output() -> None:
    text = network("- relu: {name: a}\n- tanh: {name: b, repeat: 0}", head="outputs: [a, b]")
    assert list(analysed(text).outputs) == ["a"]
