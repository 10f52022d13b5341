"""Values of a layer for each axis by itself, where no value fits all axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from convcalc.layers.base import LayerError
from convcalc.solving.choices import Choices, takes_axes
from convcalc.solving.layer_question import LayerAnswer, LayerQuestion, Values

COMBINED = 1000  # combinations of the plainest values of each axis

Combination = tuple[Any, ...]


def combinations(question: LayerQuestion, choices: Mapping[str, Choices]) -> Iterator[Combination]:
    """Values of the unknowns, in the order of `choices`, with which each axis by itself has the size that is wanted."""
    shape, output = question.inputs[0], question.output or ()
    sizes = output[1:] if len(output) == len(shape) else output
    by_axis = [name for name in choices if takes_axes(question.kind, name)]
    if len(question.inputs) > 1 or not by_axis or len(sizes) != len(shape) - 1 or len(sizes) < 2:
        return
    common = [name for name in choices if name not in by_axis]
    for fixed in product(*(choices[name].values for name in common)):
        values = dict(zip(common, fixed))
        parts = [list(_of_axis(question, choices, values, axis, sizes[axis])) for axis in range(len(sizes))]
        for each in product(*parts):
            joined = {name: _joined([part[name] for part in each]) for name in by_axis}
            yield tuple({**values, **joined}[name] for name in choices)


def _of_axis(
    question: LayerQuestion, choices: Mapping[str, Choices], common: Values, axis: int, wanted: int
) -> list[Values]:
    """The plainest values that give one axis its size, on a map that has the size of this axis everywhere."""
    channels, *sizes = question.inputs[0]
    given = {name: _on_axis(question, name, value, axis) for name, value in question.given.items()}
    square = replace(question, given=given, inputs=((channels, *[sizes[axis]] * len(sizes)),))
    by_axis = {name: _of_one_axis(each) for name, each in choices.items() if name not in common}
    found: list[tuple[LayerAnswer, Values]] = []
    for combination in product(*by_axis.values()):
        part = dict(zip(by_axis, combination))
        values = {name: _everywhere(value, len(sizes)) for name, value in part.items()}
        try:
            if square.layer({**common, **values}).output_shape(square.inputs)[-1] == wanted:
                found.append((square.answer({**common, **values}), part))
        except LayerError:
            continue
    found.sort(key=lambda each: each[0].order)
    return [part for _, part in found[: int(COMBINED ** (1 / len(sizes)))]]


def _of_one_axis(choices: Choices) -> list[Any]:
    """The values of one axis: numbers, and pairs [before, after]."""
    return [*choices.values, *(value[0] for value in choices.further if isinstance(value, list))]


def _everywhere(value: Any, rank: int) -> Any:
    return [value] * rank if isinstance(value, list) else value


def _on_axis(question: LayerQuestion, name: str, value: Any, axis: int) -> Any:
    """A given value as it is on one axis."""
    if isinstance(value, list) and takes_axes(question.kind, name):
        return _everywhere(value[axis], len(value))
    return value


def _joined(values: list[Any]) -> Any:
    """The values of all axes, as short as they can be written."""
    is_one = all(value == values[0] for value in values) and not isinstance(values[0], list)
    return values[0] if is_one else values
