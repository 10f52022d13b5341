"""Operators of two operands, each a tensor, a number, or a tensor of fixed numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.translators.merge import merged
from convcalc.importers.keras.values import NoCounterpart, Value, placed, straight
from convcalc.importers.network import Tensor

TYPES = {
    "Add": "add", "Subtract": "sub", "Multiply": "mul", "Divide": "div", "TrueDivide": "div", "Maximum": "maximum",
    "Minimum": "minimum", "Power": "pow", "Mod": "remainder", "FloorDivide": "floor_divide", "Equal": "eq",
    "NotEqual": "ne", "Less": "lt", "LessEqual": "le", "Greater": "gt", "GreaterEqual": "ge",
    "LogicalAnd": "logical_and", "LogicalOr": "logical_or", "Arctan2": "atan2",
}  # fmt: skip
HELD = ("__tensor__", "__numpy__")
# An operation of a tensor and a number: the parameters of `scalar`, or another type with its parameters.
Of = Callable[[Any], tuple[str, dict[str, Any]]]
BY_NUMBER: dict[str, Of] = {
    "add": lambda number: ("scalar", {"add": float(number)}),
    "sub": lambda number: ("scalar", {"add": -float(number)}),
    "mul": lambda number: ("scalar", {"multiply": float(number)}),
    "div": lambda number: ("scalar", {"multiply": 1 / number}),
    "pow": lambda number: ("pow", {"exponent": number}),
    "maximum": lambda number: ("clamp", {"min": number}),
    "minimum": lambda number: ("clamp", {"max": number}),
}
NUMBER_FIRST: dict[str, Of] = {
    **{name: BY_NUMBER[name] for name in ("add", "mul", "maximum", "minimum")},
    "sub": lambda number: ("scalar", {"multiply": -1.0, "add": float(number)}),
}


def operands(request: Request) -> list[Any]:
    """The two operands, in order."""
    named = [request.kwargs[name] for name in ("x", "x1", "a", "y", "x2", "b") if name in request.kwargs]
    flat = request.args[0] if len(request.args) == 1 and isinstance(request.args[0], list) else request.args
    return [*flat, *named][:2]


def _binary(type_name: str) -> Translator:
    def translate(request: Request) -> Value:
        left, right = [*operands(request), None][:2]
        emitter = request.emitter
        if isinstance(left, Value) and isinstance(right, Value):
            return merged(emitter, type_name, [left, right])
        tensor, other, table = (left, right, BY_NUMBER) if isinstance(left, Value) else (right, left, NUMBER_FIRST)
        if not isinstance(tensor, Value):
            raise NoCounterpart(request.layer.kind)
        number = _number(other)
        if number is None:
            held = constant(emitter, other, tensor, request.layer.kind)
            return merged(emitter, type_name, [tensor, held] if tensor is left else [held, tensor])
        if type_name not in table or (type_name == "div" and not number):
            if type_name == "div" and tensor is right:
                inverse = emitter.emit("reciprocal", [tensor], name=None)
                return emitter.emit("scalar", [inverse], multiply=float(number))
            raise NoCounterpart(request.layer.kind)
        to, parameters = table[type_name](number)
        return emitter.emit(to, [tensor], name=None, **parameters)

    return translate


def _number(value: Any) -> int | float | None:
    """A number, or None."""
    if isinstance(value, dict) and value.get("class_name") in HELD and isinstance(value.get("config"), dict):
        value = value["config"].get("value")
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def constant(emitter: Emitter, value: Any, beside: Value, kind: str) -> Value:
    """A tensor of fixed numbers, with as many axes as the one beside it."""
    if isinstance(value, dict) and value.get("class_name") in HELD and isinstance(value.get("config"), dict):
        value = value["config"].get("value")
    shape: list[int] = []
    while isinstance(value, list) and value:
        shape.append(len(value))
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NoCounterpart(kind)
    rank = beside.rank
    if len(shape) == rank + 1 and shape[0] == 1:
        shape = shape[1:]
    if not shape or len(shape) > rank:
        raise NoCounterpart(kind)
    ours = placed([1] * (rank - len(shape)) + shape, beside.order)
    while len(ours) > 1 and ours[0] == 1:
        ours = ours[1:]
    buffers = {"constant": Tensor(f"{emitter.path}.constant", ours, trainable=False)}
    order = beside.order if len(ours) == rank else straight(len(ours))
    return emitter.emit("constant", [], order, shape=list(ours), buffers=buffers)


BINARY: dict[str, Translator] = {kind: _binary(type_name) for kind, type_name in TYPES.items()}
