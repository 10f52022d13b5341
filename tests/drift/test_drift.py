"""The deviations of a spec from its source: each change is found once, and what is written in another way is none."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.drift.deviation import Losses
from convcalc.drift.drift import Drift
from tests.strategies.graphs import Graph, graphs
from tests.strategies.networks import Network, networks

BASE = """\
input: [3, 32, 32]
layers:
  - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  - batch_norm2d: {name: bn}
  - relu
  - max_pool2d: {kernel_size: 2}
  - parallel:
      name: mixed
      branches:
        - - conv2d: {name: one, out_channels: 8, kernel_size: 1}
        - - conv2d: {name: three, out_channels: 8, kernel_size: 3, padding: 1}
          - relu
  - conv2d: {name: depthwise, out_channels: 16, kernel_size: 3, padding: 1, groups: 16}
  - conv2d: {name: deep, out_channels: 32, kernel_size: 3, padding: 1}
  - gelu
  - adaptive_avg_pool2d: {output_size: 16}
  - global_avg_pool
  - flatten
  - dropout: {p: 0.2}
  - linear: {name: head, out_features: 10}
"""
# Texts that are replaced in the source, the spec being BASE; then for each deviation its layer and part of its message.
CHANGES = {
    "another kernel": (
        {"{name: three, out_channels: 8, kernel_size: 3, padding: 1}": "{name: three, out_channels: 8, kernel_size: 5,"
         " padding: 2}"},
        [("mixed.three", "kernel_size is 3, in the source 5; padding is 1, in the source 2")],
    ),
    "a layer more": (
        {"  - gelu\n": "  - gelu\n  - conv2d: {out_channels: 32, kernel_size: 1}\n"},
        [("gelu_1", "behind it the source has conv2d_1 (conv2d), with 1,056 parameters")],
    ),
    "a block more": (
        {"  - gelu\n": "  - gelu\n  - conv2d: {name: more, out_channels: 32, kernel_size: 1}\n  - gelu\n"},
        [("gelu_1", "behind it the source has 2 layers more, more (conv2d) to gelu_2 (gelu), with 1,056 parameters")],
    ),
    "a layer less": ({"  - max_pool2d: {kernel_size: 2}\n": ""}, [("max_pool2d_1", "it is not in the source")]),
    "no norm": ({"  - batch_norm2d: {name: bn}\n": ""}, [("bn", "it is not in the source")]),
    "another width": (
        {"{name: stem, out_channels: 16": "{name: stem, out_channels: 24"},
        [("stem", "out_channels is 16, in the source 24")],
    ),
    "a width that groups follow": (
        {"out_channels: 8,": "out_channels: 12,",
         "{name: depthwise, out_channels: 16, kernel_size: 3, padding: 1, groups: 16}":
         "{name: depthwise, out_channels: 24, kernel_size: 3, padding: 1, groups: 24}"},
        [("mixed.one", "out_channels is 8, in the source 12"), ("mixed.three", "out_channels is 8, in the source 12")],
    ),
    "another activation": ({"  - gelu\n": "  - silu\n"}, [("gelu_1", "in the source it is silu_1 (silu)")]),
    "the first of several activations": (
        {"{name: bn}\n  - relu\n": "{name: bn}\n  - tanh\n"}, [("relu_1", "in the source it is tanh_1 (tanh)")],
    ),
    "a size that a later pooling then changes": (
        {"{name: stem, out_channels: 16": "{name: stem, stride: 2, out_channels: 16"},
        [("stem", "stride is 1, in the source 2")],
    ),
    "another number of classes": (
        {"out_features: 10": "out_features: 100"}, [("head", "out_features is 10, in the source 100")],
    ),
    "another stride": ({"{name: deep,": "{name: deep, stride: 2,"}, [("deep", "stride is 1, in the source 2")]),
    "another input": ({"[3, 32, 32]": "[3, 64, 64]"}, [(None, "the input is 3x32x32, in the source 3x64x64")]),
    "a bias": ({", bias: false": ""}, [("stem", "bias is false, in the source true")]),
    "another reader": (
        {"  - gelu\n": "  - gelu: {from: depthwise}\n"}, [("gelu_1", "it reads deep, in the source depthwise")],
    ),
    "another wiring": (
        {"{name: depthwise,": "{name: depthwise, from: bn,"},
        [("depthwise", "it reads mixed, in the source bn")],
    ),
}  # fmt: skip
# The same network, written in another way.
EQUAL = {
    "padding in a word": {"padding: 1": "padding: same"},
    "the branches in another order of names": {"name: one": "name: first", "name: three": "name: second"},
    "another pooling of everything": {"global_avg_pool": "adaptive_avg_pool2d: {output_size: 1}"},
    "a mean": {"  - global_avg_pool\n  - flatten\n": "  - mean: {axis: [1, 2]}\n"},
    "a layer that does nothing": {"  - gelu\n": "  - gelu\n  - identity\n"},
    "a shape in two steps": {"  - flatten\n": "  - flatten: {start_axis: 1}\n  - flatten\n"},
    "a pooling to its own size": {"  - gelu\n": "  - gelu\n  - max_pool2d: {kernel_size: 1}\n"},
    "sizes for each axis": {"kernel_size: 3": "kernel_size: [3, 3]"},
    "a training setting": {"{name: bn}": "{name: bn, momentum: 0.01}"},
}
# Changes of values alone, which are minor.
MINOR = {
    "eps": ({"{name: bn}": "{name: bn, eps: 0.001}"}, [("bn", "eps is 1e-05, in the source 0.001")]),
    "the share of a dropout": ({"p: 0.2": "p: 0.5"}, [("dropout_1", "p is 0.2, in the source 0.5")]),
    "no dropout": ({"  - dropout: {p: 0.2}\n": ""}, [("dropout_1", "it is not in the source")]),
    "another dropout": (
        {"  - gelu\n": "  - gelu\n  - dropout\n"}, [("global_avg_pool_1", "before it the source has a dropout of 0.5")],
    ),
    "a name": ({"name: head": "name: classifier"}, [("head", "in the source `head` is `classifier`")]),
}  # fmt: skip


def changed(changes: dict[str, str], text: str = BASE) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def deviations(
    spec: str,
    source: str,
    losses: Losses = Losses(trainable=True),  # noqa: B008 - a frozen value
) -> list[tuple[str | None, str, bool]]:
    reports = [convcalc.analyse(convcalc.loads(text)) for text in (spec, source)]
    found = Drift(reports[0], reports[1], losses).deviations()
    return [(each.row.name if each.row else None, each.message, each.minor) for each in found]


@pytest.mark.parametrize(("changes", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_found_once(changes: dict[str, str], expected: list[tuple[str | None, str]]) -> None:
    found = deviations(BASE, changed(changes))
    assert [each[0] for each in found] == [name for name, _ in expected], found
    assert all(part in message for (_, message, _), (_, part) in zip(found, expected)), found
    assert not any(minor for _, _, minor in found)


@pytest.mark.parametrize(("changes", "expected"), MINOR.values(), ids=MINOR)
def test_values_alone_are_minor(changes: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert deviations(BASE, changed(changes)) == [(name, message, True) for name, message in expected]


@pytest.mark.parametrize("changes", EQUAL.values(), ids=EQUAL)
def test_another_way_of_writing_is_no_deviation(changes: dict[str, str]) -> None:
    source = changed(changes)
    found = [each for each in deviations(BASE, source) if "`" not in each[1]]
    assert found == []
    assert [each for each in deviations(source, BASE) if "`" not in each[1]] == []


BRANCHES = """\
input: [8, 8, 8]
layers:
  - relu: {name: start}
  - conv2d: {name: a, out_channels: 8, kernel_size: 3, padding: 1}
  - conv2d: {name: b, from: start, out_channels: 8, kernel_size: 1}
  - batch_norm2d: {name: c}
  - add: {name: sum, from: [a, c]}
