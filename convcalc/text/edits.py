"""Edits of a document as values: their title in words, and the document that they give.

An edit changes the text only where the change is, and is made whole or not at all: the new text is read again and must
hold what the old one held, with the change made; else EditError is raised. To undo an edit, keep the old document.

Comments move and go with the entry that they belong to (`layout` says which that is). The spaces before a comment at
the end of a line are kept, so that a value that is set back gives the old line.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from convcalc.text import splicing
from convcalc.text.document import Document, TextChange, in_words, missing
from convcalc.text.layout import Splice
from convcalc.text.nodes import MAPPING, SCALAR, SEQUENCE, TextNode
from convcalc.text.values import EditError, Path, PathPart, Plain, plain
from convcalc.text.writing import flow_text


class Edit(ABC):
    """A change of a document."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it does, in words."""

    @abstractmethod
    def changes(self, document: Document) -> list[TextChange]:
        """The pieces of text that it replaces, and the values that it changes. Raises EditError where it cannot."""

    def apply(self, document: Document) -> Document:
        """The changed document. Raises EditError where the change cannot be made, SpecError for an unreadable text."""
        return document.changed(self.changes(document))


@dataclass(frozen=True)
class SetValue(Edit):
    """Give a key or an item a value; a key that is not there is added at the end of its mapping.

    `value` is plain data; an expression is a text that starts with `=`. The mapping may be missing too: an empty value
    becomes one, and so does an entry that is written as its bare type. A text in quotes stays in quotes.
    """

    path: Path
    value: Any

    @property
    def title(self) -> str:
        return f"set {in_words(self.path)} to {flow_text(plain(self.value), in_flow=False)}"

    def changes(self, document: Document) -> list[TextChange]:
        value = plain(self.value)
        nodes, rest = document.follow(self.path)
        node = nodes[-1]
        if not rest:
            if len(nodes) == 1:
                raise EditError("the whole file cannot be set", "set its keys")
            return [TextChange(splicing.replaced(document, nodes, value), node, lambda _: value)]
        key = rest[0]
        if isinstance(key, str) and _is_type(nodes, key):
            return [_with_body(document, nodes, _nested(self.path, rest[1:], value))]
        if not isinstance(key, str) or not (node.kind == MAPPING or (node.kind == SCALAR and node.value is None)):
            raise missing(self.path, rest, node)
        value = _nested(self.path, rest[1:], value)
        if node.kind == MAPPING:
            added = splicing.added_pair(document, node, key, value)
            return [TextChange(added, node, lambda old: {**_mapping(old), key: value})]
        return SetValue(self.path[: -len(rest)], {key: value}).changes(document)


@dataclass(frozen=True)
class RemoveKey(Edit):
    """Take a key and its value out of a mapping; a mapping that loses its last is written as {}."""

    path: Path

    @property
    def title(self) -> str:
        return f"remove {in_words(self.path)}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _entry(document, self.path, MAPPING)

        def change(old: Plain) -> Plain:
            return {key: value for key, value in _mapping(old).items() if key != self.path[-1]}

        return [TextChange(splicing.removed(document, nodes, index), nodes[-1], change)]


@dataclass(frozen=True)
class RemoveItem(Edit):
    """Take an item out of a list; a list that loses its last is written as []."""

    path: Path

    @property
    def title(self) -> str:
        return f"remove {in_words(self.path)}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _entry(document, self.path, SEQUENCE)

        def change(old: Plain) -> Plain:
            items = _list(old)
            return items[:index] + items[index + 1 :]

        return [TextChange(splicing.removed(document, nodes, index), nodes[-1], change)]


@dataclass(frozen=True)
class InsertItem(Edit):
    """Put an item into the list at `path`, before the item `index` or, with the length of the list, at its end."""

    path: Path
    index: int
    value: Any

    @property
    def title(self) -> str:
        value = flow_text(plain(self.value), in_flow=False)
        return f"insert {value} into {in_words(self.path)} at {self.index}"

    def changes(self, document: Document) -> list[TextChange]:
        value, node = plain(self.value), document.node(self.path)
        if node.kind == SCALAR and node.value is None and self.index == 0:
            return SetValue(self.path, [value]).changes(document)
        _check_list(self.path, node)
        if not 0 <= self.index <= len(node.items):
            raise EditError(
                f"{in_words(self.path)} has no place {self.index}", f"an index is from 0 to {len(node.items)}"
            )
        if _starts_lines(document, self.path, node, value):
            return SetValue(self.path, [value]).changes(document)

        def change(old: Plain) -> Plain:
            items = _list(old)
            return [*items[: self.index], value, *items[self.index :]]

        return [TextChange(splicing.inserted_item(document, node, self.index, value), node, change)]


