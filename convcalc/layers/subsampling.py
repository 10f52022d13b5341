"""Trainable sub-sampling, as LeNet-5 has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.layers.base import LayerType, Term
from convcalc.layers.pooling import (
    CEIL_MODE,
    KERNEL_SIZE,
    PADDING,
    STRIDE,
    AveragePooling,
    MaxPooling,
    check_padding,
    with_stride,
)
from convcalc.layers.windows import WindowLayer


class Subsampling(WindowLayer):
    """The sum of each window, times one learned coefficient, plus one learned bias: one of either for each channel.

    Example:
        input: [6, 28, 28]
        layers:
          - subsample2d: {kernel_size: 2}

    Shape:
        [C, H, W] to [C, H', W'] with H' = floor((H + before + after - kernel) / stride) + 1, as avg_pool2d

    Formulas:
        shared              out_channels coefficients and out_channels biases
        unshared            out_units of either
        fully connected     in_units · out_units weights and out_units biases
        macs                none

    Errors:
        kernel-larger-than-input  the window does not fit the padded input
        padding-over-half-kernel  padding may be half of kernel_size on each side

    Source:
        LeCun et al. 1998, section II.B, layers S2 and S4.
    """

    mixes_channels = False
    kernel_size = KERNEL_SIZE
    stride = STRIDE
    padding = PADDING
    ceil_mode = CEIL_MODE

    def __init__(self, layer_type: LayerType, values: Mapping[str, Any]) -> None:
        super().__init__(layer_type, with_stride(values))

    def check(self) -> None:
        check_padding(self)

    def terms(self) -> tuple[Term, ...]:
        channels, units = Formula("out_channels"), Formula("out_units")
        taps = Formula("out_units * kernel_height * kernel_width")
        return (
            Term("coefficient", channels, channels, units, Formula("in_units * out_units"), taps),
            Term("bias", channels, channels, units, units, units, is_bias=True),
        )

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        height, width = self.kernel_size
        return {**super().values(inputs, output), "kernel_height": height, "kernel_width": width}


# The layers that pool the windows of a map, each channel by itself.
Pooling = MaxPooling | AveragePooling | Subsampling

TYPES = {"subsample2d": LayerType("subsample2d", Subsampling, 2)}
