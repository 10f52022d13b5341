"""The keys of a sweep that change the input: `input`, `input.height`, `input.left`, `input.left.height`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.errors import UsageError
from convcalc.problems import nearest

INPUT = "input"
# The names of the axes of a shape, by the number of its axes; `size` is every axis but the first.
AXES = {1: ("features",), 2: ("channels", "length"), 3: ("channels", "height", "width"),
        4: ("channels", "depth", "height", "width")}  # fmt: skip
SIZE = "size"
AXIS_NAMES = (*dict.fromkeys(name for names in AXES.values() for name in names), SIZE)


def is_of_input(key: str) -> bool:
    """Whether a key is the input, or a size of it."""
    return key == INPUT or key.startswith(f"{INPUT}.")


def change_shapes(shapes: dict[str, list[int]], key: str, value: Any) -> None:
    """Set what a key such as `input.height`, `input.left` or `input.left.height` means. Raises UsageError."""
    parts = key.split(".")[1:]
    if parts[0] in shapes and (len(shapes) > 1 or parts[0] not in AXIS_NAMES):
        names, axis = [parts[0]], parts[1:]
    else:
        names, axis = list(shapes), parts
    if not axis:
        shapes[names[0]] = value
        return
    for name in names:
        places = _places(len(shapes[name]), axis[0]) if len(axis) == 1 else []
        if not places:
            raise _unknown_axis(key, shapes)
        for place in places:
            shapes[name][place] = value


def _places(rank: int, axis: str) -> list[int]:
    """The places of an axis in a shape of so many axes, by its name."""
    if axis == SIZE:
        return list(range(1, rank))
    return [place for place, name in enumerate(AXES.get(rank, ())) if name == axis]


def _unknown_axis(key: str, shapes: Mapping[str, Sequence[int]]) -> UsageError:
    known = [] if len(shapes) < 2 else [f"{INPUT}.{name}" for name in shapes]
    known += [f"{INPUT}.{axis}" for axis in AXES.get(len(next(iter(shapes.values()), [])), ())] + [f"{INPUT}.{SIZE}"]
    return UsageError(f"the input has no `{key}`", nearest(key, known) or f"its keys are {', '.join(known)}")


def shapes_text(shapes: Mapping[str, Sequence[int]]) -> str:
    """Shapes as `--input` takes them.

    >>> shapes_text({"input": [3, 8, 8]}), shapes_text({"a": [3, 8, 8], "b": [2]})
    ('3x8x8', 'a=3x8x8,b=2')
    """
    if len(shapes) == 1:
        return format_shape(next(iter(shapes.values())))
    return ",".join(f"{name}={format_shape(shape)}" for name, shape in shapes.items())
