"""The splices of each edit: one function for each change of a collection or a value."""

from __future__ import annotations

import re

from convcalc.text.document import Document
from convcalc.text.layout import Layout, Splice
from convcalc.text.nodes import MAPPING, SCALAR, SEQUENCE, TextNode
from convcalc.text.values import Plain
from convcalc.text.writing import (
    INDENT,
    flow_text,
    item_text,
    key_text,
    lines_text,
    literal_text,
    pair_text,
    wants_lines,
)


def replacement(document: Document, nodes: list[TextNode], value: Plain) -> list[Splice]:
    """The splices that give the last node another value; the rest of its line, such as a comment, stays."""
    layout, node, parent = document.layout, nodes[-1], nodes[-2]
    index = parent.items.index(node)
    column = layout.column(layout.member_start(parent, index)) + INDENT
    has_lines = node.kind in (MAPPING, SEQUENCE) and not node.flow
    is_entry = parent.kind == SEQUENCE and isinstance(value, dict)
    keeps_lines = has_lines and isinstance(value, (dict, list))
    wants = (
        not parent.flow and bool(value) and (is_entry or keeps_lines or wants_lines(value, layout.column(node.body)))
    )
    if has_lines and layout.is_first(layout.member_start(node, 0)):
        return _block_replacement(document, nodes, index, value, wants)
    if not wants:
        return [_one_line_replacement(document, nodes, index, value, column)]
    if parent.kind == SEQUENCE and not node.is_empty:
        return [Splice(node.body, node.end, lines_text(value, layout.column(node.body), layout.newline))]
    end = layout.line_end(node.end)
    lines = layout.newline + " " * column + lines_text(value, column, layout.newline)
    return [Splice(document.after_owner(nodes, index), node.end, ""), Splice(end, end, lines)]


def _block_replacement(
    document: Document, nodes: list[TextNode], index: int, value: Plain, wants: bool
) -> list[Splice]:
    """The splices that replace a collection whose members have lines of their own."""
    layout, node = document.layout, nodes[-1]
    first, last = layout.member_span(node, 0)[0], layout.member_span(node, len(node.items) - 1)[1]
    if not wants:
        owner = document.after_owner(nodes, index)
        return [Splice(owner, owner, " " + flow_text(value, in_flow=False)), layout.lines_of(first, last)]
    start = layout.member_start(node, 0)
    column, least = layout.column(start), layout.column(layout.member_start(nodes[-2], index)) + 1
    if isinstance(value, dict) and column < least:  # YAML allows a list at the column of its key, but no mapping
        column = least - 1 + INDENT
    text = " " * column + lines_text(value, column, layout.newline)
    return [Splice(layout.line_start(start), last, text)]


def _one_line_replacement(document: Document, nodes: list[TextNode], index: int, value: Plain, column: int) -> Splice:
    """The splice that writes a value on one line, with the quotes of the old value; a block of text stays a block."""
    layout, node, parent = document.layout, nodes[-1], nodes[-2]
    if node.style in ("|", ">") and isinstance(value, str):
        rows = document.body[node.body : node.end].splitlines()[1:]
        indents = [len(row) - len(row.lstrip(" ")) for row in rows if row.strip()]
        block = literal_text(value, node.style, min(indents, default=column), layout.newline)
        if block is not None:
            return Splice(node.body, node.end, block)
    quote = node.style if node.kind == SCALAR and node.style in ("'", '"') else ""
    text = flow_text(value, in_flow=parent.flow, quote=quote)
    before = document.body[node.body - 1 : node.body]
    if node.is_empty and parent.kind == MAPPING and layout.find(":", parent.keys[index].end, node.start) is None:
        text = ": " + text
    elif before in (":", "-", ",", "?") or (node.is_empty and node.has_anchor):
        text = " " + text
    return Splice(node.body, node.end, text)


# -- adding ------------------------------------------------------------------------------------------------------


def pair_addition(document: Document, node: TextNode, key: str, value: Plain) -> list[Splice]:
    """The splices that add a key at the end of a mapping."""
    layout = document.layout
    if node.flow:
        return _flow_addition(document, node, len(node.items), f"{key_text(key, in_flow=True)}: {flow_text(value)}")
    column = layout.column(layout.member_start(node, 0))
    return _line_addition(layout, node, len(node.items), pair_text(key, value, column, layout.newline))


def item_insertion(document: Document, node: TextNode, index: int, value: Plain) -> list[Splice]:
    """The splices that insert an item before the item `index` of a list, or at its end."""
    layout = document.layout
    if node.flow:
        return _flow_addition(document, node, index, flow_text(value))
    column = layout.column(layout.member_start(node, 0))
    return _line_addition(layout, node, index, item_text(value, column, layout.newline))


def _line_addition(layout: Layout, node: TextNode, index: int, text: str) -> list[Splice]:
    line = layout.newline + " " * layout.column(layout.member_start(node, 0))
    if index == len(node.items):
        end = layout.member_span(node, index - 1)[1]
        return [Splice(end, end, line + text)]
    start = layout.member_span(node, index)[0]
    return [Splice(start, start, text + line)]


