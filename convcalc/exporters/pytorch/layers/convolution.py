"""Convolutions, with their transposed, masked and unshared forms."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Argument, Call, Code, collapse, given, keyword, size
from convcalc.exporters.pytorch.layers.register import Placed, Register, class_name
from convcalc.exporters.register import Unsupported, ranks
from convcalc.layers.convolution_parameters import scaled_axis
from convcalc.layers.parameters import Pads

rules = Register()


def flat_pads(pads: Pads) -> tuple[int, ...]:
    """Padding as torch.nn.functional.pad takes it: from the last axis on."""
    return tuple(cells for pair in reversed(pads) for cells in pair)


def symmetric(pads: Pads) -> bool:
    return all(before == after for before, after in pads)


@rules(*ranks("conv"))
def convolution(placed: Placed) -> Code:
    layer = placed.layer
    if layer.sharing.mode != "full" or layer.connection_table is not None or layer.bias == "per_position":
        return unshared_convolution(placed)
    pads = layer.pads(placed.shape[1:])
    is_even = symmetric(pads)
    extra: list[Argument] = []
    helpers: tuple[str, ...] = ()
    callee = class_name(placed.type)
    if layer.is_masked:
        callee, helpers = f"MaskedConv{placed.type[-2:]}", (f"masked_conv{placed.type[-2:]}",)
        extra.append(keyword("strict", layer.causal == "strict", False))
    if layer.weight_standardization:
        if layer.is_masked:
            raise Unsupported("masks and weight standardization at once")
        callee, helpers = f"StandardizedConv{placed.type[-2:]}", (f"standardized_conv{placed.type[-2:]}",)
    call = Call(
        callee,
        (
            size(0, 0, placed.shape[0]),
            given(layer.out_channels, "out_channels"),
            given(collapse(layer.kernel_size), "kernel_size"),
            keyword("stride", collapse(layer.stride), 1),
            keyword("padding", collapse(tuple(pair[0] for pair in pads)) if is_even else 0, 0),
            keyword("dilation", collapse(layer.dilation), 1),
            keyword("groups", layer.groups, 1),
            keyword("bias", layer.bias is not False, True),
            keyword("padding_mode", layer.padding_mode if is_even else "zeros", "zeros"),
            *extra,
        ),
    )
    call = reparametrised(layer, call)
    if is_even:
        return Code(module=call, helpers=helpers)
    return padded(call, pads, layer.padding_mode, helpers)


def padded(call: Call, pads: Pads, mode: str, helpers: tuple[str, ...] = ()) -> Code:
    """A module whose input is padded before."""
    use = "{m}(F.pad({0}, {pads}))" if mode == "zeros" else "{m}(F.pad({0}, {pads}, mode={mode}))"
    values: dict[str, Any] = {"pads": flat_pads(pads), **({} if mode == "zeros" else {"mode": mode})}
    return Code(use, call, values=values, helpers=helpers)


def reparametrised(layer: Any, call: Call) -> Call:
    """The call with what makes the weights around it."""
    if layer.weight_norm:
        axis = scaled_axis(layer.weight_norm)
        call = Call("weight_norm", (Argument(call), keyword("dim", axis, 0)))
    elif layer.spectral_norm:
        call = Call("spectral_norm", (Argument(call),))
    elif layer.fixed_weights:
        call = Call("fixed_weights", (Argument(call),))
    return call


@rules(*ranks("locally_connected"))
def unshared_convolution(placed: Placed) -> Code:
    layer = placed.layer
    ways = ("weight_norm", "spectral_norm", "weight_standardization", "fixed_weights", "causal")
    made = [name for name in ways if getattr(layer, name)]
    if made:
        raise Unsupported(f"PyTorch has no {made[0]} of weights that are not shared by all positions")
    if isinstance(layer.connection_table, int):
        raise Unsupported("the connection table is a number, and does not say which channels are connected")
    positions = placed.output[1:]
    pads = layer.pads(placed.shape[1:])
    mode, grid = layer.sharing.mode, layer.sharing.grid
    common = [
        size(0, 0, placed.shape[0]),
        given(layer.out_channels, "out_channels"),
        given(collapse(layer.kernel_size), "kernel_size"),
    ]
    window = [keyword("stride", collapse(layer.stride), 1), keyword("dilation", collapse(layer.dilation), 1)]
    values: dict[str, Any] = {}
    use = "{m}({0})"
    if any(map(any, pads)):
        use, values = "{m}(F.pad({0}, {pads}))", {"pads": flat_pads(pads)}
        if layer.padding_mode != "zeros":
            use, values = "{m}(F.pad({0}, {pads}, mode={mode}))", {**values, "mode": layer.padding_mode}
    bias = layer.bias
    per_position = bias == "per_position" or (bias is True and mode == "none")
    more = [keyword("groups", layer.groups, 1), keyword("bias", bias is not False, True)]
    if layer.connection_table is not None:
        if mode != "full" or per_position:
            raise Unsupported("a connection table together with unshared weights")
        table = Argument(tuple(tuple(row) for row in layer.connection_table), "table")
        call = Call(f"TableConv{placed.type[-2:]}", (*common, table, *window, more[1]))
        return Code(use, call, values=values, helpers=(f"table_conv{placed.type[-2:]}",))
    if mode == "none":
        sharing = [Argument(positions, "grid")]
        name = "locally_connected"
        more.append(keyword("shared_bias", bias == "per_channel", False))
    else:
        name = {"tile": "tiled_conv", "regions": "regional_conv", "full": "position_bias_conv"}[mode]
        cells = tuple(map(min, grid, positions))
        sharing = [Argument(positions, "output_size") if mode == "full" else Argument(cells, "grid")]
        if mode != "full" and bias in ("per_channel", "per_position"):
            raise Unsupported(f"a bias {bias} with weights that are shared in {mode}s")
    callee = "".join(word.capitalize() for word in name.split("_")) + placed.type[-2:]
    base = (f"locally_connected{placed.type[-2:]}",) if mode in ("tile", "regions") else ()
    helpers = (*base, name + placed.type[-2:])
    return Code(use, Call(callee, (*common, *sharing, *window, *more)), values=values, helpers=helpers)


@rules(*ranks("conv_transpose"))
def transposed_convolution(placed: Placed) -> Code:
    layer = placed.layer
    if layer.sharing.mode != "full" or layer.connection_table is not None or layer.bias == "per_position":
        raise Unsupported("PyTorch has no transposed convolution whose weights are not shared by all positions")
    if layer.weight_standardization:
        raise Unsupported("PyTorch has no transposed convolution with weight standardization")
    rank = len(placed.output) - 1
    pads = layer.pads(placed.shape[1:])
    is_even = symmetric(pads)
    padding = tuple(pair[0] for pair in pads) if is_even else (0,) * rank
    whole = [
        (length - 1) * stride + dilation * (kernel - 1) + 1
        for length, stride, dilation, kernel in zip(placed.shape[1:], layer.stride, layer.dilation, layer.kernel_size)
    ]
    added = tuple(out - (full - sum(pair)) for out, full, pair in zip(placed.output[1:], whole, pads))
    call = Call(
        class_name(placed.type),
        (
            size(0, 0, placed.shape[0]),
            given(layer.out_channels, "out_channels"),
            given(collapse(layer.kernel_size), "kernel_size"),
            keyword("stride", collapse(layer.stride), 1),
            keyword("padding", collapse(padding), 0),
            keyword("output_padding", collapse(added), 0),
            keyword("groups", layer.groups, 1),
            keyword("bias", layer.bias is not False, True),
            keyword("dilation", collapse(layer.dilation), 1),
        ),
    )
    if any(number < 0 for number in added):
        raise Unsupported("its output is smaller than PyTorch can make it")
    call = reparametrised(layer, call)
    if is_even:
        return Code(module=call)
    cut = tuple(-cells for cells in flat_pads(pads))
    return Code("F.pad({m}({0}), {cut})", call, values={"cut": cut})


@rules(*ranks("dynamic_conv"))
def dynamic_convolution(placed: Placed) -> Code:
    """Each sample has its own weights: the samples become groups of one convolution."""
    layer = placed.layer
    pads, rank = layer.padding, placed.type[-2:]
    if pads == "valid":
        pads = ((0, 0),) * (placed.rank - 1)
    if isinstance(pads, str) or not symmetric(pads):
        raise Unsupported("its padding differs before and after")
    use = "dynamic_conv" + rank + "({0}, {1}, " + ("{2}, " if len(placed.inputs) > 2 else "")
    values: dict[str, Any] = {}
    for key, value, default in (
        ("stride", collapse(layer.stride), 1),
        ("padding", collapse(tuple(pair[0] for pair in pads)), 0),
        ("dilation", collapse(layer.dilation), 1),
        ("groups", layer.groups, 1),
    ):
        if value != default:
            use += f"{key}={{{key}}}, "
            values[key] = value
    return Code(use="", function=use.rstrip(", ") + ")", values=values, helpers=(f"dynamic_conv{rank}",))
