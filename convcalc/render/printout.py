"""What a value offers to the formats: a printout has the methods of one or more of these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from convcalc.render.sheet import Sheet

Record = Sequence[object]


class Tables(Protocol):
    """What is shown as tables."""

    @property
    def title(self) -> str:
        """The title of a page that holds them."""

    def sheets(self, width: int | None) -> Sequence[Sheet]:
        """The tables, for a terminal of that width; None for a pipe or a file."""


class Plain(Protocol):
    """What is made of dictionaries, lists and plain values."""

    def data(self) -> Any:
        """The value as these."""


class Records(Protocol):
    """What has records."""

    def records(self) -> Iterable[Record]:
        """The names of the fields, then the fields of each record; None is left empty."""
