"""Convolutions, with their transposed and unshared forms."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.keras.layers.register import Placed, Register, chain, on_sequence
from convcalc.exporters.keras.padding import LAYER, SAME, VALID, cropping, is_nothing, zero_padding
from convcalc.exporters.python.code import Argument, Call, Code, collapse, given, keyword
from convcalc.exporters.register import Unsupported, ranks

rules = Register()
_WAYS = ("weight_norm", "spectral_norm", "weight_standardization", "fixed_weights", "causal")


def _check(placed: Placed) -> None:
    made = [name for name in _WAYS if getattr(placed.layer, name, False)]
    if made:
        raise Unsupported(f"Keras has no convolution with {made[0]}")
    mode = getattr(placed.layer, "padding_mode", "zeros")
    if mode != "zeros" and not is_nothing(placed.layer.pads(placed.shape[1:])):
        raise Unsupported(f"Keras pads with zeros, and padding_mode is {mode}")


@rules(*ranks("conv"))
def convolution(placed: Placed) -> Code:
    layer, rank = placed.layer, int(placed.type[-2])
    if layer.sharing.mode != "full" or layer.connection_table is not None or layer.bias == "per_position":
        return unshared_convolution(placed)
    _check(placed)
    dilation = tuple(1 if size == 1 else step for size, step in zip(layer.kernel_size, layer.dilation))
    if max(layer.stride) > 1 and max(dilation) > 1:
        raise Unsupported("Keras has no convolution with a stride and a dilation at once")
    channels = placed.shape[0]
    is_depthwise = layer.groups == channels > 1 and rank < 3
    window = [
        given(collapse(layer.kernel_size), "kernel_size"),
        keyword("strides", collapse(layer.stride), 1, "stride"),
        *_padding(placed),
        keyword("dilation_rate", collapse(dilation), 1, "dilation"),
    ]
    bias = keyword("use_bias", layer.bias is not False, True, "bias")
    if is_depthwise:
        more = [keyword("depth_multiplier", layer.out_channels // channels, 1), bias, *frozen(placed)]
        call = Call(f"layers.DepthwiseConv{rank}D", (*window, *more))
    else:
        more = [keyword("groups", layer.groups, 1), bias, *frozen(placed)]
        call = Call(f"layers.Conv{rank}D", (given(layer.out_channels, "out_channels"), *window, *more))
    return chain(*padded(placed), ("", call))


def frozen(placed: Placed) -> list[Argument]:
    """The argument of a layer whose parameters are not trained."""
    return [Argument(placed.node.trainable, "trainable", True)]


def _padding(placed: Placed) -> list[Argument]:
    """The padding of a window: `same` where Keras pads as the spec does."""
    return [Argument(SAME if placed.padding == SAME else VALID, "padding", VALID)]


def padded(placed: Placed) -> list[tuple[str, Call]]:
    """The layer that pads before a window, where the window cannot do it."""
    if placed.padding != LAYER:
        return []
    return [("pad", zero_padding(placed.layer.pads(placed.shape[1:])))]


@rules(*ranks("locally_connected"))
def unshared_convolution(placed: Placed) -> Code:
    layer, rank = placed.layer, placed.type[-2:].upper()
    _check(placed)
    if isinstance(layer.connection_table, int):
        reason = "the connection table is a number, and does not say which channels are connected"
        raise Unsupported(reason, "list the input channels of each output channel")
    mode, bias = layer.sharing.mode, layer.bias
    arguments = [given(layer.out_channels, "out_channels"), given(collapse(layer.kernel_size), "kernel_size")]
    window = [
        keyword("strides", collapse(layer.stride), 1, "stride"),
        keyword("dilation_rate", collapse(layer.dilation), 1, "dilation"),
    ]
    use_bias = keyword("use_bias", bias is not False, True, "bias")
    per_position = bias == "per_position" or (bias is True and mode == "none")
    if layer.connection_table is not None:
        if mode != "full" or per_position:
            raise Unsupported("a connection table together with unshared weights")
        table = Argument(tuple(tuple(row) for row in layer.connection_table), "table")
        call = Call(f"TableConv{rank}", (*arguments, table, *window, use_bias, *frozen(placed)))
        return _after_padding(placed, call, ("table_conv",))
    name, helpers, sharing = _sharing(placed, mode, per_position)
    more = [keyword("groups", layer.groups, 1), *([] if mode == "full" else [use_bias])]
    if mode == "none":
        more.append(keyword("shared_bias", bias == "per_channel", False))
    call = Call(f"{name}{rank}", (*arguments, *sharing, *window, *more, *frozen(placed)))
    return _after_padding(placed, call, helpers)


def _sharing(placed: Placed, mode: str, per_position: bool) -> tuple[str, tuple[str, ...], list[Argument]]:
    """The class of a convolution whose positions do not share all, what it needs, and its arguments."""
    positions, bias = placed.output[1:], placed.layer.bias
    if mode == "none":
        return "LocallyConnected", ("locally_connected",), []
    if mode == "full":
        return "PositionBiasConv", ("position_bias_conv",), []
    if bias in ("per_channel", "per_position"):
        raise Unsupported(f"a bias {bias} with weights that are shared in {mode}s")
    grid = [Argument(tuple(map(min, placed.layer.sharing.grid, positions)), "grid")]
    name, helper = {"tile": ("TiledConv", "tiled_conv"), "regions": ("RegionalConv", "regional_conv")}[mode]
    return name, ("locally_connected", helper), grid


def _after_padding(placed: Placed, call: Call, helpers: tuple[str, ...]) -> Code:
    pads = placed.layer.pads(placed.shape[1:])
    before = [] if is_nothing(pads) else [("pad", zero_padding(pads))]
    rank = placed.type[-2]
    return chain(*before, ("", call))._replace(helpers=tuple(f"{helper}{rank}d" for helper in helpers))


@rules(*ranks("conv_transpose"))
def transposed_convolution(placed: Placed) -> Code:
    layer, rank = placed.layer, int(placed.type[-2])
    _check(placed)
    if layer.sharing.mode != "full" or layer.connection_table is not None or layer.bias == "per_position":
        raise Unsupported("Keras has no transposed convolution whose weights are not shared by all positions")
    if layer.groups > 1:
        raise Unsupported("Keras has no transposed convolution in groups")
    dilation = tuple(1 if size == 1 else step for size, step in zip(layer.kernel_size, layer.dilation))
    if max(layer.stride) > 1 and max(dilation) > 1:
        raise Unsupported("Keras has no convolution with a stride and a dilation at once")
    extents = [(kernel - 1) * step + 1 for kernel, step in zip(layer.kernel_size, dilation)]
    pads = layer.pads(placed.shape[1:])
    axes = list(zip(placed.shape[1:], placed.output[1:], layer.stride, extents, pads))
    # `same` cuts the extent less the stride, with the odd cell at the end.
    is_same = all(out == size * step and extent >= step and before == (extent - step) // 2
                  for size, out, step, extent, (before, _) in axes) and not is_nothing(pads)  # fmt: skip
    wholes = [size * step + max(extent - step, 0) for size, _, step, extent, _ in axes]
    cuts = tuple((before, whole - before - out) for whole, (_, out, _, _, (before, _)) in zip(wholes, axes))
    if not is_same and min(after for _, after in cuts) < 0:
        raise Unsupported("its output is larger than Keras can make it")
    arguments: list[Any] = [
        given(layer.out_channels, "out_channels"),
        given(collapse(layer.kernel_size), "kernel_size"),
        keyword("strides", collapse(layer.stride), 1, "stride"),
        Argument(SAME if is_same else VALID, "padding", VALID),
        keyword("dilation_rate", collapse(dilation), 1, "dilation"),
        keyword("use_bias", layer.bias is not False, True, "bias"),
        *frozen(placed),
    ]
    call = Call(f"layers.Conv{rank}DTranspose", tuple(arguments))
    if is_same or is_nothing(cuts):
        return chain(("", call))
    return chain(("", call), *on_sequence(placed, "crop", cropping(cuts)))
