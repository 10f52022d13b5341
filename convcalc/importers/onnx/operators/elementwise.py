"""Operators that work on each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from convcalc.importers.onnx.alignment import aligned
from convcalc.importers.onnx.calls import Call, rounded
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.maps import as_maps
from convcalc.importers.onnx.model import BOOL
from convcalc.importers.onnx.trace import tensor_of
from convcalc.importers.onnx.values import Constant, Live, Value

Handler = Callable[[Call], list[Value]]


def function(type: str, **attributes: tuple[str, float]) -> Handler:
    """The handler of an operator with one input; `attributes` have a parameter's name in ONNX and its default there."""

    def handle(call: Call) -> list[Value]:
        parameters = {name: call.number(given, default) for name, (given, default) in attributes.items()}
        return [unary(call, type, parameters)]

    return handle


def unary(call: Call, type: str, parameters: dict[str, Any] | None = None) -> Live:
    """A layer that works on each element of the first input, in whatever order its axes are."""
    value = call.value(0)
    live = value if isinstance(value, Live) else call.live()
    if not live.is_channels_last or live.settled is not None:
        live = call.trace.settle(live)
    result = call.trace.emit(call.node, type, [live], parameters=parameters)
    result.node = live.node
    return result


def same(call: Call) -> list[Value]:
    """An operator that passes its first input on: Identity, Cast, Dropout."""
    value = call.value(0)
    assert isinstance(value, Live)
    return [value for _ in call.node.outputs]


def quantised(call: Call) -> list[Value]:
    """A change to fewer bits or back."""
    call.trace.remark("{} changes between floats and quantised numbers are left out")
    return same(call)


def gelu(call: Call) -> list[Value]:
    """Gelu, with either approximation."""
    return [unary(call, "gelu", {"approximate": call.text("approximate", "none")})]


def clip(call: Call) -> list[Value]:
    """Clip: a relu or a relu6 where its bounds are theirs."""
    bounds: list[float | None] = []
    for index, name in enumerate(("min", "max"), 1):
        if name in call.node.attributes:
            bounds.append(call.number(name, 0))
        elif call.optional(index) is not None:
            bounds.append(rounded(call.number_at(index)))
        else:
            bounds.append(None)
    low, high = (None if bound is None or abs(bound) > 3e38 else bound for bound in bounds)
    if low == 0 and high in (6, None):
        return [unary(call, "relu" if high is None else "relu6")]
    return [unary(call, "clamp", {"min": _short(low), "max": _short(high)})]


def shrink(call: Call) -> list[Value]:
    """Shrink: hard or soft."""
    bias, bound = call.number("bias", 0.0), call.number("lambd", 0.5)
    return [unary(call, "hardshrink" if bias == 0 else "softshrink", {"lambd": bound})]


def prelu(call: Call) -> list[Value]:
    """PRelu: one slope for all, or one for each channel."""
    slope = call.constant(1)
    if slope is None or prod(slope.shape) != max(slope.shape, default=1):
        raise Unmatched("slopes that are not one for each channel")
    return [with_tensor(call, "prelu", {"num_parameters": prod(slope.shape)}, slope)]


def with_tensor(call: Call, type: str, parameters: dict[str, Any], weight: Constant) -> Live:
    """A layer on maps of any number of axes, with one tensor."""
    live, leading = as_maps(call, len(call.value(0).shape) - 2)
    return call.trace.emit(call.node, type, [live], parameters={**parameters, **leading},
                           tensors={"weight": tensor_of(weight)})  # fmt: skip


def binary(type: str, dtype: int | None = None) -> Handler:
    """The handler of an operator with two or more inputs that are broadcast."""

    def handle(call: Call) -> list[Value]:
        result = combine(call, type, [call.value(index) for index in range(len(call.inputs))])
        result.dtype = dtype or result.dtype
        return [result]

    return handle


def combine(call: Call, type: str, values: list[Value]) -> Live:
    """A layer that reads several values, which are broadcast."""
    together = aligned(call, values)
    if len(together.reads) == 1:
        return together.reads[0]
    result = call.trace.emit(call.node, type, together.reads, together.axes, like=together.like)
    result.merged, result.node = together.merged, together.node
    return (
        call.trace.live(result.name, result.own, result.axes, result.dtype, result.merged)
        if together.merged
        else result
    )


def arithmetic(type: str) -> Handler:
    """The handler of add, sub, mul and div; a number that is known becomes a `scalar`."""

    def handle(call: Call) -> list[Value]:
        left, right = call.value(0), call.value(1)
        if _is_number(call, right, left):
            return [_with_number(call, type, left, right)]
        if _is_number(call, left, right):
            return [_number_first(call, type, left, right)]
        return [combine(call, type, [left, right])]

    return handle


