"""An even kernel with padding `same` and stride 1, whose output is half a cell off centre.

An even kernel has no middle cell: to keep the size, one more cell is padded after the map than before it, and the
centre of each output is half a cell towards the end. Several such layers add up, and a branch with one of them is not
aligned with other branches.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 8, kernel_size: 4, padding: same}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 8, kernel_size: 5, padding: same}

Source:
    Wu et al., Convolution with even-sized kernels and symmetric padding, NeurIPS 2019.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.windows import WindowLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(WindowLayer):
        layer: WindowLayer = row.facts.layer  # type: ignore[assignment]  # `of` returns only these
        if layer.padding != "same":
            continue
        axes = zip(layer.kernel_size, layer.stride, layer.dilation, row.output_shape[1:])
        off = [kernel for kernel, stride, dilation, size in axes
               if stride == 1 and size > 1 and dilation * (kernel - 1) % 2]  # fmt: skip
        if off:
            kernel = off[0]
            centred = f"{kernel - 1} or {kernel + 1}" if kernel > 2 else "3"
            yield Finding(
                row,
                f"padding same cannot centre kernel_size {kernel}: each output is half a cell off towards the end",
                at="kernel_size",
                help=f"an odd kernel_size has a middle: {centred}",
            )
