"""Sizes along axes, as the expressions of a sweep compare them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from convcalc.language.expression_errors import UnknownValue
from convcalc.report.sums import Partial

_HELP = "sizes are compared with a number or with a list of as many sizes"


class UnknownFigure(UnknownValue):
    """A figure that is not known, or only as a lower bound."""


class _Compared:
    """Comparisons that hold if they hold for every part."""

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        return self.fits(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self.fits(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self.fits(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self.fits(other, operator.ge)

    def __eq__(self, other: Any) -> bool:
        return self.fits(other, operator.eq)

    def __ne__(self, other: Any) -> bool:
        return not self == other

    def fits(self, other: Any, compare: Callable[[Any, Any], bool]) -> bool:
        """Whether the comparison holds for every part. Raises UnknownFigure where a part is not known."""
        raise NotImplementedError


class Sizes(_Compared, list[Any]):
    """The sizes along the axes; a number is compared with each of them."""

    def fits(self, other: Any, compare: Callable[[Any, Any], bool]) -> bool:
        if None in list(self):
            raise UnknownFigure
        if isinstance(other, (int, float)):
            return all(compare(size, other) for size in self)
        if not isinstance(other, list):
            raise TypeError(_HELP)
        return len(self) == len(other) and all(map(compare, self, other))


class SizesByName(_Compared, dict[str, Any]):
    """The sizes of each output or input by its name; each of them is compared."""

    def fits(self, other: Any, compare: Callable[[Any, Any], bool]) -> bool:
        return all(sizes.fits(other, compare) for sizes in self.values())


def comparable(value: Any) -> Any:
    """A figure with sizes that can be compared. Raises UnknownFigure where it is not known.

    >>> comparable([51, 35]) >= 35, comparable((96, 55, 55)) == [96, 55, 55], comparable({"a": [3], "b": [5]}) > 3
    (True, True, False)
    """
    if value is None:
        raise UnknownFigure
    if isinstance(value, dict):
        return SizesByName({name: comparable(item) for name, item in value.items()})
    if isinstance(value, (list, tuple)):
        return Sizes([comparable(item) if isinstance(item, (list, tuple, dict)) else item for item in value])
    return value


def fixed(value: Any) -> Any:
    """A figure with tuples for lists, at every level: rows are equal wherever they were made, also from a store.

    >>> fixed({"a": [51, [35]]})
    {'a': (51, (35,))}
    """
    if isinstance(value, (list, tuple)):
        return tuple([fixed(item) for item in value])
    return {name: fixed(item) for name, item in value.items()} if isinstance(value, dict) else value


def smallest(value: Any) -> int | float | None:
    """The smallest number in a figure, by which candidates are sorted; None where one is not known."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        numbers = [smallest(item) for item in value]
        return None if None in numbers or not numbers else min(numbers)  # type: ignore[type-var]
    return value if isinstance(value, (int, float)) and type(value) is not Partial else None
