"""The lines, indents, dashes, commas and comments around the values of a text.

A member is a pair of a mapping or an item of a list. A comment belongs to the member on its line. Comment lines
directly above a member, with its indent and without a blank line between, belong to the member too. The comment at the
very top of the file belongs to the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from convcalc.text.nodes import MAPPING, SEQUENCE, TextNode
from convcalc.text.source import BREAK

_BREAKS = re.compile(BREAK)
_TOKEN = re.compile(r"#[^\r\n\x85\u2028\u2029]*|[^\s#]")


class Splice(NamedTuple):
    """`text[start:end]` becomes `text`."""

    start: int
    end: int
    text: str


class Layout:
    """A text with the offsets of its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = list(_BREAKS.finditer(text))
        self.starts = [0, *(found.end() for found in breaks)]
        self.ends = [*(found.start() for found in breaks), len(text)]
        self.newline = breaks[0].group() if breaks else "\n"

    # -- lines ---------------------------------------------------------------------------------------------------

    def line(self, offset: int) -> int:
        """The line of an offset, from 0."""
        return bisect_right(self.starts, offset) - 1

    def column(self, offset: int) -> int:
        """The column of an offset in its line, from 0."""
        return offset - self.line_start(offset)

    def line_start(self, offset: int) -> int:
        return self.starts[self.line(offset)]

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, before its break."""
        return self.ends[self.line(offset)]

    def offset(self, line: int, column: int) -> int | None:
        """The offset of a line and column, from 0; None outside the text. A column past a line's end is its end."""
        if not 0 <= line < len(self.starts) or column < 0:
            return None
        return min(self.starts[line] + column, self.ends[line])

    def is_first(self, offset: int) -> bool:
        """Whether only spaces are before an offset on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" ")

    def is_last(self, offset: int) -> bool:
        """Whether only spaces or a comment follow on the line of an offset."""
        rest = self.text[offset : self.line_end(offset)].strip()
        return not rest or rest.startswith("#")

    def find(self, character: str, start: int, end: int) -> int | None:
        """The offset of a character between two values, outside comments."""
        for found in _TOKEN.finditer(self.text, start, end):
            if found.group() == character:
                return found.start()
        return None

    def lines_of(self, start: int, end: int) -> Splice:
        """The splice that removes whole lines, with the break before the last line where no break ends the text."""
        first, last = self.line(start), self.line(end)
        if last + 1 < len(self.starts):
            return Splice(self.starts[first], self.starts[last + 1], "")
        return Splice(self.ends[first - 1] if first else 0, len(self.text), "")

    # -- members of collections ----------------------------------------------------------------------------------

    def member_start(self, node: TextNode, index: int) -> int:
        """Where a member begins: at its dash, its key, or the `?` before the key; in {} and [] at its key or item."""
        floor = node.items[index - 1].end if index else node.body
        first = node.keys[index] if node.kind == MAPPING else node.items[index]
        sign = "-" if node.kind == SEQUENCE and not node.flow else "?" if node.kind == MAPPING else ""
        place = self.find(sign, floor, first.start) if sign else None
        return first.start if place is None else place

    def member_span(self, node: TextNode, index: int) -> tuple[int, int]:
        """From the first comment that belongs to a member to the end of its last line, without indent and break."""
        start, end = self.member_start(node, index), node.items[index].end
        end = max(end, self.line_end(end)) if self.is_last(end) else end
        if not self.is_first(start):
            return start, end
        line = first = self.line(start)
        column = start - self.starts[line]
        # Above the first member is its owner, not a comment. Above another, a line with # may be a part of a text.
        floor = self.line(node.items[index - 1].end) if index else -1
        while line - 1 > floor and self._is_comment(line - 1, column):
            line -= 1
        if line == 0 < first:
            return start, end
        return self.starts[line] + column, end

    def _is_comment(self, line: int, column: int) -> bool:
        text = self.text[self.starts[line] : self.ends[line]]
        return text[column : column + 1] == "#" and not text[:column].strip(" ")

    def has_lines(self, node: TextNode) -> bool:
        """Whether each member of a collection in {} or [] has lines of its own."""
        if not node.items:
            return False
        starts = [self.member_start(node, index) for index in range(len(node.items))]
        return all(map(self.is_first, starts)) and len({self.line(start) for start in starts}) == len(starts)

    def separator(self, node: TextNode, index: int) -> int | None:
        """The offset of the comma after a member in {} or []; None where there is none."""
        items = node.items
        if index + 1 < len(items):
            end = self.member_start(node, index + 1)
        else:
            end = node.end - 1
        return self.find(",", items[index].end, end)

    def after_indicator(self, parent: TextNode | None, index: int) -> int:
        """The offset right after the colon or dash before the value of a member."""
        if parent is None:
            return 0
        if parent.kind == SEQUENCE:
            return self.member_start(parent, index) + (0 if parent.flow else 1)
        item = parent.items[index]
        colon = self.find(":", parent.keys[index].end, item.start)
        return item.start if colon is None else colon + 1
