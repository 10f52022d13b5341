"""The options of a rule, which the configuration sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

PATTERN = r"^\s*\d{1,99}(?:\.\d{1,99})?\s*%\s*$"
_PER_CENT = re.compile(r"(\d{1,99}(?:\.\d{1,99})?)\s*%")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a rule: a share, which users write in per cent. The rule gets it as a keyword argument."""

    name: str
    default: Fraction
    help: str

    @property
    def keyword(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    def __str__(self) -> str:
        return f"{self.name}: a share in per cent; default {float(100 * self.default):g}%\n    {self.help}"


def share(text: object) -> Fraction | None:
    """The share that is written in per cent; None for any other value.

    >>> share("2.5 %"), share("2")
    (Fraction(1, 40), None)
    """
    found = _PER_CENT.fullmatch(text.strip()) if isinstance(text, str) else None
    return None if found is None else Fraction(found[1]) / 100
