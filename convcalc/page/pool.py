"""Values that are written once and named by their number: layers of a large network say the same again and again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from convcalc.drawing.svg import clean


class Pool:
    """Values in the order in which they came.

    >>> pool = Pool()
    >>> pool.number(["a"]), pool.number(["b"]), pool.number(["a"]), pool.values
    (0, 1, 0, [['a'], ['b']])
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """The number of a value."""
        key = value if isinstance(value, str) else json.dumps(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(clean(value) if isinstance(value, str) else value)
        return self._numbers[key]

    def numbers(self, values: Iterable[Any]) -> list[int]:
        """The numbers of several values."""
        return [self.number(value) for value in values]