def _is_number(call: Call, value: Value, other: Value) -> bool:
    """Whether a value is a number of the code, and not a parameter or the bias of a single feature."""
    if not isinstance(value, Constant) or not value.is_single or len(value.shape) > 3:
        return False
    if not value.is_learned:
        return True
    is_bias = bool(value.shape) and other.shape[-1:] == (1,)
    # PyTorch's exporter gives parameters their own names.
    return not is_bias and (not call.trace.has_torch_names or value.name.startswith("onnx::"))


def _with_number(call: Call, type: str, left: Value, right: Value) -> Live:
    number = rounded(right.data[0])  # type: ignore[union-attr,index]
    if type == "div" and not number:
        raise Unmatched("a division by 0")
    parameters = {
        "add": {"add": number},
        "sub": {"add": -number},
        "mul": {"multiply": number},
        "div": {"multiply": 1 / number if number else 0},
    }[type]
    if isinstance(left, Live) and list(parameters.values()) in ([0], [1]) and (number == 1) == (type in ("mul", "div")):
        return left
    call.inputs[:] = [left]
    return unary(call, "scalar", {name: _short(rounded(each)) for name, each in parameters.items()})


def _number_first(call: Call, type: str, left: Value, right: Value) -> Live:
    """A number before the operator: it matters for a difference and a quotient."""
    if type in ("add", "mul"):
        return _with_number(call, type, right, left)
    number = rounded(left.data[0])  # type: ignore[union-attr,index]
    call.inputs[:] = [right]
    if type == "sub":
        return unary(call, "scalar", {"multiply": -1, "add": _short(number)})
    result = unary(call, "reciprocal")
    if number == 1:
        return result
    call.inputs[:] = [result]
    return unary(call, "scalar", {"multiply": _short(number)})


def power(call: Call) -> list[Value]:
    """Pow: by a number that is known, or by another value."""
    exponent = call.value(1)
    if isinstance(exponent, Constant) and exponent.is_single:
        number = rounded(exponent.data[0])  # type: ignore[index]
        call.inputs[:] = call.inputs[:1]
        if number == 2:
            return [unary(call, "square")]
        return [unary(call, "sqrt") if number == 0.5 else unary(call, "pow", {"exponent": _short(number)})]
    return [combine(call, "pow", [call.value(0), exponent])]


def mean_of_several(call: Call) -> list[Value]:
    """Mean: a sum, divided."""
    total = combine(call, "add", [call.value(index) for index in range(len(call.inputs))])
    if len(call.inputs) == 1:
        return [total]
    call.inputs[:] = [total]
    return [unary(call, "scalar", {"multiply": rounded(1 / len(call.node.inputs))})]


def modulo(call: Call) -> list[Value]:
    """Mod: the sign is that of the divisor, or with `fmod` that of the dividend."""
    return binary("fmod" if call.integer("fmod", 0) else "remainder")(call)


def _short(number: float | None) -> float | int | None:
    """A number as a spec writes it: 2 and not 2.0."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**53 else number


OPERATORS: dict[str, Handler] = {
    **{
        name: function(type)
        for name, type in {
            "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hardswish", "Softplus": "softplus",
            "Softsign": "softsign", "Mish": "mish", "HardSigmoid": "hardsigmoid", "Swish": "silu", "Exp": "exp",
            "Log": "log", "Sqrt": "sqrt", "Reciprocal": "reciprocal", "Abs": "abs", "Neg": "neg", "Sign": "sign",
            "Sin": "sin", "Cos": "cos", "Tan": "tan", "Asin": "asin", "Acos": "acos", "Atan": "atan", "Sinh": "sinh",
            "Cosh": "cosh", "Erf": "erf", "Floor": "floor", "Ceil": "ceil", "Round": "round", "Not": "logical_not",
            "Selu": "selu",
        }.items()
    },
    "LeakyRelu": function("leaky_relu", negative_slope=("alpha", 0.01)),
    "Elu": function("elu", alpha=("alpha", 1.0)),
    "Celu": function("celu", alpha=("alpha", 1.0)),
    "ThresholdedRelu": function("threshold", threshold=("alpha", 1.0)),
    "Gelu": gelu,
    "Clip": clip,
    "Shrink": shrink,
    "PRelu": prelu,
    "Identity": same, "Cast": same, "CastLike": same, "Dropout": same,
    "QuantizeLinear": quantised, "DequantizeLinear": quantised,
    "Add": arithmetic("add"), "Sub": arithmetic("sub"), "Mul": arithmetic("mul"), "Div": arithmetic("div"),
    "Pow": power, "Mod": modulo, "Sum": binary("add"), "Mean": mean_of_several,
    "Max": binary("maximum"), "Min": binary("minimum"), "Where": binary("where"),
    "Equal": binary("eq", BOOL), "Greater": binary("gt", BOOL), "GreaterOrEqual": binary("ge", BOOL),
    "Less": binary("lt", BOOL), "LessOrEqual": binary("le", BOOL),
    "And": binary("logical_and", BOOL), "Or": binary("logical_or", BOOL), "Xor": binary("ne", BOOL),
}  # fmt: skip
