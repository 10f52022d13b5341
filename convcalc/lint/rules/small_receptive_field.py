"""An output for the whole image, such as a class score, that cannot depend on some of its pixels.

Where the last layers read only a part of the last map, such as one position, the network sees only the receptive field
of that part. Pixels outside have no effect, and training cannot change that. Rows that a stride drops are reported by
the rule dropped-rows. Outputs that are maps, of classes or of pixels, are not checked.

Fails:
    input: [1, 64]
    layers:
      - conv1d: {out_channels: 8, kernel_size: 3, padding: [[2, 0]]}
      - relu
      - conv1d: {out_channels: 8, kernel_size: 3, dilation: 2, padding: [[4, 0]]}
      - slice: {axis: 1, start: -1}
      - flatten
      - linear: {out_features: 10}

Passes:
    input: [1, 64]
    layers:
      - conv1d: {out_channels: 8, kernel_size: 5, padding: [[4, 0]]}
      - relu
      - conv1d: {out_channels: 8, kernel_size: 5, dilation: 15, padding: [[60, 0]]}
      - slice: {axis: 1, start: -1}
      - flatten
      - linear: {out_features: 10}

Source:
    Bai, Kolter and Koltun, An empirical evaluation of generic convolutional and recurrent networks for sequence
    modeling, 2018, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field
from convcalc.arith.shape import format_shape
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.unread_positions import gaps


def check(network: Network) -> Iterator[Finding]:
    for row in sorted(network.outputs, key=lambda output: output.index):
        for name, fields in network.report.analysis.fields.items():
            field = fields[row.index]
            if field is None or not all(axis is not None and axis.units == 1 for axis in field.axes):
                continue
            axes = [axis for axis in field.axes if axis is not None]
            sizes = [axis.clipped_size for axis in axes]
            if None in sizes or all(size == axis.extent for size, axis in zip(sizes, axes)):
                continue
            if not all(_is_dropped(network, fields, index, axis) for index, axis in enumerate(axes)):
                seen, of = format_shape(size or 0 for size in sizes), format_shape(axis.extent for axis in axes)
                yield Finding(
                    row,
                    f"sees {seen} of the {of} positions of {name}: the rest cannot change it",
                    help="pool or flatten the whole map before it, or make its receptive field larger by depth,"
                    f" stride or dilation; `convcalc field` draws it: {row.name}",
                )


def _is_dropped(network: Network, fields: Sequence[Field | None], index: int, axis: AxisField) -> bool:
    """Whether the unseen positions are only those at the end that strides of earlier layers have dropped."""
    box = axis.clipped(0)
    if box is None or box[0] > 0:
        return False
    dropped = 0
    for row, _, found in gaps(network):
        source = network.reads(row)[0]
        field = None if source is None else fields[source.index]
        for gap in found:
            if field is None:
                dropped += gap.count if gap.axis == index + 1 else 0
            elif field.places[index] == gap.axis:
                along = field.axes[index]
                stride = along.stride if along is not None else None
                dropped += -(-gap.count * stride[0] // stride[1]) if stride is not None else 0
    return axis.extent - 1 - box[1] <= dropped
