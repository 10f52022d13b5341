"""Converts places in a text to the paths of its values, and back.

A text is read into two trees. `compose` gives the values that the network is built from, each with its mark; messages
name these places. `nodes` gives the start and end of every value; edits use paths through it. Every conversion between
the two is here.
"""

from __future__ import annotations

from bisect import bisect_right

from convcalc.errors import SpecError
from convcalc.problems import Where
from convcalc.text.document import Document
from convcalc.text.layout import Layout
from convcalc.text.nodes import MAPPING, TextNode
from convcalc.text.source import Mark, line_and_column, make_mark
from convcalc.text.values import EditError, Path, PathPart


def path_of(document: Document, mark: Mark) -> Path:
    """The path of the key or value at a mark; between values, the path of the collection around the mark."""
    offset = document.layout.offset(*line_and_column(mark))
    return () if offset is None else _path_at(document, offset)


def path_of_problem(document: Document, where: Where) -> Path:
    """The path of the value at a problem's place; the root where it has no place or the text is unreadable."""
    if not where.line:
        return ()
    try:
        return path_of(document, make_mark(where.line - 1, where.column - 1))
    except SpecError:
        return ()


def entry_path(document: Document, mark: Mark) -> Path:
    """The path of the entry whose type is at a mark. Raises EditError where there is none."""
    path = path_of(document, mark)
    if path and isinstance(path[-1], str):
        path = path[:-1]
    if path and isinstance(path[-1], int) and entry_mark(document, path) == mark:
        document.entry_type(path)
        return path
    line, column = line_and_column(mark)
    raise EditError(f"there is no entry at {line + 1}:{column + 1}")


def entry_mark(document: Document, path: Path) -> Mark:
    """The mark of the type of the entry at a path. Raises EditError where there is no entry."""
    node, layout = document.node(path), document.layout
    offset = node.keys[0].start if node.kind == MAPPING and node.keys else node.start
    return make_mark(layout.line(offset), layout.column(offset))


def _path_at(document: Document, offset: int) -> Path:
    path: list[PathPart] = []
    node = document.root
    while (index := _index_at(document.layout, node, offset)) is not None:
        path.append(node.steps()[index] if node.kind == MAPPING else index)
        is_key = node.kind == MAPPING and offset < node.items[index].start
        node = node.items[index]
        if is_key:
            break
    return tuple(path)


def _index_at(layout: Layout, node: TextNode, offset: int) -> int | None:
    """The index of the member of a collection at an offset; None where no member is there."""
    items = node.items
    index = bisect_right(items, offset, key=lambda item: item.start)
    if index == len(items) or layout.member_start(node, index) > offset:
        index -= 1  # the offset is before the dash or key of the next member
    if index < 0 or not (offset < items[index].end or offset <= items[index].start == items[index].end):
        return None
    return index
