"""Functions of elements, comparisons, choices and reductions."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Code, batched
from convcalc.exporters.pytorch.layers.merging import operands
from convcalc.exporters.pytorch.layers.register import Placed, Register
from convcalc.exporters.register import Unsupported

rules = Register()


@rules(
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "abs", "sign", "sin",
    "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
)  # fmt: skip
def function(placed: Placed) -> Code:
    return Code("", function=f"torch.{placed.type}({{0}})")


@rules("neg")
def negative(placed: Placed) -> Code:
    return Code("", function="torch.neg({0})")


@rules("nan_to_num")
def nan_to_num(placed: Placed) -> Code:
    return Code("", function="torch.nan_to_num({0}, {nan})", values={"nan": placed.layer.nan})


@rules("clamp")
def clamp(placed: Placed) -> Code:
    bounds = {key: getattr(placed.layer, key) for key in ("min", "max") if getattr(placed.layer, key) is not None}
    if not bounds:
        return Code("", function="torch.clone({0})")
    words = ", ".join(f"{key}={{{key}}}" for key in bounds)
    return Code("", function=f"torch.clamp({{0}}, {words})", values=bounds)


@rules("scalar")
def scalar(placed: Placed) -> Code:
    factor, term = placed.layer.multiply, placed.layer.add
    values: dict[str, Any] = {}
    text = "{0}"
    if factor != 1:
        text, values = "{factor} * {0}", {"factor": factor}
    if term:
        text, values = f"{text} + {{term}}", {**values, "term": term}
    return Code("", function=text if values else "torch.clone({0})", values=values)


@rules("maximum", "minimum", "floor_divide", "remainder", "fmod", "atan2", "logical_and", "logical_or",
       "eq", "ne", "lt", "le", "gt", "ge")  # fmt: skip
def operation(placed: Placed) -> Code:
    first, *others = operands(placed.inputs)
    for other in others:
        first = f"torch.{placed.type}({first}, {other})"
    return Code("", function=first)


@rules("pow")
def power(placed: Placed) -> Code:
    if placed.layer.exponent is not None:
        return Code("", function="torch.pow({0}, {exponent})", values={"exponent": placed.layer.exponent})
    return Code("", function=f"torch.pow({', '.join(operands(placed.inputs))})")


@rules("where")
def where(placed: Placed) -> Code:
    condition, one, other = operands(placed.inputs)
    return Code("", function=f"torch.where({condition} > 0, {one}, {other})")


@rules("lerp")
def lerp(placed: Placed) -> Code:
    return Code("", function=f"torch.lerp({', '.join(operands(placed.inputs))})")


@rules("masked_fill")
def masked_fill(placed: Placed) -> Code:
    value = getattr(placed.layer, "value", 0.0)
    return Code("", function="{0}.masked_fill({1} > 0, {value})", values={"value": value})


_REDUCTIONS = {
    "sum": "sum", "mean": "mean", "max": "amax", "min": "amin", "var": "var", "std": "std", "logsumexp": "logsumexp",
}  # fmt: skip


def _axes(placed: Placed) -> Any:
    axes = placed.layer.axis
    if axes is None:
        axes = tuple(range(placed.rank))
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    found = tuple(batched(axis, placed.rank) for axis in axes)
    return found[0] if len(found) == 1 else found


@rules(*_REDUCTIONS, "norm")
def reduction(placed: Placed) -> Code:
    layer, keep = placed.layer, ", keepdim=True" if placed.layer.keepdim else ""
    values: dict[str, Any] = {"axes": _axes(placed)}
    if placed.type == "norm":
        values["p"] = layer.p
        return Code("", function=f"torch.linalg.vector_norm({{0}}, {{p}}, dim={{axes}}{keep})", values=values)
    correction = ""
    if placed.type in ("var", "std") and layer.correction != 1:
        correction, values["correction"] = ", correction={correction}", layer.correction
    name = _REDUCTIONS[placed.type]
    return Code("", function=f"torch.{name}({{0}}, dim={{axes}}{correction}{keep})", values=values)


@rules("prod")
def product(placed: Placed) -> Code:
    axes = _axes(placed)
    if not isinstance(axes, int):
        raise Unsupported("PyTorch multiplies along one axis at a time")
    keep = ", keepdim=True" if placed.layer.keepdim else ""
    return Code("", function=f"torch.prod({{0}}, dim={{axes}}{keep})", values={"axes": axes})


@rules("cumsum", "cumprod")
def cumulation(placed: Placed) -> Code:
    return Code("", function=f"torch.{placed.type}({{0}}, dim={{axes}})", values={"axes": _axes(placed)})


@rules("cummax", "cummin")
def extreme(placed: Placed) -> Code:
    return Code("", function=f"torch.{placed.type}({{0}}, dim={{axes}}).values", values={"axes": _axes(placed)})


@rules("normalize")
def normalize(placed: Placed) -> Code:
    values = {"p": placed.layer.p, "axes": _axes(placed), "eps": placed.layer.eps}
    return Code("", function="F.normalize({0}, p={p}, dim={axes}, eps={eps})", values=values)


@rules("topk")
def topk(placed: Placed) -> Code:
    values = {"k": placed.layer.k, "axis": batched(placed.layer.axis, placed.rank)}
    text = "torch.topk({0}, {k}, dim={axis})"
    if placed.parts:
        return Code("", function=text, values=values, parts=("", *placed.parts))
    return Code("", function=f"{text}.values", values=values)