"""
REORDERED = """\
input: [8, 8, 8]
layers:
  - relu: {name: start}
  - conv2d: {name: q, out_channels: 8, kernel_size: 1}
  - batch_norm2d: {name: r}
  - conv2d: {name: p, from: start, out_channels: 8, kernel_size: 3, padding: 1}
  - add: {name: s, from: [r, p]}
"""


def test_the_order_of_branches_and_names_do_not_matter() -> None:
    assert deviations(BRANCHES, REORDERED) == []
    found = deviations(BRANCHES, REORDERED.replace("kernel_size: 3, padding: 1", "kernel_size: 5, padding: 2"))
    assert [name for name, _, _ in found] == ["a"]


def test_another_order_of_a_concatenation_is_found() -> None:
    spec = BRANCHES.replace("- add", "- concat")
    [(name, message, _)] = deviations(spec, spec.replace("[a, c]", "[c, a]"))
    assert (name, message) == ("sum", "it reads a, c, in the source c, a")


STAGES = """\
input: [8, 8, 8]
blocks:
  unit:
    layers:
      - conv2d: {name: conv, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
      - batch_norm2d: {name: bn}
      - relu
layers:
  - unit: {name: one, repeat: 3}
  - max_pool2d: {kernel_size: 2}
  - unit: {name: two, repeat: 2}
"""


def test_a_change_in_a_block_is_found_in_each_copy_and_more_copies_are_one() -> None:
    found = deviations(STAGES, STAGES.replace("      - relu\n", "      - silu\n"))
    assert [name for name, _, _ in found] == ["one.0.relu_1", "one.1.relu_1", "one.2.relu_1", "two.0.relu_1",
                                             "two.1.relu_1"]  # fmt: skip
    [(name, message, _)] = deviations(STAGES, STAGES.replace("repeat: 3", "repeat: 5"))
    assert (name, message.partition(",")[0]) == ("one.2.relu_1", "behind it the source has 6 layers more")
    [(name, message, _)] = deviations(STAGES.replace("repeat: 3", "repeat: 5"), STAGES)
    assert (name, message) == (
        "one.3.conv",
        "it is not in the source, nor are the next 5 layers, to one.4.relu_1 (relu)",
    )


def test_a_renamed_block_is_one_deviation() -> None:
    found = deviations(STAGES, STAGES.replace("name: two", "name: last"))
    assert found == [("two.0.conv", "in the source `two` is `last`", True)]
    found = deviations(STAGES, STAGES.replace("name: bn", "name: norm"))
    assert [message for _, message, _ in found] == ["in the source `bn` is `norm`"] * 2


def test_names_are_not_compared_where_most_differ() -> None:
    source = STAGES.replace("name: two", "name: last").replace("name: one", "name: first")
    assert deviations(STAGES, source) == []


SEQUENCE = "input: [3, 8, 8]\nlayers:\n" + "".join(
    f'  - conv2d: {{name: "{2 * number}", out_channels: {width}, kernel_size: 3, padding: 1}}\n  - relu\n'
    for number, width in enumerate([8, 8, 16, 16, 32, 32])
)


def test_numbers_that_move_behind_a_layer_are_no_names() -> None:
    lines = [line for line in SEQUENCE.splitlines() if "relu" not in line]
    widths = ["8", "8", "8", "16", "16", "32", "32"]
    source = lines[:2] + [
        f'  - conv2d: {{name: "{2 * number}", out_channels: {width}, kernel_size: {1 if number == 1 else 3}, padding: '
        f"{0 if number == 1 else 1}}}\n  - relu"
        for number, width in enumerate(widths)
    ]
    found = deviations(SEQUENCE, "\n".join(source))
    assert [message.partition(",")[0] for _, message, minor in found if not minor] == [
        "behind it the source has 2 layers more"
    ]


FOLDED = BASE.replace(", bias: false", "").replace("  - batch_norm2d: {name: bn}\n", "").replace(
    "  - dropout: {p: 0.2}\n", "")  # fmt: skip


def test_an_exporter_folds_norms_and_leaves_dropouts_out() -> None:
    exported = Losses(exported=True)
    assert deviations(BASE, FOLDED, exported) == []
    assert deviations(BASE, FOLDED) != []
    larger = {"16, kernel_size: 3, padding: 1}\n  - relu\n": "16, kernel_size: 5, padding: 2}\n  - relu\n"}
    [(name, message, _)] = deviations(BASE, changed(larger, FOLDED), exported)
    assert (name, message) == ("stem", "kernel_size is 3, in the source 5; padding is 1, in the source 2")


def test_a_norm_that_is_gone_before_an_export_is_found() -> None:
    source = FOLDED.replace("{name: stem, ", "{name: stem, bias: false, ")
    [(name, message, _)] = deviations(BASE, source, Losses(exported=True))
    assert (name, message) == (
        "stem", "it has neither a bias nor a batch norm in the source, so bn (batch_norm2d) is too many",
    )  # fmt: skip


def test_a_bias_of_zeros_that_an_exporter_left_out_is_not_compared() -> None:
    source = BASE.replace("{name: deep, ", "{name: deep, bias: false, ")
    rows = {row.name: row.index for row in convcalc.analyse(convcalc.loads(source)).rows}
    lost = frozenset([rows["deep"]])
    assert deviations(BASE, source, Losses(biases=lost)) == []
    assert [name for name, *_ in deviations(BASE, source)] == ["deep"]
    kernel = source.replace("{name: deep, bias: false, out_channels: 32, kernel_size: 3, padding: 1}",
                            "{name: deep, bias: false, out_channels: 32, kernel_size: 1}")  # fmt: skip
    [(name, message, _)] = deviations(BASE, kernel, Losses(biases=lost))
    assert (name, message) == ("deep", "kernel_size is 3, in the source 1; padding is 1, in the source 0")


TIED = """\
input: [4, 8, 8]
layers:
  - conv2d: {name: a, out_channels: 4, kernel_size: 1}
  - relu
  - conv2d: {name: b, tied: a, out_channels: 4, kernel_size: 1}
"""


def test_shared_and_frozen_parameters_are_compared() -> None:
    source = TIED.replace("tied: a, ", "")
    assert [each[:2] for each in deviations(TIED, source)] == [
        ("b", "it uses those of a, in the source its own parameters")
    ]
    frozen = TIED.replace("{name: a,", "{name: a, trainable: false,")
    found = deviations(TIED, frozen)
    assert {message for _, message, _ in found} == {"it is trained, in the source frozen"}
    assert deviations(TIED, frozen, Losses()) == []


def test_other_outputs_are_found() -> None:
    source = BRANCHES + "outputs: [a, sum]\n"
    assert deviations(BRANCHES, source) == [(None, "it has 1 output, the source 2 outputs", False)]


@pytest.mark.parametrize("target", ["resnet18", "googlenet", "densenet121", "unet", "yolov8n", "vit_b_16", "swin_t"])
def test_a_network_is_like_itself(target: str) -> None:
    report = convcalc.analyse(target)
    assert list(Drift(report, report, Losses(trainable=True)).deviations()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(networks(1), networks(2), graphs(1), graphs(2)))
def test_a_random_network_is_like_itself(network: Network | Graph) -> None:
    assert deviations(network.text, network.text) == []
