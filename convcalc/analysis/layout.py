"""Where the units of a spatial axis are in a tensor.

In an image they are in order along one axis: unit u is position u. A reshape folds axes together, or splits one. Then
the number of a unit is written in digits, the most significant first, and each digit follows from the position along
one tensor axis: in the tokens [16, C] of a 4x4 map, token p is in row p // 4 and column p % 4.
"""

from collections.abc import Sequence
from math import prod

from convcalc.analysis.tracks import TooIrregular
from convcalc.arith.shape import Shape
from convcalc.arith.window import MAX_PERIOD, Window, periodic
from convcalc.plain_tuple import PlainTuple


class Digit(PlainTuple):
    """One digit of the unit at position p of a tensor axis: p // inner % size."""

    axis: int
    size: int
    inner: int


class Layout(PlainTuple):
    """The digits of a unit; `ordered` where units still have the order of the image.

    Some reshapes cut through a digit. Then the units are `scrambled`: the digits only name the axes along which they
    are spread, and two layouts agree if they were scrambled by the same reshape.
    """

    digits: tuple[Digit, ...]
    ordered: bool = True
    scrambled: object = None

    @property
    def axes(self) -> set[int]:
        return {digit.axis for digit in self.digits}

    def renamed(self, axes: dict[int, int]) -> "Layout":
        """The same units where tensor axis a has become axes[a]."""
        digits = tuple([Digit(axes[axis], size, inner) for axis, size, inner in self.digits])
        return Layout(digits, self.ordered, self.scrambled)

    def units_along(self, axis: int, length: int) -> list[int]:
        """The unit at each position of a tensor axis. Raises TooIrregular if it depends on another axis as well."""
        if self.scrambled or self.axes != {axis} or length > MAX_PERIOD:
            raise TooIrregular
        units = [0] * length
        for _, size, inner in self.digits:
            units = [unit * size + position // inner % size for position, unit in enumerate(units)]
        return units


# The tensor axis along which the units are in order; or their layout; or None if there is one unit, for all positions.
Place = int | Layout | None


def listed(axis: int, length: int) -> "Layout":
    """The layout of units that were listed position by position, in another order than that of the image."""
    return Layout((Digit(axis, length, 1),), ordered=False)


def axes_of(place: Place) -> set[int]:
    """The tensor axes along which units are spread."""
    return set() if place is None else {place} if isinstance(place, int) else place.axes


class Regrouping(PlainTuple):
    """Neighbouring tensor axes `old` that become the axes `new`; their elements keep their order."""

    old: tuple[int, ...]
    new: tuple[int, ...]


def regrouped(
    layout: "Layout", groups: Sequence[Regrouping], kept: dict[int, int], shape: Shape, output: Shape
) -> Place:
    """Where units are after a reshape from `shape` to `output`; axis a that it does not regroup becomes kept[a]."""
    group_of = {axis: group for group in groups for axis in group.old}
    digits: list[Digit] = []
    scrambled = layout.scrambled
    for digit in layout.digits:
        group = group_of.get(digit.axis)
        if group is None:
            digits.append(Digit(kept[digit.axis], digit.size, digit.inner))
            continue
        split = None if layout.scrambled else _split(_folded(digit, group.old, shape), group.new, output)
        if split is None:
            scrambled = (layout, shape, tuple(groups))
            split = [Digit(axis, 0, 0) for axis in group.new]
        digits += split
    if scrambled:
        return Layout(tuple(dict.fromkeys(digits)), False, scrambled)
    return simplest(Layout(tuple(_joined(digits)), layout.ordered), output)


def _folded(digit: Digit, axes: Sequence[int], shape: Shape) -> Digit:
    """The same digit, of the position along several axes counted as one."""
    after = axes[axes.index(digit.axis) + 1 :]
    return Digit(0, digit.size, digit.inner * prod(shape[axis] for axis in after))


def _split(digit: Digit, axes: Sequence[int], shape: Shape) -> list[Digit] | None:
    """A digit of one axis as digits of the axes that it is split into; None if they cut through it."""
    parts: list[Digit] = []
    inner = 1  # positions of the axes after this one
    for axis in reversed(axes):
        outer = inner * shape[axis]
        low, high = max(digit.inner, inner), min(digit.inner * digit.size, outer)
        if low < high:
            if low % digit.inner or high % low or low % inner or digit.inner * digit.size % high or outer % high:
                return None
            parts.append(Digit(axis, high // low, low // inner))
        inner = outer
    return parts[::-1]


def _joined(digits: Sequence[Digit]) -> list[Digit]:
    """Digits that follow each other on one axis as one."""
    joined: list[Digit] = []
    for digit in digits:
        last = joined[-1] if joined else None
        if last is not None and last.axis == digit.axis and last.inner == digit.inner * digit.size:
            joined[-1] = Digit(digit.axis, last.size * digit.size, digit.inner)
        else:
            joined.append(digit)
    return joined


def simplest(layout: "Layout", shape: Shape) -> Place:
    """The tensor axis alone, if the units are along it in the order of the image; None if there is one unit."""
    if not layout.digits:
        return None
    first = layout.digits[0]
    in_order = layout.ordered and layout.digits == (Digit(first.axis, shape[first.axis], 1),)
    return first.axis if in_order else layout


class Mixing(PlainTuple):
    """The effect of mixing the positions of one digit: `units` remain, and read the former ones through `window`."""

    window: Window
    units: int


def mixed(layout: "Layout", axes: set[int], place: int | None = None) -> "tuple[Layout, list[Mixing]]":
    """The layout that remains when positions along tensor axes are mixed, and how its units read the former ones.

    If 28 rows are split into 7 patches of 4, mixing each patch leaves the first digit: a window of 4 with stride 4.
    With `place` only this position of the axes is read. Raises TooIrregular.
    """
    if layout.scrambled:
        raise TooIrregular
    kept: list[Digit] = []
    steps: list[Mixing] = []
    ordered, lower, units = layout.ordered, 1, prod(digit.size for digit in layout.digits)
    for digit in reversed(layout.digits):
        if digit.axis in axes:
            units //= digit.size
            steps.append(Mixing(_over_digit(digit, lower, place), units))
            ordered = ordered and lower == 1
        else:
            kept.insert(0, digit)
            lower *= digit.size
    return Layout(tuple(kept), ordered), steps


def mixed_in_place(layout: "Layout", axes: set[int]) -> tuple[int, list[Window]]:
    """How many units there are, and the windows, one after another, that mix those along tensor axes.

    Each unit remains, and reads all units that differ from it along these axes alone. Raises TooIrregular.
    """
    if layout.scrambled:
        raise TooIrregular
    windows: list[Window] = []
    units, lower = prod(digit.size for digit in layout.digits), 1
    for digit in reversed(layout.digits):
        upper = lower * digit.size
        if digit.axis in axes:
            windows.append(_across_digit(digit.size, lower, repeats=upper == units))
        lower = upper
    return units, windows


def _across_digit(size: int, lower: int, *, repeats: bool) -> Window:
    """The window through which each unit reads the `size` units that differ from it in one digit alone.

    The first digit `repeats`: units with the same digits after it read the same, also beyond the border.
    """
    reach = (size - 1) * lower
    if repeats:
        return periodic(lower, 0, lambda unit: (unit, unit + reach, lower))
    return periodic(size * lower, size * lower, lambda unit: (unit % lower, unit % lower + reach, lower))


def _over_digit(digit: Digit, lower: int, place: int | None) -> Window:
    """The window that reads the units that differ in one digit; the digits after it have `lower` values together.

    With `place` it reads the one unit whose digit is that of this position.
    """
    first, last = 0, digit.size - 1
    if place is not None:
        first = last = place // digit.inner % digit.size
    return periodic(lower, digit.size * lower, lambda rest: (rest + first * lower, rest + last * lower, lower))
