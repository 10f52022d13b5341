"""Edits of a document as plain values. Each has a title, and makes the changed document.

An edit changes as little of the text as it can. Then the new text is read again: its values must be the old ones with
the change, otherwise the edit raises EditError and changes nothing. To undo an edit, use the old document again.

A comment moves with the member of a collection that it belongs to, and is removed with it; `layout` defines this. The
spaces before a comment at the end of a line are kept: setting the old value again gives the old line.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from convcalc.text import splicing
from convcalc.text.document import Document, TextChange, in_words, missing_step
from convcalc.text.layout import Splice
from convcalc.text.nodes import ALIAS, MAPPING, SCALAR, SEQUENCE, TextNode
from convcalc.text.values import EditError, Path, PathPart, Plain, plain
from convcalc.text.writing import flow_text


class Edit(ABC):
    """A change of a document."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the edit does, in words."""

    @abstractmethod
    def changes(self, document: Document) -> list[TextChange]:
        """The changes of the text and of the values. Raises EditError where the edit is impossible."""

    def apply(self, document: Document) -> Document:
        """The changed document. Raises EditError where the edit is impossible, SpecError for an unreadable text."""
        return document.with_changes(self.changes(document))


@dataclass(frozen=True)
class SetValue(Edit):
    """Set the value of a key or an item; a missing key is added at the end of its mapping.

    `value` is plain data; an expression is a text that starts with `=`. The mapping may be missing too: an empty value
    and an entry that is only its type become a mapping. A text in quotes stays in quotes.
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
                raise EditError("the whole file cannot be set", "set one of its keys")
            return [TextChange(splicing.replacement(document, nodes, value), node, lambda _: value)]
        key = rest[0]
        if isinstance(key, str) and _is_type(nodes, key):
            return [_bare_type_change(document, nodes, _nested(self.path, rest[1:], value))]
        if not isinstance(key, str) or not (node.kind == MAPPING or (node.kind == SCALAR and node.value is None)):
            raise missing_step(self.path, rest, node)
        value = _nested(self.path, rest[1:], value)
        if node.kind == MAPPING:
            added = splicing.pair_addition(document, node, key, value)
            return [TextChange(added, node, lambda old: {**_mapping(old), key: value})]
        return SetValue(self.path[: -len(rest)], {key: value}).changes(document)


@dataclass(frozen=True)
class RemoveKey(Edit):
    """Remove a key and its value from a mapping; a mapping without keys is written as {}."""

    path: Path

    @property
    def title(self) -> str:
        return f"remove {in_words(self.path)}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _collection_and_index(document, self.path, MAPPING)

        def change(old: Plain) -> Plain:
            return {key: value for key, value in _mapping(old).items() if key != self.path[-1]}

        return [TextChange(splicing.removal(document, nodes, index), nodes[-1], change)]


@dataclass(frozen=True)
class RemoveItem(Edit):
    """Remove an item from a list; a list without items is written as []."""

    path: Path

    @property
    def title(self) -> str:
        return f"remove {in_words(self.path)}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _collection_and_index(document, self.path, SEQUENCE)

        def change(old: Plain) -> Plain:
            items = _list(old)
            return items[:index] + items[index + 1 :]

        return [TextChange(splicing.removal(document, nodes, index), nodes[-1], change)]


@dataclass(frozen=True)
class InsertItem(Edit):
    """Insert an item into the list at `path`, before the item `index`; the length of the list means its end."""

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
                f"{in_words(self.path)} has no place {self.index}", f"the index must be from 0 to {len(node.items)}"
            )
        if _needs_own_lines(document, self.path, node, value):
            return SetValue(self.path, [value]).changes(document)

        def change(old: Plain) -> Plain:
            items = _list(old)
            return [*items[: self.index], value, *items[self.index :]]

        return [TextChange(splicing.item_insertion(document, node, self.index, value), node, change)]


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
                raise missing_step((*self.path, index), (index,), node)

        def change(old: Plain) -> Plain:
            items = list(_list(old))
            items.insert(self.target, items.pop(self.source))
            return items

        return [TextChange(splicing.move(document, node, self.source, self.target), node, change)]


@dataclass(frozen=True)
class RenameKey(Edit):
    """Rename a key in its place. References to it are not changed."""

    path: Path
    name: str

    @property
    def title(self) -> str:
        return f"rename {in_words(self.path)} to {self.name}"

    def changes(self, document: Document) -> list[TextChange]:
        nodes, index = _collection_and_index(document, self.path, MAPPING)
        node, old_name = nodes[-1], self.path[-1]
        if self.name != old_name and node.index_of(self.name) is not None:
            raise EditError(f"{in_words(self.path[:-1])} has `{self.name}` already", "choose another name")

        def change(old: Plain) -> Plain:
            return {self.name if key == old_name else key: value for key, value in _mapping(old).items()}

        return [TextChange(splicing.key_renaming(document, node, index, self.name), node, change)]


@dataclass(frozen=True)
class Together(Edit):
    """Several edits of one document as a single edit. Their paths are those of the document before the first edit.

    Give the removals of one list from the last item to the first, so that no removal changes the next index.
    """

    edits: tuple[Edit, ...]

    @property
    def title(self) -> str:
        return ", ".join(edit.title for edit in self.edits)

    def changes(self, document: Document) -> list[TextChange]:
        return [change for edit in self.edits for change in edit.changes(document)]


def _nested(path: Path, steps: Path, value: Plain) -> Plain:
    """A value inside one new mapping for each step of a path."""
    for step in reversed(steps):
        if not isinstance(step, str):
            raise EditError(f"{in_words(path)}: there is no list that has an item {step}", "insert the list first")
        value = {step: value}
    return value


def _is_type(nodes: list[TextNode], key: PathPart) -> bool:
    """Whether the last node is an entry that is only its type, and `key` is that type."""
    node = nodes[-1]
    return len(nodes) > 1 and nodes[-2].kind == SEQUENCE and node.kind == SCALAR and node.value == key


def _bare_type_change(document: Document, nodes: list[TextNode], body: Plain) -> TextChange:
    """The change that gives parameters to an entry that is only its type: `- relu` becomes `- relu: {…}`."""
    node = nodes[-1]
    in_flow = nodes[-2].flow
    written = document.body[node.body : node.end]
    key = str(node.value) if node.style else written
    text = f": {flow_text(body, in_flow=in_flow)}"
    splices = [Splice(node.end, node.end, text + "}" * in_flow)]
    if in_flow:
        splices.append(Splice(node.body, node.body, "{"))
    return TextChange(splices, node, lambda _: {key: body})


def _needs_own_lines(document: Document, path: Path, node: TextNode, value: Plain) -> bool:
    """Whether a list needs lines of its own: it is the empty list of a key, and gets an entry."""
    is_owned = bool(path) and isinstance(path[-1], str) and not document.node(path[:-1]).flow
    return not node.items and is_owned and isinstance(value, dict)


def _collection_and_index(document: Document, path: Path, kind: str) -> tuple[list[TextNode], int]:
    """The nodes from the root to the collection that has the value at a path, and the index of the value in it."""
    nodes, rest = document.follow(path)
    if rest:
        raise missing_step(path, rest, nodes[-1])
    if len(nodes) < 2 or nodes[-2].kind != kind:
        raise EditError(f"{in_words(path)} is not {'a key of a mapping' if kind == MAPPING else 'an item of a list'}")
    index = nodes[-2].index_of(path[-1])
    assert index is not None
    return nodes[:-1], index


def _check_list(path: Path, node: TextNode) -> None:
    if node.kind != SEQUENCE:
        raise EditError(f"{in_words(path)} is not a list but {'an' if node.kind == ALIAS else 'a'} {node.kind}")


def _mapping(value: Plain) -> dict[str, Plain]:
    assert isinstance(value, dict)
    return value


def _list(value: Plain) -> list[Plain]:
    assert isinstance(value, list)
    return value
