"""The values of a key that a sweep takes where none are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc.errors import UsageError

ODD = [1, 3, 5, 7, 9, 11]
VALUES: dict[str, list[Any]] = {
    "kernel_size": ODD,
    "stride": [1, 2, 3, 4],
    "dilation": [1, 2, 3, 4],
    "padding": [0, 1, 2, 3, 4, 5],
    "repeat": [1, 2, 3, 4, 6, 8],
    "bias": [True, False],
    "sharing": ["full", "none"],
}
DIVISORS = (4, 2, 1)
FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5)  # of a number that is not whole, such as the width of a family


def default_values(key: str, value: Any, choices: Sequence[str]) -> list[Any]:
    """Usual values of a key, or values around the present one. Raises UsageError where none are known.

    >>> default_values("out_channels", 6, ()), default_values("stride", (2, 2), ())
    ([2, 3, 6, 12, 24], [1, 2, 3, 4])
    """
    if key in VALUES:
        return VALUES[key]
    if choices:
        return list(choices)
    if isinstance(value, bool):
        return [True, False]
    if isinstance(value, int) and value > 0:
        if key == "groups":
            return [1, 2, 4, 8, 16]
        smaller = [-(-value // divisor) for divisor in DIVISORS]
        return sorted({*smaller, value * 2, value * 4})
    if isinstance(value, float) and value > 0:
        return [round(value * factor, 6) for factor in FACTORS]
    raise UsageError(f"there are no usual values of {key}", "list them")
