"""Where each value of a YAML text begins and ends: what an edit needs to know beside the values.

Read from the same event stream as `spec.compose`, which has the say in what is allowed: whatever is not plain data
is handed to it, so that its message is the one the user sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from convcalc import bounds
from convcalc.text.compose import COLLECTION_SIZE, compose, events, resolve_plain
from convcalc.text.source import Source
from convcalc.text.values import Path, PathPart, Plain, expression

NO_CHANGES: dict[int, list[Callable[[Plain], Plain]]] = {}
SCALAR, SEQUENCE, MAPPING, ALIAS = "scalar", "list", "mapping", "alias"
_NO_NODES: list[TextNode] = []  # of every scalar, to which nobody adds: most nodes are one
_GAP = re.compile(r"[\s]|#[^\r\n\x85\u2028\u2029]*")
_TRAILING = re.compile(r"\s+\Z")


class TextNode:
    """One value as it is written: `text[start:end]`, with its anchor; `text[body:end]` without.

    A collection has `items`, a mapping the nodes of their `keys` as well. `flow` says that it stands in {} or []. An
    empty value has `start == end`, right after the colon or dash. An alias has the node it stands for as `target`.
    """

    __slots__ = ("kind", "start", "body", "end", "flow", "style", "value", "items", "keys", "target", "has_anchor")

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.start = self.body = start
        self.end = end
        self.flow = False
        self.style = ""
        self.value: Plain = None  # of a scalar; of a key its text
        self.items = _NO_NODES
        self.keys = _NO_NODES
        self.target: TextNode | None = None
        self.has_anchor = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written: a key without a value, a dash without an item."""
        return self.body == self.end and self.kind == SCALAR

    def index_of(self, step: PathPart) -> int | None:
        """Which of its items a key or index names."""
        if self.kind == SEQUENCE:
            return step if isinstance(step, int) and 0 <= step < len(self.items) else None
        if self.kind == MAPPING:
            return next((index for index, key in enumerate(self.keys) if key.value == step), None)
        return None

    def steps(self) -> list[PathPart]:
        """The keys or indices of its items."""
        return [str(key.value) for key in self.keys] if self.kind == MAPPING else list(range(len(self.items)))

    def walk(self) -> Iterator[tuple[Path, TextNode]]:
        """This node and all in it as they are written, each with its path."""
        waiting: list[tuple[Path, TextNode]] = [((), self)]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            waiting += [((*path, step), item) for step, item in zip(node.steps(), node.items)]


def read(text: str) -> TextNode:
    """The root of a text without a byte order mark. Raises SpecError for what `compose` refuses."""
    source = Source("", text)
    try:
        root, is_plain = _read(text)
    except (yaml.YAMLError, _Refused):
        compose(source)
        raise AssertionError("compose accepts what is no plain data") from None
    if root is None or root.kind != MAPPING or not is_plain:
        compose(source)
    assert root is not None
    return root


class _Refused(Exception):
    """Something that may not stand in a spec, or that only `compose` can tell."""


def _read(text: str) -> tuple[TextNode | None, bool]:
    """The root, and whether the text holds no anchor or alias, whose use only `compose` judges."""
    root: TextNode | None = None
    stack: list[tuple[TextNode | None, TextNode | None]] = []
    container: TextNode | None = None
    key: TextNode | None = None
    anchors: dict[str, TextNode] = {}
    size = documents = 0
    is_plain = True
    for event in events(text):
        kind = type(event)
        if kind is ScalarEvent:
            if key is None and container is not None and container.kind == MAPPING:
                key = _key(event)
                container.keys.append(key)
                continue
            node = _scalar(event, text)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            node = TextNode(MAPPING if kind is MappingStartEvent else SEQUENCE, event.start_mark.index, 0)
            node.flow = bool(event.flow_style)
            node.items, node.keys = [], []
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            assert container is not None
            _close(container, event.end_mark.index, text)
            container, key = stack.pop()
            continue
        elif kind is AliasEvent:
            node = TextNode(ALIAS, event.start_mark.index, event.end_mark.index)
            node.target = anchors.get(event.anchor)
            is_plain = False
        else:
            documents += kind is yaml.events.DocumentStartEvent
            continue

        size += COLLECTION_SIZE if kind is MappingStartEvent or kind is SequenceStartEvent else 1
        if size > bounds.MAX_YAML_VALUES or documents > 1:
            raise _Refused
        if container is None:
            root = node
        elif container.kind == MAPPING and key is None:
            raise _Refused  # a key that is no scalar
        else:
            container.items.append(node)
        if kind is ScalarEvent or kind is MappingStartEvent or kind is SequenceStartEvent:
            if event.tag is not None:
                raise _Refused
            if event.anchor is not None:
                node.has_anchor, is_plain = True, False
                anchors[event.anchor] = node
                node.body = _body(text, event)
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            stack.append((container, None))
            container = node
            if len(stack) > bounds.MAX_YAML_DEPTH:
                raise _Refused
        key = None
    return root, is_plain


def _key(event: Any) -> TextNode:
    if event.anchor is not None or event.tag is not None:
        raise _Refused
    node = TextNode(SCALAR, event.start_mark.index, event.end_mark.index)
    node.style = event.style or ""
    node.value = event.value
    return node


def _scalar(event: Any, text: str) -> TextNode:
    node = TextNode(SCALAR, event.start_mark.index, event.end_mark.index)
    written = event.value
    style = node.style = event.style or ""
    if written[:1] == "=":
        node.value = expression(written)
    elif style == "":
        try:
            node.value = resolve_plain(written)  # type: ignore[assignment]  # of a plain scalar: no collection
        except ValueError:
            raise _Refused from None
    else:
        node.value = written
    if style in ("|", ">"):
        node.end = _end_of_block_scalar(text, node.start, node.end)
    return node


def _end_of_block_scalar(text: str, start: int, end: int) -> int:
    """Without the break after its last line; blank lines after it belong to it only with the indicator `+`."""
    written = text[start:end]
    if "+" in written.splitlines()[0].partition("#")[0]:
        return end - (2 if written.endswith("\r\n") else 1 if written[-1:].isspace() else 0)
    blank = _TRAILING.search(written)
    return start + blank.start() if blank else end


def _close(node: TextNode, end: int, text: str) -> None:
    """The end of a collection: its bracket, or the end of its last item; the events tell where the next begins."""
    is_bracketed = node.flow and text[end - 1 : end] in ("]", "}") and end > (node.items[-1].end if node.items else 0)
    if is_bracketed and text[node.body : node.body + 1] in ("[", "{"):
        node.end = end
    else:
        node.end = node.items[-1].end if node.items else end
    if len({key.value for key in node.keys}) < len(node.keys):
        raise _Refused


def _body(text: str, event: Any) -> int:
    """Where a value begins that carries an anchor: after it, and after the spaces, breaks and comments between."""
    end: int = event.start_mark.index + 1 + len(event.anchor)
    if event.end_mark.index <= end and type(event) is ScalarEvent:
        return end
    while (gap := _GAP.match(text, end)) is not None:
        end = gap.end()
    return end


def evaluate(root: TextNode, changes: Mapping[int, Sequence[Callable[[Plain], Plain]]] = NO_CHANGES) -> Plain:
    """The value of a node as plain data; `changes`, by the id of a node, are made of its value and its aliases'."""
    known: dict[int, Plain] = {}

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
