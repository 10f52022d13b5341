"""The methods that formats need from a value: a printout has those of one or more of these protocols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from convcalc.render.sheet import Sheet

Record = Sequence[object]


class Tables(Protocol):
    """A value that is shown as tables."""

    @property
    def title(self) -> str:
        """The title of a page with these tables."""

    def sheets(self, width: int | None) -> Sequence[Sheet]:
        """The tables, for a terminal of that width; None for a pipe or a file."""


class Plain(Protocol):
    """A value that can be given as dictionaries, lists and plain values."""

    def data(self) -> Any:
        """The value as plain data."""


class Records(Protocol):
    """A value that has records."""

    def records(self) -> Iterable[Record]:
        """The names of the fields, then the fields of each record; None means empty."""
