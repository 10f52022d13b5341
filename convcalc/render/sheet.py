"""A table as it is shown: texts in columns, and the texts above and below them. Every text format writes sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

GAP = 2  # blanks between columns
NAME_AT_LEAST = 12  # characters that a folded name keeps
WRAPPED = 20  # the smallest width of a column of sentences


class Head(NamedTuple):
    """The head of a column. A narrow terminal leaves out the columns of least `importance` first; 100 always stays.

    A terminal may break a column with `wrap` into lines. `role` chooses the colour. `note` explains the column below
    the table. `shares` gives the part that each row has in the total, from 0 to 1: a page draws them as bars.
    """

    text: str
    right: bool = False
    importance: int = 50
    role: str = ""
    wrap: bool = False
    note: str = ""
    shares: Callable[[], list[float]] | None = None


class Sheet(NamedTuple):
    """A table: title, heads, rows of texts, a row of totals; below it labelled facts, and notes.

    `notes` explain the whole table; `all_notes` also explain its columns.
    """

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()

    @property
    def all_notes(self) -> list[str]:
        """The notes on the table and on its columns."""
        return [*self.notes, *dict.fromkeys(head.note for head in self.heads if head.note)]

    def all_rows(self) -> list[Sequence[str]]:
        """The heads, the rows and the totals."""
        return [[head.text for head in self.heads], *self.rows, *([self.total] if self.total else [])]

    def widths(self) -> list[int]:
        """The length of the longest text of each column."""
        return [max(map(len, column)) for column in zip(*self.all_rows(), strict=True)]

    @property
    def width(self) -> int:
        """The width of the table, in characters."""
        return self._width(range(len(self.heads)))

    def _width(self, kept: Sequence[int] | range) -> int:
        widths = [WRAPPED if head.wrap else size for head, size in zip(self.heads, self.widths(), strict=True)]
        return sum(widths[index] for index in kept) + GAP * (len(kept) - 1)

    def fitted(self, width: int) -> Sheet:
        """The sheet for a `width`, without the least important columns that do not fit.

        A number is never cut. Where fewer columns are not enough, names are folded in the middle.
        """
        kept = list(range(len(self.heads)))
        names = self.widths()[0]
        while (excess := self._width(kept) - width) > 0:
            least = min(kept, key=lambda index: self.heads[index].importance)
            importance = self.heads[least].importance
            # For a reader a folded name is better than a missing important column.
            if importance >= 100 or (importance >= 60 and names - excess >= NAME_AT_LEAST):
                break
            kept.remove(least)
        sheet = self if len(kept) == len(self.heads) else self._only(kept)
        return sheet._folded(max(names - excess, NAME_AT_LEAST)) if excess > 0 else sheet

    def _only(self, kept: list[int]) -> Sheet:
        def pick(row: Sequence[str]) -> list[str]:
            return [row[index] for index in kept]

        dropped = ", ".join(head.text for index, head in enumerate(self.heads) if index not in kept)
        return self._replace(
            heads=[self.heads[index] for index in kept],
            rows=[pick(row) for row in self.rows],
            total=pick(self.total) if self.total else None,
            notes=[*self.notes, f"no room for {dropped}: a wider terminal, a pipe or a file shows all columns"],
        )

    def _folded(self, room: int) -> Sheet:
        return self._replace(rows=[[fold(row[0], room), *row[1:]] for row in self.rows])


def fold(text: str, room: int) -> str:
    """
    >>> fold("layer4.2.downsample.conv1", 15)
    'layer4.…e.conv1'
    """
    if len(text) <= room:
        return text
    tail = (room - 1) // 2
    return f"{text[: room - 1 - tail]}…{text[len(text) - tail :]}"
