"""A table as it is shown: texts in columns and what stands above and below them. Every text format writes sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

GAP = 2  # blanks between columns
NAME_AT_LEAST = 12  # characters of a name that are kept when it is folded
WRAPPED = 20  # the least width of a column of sentences


class Head(NamedTuple):
    """The head of a column. The head of least `importance` goes first where the width is short; 100 never goes.

    A column with `wrap` may be broken into lines on a terminal. `role` chooses the colour. `note` explains the column
    below the table.
    """

    text: str
    right: bool = False
    importance: int = 50
    role: str = ""
    wrap: bool = False
    note: str = ""


class Sheet(NamedTuple):
    """A table: title, heads, rows of texts, a row of totals; below it labelled facts, and notes.

    `notes` are on the whole table; `all_notes` has those on its columns as well.
    """

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()

    @property
    def all_notes(self) -> list[str]:
        """The notes on the table, and those on the columns that it has."""
        return [*self.notes, *dict.fromkeys(head.note for head in self.heads if head.note)]

    def all_rows(self) -> list[Sequence[str]]:
        """The heads, the rows and the totals."""
        return [[head.text for head in self.heads], *self.rows, *([self.total] if self.total else [])]

    def widths(self) -> list[int]:
        """The length of the longest text of each column."""
        return [max(map(len, column)) for column in zip(*self.all_rows(), strict=True)]

    @property
    def width(self) -> int:
        """The columns of a screen that the table needs."""
        return self._width(range(len(self.heads)))

    def _width(self, kept: Sequence[int] | range) -> int:
        widths = [WRAPPED if head.wrap else size for head, size in zip(self.heads, self.widths(), strict=True)]
        return sum(widths[index] for index in kept) + GAP * (len(kept) - 1)

    def fitted(self, width: int) -> Sheet:
        """The sheet without the columns of least importance that `width` has no room for.

        No number is ever cut. Where dropping columns is not enough, names are folded in the middle.
        """
        kept = list(range(len(self.heads)))
        names = self.widths()[0]
        while (excess := self._width(kept) - width) > 0:
            least = min(kept, key=lambda index: self.heads[index].importance)
            importance = self.heads[least].importance
            # A folded name costs a reader less than an important column.
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
            notes=[*self.notes, f"no room for {dropped}: a wider terminal or a pipe shows all"],
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
