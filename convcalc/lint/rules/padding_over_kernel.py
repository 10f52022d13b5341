"""Outputs that see only padding, because the padding is at least as large as the kernel.

Along the border such a convolution gives only its bias, for every image: these positions cost memory and time and carry
no information. Often the padding was not changed when the kernel was made smaller.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 8, kernel_size: 1, padding: 1}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 8, kernel_size: 1}

Source:
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, section 2.2: the fullest padding that
    has a use is that of kernel - 1 cells.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.formula import ceil_div
from convcalc.layers.convolution import Convolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.wording import positions_in_words


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Convolution):
        layer: Convolution = row.facts.layer  # type: ignore[assignment]  # `of` returns only these
        if layer.padding_mode != "zeros" or max(map(max, layer.explicit_pads())) < min(layer.kernel_size):
            continue  # `same` also pads less than the kernel
        blind = list(_blind(layer, row.input_shapes[0][1:], row.output_shape[1:]))
        if blind:
            most = min(dilation * (kernel - 1) for dilation, kernel in zip(layer.dilation, layer.kernel_size))
            yield Finding(
                row,
                f"only padding is seen by {positions_in_words(row.output_shape, blind)} of its output",
                at="padding",
                help=f"with a padding of at most {most} each output sees a cell of the input",
            )


def _blind(layer: Convolution, sizes: tuple[int, ...], outputs: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The axes with outputs that see only padding, at either end, and the number of these outputs."""
    for number, (axis, units) in enumerate(zip(layer.axis_values(sizes), outputs), 1):
        span = axis["dilation"] * (axis["kernel"] - 1) + 1
        before = max(ceil_div(axis["before"] - span + 1, axis["stride"]), 0)  # their windows end before the map
        after = max(units - ceil_div(axis["size"] + axis["before"], axis["stride"]), 0)  # their windows begin after it
        if before or after:
            yield number, before + after
