"""Layers of several inputs: sums, products, concatenations, dot products."""

from __future__ import annotations

from math import prod
from string import ascii_lowercase
from typing import Any

from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Order, Value, placed, straight
from convcalc.importers.network import Module


def aligned(emitter: Emitter, values: list[Value]) -> list[Value]:
    """The values in one order of axes. One with fewer axes gets axes of size 1 in front, as in Keras."""
    largest = max(values, key=lambda value: (value.rank, prod(value.shape)))
    return [_fitted(emitter, value, largest.order) for value in values]


def _fitted(emitter: Emitter, value: Value, order: Order) -> Value:
    rank = len(order)
    if value.rank == rank:
        return emitter.arranged(value, order)
    missing = rank - value.rank
    shape = placed((*(1,) * missing, *value.sizes), order)
    value = emitter.tokens(value)
    if shape[missing:] == value.shape and prod(shape[:missing]) == 1:
        return value  # broadcasting puts axes in front by itself
    return emitter.emit("reshape", [value], order, shape=list(shape))


def merged(emitter: Emitter, type_name: str, values: list[Value], name: str | None = None, **parameters: Any) -> Value:
    """One operation on values of one order."""
    values = aligned(emitter, values)
    order = max(values, key=lambda value: value.rank).order
    return emitter.emit(type_name, values, order, name=name, **parameters)


def _elementwise(type_name: str) -> Translator:
    def translate(request: Request) -> Value:
        values = request.inputs
        if len(values) < 2:
            raise BrokenLayer("it merges fewer than two tensors")
        return merged(request.emitter, type_name, values)

    return translate


def _average(request: Request) -> Value:
    emitter, values = request.emitter, request.inputs
    if len(values) < 2:
        raise BrokenLayer("it merges fewer than two tensors")
    with emitter.inside(Module(request.layer.name, "Average")):
        total = merged(emitter, "add", values, name="sum")
        return emitter.emit("scalar", [total], multiply=1 / len(values))


def _scaled_sum(request: Request) -> Value:
    """The sum of a shortcut and a scaled branch, in Inception-ResNet."""
    emitter, values = request.emitter, request.inputs
    if len(values) != 2:
        raise NoCounterpart(request.layer.kind)
    with emitter.inside(Module(request.layer.name, "CustomScaleLayer")):
        branch = emitter.emit("scalar", [values[1]], multiply=float(request.settings.number("scale")))
        return merged(emitter, "add", [values[0], branch], name="")


def _concatenate(request: Request) -> Value:
    axis = request.settings.get("axis")
    return concatenated(request.emitter, request.inputs, -1 if axis is None else axis)


def concatenated(emitter: Emitter, values: list[Value], axis: int) -> Value:
    if not values:
        raise BrokenLayer("it reads no tensor")
    order = values[0].order
    if len({value.rank for value in values}) > 1:
        raise BrokenLayer("it concatenates tensors of different numbers of axes")
    values = [emitter.arranged(value, order) for value in values]
    return emitter.emit("concat", values, order, name=None, axis=values[0].axis(axis))


def _dot(request: Request) -> Value:
    """The sum of products along one axis of each of two inputs: an einsum."""
    emitter, values = request.emitter, request.inputs
    axes = request.settings.get("axes")
    if len(values) != 2:
        raise BrokenLayer("it does not read two tensors")
    pair = list(axes) if isinstance(axes, (list, tuple)) else [axes, axes]
    if len(pair) != 2:
        raise BrokenLayer("its axes are not two")
    if request.settings.flag("normalize", False):
        values = [emitter.emit("normalize", [value], axis=value.axis(axis)) for value, axis in zip(values, pair)]
    left, right = values
    letters = iter(ascii_lowercase)
    of_left = [next(letters) for _ in range(left.rank)]
    of_right = [next(letters) for _ in range(right.rank)]
    at_left, at_right = left.axis(pair[0]), right.axis(pair[1])
    of_right[at_right] = of_left[at_left]
    given = [of_left[axis] for axis in left.order if axis != at_left]
    given += [of_right[axis] for axis in right.order if axis != at_right]
    if not given:  # both are vectors: one number is left
        left = emitter.emit("unsqueeze", [left], straight(2), axis=0)
        of_left, given = ["z", *of_left], ["z"]
    equation = f"{''.join(of_left)},{''.join(of_right)}->{''.join(given)}"
    return emitter.emit("einsum", [left, right], straight(len(given)), name=None, equation=equation)


TABLE: dict[str, Translator] = {
    "Add": _elementwise("add"), "Subtract": _elementwise("sub"), "Multiply": _elementwise("mul"),
    "Maximum": _elementwise("maximum"), "Minimum": _elementwise("minimum"), "Average": _average,
    "Concatenate": _concatenate, "Dot": _dot, "CustomScaleLayer": _scaled_sum,
}  # fmt: skip
