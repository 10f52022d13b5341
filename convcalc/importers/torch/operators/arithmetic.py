"""Operations of two or more tensors, or of a tensor and a number, element by element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.graph import Ref
from convcalc.importers.torch.values import Value

# The functions of two tensors by the type that they are.
OF_TWO = {
    "maximum": "maximum", "minimum": "minimum", "fmax": "maximum", "fmin": "minimum", "floor_divide": "floor_divide",
    "remainder": "remainder", "fmod": "fmod", "atan2": "atan2", "arctan2": "atan2", "logical_and": "logical_and",
    "logical_or": "logical_or", "bitwise_and": "logical_and", "bitwise_or": "logical_or", "eq": "eq", "ne": "ne",
    "lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "not_equal": "ne", "less": "lt", "greater": "gt",
    "less_equal": "le", "greater_equal": "ge", "__and__": "logical_and", "__or__": "logical_or", "__eq__": "eq",
    "__ne__": "ne", "__lt__": "lt", "__le__": "le", "__gt__": "gt", "__ge__": "ge", "and_": "logical_and",
    "or_": "logical_or", "__floordiv__": "floor_divide", "__mod__": "remainder",
}  # fmt: skip


def combine(call: Call, type: str, values: Sequence[Value]) -> None:
    """An operation of tensors that are broadcast."""
    values, batch = call.aligned(values)
    call.give(type, values, batch)


def operand(call: Call, *names: str) -> Value | float:
    found = call.get(*names)
    if isinstance(found, Ref):
        return call.translator.values[found.name]
    if not isinstance(found, (int, float)):
        raise TypeError(f"{names[0]} is {found!r}")
    return found


def _both(call: Call) -> tuple[Any, Any]:
    return operand(call, "self", "input", "x", "a"), operand(call, "other", "exponent", "y", "b")


def _scaled(call: Call, value: Value, factor: float, summand: float = 0.0) -> None:
    if (factor, summand) == (1, 0):
        call.same(value)
    else:
        call.give("scalar", [value], value.batch, {"multiply": float(factor), "add": float(summand)})


def _times(call: Call, value: Value, factor: Any) -> Value:
    if factor in (1, None):
        return value
    return call.insert("scalar", [value], value.shape, value.batch, multiply=float(factor))


def _add(call: Call) -> None:
    left, right = _both(call)
    _sum(call, left, right, call.get("alpha", default=1), "add")


def _sub(call: Call) -> None:
    left, right = _both(call)
    _sum(call, left, right, call.get("alpha", default=1), "sub")


def _rsub(call: Call) -> None:
    left, right = _both(call)
    _sum(call, right, left, call.get("alpha", default=1), "sub")


def _sum(call: Call, left: Any, right: Any, alpha: float, type: str) -> None:
    sign = -1 if type == "sub" else 1
    if not isinstance(right, Value):
        _scaled(call, left, 1.0, sign * alpha * right)
    elif not isinstance(left, Value):
        _scaled(call, right, float(sign * alpha), left)
    else:
        combine(call, type, [left, _times(call, right, alpha)])


def _mul(call: Call) -> None:
    left, right = _both(call)
    if isinstance(left, Value) and isinstance(right, Value):
        combine(call, "mul", [left, right])
    elif isinstance(left, Value):
        _scaled(call, left, right)
    else:
        _scaled(call, right, left)


def _div(call: Call) -> None:
    left, right = _both(call)
    mode = call.get("rounding_mode")
    type = "floor_divide" if mode else "div"
    if isinstance(left, Value) and isinstance(right, Value):
        combine(call, type, [left, right])
    elif mode:
        _pair(call, type, left, right)
    elif isinstance(left, Value):
        _scaled(call, left, 1 / right)
    else:
        _rdiv(call, right, left)


def _rdiv(call: Call, value: Value, number: float) -> None:
    if number == 1:
        call.give("reciprocal", [value], value.batch)
        return
    inverse = call.insert("reciprocal", [value], value.shape, value.batch)
    _scaled(call, inverse, number)


def _reversed_div(call: Call) -> None:
    left, right = _both(call)
    _rdiv(call, left, right) if not isinstance(right, Value) else combine(call, "div", [right, left])


def _pair(call: Call, type: str, left: Any, right: Any) -> None:
    """A number among the operands is a constant."""
    values = [each if isinstance(each, Value) else call.number() for each in (left, right)]
    combine(call, type, values)


def _of_two(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        _pair(call, type, *_both(call))

    return handle


def _pow(call: Call) -> None:
    left, right = _both(call)
    if isinstance(left, Value) and not isinstance(right, Value):
        if right == 2:
            call.give("square", [left], left.batch)
        else:
            call.give("pow", [left], left.batch, {"exponent": right})
        return
    _pair(call, "pow", left, right)


def _addcmul(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        left, first, second = call.input, call.value("tensor1"), call.value("tensor2")
        values, batch = call.aligned([first, second])
        shape = tuple(max(sizes) for sizes in zip(*(_padded(value.shape, 16) for value in values)))
        shape = shape[-max(value.rank for value in values) :]
        product = call.insert(type, values, shape, batch)
        combine(call, "add", [left, _times(call, product, call.get("value", default=1))])

    return handle


def _padded(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(shape)) + shape


def _where(call: Call) -> None:
    condition = call.value("condition")
    values = [condition]
    for names in (("self", "input"), ("other",)):
        found = operand(call, *names)
        values.append(found if isinstance(found, Value) else call.number())
    combine(call, "where", values)


def _masked_fill(call: Call) -> None:
    combine(call, "masked_fill", [call.input, call.value("mask")])


def _lerp(call: Call) -> None:
    weight = operand(call, "weight")
    weight = weight if isinstance(weight, Value) else call.number()
    combine(call, "lerp", [call.input, call.value("end"), weight])


def _copy(call: Call) -> None:
    source = call.value("src", "other")
    if source.shape != call.shape():
        raise ValueError("a copy that broadcasts")
    call.alias(replace(source), source.batch)


def _sum_of_list(call: Call) -> None:
    combine(call, "add", call.values("tensors"))


def _clamp_by_tensors(call: Call) -> None:
    """Bounds that are tensors."""
    value = call.input
    for name, type in (("min", "maximum"), ("max", "minimum")):
        if call.has_tensor(name):
            bound = call.value(name)
            values, batch = call.aligned([value, bound])
            value = call.insert(type, values, call.shape(), batch)
        elif call.get(name) is not None:
            value = call.insert("clamp", [value], value.shape, value.batch, **{name: call.get(name)})
    call.same(value)


def _clamp(call: Call) -> None:
    if call.has_tensor("min") or call.has_tensor("max"):
        _clamp_by_tensors(call)
        return
    call.give("clamp", [call.input], call.input.batch, {"min": call.get("min"), "max": call.get("max")})


HANDLERS: dict[str, Callable[[Call], None]] = {
    **{name: _of_two(type) for name, type in OF_TWO.items()},
    **dict.fromkeys(("add", "__add__", "__iadd__", "__radd__", "iadd"), _add),
    **dict.fromkeys(("sub", "subtract", "__sub__", "__isub__", "isub"), _sub),
    **dict.fromkeys(("rsub", "__rsub__"), _rsub),
    **dict.fromkeys(("mul", "multiply", "__mul__", "__imul__", "__rmul__", "imul"), _mul),
    **dict.fromkeys(("div", "divide", "true_divide", "__truediv__", "__itruediv__", "__div__", "truediv"), _div),
    **dict.fromkeys(("__rtruediv__", "__rdiv__"), _reversed_div),
    **dict.fromkeys(("pow", "__pow__", "__ipow__", "float_power"), _pow),
    "addcmul": _addcmul("mul"),
    "addcdiv": _addcmul("div"),
    "where": _where,
    "masked_fill": _masked_fill,
    "lerp": _lerp,
    "copy": _copy,
    "clamp": _clamp,
    "clip": _clamp,
}
