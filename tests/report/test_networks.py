"""What networks are compared by: depths, and figures as multiples of the first network's."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.report.networks import depth, figures, ratios

CONV = "conv2d: {out_channels: 2, kernel_size: 3, padding: 1}"


def report(layers: str, head: str = "input: [2, 8, 8]") -> convcalc.Report:
    return convcalc.analyse(convcalc.loads(f"{head}\nlayers:\n{layers}"))


# The papers count so, and name their networks after it.
@pytest.mark.parametrize(
    ("target", "layers"),
    [("lenet", 5), ("alexnet", 8), ("vgg11", 11), ("vgg16", 16), ("vgg19_bn", 19), ("resnet18", 18), ("resnet34", 34),
     ("resnet50", 50), ("resnet101", 101), ("resnet152", 152), ("densenet121", 121), ("googlenet", 22)],
)  # fmt: skip
def test_depths_that_papers_print(target: str, layers: int) -> None:
    assert depth(convcalc.analyse(target)) == layers


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("  - relu", 0),
        (f"  - {CONV}\n  - relu\n  - batch_norm2d\n  - {CONV}", 2),
        (f"  - parallel: {{branches: [[{CONV}, {CONV}, {CONV}], [{CONV}], []]}}\n  - {CONV}", 4),
        (f"  - residual: {{layers: [relu], shortcut: [{CONV}]}}", 1),
        # Weights that are used twice make the path longer twice.
        ("  - conv2d: {repeat: 3, tied: true, out_channels: 2, kernel_size: 3, padding: 1}", 3),
        ("  - locally_connected2d: {out_channels: 2, kernel_size: 3}\n  - flatten\n  - linear: {out_features: 3}", 2),
    ],
)
def test_depth_is_that_of_the_longest_path(layers: str, expected: int) -> None:
    assert depth(report(layers)) == expected


def test_a_depth_that_nobody_has_agreed_on_is_none() -> None:
    assert depth(report("  - lstm: {hidden_size: 4}", "input: [5, 3]")) is None
    custom = "input: [2, 8, 8]\ncustom: {g: {macs: 7}}"
    assert depth(report("  - g", custom)) is None


def test_of_several_outputs_the_deepest_counts() -> None:
    head = "input: [2, 8, 8]\noutputs: [a, b]"
    layers = f"  - {CONV.replace('{', '{name: a, ')}\n  - {CONV.replace('{', '{name: b, ')}"
    assert depth(report(layers, head)) == 2


def test_figures_as_multiples_of_the_first() -> None:
    one, two = report(f"  - {CONV}"), report(f"  - {CONV}\n  - {CONV}")
    assert ratios(two, one) == {"params_over_first": 2.0, "macs_over_first": 2.0}
    assert ratios(one, two) == {"params_over_first": 0.5, "macs_over_first": 0.5}
    assert figures(two)["peak_activation_bytes"] == 2 * 2 * 8 * 8 * 4


def test_what_is_known_in_part_is_no_multiple() -> None:
    part = report(f"  - {CONV}\n  - g", "input: [2, 8, 8]\ncustom: {g: {macs: 7}}")
    whole = report(f"  - {CONV}")
    assert part.totals.params == 38
    assert ratios(part, whole)["params_over_first"] is None
    assert ratios(whole, part)["params_over_first"] is None
    assert ratios(part, whole)["macs_over_first"] == pytest.approx((36 * 64 + 7) / (36 * 64))
