"""The text of a spec as an immutable document. It gives values by path, and makes changed documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from convcalc.errors import SpecError
from convcalc.problems import nearest
from convcalc.text.compose import compose
from convcalc.text.layout import Layout, Splice
from convcalc.text.nodes import ALIAS, MAPPING, SCALAR, SEQUENCE, TextNode, evaluate, read
from convcalc.text.source import Source, YamlMapping
from convcalc.text.values import EditError, Path, Plain
from convcalc.text.verifying import equals_edited

BYTE_ORDER_MARK = "\ufeff"
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+")


class TextChange(NamedTuple):
    """Splices of the text, and the function from a node's old value to its new one."""

    splices: list[Splice]
    node: TextNode
    value: Callable[[Plain], Plain]


class Document:
    """A YAML text, which is read at its first use. This may raise SpecError.

    A path is a tuple of keys and indices as they are written: ("layers", 3, "conv2d", "kernel_size").
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.body = text.removeprefix(BYTE_ORDER_MARK)  # offsets count from here
        self._composed: tuple[YamlMapping, int] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def root(self) -> TextNode:
        self.compose(Source("", self.body))
        return read(self.body)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.body)

    def compose(self, source: Source) -> YamlMapping:
        """The values with their marks, read once. `source` has this text, and the file name for a SpecError."""
        if self._composed is None:
            self._composed = compose(source), source.values
        root, source.values = self._composed
        return root

    def prepare(self) -> None:
        """Read the text now instead of at the first use. Raises SpecError."""
        _ = self.root, self.layout

    # -- by path -------------------------------------------------------------------------------------------------

    def follow(self, path: Path) -> tuple[list[TextNode], Path]:
        """The nodes from the root along a path, and the rest of the path that does not exist.

        Raises EditError where the path goes through an alias: its value is written elsewhere.
        """
        nodes = [self.root]
        for number, step in enumerate(path):
            node = nodes[-1]
            if node.kind == ALIAS:
                assert node.target is not None
                line, anchor = self.layout.line(node.target.start) + 1, self.body[node.start + 1 : node.end]
                raise EditError(
                    f"{in_words(path[:number])} is an alias of &{anchor} on line {line}",
                    "change the value there, which changes every alias",
                )
            index = node.index_of(step)
            if index is None:
                return nodes, path[number:]
            nodes.append(node.items[index])
        return nodes, ()

    def node(self, path: Path) -> TextNode:
        """The node at a path. Raises EditError where there is none."""
        nodes, rest = self.follow(path)
        if rest:
            raise missing_step(path, rest, nodes[-1])
        return nodes[-1]

    def has(self, path: Path) -> bool:
        """Whether a path exists; its value may be empty."""
        return not self.follow(path)[1]

    def value(self, path: Path = ()) -> Plain:
        """The value at a path as plain data: an expression is a text that starts with `=`. Aliases are followed."""
        node = self.root
        for number, step in enumerate(path):
            node = node.target if node.kind == ALIAS and node.target is not None else node
            index = node.index_of(step)
            if index is None:
                raise missing_step(path, path[number:], node)
            node = node.items[index]
        return evaluate(node)

    def position(self, path: Path) -> tuple[int, int]:
        """The line and column, from 1, of the key or item at a path."""
        nodes, rest = self.follow(path)
        if rest:
            raise missing_step(path, rest, nodes[-1])
        node = nodes[-1]
        if path and nodes[-2].kind == MAPPING:
            node = nodes[-2].keys[nodes[-2].items.index(node)]
        return self.layout.line(node.start) + 1, self.layout.column(node.start) + 1

    def alias_paths(self, path: Path) -> list[Path]:
        """The paths of the aliases that repeat a value or a collection around it: they change too."""
        anchored = {id(node) for node in self.follow(path)[0] if node.has_anchor}
        if not anchored:
            return []
        aliases = [alias for alias, node in self.root.walk() if node.kind == ALIAS and id(node.target) in anchored]
        return sorted(aliases, key=lambda alias: self.node(alias).start)

    def entry_type(self, path: Path) -> str:
        """The type of the entry at a path, as it is written. Raises EditError where there is no entry."""
        node = self.node(path)
        if node.kind == MAPPING and len(node.keys) == 1:
            return str(node.keys[0].value)
        if node.kind == SCALAR and isinstance(node.value, str):
            return node.value
        raise EditError(f"{in_words(path)} is not an entry")

    # -- around a node -------------------------------------------------------------------------------------------

    def after_owner(self, nodes: list[TextNode], index: int) -> int:
        """The offset right after the colon, dash or anchor before the last node, item `index` of its parent."""
        anchor = _ANCHOR.match(self.body, nodes[-1].start) if nodes[-1].has_anchor else None
        if anchor is not None:
            return anchor.end()
        return self.layout.after_indicator(nodes[-2] if len(nodes) > 1 else None, index)

    # -- changes -------------------------------------------------------------------------------------------------

    def with_changes(self, changes: Sequence[TextChange]) -> Document:
        """The document after these changes. Raises EditError where they would change any other value as well."""
        splices = [splice for change in changes for splice in change.splices]
        new = Document(self.text[: len(self.text) - len(self.body)] + self._spliced(splices))
        if new.text == self.text:
            return self
        try:
            new_value = new.compose(Source("", new.body))
        except SpecError as error:
            problem = error.problems[0]
            raise EditError(f"the file could not be read after this edit: {problem.message}", problem.help) from None
        intended: dict[int, list[Callable[[Plain], Plain]]] = {}
        for change in changes:
            intended.setdefault(id(change.node), []).append(change.value)
        if not equals_edited(new_value, self.root, intended):
            raise EditError("this edit would change other values as well", "edit the text by hand")
        return new

    def _spliced(self, splices: Iterable[Splice]) -> str:
        pieces: list[str] = []
        place = 0
        for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
            pieces += [self.body[place : splice.start], splice.text]
            place = max(place, splice.end)
        return "".join([*pieces, self.body[place:]])


def in_words(path: Path) -> str:
    """A path as messages write it.

    >>> in_words(("layers", 3, "conv2d", "bias"))
    'layers.3.conv2d.bias'
    """
    return ".".join(map(str, path)) or "the file"


def missing_step(path: Path, rest: Path, node: TextNode) -> EditError:
    """The error for a path whose `rest` does not exist in `node`."""
    existing = path[: len(path) - len(rest)]
    if node.kind == SEQUENCE:
        return EditError(f"{in_words(existing)} has no item {rest[0]}", f"it has {len(node.items)}, counted from 0")
    known = [str(key.value) for key in node.keys]
    return EditError(f"{in_words(existing)} has no `{rest[0]}`", nearest(str(rest[0]), known))
