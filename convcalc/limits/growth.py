"""How much a figure may grow, as users write it: `2%`, `10k`, 0."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from convcalc.arith.units import group_digits
from convcalc.errors import UsageError
from convcalc.limits.figures import TOTALS
from convcalc.limits.limit import how_to_write, quantity, ungrouped, why_no_number
from convcalc.problems import nearest

_PERCENT = re.compile(r"\s*(\d{1,99}(?:\.\d{1,99})?)\s*%\s*")


class Growth(NamedTuple):
    """How much a total may grow: by `percent` percent of its old value, or by the number `amount`."""

    figure: str
    percent: Fraction | None
    amount: int
    origin: str

    def allows(self, old: int, new: int) -> bool:
        if self.percent is not None:
            return (new - old) * 100 <= self.percent * old
        return new - old <= self.amount

    def __str__(self) -> str:
        if self.percent is not None:
            return f"the {_plain(self.percent)} % allowed"
        return f"the {group_digits(self.amount)} allowed" if self.amount else "none is allowed"


def _plain(value: Fraction) -> str:
    """
    >>> _plain(Fraction(5, 2)), _plain(Fraction(2))
    ('2.5', '2')
    """
    return f"{float(value):.10g}"  # for display: the value was written in decimal digits


def growth(figure: str, value: object, origin: str) -> Growth:
    """The growth that a value allows: `2%`, `10k`, 0. Raises UsageError for any other."""
    hundredths = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if hundredths is not None:
        return Growth(figure, Fraction(hundredths[1]), 0, origin)
    amount = quantity(value, figure)
    if amount is None:
        help = f"{how_to_write(figure)}, or per cent as in 2%"
        raise UsageError(f"{origin}: {why_no_number(value, figure)}", help)
    return Growth(figure, None, amount, origin)


def growth_option(text: str) -> Growth:
    """The growth that `--max-growth FIGURE=AMOUNT` allows. Raises UsageError."""
    figure, equals, amount = (part.strip() for part in text.partition("="))
    if not equals or not amount:
        raise UsageError(f"--max-growth `{text}` has no amount", "write FIGURE=AMOUNT, as in params=2% or macs=0")
    if figure not in TOTALS:
        help = nearest(figure, TOTALS) or f"the figures are {', '.join(TOTALS)}"
        raise UsageError(f"--max-growth `{text}`: a network has no figure `{figure}`", help)
    return growth(figure, ungrouped(amount), f"--max-growth {text.strip()}")
