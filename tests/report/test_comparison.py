"""The ladder fully connected, connected locally, shared; and networks, layers and pooling compared."""

from typing import Any

import pytest

import convcalc
from convcalc.errors import UsageError
from convcalc.report.comparison import Comparison
from convcalc.report.sums import ratio


def comparison(text: str) -> Comparison:
    return convcalc.compare(convcalc.analyse(convcalc.loads(text)))


def test_the_ladder_of_lenet() -> None:
    ladder = convcalc.compare("lenet").ladder
    # conv1 and conv2 by hand: out_units * in_units + out_units; out_units * (taps + 1); shared.
    dense = 30840 + 10164 + 850
    assert ladder.fully_connected == 3456 * 784 + 3456 + 1024 * 864 + 1024 + dense
    assert ladder.unshared == 3456 * 26 + 1024 * 151 + dense
    assert ladder.shared == 44426
    assert ladder.saved_by_locality == pytest.approx(3640574 / 286334)
    assert ladder.saved_by_sharing == pytest.approx(286334 / 44426)


def test_the_layers_of_lenet_that_slide() -> None:
    sliding = convcalc.compare("lenet").sliding
    assert sliding is not None
    assert (sliding.fully_connected, sliding.unshared, sliding.shared) == (3598720, 244480, 2572)


def test_the_ladder_of_alexnet() -> None:
    ladder = convcalc.compare("alexnet").ladder
    assert (ladder.fully_connected, ladder.unshared, ladder.shared) == (67_838_851_944, 725_066_088, 60_965_224)


# The textbooks' million hidden units on a 1000x1000 image, 10x10 windows, no bias.
def test_the_ladder_of_a_million_hidden_units() -> None:
    ladder = comparison(
        "input: [1, 1000, 1000]\nlayers:\n  - conv2d: {out_channels: 1, kernel_size: 10, padding: same, bias: false}\n"
    ).ladder
    assert (ladder.fully_connected, ladder.unshared, ladder.shared) == (10**12, 10**8, 100)
    assert (ladder.saved_by_locality, ladder.saved_by_sharing) == (10**4, 10**6)


def test_where_all_layers_slide_or_none_there_is_one_ladder() -> None:
    assert comparison("input: [1, 8, 8]\nlayers:\n  - conv2d: {out_channels: 1, kernel_size: 3}\n").sliding is None
    assert comparison("input: [8]\nlayers:\n  - linear: {out_features: 2}\n").sliding is None


def test_a_network_without_parameters_has_no_factors() -> None:
    empty = comparison("input: [1, 8, 8]\nlayers:\n  - max_pool2d: {kernel_size: 2}\n")
    assert empty.rows == []
    assert empty.ladder.saved_by_locality is None
    assert empty.to_dict()["layers"] == []


def test_dense_layers_without_pooling() -> None:
    dense = convcalc.compare("lenet", without_pooling=True).dense
    assert dense is not None
    # 28 - 4 - 4 = 20 cells a side are left for fc1 to read, in 16 maps.
    assert dense.layers["fc1"] == (30840, 16 * 20 * 20 * 120 + 120)
    assert dense.layers["fc2"] == (10164, 10164)
    assert dense.totals == (41854, 768120 + 10164 + 850)


def test_global_pooling_left_out_shows_the_whole_map() -> None:
    text = """
input: [3, 8, 8]
layers:
  - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
  - global_avg_pool
  - flatten
  - linear: {name: fc, out_features: 10}
"""
    dense = Comparison([convcalc.analyse(convcalc.loads(text))], without_pooling=True).dense
    assert dense is not None
    assert dense.layers == {"fc": (50, 4 * 64 * 10 + 10)}


def test_branches_that_cannot_do_without_pooling_say_so() -> None:
    text = """
input: [3, 8, 8]
layers:
  - parallel:
      branches:
        - [max_pool2d: {kernel_size: 2}]
        - [conv2d: {out_channels: 4, kernel_size: 2, stride: 2}]
"""
    with pytest.raises(UsageError, match=r"without pooling .* does not fit together: parallel_1 \(concat\)"):
        Comparison([convcalc.analyse(convcalc.loads(text))], without_pooling=True)


def test_layers_side_by_side() -> None:
    layers = convcalc.compare("alexnet#conv1", "lenet#conv1").to_dict()["layers"]
    expected: dict[str, Any] = {
        "target": "alexnet", "layer": "conv1", "type": "conv2d", "input_shape": [3, 227, 227],
        "kernel_size": [11, 11], "stride": [4, 4], "padding": [[0, 0], [0, 0]], "maps": 96,
        "output_shape": [96, 55, 55], "units": 290400, "params_unshared": 105705600, "params_shared": 34944,
        "params_fully_connected": 44892355200, "params": 34944, "connections": 105705600, "macs": 105415200,
        "receptive_field": [11, 11],
    }  # fmt: skip
    assert layers[0] == expected
    assert [layer["units"] for layer in layers] == [290400, 3456]
    assert layers[1]["params_unshared"] == 89856


def test_one_layer_name_for_all() -> None:
    reports = [convcalc.analyse("alexnet"), convcalc.analyse("lenet#conv2")]
    assert [row.name for row in Comparison(reports, layer="conv1").layers] == ["conv1", "conv2"]


def test_networks_side_by_side() -> None:
    networks = convcalc.compare("lenet", "alexnet").to_dict()["networks"]
    assert [network["target"] for network in networks] == ["lenet", "alexnet"]
    assert networks[1]["params"] == 60965224
    assert networks[0]["receptive_field"] == [28, 28]


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (["alexnet", "lenet#conv1"], {}, "alexnet has no layer to compare"),
        (["lenet#conv9"], {}, "no layer `conv9`"),
        (["lenet", "alexnet"], {"without_pooling": True}, "only a single network"),
        (["lenet#conv1"], {"without_pooling": True}, "only a single network"),
        ([], {}, "nothing to compare"),
    ],
)
def test_what_cannot_be_compared(targets: list[str], options: dict[str, bool], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        convcalc.compare(*targets, **options)


def test_a_notebook_shows_a_table() -> None:
    html = convcalc.compare("lenet")._repr_html_()
    assert html.startswith("<table")
    assert "2,712,960" in html


def test_a_ratio_no_float_can_hold_is_a_whole_number() -> None:
    assert ratio(10**400, 10) == 10**399
    assert ratio(5, 2) == 2.5
    assert ratio(5, 0) is None
