"""Leading axes: a layer at each place by itself, with the parameters of one place in every wiring."""

from __future__ import annotations

import pytest

from convcalc.report.receptive_field import ReceptiveField
from tests.helpers import analysed, assert_one_problem, network

ENTRIES = [
    "conv2d: {out_channels: 6, kernel_size: 3, stride: 2}",
    "conv2d: {out_channels: 6, kernel_size: 3, groups: 3}",
    "conv2d: {out_channels: 6, kernel_size: 3, sharing: none}",
    "locally_connected2d: {out_channels: 6, kernel_size: 3, padding: 1}",
    "conv_transpose2d: {out_channels: 6, kernel_size: 3, stride: 2}",
    "max_pool2d: {kernel_size: 2}",
    "adaptive_avg_pool2d: {output_size: 2}",
    "global_avg_pool: {}",
    "subsample2d: {kernel_size: 2}",
    "batch_norm2d: {}",
    "instance_norm2d: {affine: true}",
    "group_norm: {num_groups: 3}",
    "layer_norm2d: {}",
    "global_response_norm: {}",
    "upsample: {scale_factor: 2, mode: bilinear}",
    "upsample: {like: input}",
    "pixel_unshuffle: {downscale_factor: 2}",
    "channel_shuffle: {groups: 3}",
    "prelu: {num_parameters: 3}",
    "dropout2d: {}",
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_place_is_a_map_by_itself(entry: str) -> None:
    one = analysed(network(f"- {entry}", "[3, 8, 10]")).rows[0]
    kind, _, given = entry.partition(": {")
    given = f"leading_axes: 1, {given}".replace(", }", "}")
    each = analysed(network(f"- {kind}: {{{given}", "[5, 3, 8, 10]")).rows[0]
    assert each.output_shape == (5, *one.output_shape)
    same = ("params", "params_shared", "params_unshared", "params_fully_connected", "buffers", "trainable_params")
    assert [getattr(each, name) for name in same] == [getattr(one, name) for name in same]
    times = ("macs", "connections", "units")
    assert [getattr(each, name) for name in times] == [5 * (getattr(one, name) or 0) for name in times]
    alone, found = one.receptive_field, each.receptive_field
    assert isinstance(alone, ReceptiveField)
    assert isinstance(found, ReceptiveField)
    assert found.size == [1, *alone.size]
    assert found.clipped == [1, *alone.clipped]
    assert found.stride == (alone.stride and [1, *alone.stride])


def test_frames_of_a_film_and_a_recurrent_layer() -> None:
    report = analysed(
        network(
            "- conv2d: {out_channels: 16, kernel_size: 3, leading_axes: 1}\n- global_avg_pool: {leading_axes: 1}\n"
            "- flatten: {start_axis: 1}\n- lstm: {hidden_size: 32}",
            "[8, 3, 32, 32]",
        )
    )
    assert report.totals.params == 6848
    assert report.totals.macs == 3_159_552  # of a conv3d with a kernel of one frame, too
    assert report.rows[0].field_size == [1, 3, 3]


def test_two_leading_axes() -> None:
    row = analysed(network("- conv1d: {out_channels: 4, kernel_size: 3, leading_axes: 2}", "[2, 5, 3, 9]")).rows[0]
    assert (row.output_shape, row.params, row.macs) == ((2, 5, 4, 7), 40, 2 * 5 * 4 * 7 * 9)


@pytest.mark.parametrize(
    ("entry", "input", "rule", "message"),
    [
        ("§conv2d: {out_channels: 4, kernel_size: 3}", "[8, 3, 9, 9]", "wrong-rank", "reads [C, H, W]"),
        ("conv2d: {out_channels: 4, kernel_size: 3, leading_axes: §2}", "[8, 3, 9, 9]", "wrong-rank",
         "behind its 2 leading axes"),
        ("global_avg_pool: {leading_axes: §4}", "[8, 3, 9, 9]", "wrong-rank", "has nothing behind"),
        ("max_pool2d: {kernel_size: 2, leading_axes: §-1}", "[8, 3, 9, 9]", "wrong-value", "0 or more"),
        ("max_pool2d: {kernel_size: §12, leading_axes: 1}", "[8, 3, 9, 9]", "kernel-larger-than-input", "9x9"),
        ("relu: {§leading_axes: 1}", "[8, 3, 9, 9]", "unknown-key", "leading_axes"),
    ],
)  # fmt: skip
def test_refused(entry: str, input: str, rule: str, message: str) -> None:
    problem = assert_one_problem(network(f"- {entry}", input), rule)
    assert message in problem.message


def test_an_axis_too_many_names_both_ways_out() -> None:
    problem = assert_one_problem(network("- §max_pool2d: {kernel_size: 2}", "[8, 3, 9, 9]"), "wrong-rank")
    assert "a shape has no batch axis: write `input: [3, 9, 9]`" in problem.help
    assert "`leading_axes: 1`" in problem.help
