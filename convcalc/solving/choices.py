"""The values of an unknown parameter of a layer that are tried: a range for its name, the words of its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.layers.base import LayerType

PADDING = "padding"
# The largest number that is tried, by how many parameters are unknown: together they are about 30,000 layers.
LIMITS = (4096, 180, 32, 12, 8, 5)
MAX_PADDING = 64
MAX_PLACE = 8  # axes and places that may be negative
MAX_PERMUTED = 5  # axes
SCALES = (0.125, 0.25, 0.5, 0.75, 1.5)
MAX_SCALE = 16
OF_ANY_AXIS = ("shape", "axes")  # lists that have an item for the channels too
OF_OUTPUT = ("size", "output_size")
LARGER = 4  # times the largest size that is given
OF_CELLS = ("kernel_size", "stride", "dilation")


class Choices(NamedTuple):
    """The values to try, the smallest first; `further` are tried only where none of them fits. `text` is the range."""

    values: Sequence[Any]
    text: str
    further: Sequence[Any] = ()


class Place(NamedTuple):
    """What the ranges of a layer's parameters depend on."""

    kind: LayerType
    inputs: tuple[Shape, ...]
    output: Shape | None
    unknowns: int

    @property
    def axes(self) -> int:
        """The number of axes after the channels."""
        return self.kind.rank or len(self.inputs[0]) - 1

    @property
    def limit(self) -> int:
        return LIMITS[min(self.unknowns, len(LIMITS)) - 1]


def choices(name: str, place: Place) -> Choices | None:
    """The values of a parameter to try; None where there is no list of them, as for the name of another entry."""
    schema = place.kind.parameters[name].schema(place.kind.rank)
    numbers = _numbers(name, schema, place)
    words = list(dict.fromkeys(_words(schema)))
    lists = list(_lists(name, schema, place))
    pairs = _pairs(numbers, place.axes) if _takes_pairs(schema) else []
    if numbers and words and not _is_flag(words):  # `same` is tried only where no number fits
        return Choices(numbers, _range_text(numbers), [*pairs, *words])
    values = [*numbers, *words, *lists]
    if not values:
        return None
    texts = [_range_text(numbers)] if numbers else []
    texts += [", ".join(_text(word) for word in words)] if words else []
    texts += [f"{len(lists)} lists"] if lists else []
    return Choices(values, ", ".join(texts), pairs)


def takes_axes(kind: LayerType, name: str) -> bool:
    """Whether a parameter takes a list with a value for each spatial axis."""
    arrays = [part for part in _parts(kind.parameters[name].schema(kind.rank)) if part.get("type") == "array"]
    if kind.rank:
        return any(part.get("minItems") == part.get("maxItems") == kind.rank for part in arrays)
    return name not in OF_ANY_AXIS and bool(arrays)


def _takes_pairs(schema: Any) -> bool:
    """Whether a parameter takes a pair [before, after] for each axis."""
    items = [item for part in _parts(schema) if part.get("type") == "array" for item in _parts(part["items"])]
    return any(item.get("type") == "array" and item.get("maxItems") == 2 for item in items)


def _is_flag(words: Sequence[Any]) -> bool:
    return all(word is None or isinstance(word, bool) for word in words)


def _parts(schema: Any) -> Iterator[Any]:
    """The alternatives of a schema."""
    alternatives = schema.get("anyOf")
    if alternatives is None:
        yield schema
    for part in alternatives or ():
        yield from _parts(part)


def _words(schema: Any) -> Iterator[Any]:
    for part in _parts(schema):
        if part.get("type") == "boolean":
            yield from (False, True)
        yield from part.get("enum", ())


def _numbers(name: str, schema: Any, place: Place) -> list[Any]:
    for part in _parts(schema):
        if part.get("type") == "integer":
            return list(_range(name, part, place))
        if part.get("type") == "number":
            low, high = part.get("minimum", 0), part.get("maximum", MAX_SCALE)
            found = [*SCALES, *range(MAX_SCALE + 1), *_ratios(place)]
            return sorted(value for value in set(found) if low <= value <= high and value)
    return []


def _range(name: str, part: Any, place: Place) -> range:
    minimum, maximum = part.get("minimum"), part.get("maximum", place.limit)
    if minimum is None:
        return range(-MAX_PLACE, MAX_PLACE + 1)
    sizes = [size for shape in place.inputs for size in shape]
    if name in OF_CELLS:
        maximum = min(maximum, max(sizes) + (MAX_PADDING if place.unknowns == 1 else 0))
    elif name in OF_OUTPUT:
        maximum = min(maximum, LARGER * max([*sizes, *(place.output or ())]))
    elif name.endswith(PADDING):
        maximum = min(maximum, MAX_PADDING)
    return range(minimum, maximum + 1)


def _ratios(place: Place) -> Iterator[float]:
    """The factor between the sizes of the input and those of the output, where it is exact."""
    for size, wanted in zip(reversed(place.inputs[0]), reversed(place.output or ())):
        if (wanted / size) * size == wanted:
            yield wanted / size


def _lists(name: str, schema: Any, place: Place) -> Iterator[list[int]]:
    """The lists that a parameter such as `shape` or `axes` may be: sizes of the output, orders of the axes."""
    takes_any = any(part.get("type") == "array" and "maxItems" not in part for part in _parts(schema))
    if not takes_any or not any(part.get("type") in ("integer", "array") for part in _parts(schema)):
        return
    rank = len(place.inputs[0])
    if name == "axes" and rank <= MAX_PERMUTED:
        yield from map(list, permutations(range(rank)))
    elif name != "axes" and place.output:
        yield from ([*place.output[start:]] for start in range(len(place.output)))


def _pairs(numbers: Sequence[int], rank: int) -> list[Any]:
    """The paddings with one cell more after the map than before it, on every axis."""
    return [[[before, before + 1]] * rank for before in numbers]


def _range_text(numbers: Sequence[Any]) -> str:
    """
    >>> _range_text([0, 1, 2]), _range_text([0.5, 1, 2])
    ('0..2', '0.5, 1, 2')
    """
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))) if isinstance(numbers[0], int) else False:
        return f"{numbers[0]}..{numbers[-1]}"
    return ", ".join(map(str, numbers))


def _text(word: Any) -> str:
    return "null" if word is None else str(word).lower() if isinstance(word, bool) else str(word)
