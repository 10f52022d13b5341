"""Dilated convolutions in a row that read a grid of pixels, and none of the pixels between.

Where all dilations have a common factor, as 2, 2, 2, each output sees one pixel of so many along every axis, although
its receptive field is large. Neighbouring outputs see different pixels, and fine structure is lost. A convolution
without dilation before or after them, or dilations without a common factor, such as 1, 2, 3, read all pixels.

Fails:
    input: [3, 64, 64]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 2, padding: 2}
      - relu
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 2, padding: 2}
      - relu
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 2, padding: 2}

Passes:
    input: [3, 64, 64]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 1, padding: 1}
      - relu
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 2, padding: 2}
      - relu
      - conv2d: {out_channels: 16, kernel_size: 3, dilation: 3, padding: 3}

Source:
    Wang et al., Understanding convolution for semantic segmentation, WACV 2018, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from convcalc.arith.shape import format_shape
from convcalc.arith.wording import per_axis
from convcalc.layers.base import LayerError
from convcalc.layers.convolution import Convolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.seen_pixels import Axes, all_seen, through
from convcalc.report.field_alignment import padding_in_words
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    if sum(map(_is_dilated, network.of(Convolution))) < 2:
        return
    seen = all_seen(network)
    first = len(network.graph.inputs)
    # By tensor with a grid, the last dilated convolutions before it, and how many there are in a row up to each.
    ends: list[dict[Row, int]] = [{} for _ in range(first)]
    found: dict[Row, int] = {}
    for row in network.rows:
        before = {end: count for tensor in network.node(row).reads for end, count in ends[tensor].items()}
        axes = seen[first + row.index]
        has_grid = axes is not None and any(axis.spacing > axis.step for axis in axes)
        continues = has_grid and _is_dilated(row)
        fills = not has_grid and (axes is not None or len(row.input_shapes) > 1)  # it reads what is between, or may
        if continues or fills:
            for end in before:
                found.pop(end, None)
        if continues:
            found[row] = 1 + max(before.values(), default=0)
            before = {row: found[row]}
        ends.append(before if has_grid else {})
    for row, count in found.items():
        axes = seen[first + row.index]
        if count > 1 and axes is not None:
            yield Finding(
                row, _message(axes, count), at="dilation", help=_remedy(row, seen[network.node(row).reads[0]])
            )


def _is_dilated(row: Row) -> bool:
    layer = row.facts.layer
    return isinstance(layer, Convolution) and any(
        kernel > 1 and dilation > 1 for kernel, dilation in zip(layer.kernel_size, layer.dilation)
    )


def _message(axes: Axes, count: int) -> str:
    size, read = (prod(values) for values in zip(*((axis.size, axis.number) for axis in axes)))
    field = format_shape(axis.size for axis in axes)
    return (
        f"an output sees {read:,} of the {size:,} pixels of its field of {field}:"
        f" the dilations of {count:,} convolutions in a row have a common factor"
    )


def _remedy(row: Row, before: Axes | None) -> str:
    """A smaller dilation with which the layer sees all pixels, as tried; else the general advice."""
    layer, shape = row.facts.layer, row.input_shapes[0]
    assert isinstance(layer, Convolution)
    for dilation in range(max(layer.dilation) - 1, 0, -1):
        values: dict[str, object] = {"dilation": (dilation,) * len(shape[1:])}
        written = f"dilation: {dilation}"
        if not isinstance(layer.padding, str) and any(map(any, layer.padding)):
            pads = tuple(
                (one * dilation // old, other * dilation // old)
                for (one, other), old in zip(layer.padding, layer.dilation)
            )
            values["padding"], written = pads, f"{written}, padding: {padding_in_words(pads)}"
        try:
            changed = layer.changed(**values)
            output = changed.output_shape((shape,))
        except LayerError:
            continue
        axes = None if before is None else through(before, changed.flow((shape,), output)[0])
        if axes is not None and all(axis.number == axis.size for axis in axes):
            field = format_shape(axis.size for axis in axes)
            return f"with `{written}` it sees all of a field of {field}"
    return f"use dilations without a common factor, such as 1, 2, 3 in place of {per_axis(layer.dilation)}"
