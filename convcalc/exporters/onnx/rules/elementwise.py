"""Activations, arithmetic and reductions."""

from __future__ import annotations

from string import ascii_letters

from convcalc.exporters.onnx.build import Layer
from convcalc.exporters.onnx.rules.register import Register, batched
from convcalc.exporters.onnx.wire import BOOL
from convcalc.exporters.register import Unsupported

rules = Register()

_PLAIN = {
    "relu": "Relu", "selu": "Selu", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh", "hardswish": "HardSwish",
    "softsign": "Softsign", "identity": "Identity", "drop_path": "Identity", "exp": "Exp", "log": "Log",
    "sqrt": "Sqrt", "reciprocal": "Reciprocal", "neg": "Neg", "abs": "Abs", "sign": "Sign", "sin": "Sin",
    "cos": "Cos", "tan": "Tan", "asin": "Asin", "acos": "Acos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh",
    "erf": "Erf", "floor": "Floor", "ceil": "Ceil", "round": "Round", "dropout": "Dropout", "dropout1d": "Dropout",
    "dropout2d": "Dropout", "dropout3d": "Dropout", "alpha_dropout": "Dropout",
}  # fmt: skip


@rules(*_PLAIN)
def function(layer: Layer) -> str:
    return layer.op(_PLAIN[layer.type], layer.reads[0])


@rules("relu6", "hardtanh", "clamp")
def clip(layer: Layer) -> str:
    own = layer.layer
    if layer.type == "relu6":
        low, high = 0.0, 6.0
    else:
        low, high = (own.min, own.max) if layer.type == "clamp" else (own.min_val, own.max_val)
    bounds = ["" if bound is None else layer.number(bound) for bound in (low, high)]
    return layer.op("Clip", layer.reads[0], *bounds)


@rules("leaky_relu", "elu", "celu")
def with_slope(layer: Layer) -> str:
    name = {"leaky_relu": "LeakyRelu", "elu": "Elu", "celu": "Celu"}[layer.type]
    slope = layer.layer.negative_slope if layer.type == "leaky_relu" else layer.layer.alpha
    return layer.op(name, layer.reads[0], alpha=float(slope))


@rules("hardsigmoid")
def hardsigmoid(layer: Layer) -> str:
    return layer.op("HardSigmoid", layer.reads[0], alpha=1 / 6, beta=0.5)


@rules("gelu")
def gelu(layer: Layer) -> str:
    return layer.op("Gelu", layer.reads[0], approximate=layer.layer.approximate)


@rules("silu")
def silu(layer: Layer) -> str:
    return layer.op("Mul", layer.reads[0], layer.op("Sigmoid", layer.reads[0]))


@rules("prelu")
def prelu(layer: Layer) -> str:
    count = layer.layer.num_parameters
    shape = [count, *[1] * (layer.rank - 1)] if count > 1 else [1]
    return layer.op("PRelu", layer.reads[0], layer.weight("weight", shape))


@rules("softmax", "log_softmax", "softmax2d")
def softmax(layer: Layer) -> str:
    name = "LogSoftmax" if layer.type == "log_softmax" else "Softmax"
    axis = 1 if layer.type == "softmax2d" else batched(layer.layer.axis, layer.rank)
    return layer.op(name, layer.reads[0], axis=axis)


@rules("square")
def square(layer: Layer) -> str:
    return layer.op("Mul", layer.reads[0], layer.reads[0])


@rules("scalar")
def scalar(layer: Layer) -> str:
    own, value = layer.layer, layer.reads[0]
    if own.multiply != 1 or own.add == 0:
        value = layer.op("Mul", value, layer.number(own.multiply))
    return layer.op("Add", value, layer.number(own.add)) if own.add else value


_PAIRS = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "maximum": "Max",
    "minimum": "Min",
    "matmul": "MatMul",
}


@rules(*_PAIRS)
def pair(layer: Layer) -> str:
    most = max(map(len, layer.shapes))
    first, *others = [layer.aligned(place, most) for place in range(len(layer.reads))]
    for other in others:
        first = layer.op(_PAIRS[layer.type], first, other)
    return first


@rules("where")
def where(layer: Layer) -> str:
    most = max(map(len, layer.shapes))
    condition, *values = [layer.aligned(place, most) for place in range(len(layer.reads))]
    return layer.op("Where", layer.op("Cast", condition, to=BOOL), *values)


@rules("einsum")
def einsum(layer: Layer) -> str:
    operands, _, result = layer.layer.equation.replace(" ", "").partition("->")
    if "." in operands or not result:
        raise Unsupported("an equation with ..., or without its result")
    batch = next(letter for letter in ascii_letters if letter not in operands)
    parts = ",".join(batch + each for each in operands.split(","))
    return layer.op("Einsum", *layer.reads, equation=f"{parts}->{batch}{result}")


@rules("pow")
def power(layer: Layer) -> str:
    if layer.layer.exponent is None:
        return layer.op("Pow", *layer.reads)
    return layer.op("Pow", layer.reads[0], layer.number(layer.layer.exponent))


@rules("norm")
def norm(layer: Layer) -> str:
    if layer.layer.p not in (1, 2):
        raise Unsupported("ONNX has the norms of 1 and 2")
    return _reduced(layer, f"ReduceL{layer.layer.p:.0f}")


_REDUCTIONS = {"mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}


@rules(*_REDUCTIONS)
def reduction(layer: Layer) -> str:
    return _reduced(layer, _REDUCTIONS[layer.type])


def _reduced(layer: Layer, operator: str) -> str:
    axes = layer.layer.axis
    axes = range(layer.rank) if axes is None else [axes] if isinstance(axes, int) else axes
    places = layer.ints(*(batched(axis, layer.rank) for axis in axes))
    return layer.op(operator, layer.reads[0], places, keepdims=int(layer.layer.keepdim))


@rules("layer_scale")
def layer_scale(layer: Layer) -> str:
    axis = layer.layer.axis % layer.rank
    shape = [layer.shape[axis], *[1] * (layer.rank - axis - 1)]
    return layer.op("Mul", layer.reads[0], layer.own_tensor(shape))