def _flow_addition(document: Document, node: TextNode, index: int, text: str) -> list[Splice]:
    layout, body = document.layout, document.body
    if body[node.body] not in "[{":  # [a: 1], a pair without braces
        return [Splice(node.body, node.body, "{"), Splice(node.end, node.end, f", {text}}}")]
    if not node.items:
        start, end = node.body + 1, node.end - 1
        return [Splice(end if body[start:end].strip() else start, end, text)]
    has_lines = layout.has_lines(node)
    line = layout.newline + " " * layout.column(layout.member_start(node, 0))
    if index < len(node.items):
        start = layout.member_span(node, index)[0] if has_lines else layout.member_start(node, index)
        return [Splice(start, start, text + ("," + line if has_lines else ", "))]
    last = node.items[-1].end
    comma = layout.separator(node, index - 1)
    after = last if comma is None else comma + 1
    if has_lines and layout.line_end(after) < node.end - 1:
        end = layout.line_end(after)
        return [
            Splice(last, last, "," if comma is None else ""),
            Splice(end, end, line + text + "," * (comma is not None)),
        ]
    return [Splice(last, last, f", {text}")]


# -- removing ----------------------------------------------------------------------------------------------------


def removal(document: Document, nodes: list[TextNode], index: int) -> list[Splice]:
    """The splices that remove the member `index` of the last node, with its comments."""
    layout, node = document.layout, nodes[-1]
    if len(node.items) == 1:
        return _removal_of_the_only_member(document, nodes)
    if node.flow:
        return _flow_removal(document, node, index)
    start, end = layout.member_span(node, index)
    if layout.is_first(start):
        return [layout.lines_of(start, end)]
    # The member follows a dash, `- a: 1`: the next member takes its place, unless there are comments between them.
    following = layout.member_start(node, 1)
    if document.body[end:following].strip():
        blank = len(document.body[:start]) - len(document.body[:start].rstrip(" "))
        return [Splice(start - blank, end, "")]
    return [Splice(start, following, "")]


def _removal_of_the_only_member(document: Document, nodes: list[TextNode]) -> list[Splice]:
    """The splices that replace a collection by [] or {}; the comments inside are removed."""
    layout, node = document.layout, nodes[-1]
    text = "[]" if node.kind == SEQUENCE else "{}"
    start, end = (node.body, node.end) if node.flow else (layout.member_start(node, 0), layout.member_span(node, 0)[1])
    if node.flow or len(nodes) < 2 or not layout.is_first(start):
        return [Splice(start, end, text)]
    owner = document.after_owner(nodes, nodes[-2].items.index(node))
    return [Splice(owner, owner, " " + text), layout.lines_of(layout.member_span(node, 0)[0], end)]


def _flow_removal(document: Document, node: TextNode, index: int) -> list[Splice]:
    layout, body = document.layout, document.body
    start, end = layout.member_start(node, index), node.items[index].end
    comma = layout.separator(node, index)
    after = end if comma is None else comma + 1
    is_last = index + 1 == len(node.items)
    before = layout.separator(node, index - 1) if index else None
    dangling = [Splice(before, before + 1, "")] if is_last and comma is None and before is not None else []
    if layout.is_first(start) and layout.is_last(after) and layout.line_end(after) < node.end:
        return [*dangling, layout.lines_of(layout.member_span(node, index)[0], after)]
    if is_last and before is not None:
        if comma is None and not body[before + 1 : start].strip():
            return [Splice(before, end, "")]
        return [*dangling, Splice(start, after, "")]
    blank = re.compile(r"[ \t]*").match(body, after)
    return [Splice(start, after if blank is None else blank.end(), "")]


# -- moving and renaming -----------------------------------------------------------------------------------------


def move(document: Document, node: TextNode, source: int, target: int) -> list[Splice]:
    """The splices that move a member; commas, indents and blank lines between members stay in place."""
    first, last = sorted((source, target))
    places = [_moving_pieces(document.layout, node, index) for index in range(first, last + 1)]
    order = list(places)
    order.insert(target - first, order.pop(source - first))
    return [
        Splice(old.start, old.end, document.body[new.start : new.end])
        for place, moving in zip(places, order)
        for old, new in zip(place, moving)
    ]


def _moving_pieces(layout: Layout, node: TextNode, index: int) -> list[Splice]:
    """The pieces of text that move with an item: the item, and in {} or [] the comment after its comma."""
    if not node.flow or not layout.has_lines(node):
        start, end = layout.member_span(node, index)
        return [Splice(start, node.items[index].end if node.flow else end, "")]
    start, end = layout.member_span(node, index)[0], node.items[index].end
    comma = layout.separator(node, index)
    after = end if comma is None else comma + 1
    rest = layout.line_end(after) if layout.is_last(after) else after
    return [Splice(start, end, ""), Splice(after, rest, "")]


def key_renaming(document: Document, node: TextNode, index: int, name: str) -> list[Splice]:
    """The splice that renames a key; its quotes stay."""
    key = node.keys[index]
    quote = key.style if key.style in ("'", '"') else ""
    return [Splice(key.start, key.end, key_text(name, in_flow=node.flow, quote=quote))]
