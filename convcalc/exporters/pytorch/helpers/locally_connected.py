"""Copied into an exported source that needs it."""

import math

from convcalc.exporters.pytorch.helpers.unshared_conv import UnsharedConv2d


class LocallyConnected2d(UnsharedConv2d):
    """A convolution with weights of its own for each position of the output."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        output_size: tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        shared_bias: bool = False,
    ) -> None:
        sets = math.prod(output_size)
        biases = (1 if shared_bias else sets) if bias else 0
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            sets,
            stride,
            dilation,
            groups,
            biases,
        )
