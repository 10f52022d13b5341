"""Rows or columns at the end of a map that no layer reads, because a stride does not divide its size.

The output size is rounded down: where the last window does not end at the border, the rest of the map is left out. The
layers before have computed it for nothing, and an object at that border is not seen. Often the network was designed for
another image size. Padding that is left out costs nothing and is not reported, and a small share of a long axis, such
as one sample of 4,000, is not reported either.

Fails:
    input: [3, 33, 33]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
      - max_pool2d: {kernel_size: 2}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
      - max_pool2d: {kernel_size: 2}

Source:
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, relationship 6 and figure 2.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.base import Layer
from convcalc.layers.convolution import Convolution
from convcalc.layers.subsampling import Pooling
from convcalc.layers.windows import WindowLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.option import Option
from convcalc.lint.unread_positions import Gap, gaps, reads_all
from convcalc.lint.wording import its_input, positions_in_words
from convcalc.report.field_alignment import padding_in_words

MIN_LOSS = Option("min-loss", Fraction(1, 100), "Report a layer if an axis of its input loses at least this share.")
OPTIONS = (MIN_LOSS,)
# The help does not suggest more padding than this on each side.
MAX_TRIED = 8


def check(network: Network, min_loss: Fraction = MIN_LOSS.default) -> Iterator[Finding]:
    for row, shape, found in gaps(network):
        dropped = [gap for gap in found if gap.is_at_end]
        if any(gap.count >= min_loss * shape[gap.axis] for gap in dropped):
            what = positions_in_words(shape, [(gap.axis, gap.count) for gap in dropped], one="")
            yield Finding(
                row,
                f"no layer reads the last {what} of {its_input(shape)}",
                at="stride" if network.entry(row).has("stride") else "kernel_size",
                help=_remedy(row.facts.layer, shape, dropped),
            )


def _remedy(layer: Layer, shape: Shape, dropped: list[Gap]) -> str:
    """How to read them, each way verified: rounding up, more padding at the end, or a smaller map."""
    ways = []
    if isinstance(layer, WindowLayer):
        for words, changed in _changed(layer, shape, dropped):
            if reads_all(changed, shape):
                output = changed.output_shape((shape,))
                ways.append(f"write `{words}` for an output of {format_shape(output[1:])}")
                break
        ends = {gap.axis: gap.count for gap in dropped}
        smaller = tuple(size - ends.get(axis, 0) for axis, size in enumerate(shape))
        if min(smaller) > 0 and reads_all(layer, smaller):
            ways.append(f"read a map of {format_shape(smaller[1:])}: `convcalc sizes` shows which inputs give one")
    return "; or ".join(ways) or "change the stride, the padding or the size of the input"


def _changed(layer: WindowLayer, shape: Shape, dropped: list[Gap]) -> Iterator[tuple[str, WindowLayer]]:
    """The layer with rounding up, with more padding on all sides, or with padding for one more window at the end."""
    if isinstance(layer, Pooling):
        yield "ceil_mode: true", layer.changed(ceil_mode=True)
        return
    if isinstance(layer, Convolution) and layer.is_shifted:
        return  # it has no padding to choose
    axes = layer.axis_values(shape[1:])
    spans = [axis["dilation"] * (axis["kernel"] - 1) + 1 for axis in axes]
    least = max(max(axis["before"], axis["after"]) for axis in axes) + 1
    for pad in range(least, min(least + MAX_TRIED, min(spans) // 2 + 1)):
        yield f"padding: {pad}", layer.changed(padding=((pad, pad),) * len(axes))
    pads, output = [[axis["before"], axis["after"]] for axis in axes], layer.output_shape((shape,))
    for place in (gap.axis - 1 for gap in dropped):
        axis = axes[place]
        pads[place][1] = output[place + 1] * axis["stride"] + spans[place] - axis["before"] - axis["size"]
    padding = tuple((before, after) for before, after in pads)
    yield f"padding: {padding_in_words(padding)}", layer.changed(padding=padding)
