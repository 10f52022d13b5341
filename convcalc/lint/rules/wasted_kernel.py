"""Cells of a kernel that only read padding, because the map is too small for them.

Their weights are trained and stored, but never multiply a pixel: on a 1x1 map, a 3x3 kernel is a 1x1 kernel. It happens
late in a network with a small image, after global pooling, and with large dilations.

Fails:
    input: [64, 8, 8]
    layers:
      - global_avg_pool
      - conv2d: {out_channels: 16, kernel_size: 3, padding: 1}

Passes:
    input: [64, 8, 8]
    layers:
      - global_avg_pool
      - conv2d: {out_channels: 16, kernel_size: 1}

Source:
    Chen et al., Rethinking atrous convolution for semantic image segmentation, 2017, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from convcalc.analysis.facts import Facts
from convcalc.arith.wording import per_axis
from convcalc.layers.base import LayerError
from convcalc.layers.convolution import Convolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.wording import its_input
from convcalc.report.field_alignment import padding_in_words

# Longer kernels are not examined cell by cell.
MAX_KERNEL = 1 << 12
Taps = list[list[int]]  # along each axis, the cells of the kernel that read a position of the map


def check(network: Network) -> Iterator[Finding]:
    known: dict[int, tuple[str, str]] = {}  # by facts, which equal layers share
    for row in network.of(Convolution):
        facts = row.facts
        if id(facts) not in known:
            known[id(facts)] = _judge(facts)
        message, help = known[id(facts)]
        if message:
            yield Finding(row, message, at="kernel_size", help=help)


def _judge(facts: Facts) -> tuple[str, str]:
    """The message and the help; empty where every cell of the kernel reads some position."""
    layer = facts.layer
    assert isinstance(layer, Convolution)
    shape = facts.input_shapes[0]
    sizes = shape[1:]
    if max(layer.kernel_size) > MAX_KERNEL or layer.padding_mode != "zeros":
        return "", ""
    if all(size >= kernel for size, kernel in zip(sizes, layer.kernel_size)) and max(layer.dilation) == 1:
        if max(map(max, layer.pads(sizes))) == 0 or max(layer.stride) == 1:
            return "", ""
    taps = _used_taps(layer, sizes, facts.output_shape[1:])
    used, of = prod(map(len, taps)), prod(layer.kernel_size)
    if used in (0, of):
        return "", ""
    message = f"{of - used:,} of the {of:,} cells of its kernel only read padding around {its_input(shape)}"
    if facts.weights:
        message += f": {facts.weights // of * (of - used):,} of its {facts.weights:,} weights have no effect"
    return message, _remedy(layer, facts, taps)


def _used_taps(layer: Convolution, sizes: tuple[int, ...], outputs: tuple[int, ...]) -> Taps:
    """The cells of the kernel along each axis that read a position of the map."""
    found: Taps = []
    for axis, units in zip(layer.axis_values(sizes), outputs):
        kept = []
        for tap in range(axis["kernel"]):
            start = tap * axis["dilation"] - axis["before"]
            unit = max(0, -(start // axis["stride"]))  # the first whose window has this cell at position 0 or later
            if unit < units and start + unit * axis["stride"] < axis["size"]:
                kept.append(tap)
        found.append(kept)
    return found


def _remedy(layer: Convolution, facts: Facts, taps: Taps) -> str:
    """The smaller kernel that gives the same output, if there is one."""
    sizes, outputs = facts.input_shapes[0][1:], facts.output_shape[1:]
    kernel = tuple(kept[-1] - kept[0] + 1 for kept in taps)
    pads = tuple(
        (axis["before"] - kept[0] * axis["dilation"],
         max(0, axis["after"] - (axis["kernel"] - 1 - kept[-1]) * axis["dilation"]))
        for axis, kept in zip(layer.axis_values(sizes), taps)
    )  # fmt: skip
    general = "give it a larger map, or a smaller kernel or dilation"
    if kernel != tuple(map(len, taps)) or min(map(min, pads)) < 0:
        return general
    try:
        smaller = layer.changed(kernel_size=kernel, padding=pads)
        same = smaller.output_shape(facts.input_shapes) == facts.output_shape
    except LayerError:
        return general
    if not same or tuple(map(len, _used_taps(smaller, sizes, outputs))) != kernel:
        return general
    written = f"kernel_size: {per_axis(kernel)}, padding: {padding_in_words(pads)}"
    return f"at this size `{written}` gives the same; or give it a larger map"
