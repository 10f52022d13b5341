"""Kernels that are given, not learned."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.arith.window import Window, sliding
from convcalc.layers.base import LayerType
from convcalc.layers.convolution_parameters import padding_mode_parameter
from convcalc.layers.parameters import OrNull, Padding, Pads, PerAxis
from convcalc.layers.windows import BORDERS, WindowLayer, check_border


class BlurPool(WindowLayer):
    """A blur of each channel by itself with the binomial kernel ([1, 2, 1] / 4), before a stride: no learned weights.

    Example:
        input: [64, 56, 56]
        layers:
          - blur_pool2d

    Shape:
        [C, H, W] to [C, H', W'] with H' = floor((H + before + after - kernel) / stride) + 1, which without `padding` is
        ceil(H / stride)

    Formulas:
        buffers             channels · kernel: the kernel is kept once for each channel
        macs                out_units · kernel

    Errors:
        kernel-larger-than-input  the kernel does not fit the padded input
        padding-too-large         reflect needs less padding than the map has cells, circular no more

    Source:
        Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", and its package antialiased-cnns; timm's
        BlurPool2d is the same for an odd kernel_size with stride 2. timm pads an even one by
        (stride + kernel - 2) // 2 on both sides: give that as `padding`.
    """

    mixes_channels = False
    kernel_size = PerAxis(3, minimum=2, help="size of the kernel, in cells of the input")
    stride = PerAxis(2, help="distance between neighbouring windows")
    padding = OrNull(
        Padding(words=(), help="cells around the input; (kernel - 1) // 2 before and kernel // 2 after when null")
    )
    padding_mode = padding_mode_parameter("reflect")

    def pads(self, sizes: tuple[int, ...]) -> Pads:
        given: Pads | None = self.padding
        return tuple([((size - 1) // 2, size // 2) for size in self.kernel_size]) if given is None else given

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        sizes = inputs[0][1:]
        check_border(self.padding_mode, sizes, self.pads(sizes))
        return super().output_shape(inputs)

    def buffers(self) -> dict[str, Formula]:
        return {"kernel": Formula("channels * kernel_cells")}

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"blur": Formula("out_units * kernel_cells")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            **super().values(inputs, output),
            "channels": output[0],
            "kernel_cells": prod(self.kernel_size),
        }

    def windows(self, sizes: tuple[int, ...]) -> Iterable[Window]:
        border = BORDERS[self.padding_mode]
        axes = zip(self.kernel_size, self.stride, self.pads(sizes))
        return [sliding(kernel, stride, 1, pad[0], border) for kernel, stride, pad in axes]


TYPES = {f"blur_pool{rank}d": LayerType(f"blur_pool{rank}d", BlurPool, rank) for rank in (1, 2)}
