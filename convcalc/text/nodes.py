"""Finds where each value of a YAML text begins and ends. Edits need this.

This module reads only texts that `compose` accepts, and reports no errors of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from yaml.events import MappingStartEvent, ScalarEvent

from convcalc.text.events import EventReader
from convcalc.text.scalars import resolve_plain
from convcalc.text.values import Path, PathPart, Plain, expression

NO_CHANGES: dict[int, list[Callable[[Plain], Plain]]] = {}
SCALAR, SEQUENCE, MAPPING, ALIAS = "scalar", "list", "mapping", "alias"
_NO_NODES: list[TextNode] = []  # the items of all scalars, which are most of the nodes; it stays empty
_GAP = re.compile(r"[\s]|#[^\r\n\x85\u2028\u2029]*")
_TRAILING = re.compile(r"\s+\Z")


class TextNode:
    """One value as it is written: `text[start:end]` with its anchor, `text[body:end]` without.

    A collection has `items`; a mapping also has `keys`, which are nodes. `flow` is true for a collection in {} or [].
    An empty value has `start == end`, right after the colon or dash. The `target` of an alias is the node it repeats.
    """

    __slots__ = ("kind", "start", "body", "end", "flow", "style", "value", "items", "keys", "target", "has_anchor")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = self.body = start
        self.end = end
        self.flow = False
        self.style = ""
        self.value: Plain = None  # of a scalar; the text of a key
        self.items = _NO_NODES
        self.keys = _NO_NODES
        self.target: TextNode | None = None
        self.has_anchor = False

    @property
    def is_empty(self) -> bool:
        """Whether the text has no value here: a key without a value, or a dash without an item."""
        return self.body == self.end and self.kind == SCALAR

    def index_of(self, step: PathPart) -> int | None:
        """The index of the item with this key or index."""
        if self.kind == SEQUENCE:
            return step if isinstance(step, int) and 0 <= step < len(self.items) else None
        if self.kind == MAPPING:
            return next((index for index, key in enumerate(self.keys) if key.value == step), None)
        return None

    def steps(self) -> list[PathPart]:
        """The keys of a mapping, or the indices of a list."""
        return [str(key.value) for key in self.keys] if self.kind == MAPPING else list(range(len(self.items)))

    def walk(self) -> Iterator[tuple[Path, TextNode]]:
        """This node and all nodes inside it, each with its path. Aliases are not followed."""
        waiting: list[tuple[Path, TextNode]] = [((), self)]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            waiting += [((*path, step), item) for step, item in zip(node.steps(), node.items)]


class _NodeReader(EventReader):
    """Reads a text that `compose` accepts. It makes no checks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: TextNode | None = None
        self.stack: list[TextNode] = []  # the open collections
        self.anchors: dict[str, TextNode] = {}

    def scalar(self, event: Any) -> None:
        container = self.stack[-1] if self.stack else None
        node = TextNode(SCALAR, event.start_mark.index, event.end_mark.index)
        style = node.style = event.style or ""
        if container is not None and container.kind == MAPPING and len(container.keys) == len(container.items):
            node.value = event.value
            container.keys.append(node)
            return
        node.value = _scalar_value(event.value, style)
        if style in ("|", ">"):
            node.end = _end_of_block_scalar(self.text, node.start, node.end)
        self.add(node, event)

    def open_collection(self, event: Any) -> None:
        kind = MAPPING if type(event) is MappingStartEvent else SEQUENCE
        node = TextNode(kind, event.start_mark.index, 0)
        node.flow = bool(event.flow_style)
        node.items, node.keys = [], []
        self.add(node, event)
        self.stack.append(node)

    def close_collection(self, event: Any) -> None:
        node = self.stack.pop()
        node.end = _end_of_collection(node, event.end_mark.index, self.text)

    def alias(self, event: Any) -> None:
        node = TextNode(ALIAS, event.start_mark.index, event.end_mark.index)
        node.target = self.anchors[event.anchor]
        self.add(node)

    def add(self, node: TextNode, event: Any = None) -> None:
        """Add a node to the innermost open collection; without an open one it is the root."""
        if event is not None and event.anchor is not None:
            node.has_anchor = True
            node.body = _body(self.text, event)
            self.anchors[event.anchor] = node
        if self.stack:
            self.stack[-1].items.append(node)
        else:
            self.root = node


def read(text: str) -> TextNode:
    """The root of a text without a byte order mark. `compose` must accept the text."""
    reader = _NodeReader(text)
    reader.read(text)
    assert reader.root is not None
    return reader.root


def _scalar_value(written: str, style: str) -> Plain:
    if written[:1] == "=":
        return expression(written)
    return resolve_plain(written) if style == "" else written  # type: ignore[return-value]  # no collection


def _end_of_block_scalar(text: str, start: int, end: int) -> int:
    """Where a block scalar ends, before its last break. Blank lines after it belong to it only with a `+`."""
    written = text[start:end]
    if "+" in written.splitlines()[0].partition("#")[0]:
        return end - (2 if written.endswith("\r\n") else 1 if written[-1:].isspace() else 0)
    blank = _TRAILING.search(written)
    return start + blank.start() if blank else end


def _end_of_collection(node: TextNode, end: int, text: str) -> int:
    """Where a collection ends: at its bracket, or with its last item.

    Without brackets PyYAML's event ends only where the next value begins.
    """
    last = node.items[-1].end if node.items else 0
    is_bracketed = node.flow and text[end - 1 : end] in ("]", "}") and end > last
    if is_bracketed and text[node.body : node.body + 1] in ("[", "{"):
        return end
    return last if node.items else end


def _body(text: str, event: Any) -> int:
    """Where a value with an anchor begins: after the anchor, and the spaces, breaks and comments that follow it."""
    end: int = event.start_mark.index + 1 + len(event.anchor)
    if event.end_mark.index <= end and type(event) is ScalarEvent:
        return end
    while (gap := _GAP.match(text, end)) is not None:
        end = gap.end()
    return end


def evaluate(root: TextNode, changes: Mapping[int, Sequence[Callable[[Plain], Plain]]] = NO_CHANGES) -> Plain:
    """The value of a node as plain data. `changes`, by the id of a node, apply to its value and to its aliases."""
    known: dict[int, Plain] = {}  # the values of anchors, by the id of the node

    def value_of(node: TextNode) -> Plain:
        if id(node) in known:
            return known[id(node)]
        value: Plain
        if node.kind == SCALAR:
            value = node.value
        elif node.kind == ALIAS:
            assert node.target is not None
            value = value_of(node.target)
        elif node.kind == SEQUENCE:
            value = [value_of(item) for item in node.items]
        else:
            value = {str(key.value): value_of(item) for key, item in zip(node.keys, node.items)}
        for change in changes.get(id(node), ()):
            value = change(value)
        if node.has_anchor:
            known[id(node)] = value
        return value

    return value_of(root)
