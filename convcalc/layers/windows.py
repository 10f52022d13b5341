"""What layers with a window have in common: kernel, stride, padding and dilation over the axes after the channels."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, ClassVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import (
    CIRCULAR,
    CLAMP,
    OUTPUT_SIZE,
    OUTPUT_SIZE_CEIL,
    REFLECT,
    SAME_SIZE,
    ZERO,
    Window,
    same_padding,
    sliding,
)
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Flow, Layer, LayerError, Link
from convcalc.layers.parameters import Pads

RANKS = (1, 2, 3)
# What the cells around a map hold, as convolutions (zeros) and `pad` (constant) name it.
BORDERS = {"zeros": ZERO, "constant": ZERO, "reflect": REFLECT, "replicate": CLAMP, "circular": CIRCULAR}
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class WindowLayer(Layer):
    """A window that slides over the positions of a [C, …] map. Subclasses declare the parameters that they have."""

    takes_leading_axes = True
    # Whether an output channel reads all channels; otherwise each channel is read by itself.
    mixes_channels: ClassVar[bool] = True
    kernel_size: Any
    stride: Any
    padding: Any
    dilation: Any = (1,) * len(RANKS)  # one is read for each axis there is
    ceil_mode: Any = False

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return (inputs[0][0], *self.positions(inputs[0][1:]))

    def pads(self, sizes: tuple[int, ...]) -> Pads:
        """Padding before and after on every axis of an input of these spatial sizes."""
        if self.padding == "same":
            return tuple(map(same_padding, sizes, self.kernel_size, self.stride, self.dilation))
        return self.explicit_pads()

    def explicit_pads(self) -> Pads:
        """The padding that is written in numbers; none for a word."""
        pads: str | Pads = self.padding
        return ((0, 0),) * self.type.rank if isinstance(pads, str) else pads

    def positions(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The spatial sizes of the output. Raises LayerError when the window does not fit."""
        formula, axes = self.size_formula(), self.axis_values(sizes)
        result = tuple([formula(values) for values in axes])
        if min(result) < 1:
            raise self.too_small(axes, result)
        return result

    def too_small(self, axes: list[dict[str, int]], result: tuple[int, ...]) -> LayerError:
        """The error of a window that does not fit, with the arithmetic of the first axis that comes out below 1."""
        formula = self.size_formula()
        values, size = next((values, size) for values, size in zip(axes, result) if size < 1)
        slack = values["stride"] - 1 if self.ceil_mode else 0
        room = values["size"] + values["before"] + values["after"] - 1 + slack
        mended = [max(-(-_missing(each) // 2), each["before"]) for each in axes]
        padded = [formula({**each, "before": pad, "after": pad}) for each, pad in zip(axes, mended)]
        dilated = " with its dilation" if values["dilation"] > 1 else ""
        return LayerError(
            "kernel-larger-than-input",
            f"kernel_size {per_axis(self.kernel_size, format_shape)}{dilated} does not fit"
            f" the {format_shape(values['size'] for values in axes)} {{source}}",
            parameter="kernel_size",
            help=f"{formula.with_numbers(values)} = {size}; the largest that fits is {room // values['dilation'] + 1};"
            f" or pad the input: padding {per_axis(mended)} gives {format_shape(padded)}",
        )

    def window_formula(self) -> Formula | None:
        return self.size_formula()

    def size_formula(self) -> Formula:
        """The formula of the output size along one axis."""
        if self.padding == "same":
            return SAME_SIZE
        return OUTPUT_SIZE_CEIL if self.ceil_mode else OUTPUT_SIZE

    def window_values(self, inputs: tuple[Shape, ...], output: Shape) -> list[dict[str, int]]:
        return self.axis_values(inputs[0][1:])

    def axis_values(self, sizes: tuple[int, ...]) -> list[dict[str, int]]:
        """The integers that the window formula reads, for every axis of an input of these spatial sizes."""
        return [
            {"size": size, "before": before, "after": after, "dilation": dilation, "kernel": kernel, "stride": stride}
            for size, (before, after), dilation, kernel, stride in zip(
                sizes, self.pads(sizes), self.dilation, self.kernel_size, self.stride
            )
        ]

    def windows(self, sizes: tuple[int, ...]) -> Iterable[Window]:
        """The window of each axis of an input of these spatial sizes."""
        before = [pad[0] for pad in self.pads(sizes)]
        return map(sliding, self.kernel_size, self.stride, self.dilation, before)

    def taps_inside(self, sizes: tuple[int, ...], units: tuple[int, ...]) -> int:
        """How many taps of all windows read an element of the input, and not padding."""
        return prod(window.taps_inside(count, size) for window, count, size in zip(self.windows(sizes), units, sizes))

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        windows = self.windows(inputs[0][1:])
        return (mixing(windows) if self.mixes_channels else per_channel(windows),)


def check_border(mode: str, sizes: tuple[int, ...], pads: Pads, parameter: str = "padding") -> None:
    """Raise LayerError where a map of these sizes does not give as many cells around it as `pads` ask for."""
    most = {"reflect": -1, "circular": 0}.get(mode)
    for size, pad in zip(sizes, pads):
        if most is not None and max(pad) > size + most:
            raise LayerError(
                "padding-too-large",
                f"{mode} padding of {max(pad)} is too large for size {size} of the {{input}}",
                parameter=parameter,
                help=f"{mode} can pad {size + most} cells there",
            )


def mixing(windows: Iterable[Window]) -> Flow:
    """All channels mixed, and a window for every axis after them."""
    return (None, *per_channel(windows)[1:])


def per_channel(windows: Iterable[Window]) -> tuple[Link, ...]:
    """Each channel by itself, and a window for every axis after them."""
    return (Link(0), *(Link(axis, window) for axis, window in enumerate(windows, 1)))


def _missing(values: dict[str, int]) -> int:
    """The cells by which the window is wider than the bare input."""
    return values["dilation"] * (values["kernel"] - 1) + 1 - values["size"]
