"""Layers of Caffe that compute each element by itself, or join several inputs element by element."""

from __future__ import annotations

from collections.abc import Callable
from math import log

from convcalc.arith.shape import format_shape
from convcalc.importers.caffe.layer import Layer


def function(type: str) -> Callable[[Layer], None]:
    """The reader of a layer that is one function of each element."""

    def read(layer: Layer) -> None:
        layer.add(type)

    return read


def relu(layer: Layer) -> None:
    slope = layer.parameters("relu_param").number("negative_slope", 0.0)
    if slope:
        layer.add("leaky_relu", negative_slope=slope)
    else:
        layer.add("relu")


def prelu(layer: Layer) -> None:
    count = 1 if layer.parameters("prelu_param").flag("channel_shared") else layer.channels()
    layer.add("prelu", tensors={"weight": layer.tensor(0, "weight", (count,))}, num_parameters=count)


def elu(layer: Layer) -> None:
    layer.add("elu", alpha=layer.parameters("elu_param").number("alpha", 1.0))


def dropout(layer: Layer) -> None:
    ratio = layer.parameters("dropout_param").number("dropout_ratio", 0.5)
    layer.add("dropout", p=min(max(ratio, 0.0), 1.0))


def softmax(layer: Layer) -> None:
    layer.add("softmax", axis=layer.axis(layer.parameters("softmax_param"), "axis"))


def power(layer: Layer) -> None:
    """(shift + scale x) to a power."""
    message = layer.parameters("power_param")
    exponent = message.number("power", 1.0)
    _shifted(layer, message.number("scale", 1.0), message.number("shift", 0.0))
    if exponent != 1:
        layer.add("pow", exponent=exponent)


def _shifted(layer: Layer, scale: float, shift: float) -> None:
    if scale != 1 or shift:
        layer.add("scalar", multiply=scale, add=shift)


def exp(layer: Layer) -> None:
    message = layer.parameters("exp_param")
    base, scale, shift = message.number("base", -1.0), message.number("scale", 1.0), message.number("shift", 0.0)
    factor = 1.0 if base <= 0 else log(base)
    _shifted(layer, scale * factor, shift * factor)
    layer.add("exp")


def logarithm(layer: Layer) -> None:
    message = layer.parameters("log_param")
    base = message.number("base", -1.0)
    _shifted(layer, message.number("scale", 1.0), message.number("shift", 0.0))
    layer.add("log")
    if base > 0 and base != 1:
        layer.add("scalar", multiply=1 / log(base))


def clip(layer: Layer) -> None:
    message = layer.parameters("clip_param")
    layer.add("clamp", min=message.number("min", 0.0), max=message.number("max", 0.0))


def threshold(layer: Layer) -> None:
    layer.add("Threshold", known=False)


def eltwise(layer: Layer) -> None:
    message = layer.parameters("eltwise_param")
    layer.expect(2)
    words = {"0": "PROD", "1": "SUM", "2": "MAX"}
    operation = message.text("operation", "SUM")
    operation, values = words.get(operation, operation), list(layer.inputs)
    shape = layer.shape
    if any(layer.shape_of(value) != shape for value in values):
        found = ", ".join(format_shape(layer.shape_of(value)) for value in values)
        raise layer.refusal(f"its inputs must be of one shape, and are {found}")
    coefficients = message.numbers("coeff")
    if operation == "SUM" and coefficients:
        if len(coefficients) != len(values):
            raise layer.refusal(f"it has {len(coefficients)} coefficients for {len(values)} inputs")
        if coefficients == [1.0, -1.0]:
            layer.add("sub", inputs=values)
            return
        values = [
            layer.add("scalar", inputs=[value], multiply=factor) if factor != 1 else value
            for value, factor in zip(values, coefficients)
        ]
    types = {"PROD": "mul", "SUM": "add", "MAX": "maximum"}
    if operation not in types:
        raise layer.refusal("operation is none of PROD, SUM and MAX")
    layer.add(types[operation], shape, inputs=values)


def axpy(layer: Layer) -> None:
    """The layer of SENet: the second bottom, each channel times the first, plus the third."""
    layer.expect(3)
    factors, value, added = layer.inputs[:3]
    shape = layer.shape_of(value)
    wanted = (*shape[:1], *(1 for _ in shape[1:]))
    if layer.shape_of(factors) != wanted:
        factors = layer.add("reshape", wanted, inputs=[factors], shape=list(wanted))
    layer.add("mul", shape, inputs=[value, factors])
    layer.add("add", shape, inputs=[layer.value, added])
