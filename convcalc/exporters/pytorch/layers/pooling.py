"""Pooling and unpooling."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Argument, Call, Code, collapse, given, keyword, size
from convcalc.exporters.pytorch.layers.convolution import flat_pads, symmetric
from convcalc.exporters.pytorch.layers.register import Placed, Register, class_name
from convcalc.exporters.register import Unsupported, ranks

rules = Register()


@rules(*ranks("max_pool"), *ranks("avg_pool"))
def pooling(placed: Placed) -> Code:
    layer, is_max = placed.layer, placed.type.startswith("max")
    pads = layer.pads(placed.shape[1:])
    is_even = symmetric(pads)
    stride = None if layer.stride == layer.kernel_size else collapse(layer.stride)
    arguments = [
        given(collapse(layer.kernel_size), "kernel_size"),
        keyword("stride", stride, None),
        keyword("padding", collapse(tuple(pair[0] for pair in pads)) if is_even else 0, 0),
    ]
    if is_max:
        arguments.append(keyword("dilation", collapse(layer.dilation), 1))
    arguments.append(keyword("ceil_mode", layer.ceil_mode, False))
    if placed.parts:
        arguments.append(Argument(True, "return_indices"))
    if not is_max:
        arguments.append(keyword("count_include_pad", layer.count_include_pad, True))
    call = Call(class_name(placed.type), tuple(arguments))
    if is_even:
        function, values = _function(placed.type, arguments)
        parts = ("", *placed.parts) if placed.parts else ()
        return Code(module=call, function="" if parts else function, values={} if parts else values, parts=parts)
    if layer.ceil_mode or placed.parts or not (is_max or layer.count_include_pad):
        raise Unsupported("its padding differs before and after")
    value = ', value=float("-inf")' if is_max else ""
    return Code(f"{{m}}(F.pad({{0}}, {{pads}}{value}))", call, values={"pads": flat_pads(pads)})


def _function(kind: str, arguments: list[Argument]) -> tuple[str, dict[str, Any]]:
    """The same as a function of torch.nn.functional."""
    first, *others = arguments
    chosen = {each.key: each.value for each in others if each.value != each.default}
    words = "".join(f", {key}={{{key}}}" for key in chosen)
    return f"F.{kind}({{0}}, {{kernel}}{words})", {"kernel": first.value, **chosen}


@rules(*ranks("adaptive_avg_pool"), *ranks("adaptive_max_pool"))
def adaptive_pooling(placed: Placed) -> Code:
    wanted = tuple(placed.output[1:])
    arguments = [given(collapse(wanted), "output_size")]
    if placed.parts:
        arguments.append(Argument(True, "return_indices"))
    parts = ("", *placed.parts) if placed.parts else ()
    return Code(module=Call(class_name(placed.type), tuple(arguments)), parts=parts)


@rules("global_avg_pool", "global_max_pool")
def global_pooling(placed: Placed) -> Code:
    word, rank = placed.type.split("_")[1], placed.rank - 1
    if rank > 3:
        axes = tuple(range(2, placed.rank + 1))
        name = "mean" if word == "avg" else "amax"
        return Code("", function=f"{{0}}.{name}({{axes}}, keepdim=True)", values={"axes": axes})
    return Code(module=Call(f"nn.Adaptive{word.capitalize()}Pool{rank}d", (Argument(1),)))


@rules(*ranks("max_unpool"))
def unpooling(placed: Placed) -> Code:
    layer, sizes = placed.layer, placed.shape[1:]
    stride = layer.stride or layer.kernel_size
    usual = tuple(
        (length - 1) * step - 2 * pad + kernel
        for length, step, pad, kernel in zip(sizes, stride, layer.padding, layer.kernel_size)
    )
    arguments = (
        given(collapse(layer.kernel_size), "kernel_size"),
        keyword("stride", None if stride == layer.kernel_size else collapse(stride), None),
        keyword("padding", collapse(layer.padding), 0),
    )
    wanted = tuple(placed.output[1:])
    values: dict[str, Any] = {} if wanted == usual else {"size": wanted}
    use = "{m}({0}, {1})" if wanted == usual else "{m}({0}, {1}, output_size={size})"
    return Code(use, Call(class_name(placed.type), arguments), values=values)


@rules("subsample2d")
def subsampling(placed: Placed) -> Code:
    layer = placed.layer
    pads = layer.pads(placed.shape[1:])
    if layer.ceil_mode or not symmetric(pads):
        raise Unsupported("subsampling with ceil_mode or with padding on one side")
    arguments = (
        size(0, 0, placed.shape[0]),
        given(collapse(layer.kernel_size), "kernel_size"),
        keyword("stride", None if layer.stride == layer.kernel_size else collapse(layer.stride), None),
        keyword("padding", collapse(tuple(pair[0] for pair in pads)), 0),
    )
    return Code(module=Call("Subsample2d", arguments), helpers=("subsample2d",))
