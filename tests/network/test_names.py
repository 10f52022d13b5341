"""Names, numbers, and what `from` reads: section 3 of the language."""

from __future__ import annotations

import pytest

from tests.helpers import analysed, assert_one_problem, lines, network, problems

GRAPHS = [
    pytest.param(
        "- relu\n- tanh\n- relu",
        ["relu_1 <- input: 3x8x8, 0", "tanh_1 <- relu_1: 3x8x8, 0", "relu_2 <- tanh_1: 3x8x8, 0"],
        id="unnamed entries are numbered per type",
    ),
    pytest.param(
        "- conv2d: {name: relu_1, out_channels: 2, kernel_size: 1}\n- relu\n- relu",
        ["relu_1 <- input: 2x8x8, 8", "relu_2 <- relu_1: 2x8x8, 0", "relu_3 <- relu_2: 2x8x8, 0"],
        id="a number that is taken is passed over",
    ),
    pytest.param(
        "- relu: {name: stem}\n- tanh: {name: other}\n- relu: {from: stem}",
        ["stem <- input: 3x8x8, 0", "other <- stem: 3x8x8, 0", "relu_1 <- stem: 3x8x8, 0"],
        id="from a name",
    ),
    pytest.param(
        "- conv2d: {name: a, out_channels: 3, kernel_size: 1}\n- relu\n- add: {from: [previous, a, input]}",
        ["a <- input: 3x8x8, 12", "relu_1 <- a: 3x8x8, 0", "add_1 <- relu_1 + a + input: 3x8x8, 0"],
        id="from a list, with previous and input",
    ),
    pytest.param(
        "- relu: {from: previous}\n- relu: {from: input}\n- relu: {from: [previous]}",
        ["relu_1 <- input: 3x8x8, 0", "relu_2 <- input: 3x8x8, 0", "relu_3 <- relu_2: 3x8x8, 0"],
        id="previous of the first entry is the input, and a list of one name is that name",
    ),
    pytest.param(
        "- relu: {name: a}\n- tanh: {name: b}\n- add: {from: [=left, input]}\n- relu: {from: =left if in_channels "
        "== 3 else 0}",
        ["a <- input: 3x8x8, 0", "b <- a: 3x8x8, 0", "add_1 <- a + input: 3x8x8, 0", "relu_1 <- a: 3x8x8, 0"],
        id="from an expression, which sees the shape of the entry before",
    ),
    pytest.param(
        "- relu: {name: =left}\n- relu: {from: a}",
        ["a <- input: 3x8x8, 0", "relu_1 <- a: 3x8x8, 0"],
        id="a name from an expression",
    ),
    pytest.param(
        "- relu: {name: Übung_2-b}\n- relu: {from: Übung_2-b}",
        ["Übung_2-b <- input: 3x8x8, 0", "relu_1 <- Übung_2-b: 3x8x8, 0"],
        id="letters of any script, digits, - and _",
    ),
    pytest.param(
        '- relu: {name: "0"}\n- relu: {from: "0"}',
        ["0 <- input: 3x8x8, 0", "relu_1 <- 0: 3x8x8, 0"],
        id="a number in quotes, as the members of a Sequential of PyTorch have",
    ),
    pytest.param(
        '- sequential: {name: a, layers: [relu: {name: "0"}, sequential: {name: "1", layers: [relu: {name: "0"}, '
        "tanh: {from: a.0}]}]}",
        ["a.0 <- input: 3x8x8, 0", "a.1.0 <- a.0: 3x8x8, 0", "a.1.tanh_1 <- a.0: 3x8x8, 0"],
        id="an entry of the container around, by its full name",
    ),
]

MISTAKES = [
    ("- relu: {name: a}\n- tanh: {name: §a}", "bad-name", "used twice"),
    ("- relu\n- tanh: {name: §relu_1}", "bad-name", "used twice"),
    ("- relu: {name: §1st}", "bad-name", "cannot be a name"),
    ("- relu: {name: §1.5}", "bad-name", "must be text"),
    ("- relu: {name: §a.b}", "bad-name", "cannot be a name"),
    ("- relu: {name: §previous}", "bad-name", "already has a meaning"),
    ("- relu: {name: §input}", "bad-name", "already has a meaning"),
    ("- relu: {name: §5}", "bad-name", "must be text"),
    ("- relu: {from: §later}\n- relu: {name: later}", "unknown-name", "nothing before this entry"),
    ("- relu: {name: a, from: §a}", "unknown-name", "nothing before this entry"),
    ("- relu: {from: §[]}", "wrong-value", "`from` is empty"),
    ("- relu: {from: §5}", "wrong-type", "expected the name of an entry"),
    ("- relu: {from: [input, §nope]}", "unknown-name", "nope"),
    ("- relu: {name: a}\n- relu: {from: §[a, input]}", "too-many-inputs", "reads 1 entry, not 2"),
    ("- §add", "too-few-inputs", "reads at least 2"),
    ("- relu: {name: a}\n- relu: {from: §a.*}", "unknown-name", "a.*"),
    ("- relu: {name: a}\n- relu: {from: §a..b}", "unknown-name", "a..b"),
]

HEAD = "params: {left: a}"


@pytest.mark.parametrize(("layers", "expected"), GRAPHS)
def test_entries_read_what_they_say(layers: str, expected: list[str]) -> None:
    assert lines(network(layers, head=HEAD)) == expected


@pytest.mark.parametrize(("layers", "rule", "message"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_wrong_name_is_one_problem_at_its_place(layers: str, rule: str, message: str) -> None:
    assert_one_problem(network(layers, head=HEAD), rule, message)


def test_the_help_says_that_references_go_backwards() -> None:
    assert (
        problems(network("- relu: {from: later}\n- relu: {name: later}"))[0].help
        == "an entry can only read entries that are before it"
    )


def test_the_last_entry_is_the_output() -> None:
    assert analysed(network("- relu: {name: a}\n- flatten: {name: z}")).outputs == {"z": (192,)}


@pytest.mark.parametrize("entry", ["concat: {name: z, from: [a]}", "concat: {name: z, from: a}",
                                   "concat: {name: z, axis: -1, from: [a]}"])  # fmt: skip
def test_a_concat_of_one_entry_is_that_entry(entry: str) -> None:
    conv = "conv2d: {name: a, out_channels: 4, kernel_size: 3}"
    one, joined = analysed(network(f"- {conv}\n- {entry}")).rows
    assert (joined.inputs, joined.output_shape, joined.params) == (["a"], one.output_shape, 0)
    assert joined.to_dict()["receptive_field"] == one.to_dict()["receptive_field"]
