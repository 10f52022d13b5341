"""Maps made larger or smaller, cut into windows, and read at given places."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Call, Code, collapse, keyword
from convcalc.exporters.pytorch.layers.convolution import symmetric
from convcalc.exporters.pytorch.layers.register import Placed, Register
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("upsample")
def upsample(placed: Placed) -> Code:
    layer = placed.layer
    factor, mode = layer.scale_factor, layer.mode
    arguments = []
    if factor is None:
        arguments.append(keyword("size", collapse(tuple(placed.output[1:]))))
    else:
        factors = tuple(factor) if isinstance(factor, (tuple, list)) else (factor,)
        arguments.append(keyword("scale_factor", collapse(factors)))
    arguments += [keyword("mode", mode, "nearest"), keyword("align_corners", layer.align_corners, None)]
    if mode == "area":
        values: dict[str, Any] = {argument.key: argument.value for argument in arguments[:2]}
        words = ", ".join(f"{key}={{{key}}}" for key in values)
        return Code("", function=f"F.interpolate({{0}}, {words})", values=values)
    return Code(module=Call("nn.Upsample", tuple(arguments)))


@rules("unfold", "fold")
def windows(placed: Placed) -> Code:
    layer = placed.layer
    pads = layer.pads(placed.shape[1:]) if placed.type == "unfold" else layer.explicit_pads()
    if not symmetric(pads):
        raise Unsupported("its padding differs before and after")
    values: dict[str, Any] = {}
    text = f"F.{placed.type}({{0}}"
    if placed.type == "fold":
        text, values["size"] = text + ", {size}", tuple(placed.output[1:])
    text, values["kernel"] = text + ", {kernel}", collapse(layer.kernel_size)
    for key, value, default in (
        ("dilation", collapse(layer.dilation), 1),
        ("padding", collapse(tuple(pair[0] for pair in pads)), 0),
        ("stride", collapse(layer.stride), 1),
    ):
        if value != default:
            text, values[key] = f"{text}, {key}={{{key}}}", value
    return Code("", function=text + ")", values=values)


@rules("grid_sample")
def grid_sample(placed: Placed) -> Code:
    layer = placed.layer
    values = {"mode": layer.mode, "border": layer.padding_mode, "corners": layer.align_corners}
    text = "F.grid_sample({0}, {1}, mode={mode}, padding_mode={border}, align_corners={corners})"
    return Code("", function=text, values=values)