@dataclass(frozen=True)
class MoveItem(Edit):
    """Move an item of the list at `path`: the item `source` becomes the item `target`, the others keep their order."""

    path: Path
    source: int
    target: int

    @property
    def title(self) -> str:
        return f"move item {self.source} of {in_words(self.path)} to {self.target}"

    def changes(self, document: Document) -> list[TextChange]:
        node = document.node(self.path)
        _check_list(self.path, node)
        for index in (self.source, self.target):
            if not 0 <= index < len(node.items):
                raise missing((*self.path, index), (index,), node)

        def change(old: Plain) -> Plain:
            items = list(_list(old))
            items.insert(self.target, items.pop(self.source))
            return items

        return [TextChange(splicing.moved(document, node, self.source, self.target), node, change)]


@dataclass(frozen=True)
class RenameKey(Edit):
    """Give a key another name in its place. Nothing that refers to it is changed."""

    path: Path
    name: str

    @property
    def title(self) -> str:
        return f"rename {in_words(self.path)} to {self.name}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _entry(document, self.path, MAPPING)
        node, old_name = nodes[-1], self.path[-1]
        if self.name != old_name and node.index_of(self.name) is not None:
            raise EditError(f"{in_words(self.path[:-1])} has `{self.name}` already", "choose another name")

        def change(old: Plain) -> Plain:
            return {self.name if key == old_name else key: value for key, value in _mapping(old).items()}

        return [TextChange(splicing.renamed(document, node, index, self.name), node, change)]


@dataclass(frozen=True)
class Together(Edit):
    """Several edits as one. The paths of all are those of the document before the first.

    Items of one list come from the last to the first, so that an edit does not change the index of a later one.
    """

    edits: tuple[Edit, ...]

    @property
    def title(self) -> str:
        return ", ".join(edit.title for edit in self.edits)

    def changes(self, document: Document) -> list[TextChange]:
        return [change for edit in self.edits for change in edit.changes(document)]


def _nested(path: Path, steps: Path, value: Plain) -> Plain:
    """A value inside the mappings that are still missing on its path."""
    for step in reversed(steps):
        if not isinstance(step, str):
            raise EditError(f"{in_words(path)} leads to item {step} of a list that is not there", "insert the list")
        value = {step: value}
    return value


def _is_type(nodes: list[TextNode], key: PathPart) -> bool:
    """Whether the last node is an item of a list that is only this type, as `- relu`."""
    node = nodes[-1]
    return len(nodes) > 1 and nodes[-2].kind == SEQUENCE and node.kind == SCALAR and node.value == key


def _with_body(document: Document, nodes: list[TextNode], body: Plain) -> TextChange:
    """A bare type gets parameters: `- relu` becomes `- relu: {…}`."""
    node = nodes[-1]
    in_flow = nodes[-2].flow
    written = document.body[node.body : node.end]
    key = str(node.value) if node.style else written
    text = f": {flow_text(body, in_flow=in_flow)}"
    splices = [Splice(node.end, node.end, text + "}" * in_flow)]
    if in_flow:
        splices.append(Splice(node.body, node.body, "{"))
    return TextChange(splices, node, lambda _: {key: body})


def _starts_lines(document: Document, path: Path, node: TextNode, value: Plain) -> bool:
    """Whether a list gets lines of its own: an empty one, after a key, whose first item is an entry."""
    is_owned = bool(path) and isinstance(path[-1], str) and not document.node(path[:-1]).flow
    return not node.items and is_owned and isinstance(value, dict)


def _entry(document: Document, path: Path, kind: str) -> tuple[list[TextNode], int]:
    """The nodes down to the collection that has the entry at a path, and the entry's index in it."""
    nodes, rest = document.follow(path)
    if rest:
        raise missing(path, rest, nodes[-1])
    if len(nodes) < 2 or nodes[-2].kind != kind:
        raise EditError(f"{in_words(path)} is no {'key of a mapping' if kind == MAPPING else 'item of a list'}")
    index = nodes[-2].index_of(path[-1])
    assert index is not None
    return nodes[:-1], index


def _check_list(path: Path, node: TextNode) -> None:
    if node.kind != SEQUENCE:
        raise EditError(f"{in_words(path)} is no list but a {node.kind}")


def _mapping(value: Plain) -> dict[str, Plain]:
    assert isinstance(value, dict)
    return value


def _list(value: Plain) -> list[Plain]:
    assert isinstance(value, list)
    return value
