"""Pooling: the greatest or the mean value of a window that slides over each channel by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.base import LayerError, LayerType
from convcalc.layers.parameters import Boolean, OrNull, Padding, PerAxis
from convcalc.layers.windows import RANKS, WindowLayer

KERNEL_SIZE = PerAxis(help="size of the window, in cells of the input")
STRIDE = OrNull(PerAxis(help="distance between neighbouring windows; kernel_size when null"))
PADDING = Padding(0, help="cells around the input: a number, one per axis, [before, after] pairs, same, valid")
CEIL_MODE = Boolean(False, help="round the output size up: the last window may hang over the end")


class MaxPooling(WindowLayer):
    """The greatest value of each window, channel by channel.

    Example:
        input: [64, 112, 112]
        layers:
          - max_pool2d: {kernel_size: 3, stride: 2, padding: 1}

    Shape:
        [C, H, W] to [C, H', W'] with H' = floor((H + before + after - dilation (kernel - 1) - 1) / stride) + 1;
        with ceil_mode rounded up, less a last window that would start behind the input; with padding `same`
        H' = ceil(H / stride). NAME.indices is as large: where each greatest value is, for max_unpool2d.

    Errors:
        kernel-larger-than-input  the dilated window does not fit the padded input
        padding-over-half-kernel  padding may be half of kernel_size on each side

    Source:
        PyTorch's MaxPool1d, MaxPool2d and MaxPool3d.
    """

    further_outputs = ("indices",)
    mixes_channels = False
    kernel_size = KERNEL_SIZE
    stride = STRIDE
    padding = PADDING
    ceil_mode = CEIL_MODE
    dilation = PerAxis(1, help="distance between neighbouring cells of the window")

    def __init__(self, layer_type: LayerType, values: Mapping[str, Any]) -> None:
        super().__init__(layer_type, with_stride(values))

    def check(self) -> None:
        check_padding(self)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return of_single_cells(self)


class AveragePooling(WindowLayer):
    """The mean value of each window, channel by channel.

    Example:
        input: [6, 28, 28]
        layers:
          - avg_pool2d: {kernel_size: 2}

    Shape:
        [C, H, W] to [C, H', W'] with H' = floor((H + before + after - kernel) / stride) + 1; with ceil_mode rounded
        up, less a last window that would start behind the input; with padding `same` H' = ceil(H / stride).

    Errors:
        kernel-larger-than-input  the window does not fit the padded input
        padding-over-half-kernel  padding may be half of kernel_size on each side

    Source:
        PyTorch's AvgPool1d, AvgPool2d and AvgPool3d.
    """

    mixes_channels = False
    kernel_size = KERNEL_SIZE
    stride = STRIDE
    padding = PADDING
    ceil_mode = CEIL_MODE
    count_include_pad = Boolean(True, help="whether the mean counts the padding's zeros")

    def __init__(self, layer_type: LayerType, values: Mapping[str, Any]) -> None:
        super().__init__(layer_type, with_stride(values))

    def check(self) -> None:
        check_padding(self)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return of_single_cells(self)

    def positions(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        # PyTorch's pool3d_shape_check, with check_input_size: in three dimensions padding does not help.
        if len(sizes) == 3 and any(kernel > size for kernel, size in zip(self.kernel_size, sizes)):
            raise LayerError(
                "kernel-larger-than-input",
                f"kernel_size {format_shape(self.kernel_size)} does not fit the {{input}}, padding left out",
                parameter="kernel_size",
                help=f"the largest that fits is {format_shape(sizes)}",
            )
        return super().positions(sizes)


def with_stride(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a pooling layer's parameters, its stride the size of the kernel unless it is given."""
    return {**values, "stride": values["stride"] or values["kernel_size"]}


def check_padding(layer: WindowLayer) -> None:
    """Raise LayerError where a window may hold nothing but padding."""
    for kernel, pads in zip(layer.kernel_size, layer.explicit_pads()):
        if 2 * max(pads) > kernel:
            raise LayerError(
                "padding-over-half-kernel",
                f"padding {max(pads)} is more than half of kernel_size {kernel}",
                parameter="padding",
                help=f"at most {kernel // 2} on a side: a window must hold a cell of the input",
            )


def of_single_cells(layer: WindowLayer) -> str:
    """Why pooling changes nothing; empty where it does."""
    is_idle = {*layer.kernel_size, *layer.stride} == {1}
    return "its windows are single cells, one for each cell of the input" if is_idle else ""


TYPES = {
    f"{stem}{rank}d": LayerType(f"{stem}{rank}d", layer, rank)
    for stem, layer in (("max_pool", MaxPooling), ("avg_pool", AveragePooling))
    for rank in RANKS
}
