"""Limits of figures, as users write them: `params <= 5M`, `conv*.receptive_field >= 7`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from convcalc.errors import UsageError
from convcalc.limits.figures import LAYER_NUMBERS, TOTALS, counted, number, other_unit
from convcalc.problems import nearest
from convcalc.report.figure import MAX, MIN

EXACT = "exact"
SIGNS = {">=": MIN, "<=": MAX, "==": EXACT}
_BUDGET = re.compile(r"\s*(?:(?P<layer>.+)\.)?(?P<figure>[^.\s<>=!]+)\s*(?P<sign>[<>=!]=?)\s*(?P<number>\S.*?)\s*")


@dataclass(slots=True, eq=False)
class Limit:
    """One bound of a total, or of a figure of the layers whose full names match the pattern `layer`.

    It applies to variants that match one of the patterns `variants`; without patterns, to the file and all variants.
    `origin` says where the limit is written. `for_file` is true for a limit of a single file, given by name.
    """

    layer: str
    figure: str
    side: str
    number: int
    origin: str
    variants: tuple[str, ...] = ()
    for_file: bool = False

    @property
    def subject(self) -> tuple[str, str, str]:
        """The figure and the side of the limit: two limits with one subject contradict or repeat each other."""
        return self.layer, self.figure, self.side

    def is_for(self, variant: str | None) -> bool:
        return not self.variants or any(fnmatchcase(variant or "", pattern) for pattern in self.variants)

    def is_kept(self, value: int) -> bool:
        if self.side == MAX:
            return value <= self.number
        return value >= self.number if self.side == MIN else value == self.number


def budget(text: str, option: str = "--budget") -> Limit:
    """The limit that a text writes: `params <= 5M`, `conv*.receptive_field >= 7`. Raises UsageError."""
    match = _BUDGET.fullmatch(text)
    if match is None or match["sign"] not in SIGNS:
        help = "write FIGURE <= NUMBER, FIGURE >= NUMBER or LAYER.FIGURE == NUMBER, as in 'conv1.params <= 10k'"
        raise UsageError(f"{option} `{text}` is not a budget", help)
    layer, figure = match["layer"] or "", match["figure"]
    known = LAYER_NUMBERS if layer else TOTALS
    if figure not in known:
        whose = "a layer" if layer else "a network"
        help = nearest(figure, known) or f"the figures of {whose} are {', '.join(known)}"
        raise UsageError(f"{option} `{text}`: {whose} has no figure `{figure}`", help)
    return limit(layer, figure, SIGNS[match["sign"]], match["number"], f"{option} '{text.strip()}'")


def limit(layer: str, figure: str, side: str, text: str, origin: str) -> Limit:
    """The limit of a number written with an optional unit. Raises UsageError."""
    value = quantity(ungrouped(text), figure)
    if value is None:
        raise UsageError(f"{origin}: {why_no_number(text, figure)}", how_to_write(figure))
    return Limit(layer, figure, side, value, origin)


def ungrouped(text: str) -> str:
    """A number of the command line without separators: 1,000,000 or 1_000_000."""
    return text.replace(",", "").replace("_", "")


def quantity(value: object, figure: str) -> int | None:
    """The value as a whole number from 0 up; None where it is not such a number, or its unit does not fit."""
    found = number(value, figure)
    return found if type(found) is int and found >= 0 else None


def why_no_number(value: object, figure: str) -> str:
    """The message for a value that cannot bound a figure."""
    shown = f"`{value}`" if isinstance(value, (str, int, float)) else "this"
    return other_unit(value, figure) or f"{shown} is not a whole number from 0 up"


def how_to_write(figure: str) -> str:
    """How to write a number for a figure."""
    return {"bytes": "write 500 kB or 4MiB", "pixels": "write 224"}.get(counted(figure), "write 5000000, 5M or 300k")
