"""Every shipped spec: each value set to another and back, each entry moved, taken out and put in."""

from __future__ import annotations

from pathlib import Path as File

import pytest

from convcalc import shipped
from convcalc.text import nodes
from convcalc.text.document import Document
from convcalc.text.edits import InsertItem, MoveItem, RemoveItem, RemoveKey, SetValue
from convcalc.text.nodes import TextNode
from convcalc.text.values import Plain

FILES = [File(path) for path in shipped.files().values()]
STEP = 12  # every twelfth place of each kind: a spec has hundreds that are alike


def other(node: TextNode) -> Plain:
    """Another value of the same kind, of another length."""
    if isinstance(node.value, str):
        return node.value + "0"
    return not node.value if isinstance(node.value, bool) else 123456789


def is_usual(document: Document, node: TextNode) -> bool:
    """Whether a value is written as an edit would write it: not 0x1F, 1.50, or a text over several lines."""
    written = document.body[node.body : node.end]
    if node.style in ("'", '"'):
        return "\n" not in written and "\\" not in written
    return written == (str(node.value).lower() if isinstance(node.value, bool) else str(node.value))


def is_bare(document: Document, node: TextNode) -> bool:
    """Whether a pair stands in brackets without braces of its own, which it gets with a second pair."""
    return node.flow and document.body[node.body] != "{"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_value_there_and_back(file: File) -> None:
    document = Document(file.read_bytes().decode())
    scalars = [(path, node) for path, node in document.root.walk() if node.kind == nodes.SCALAR and not node.is_empty]
    usual = [(path, node) for path, node in scalars if is_usual(document, node)]
    assert len(usual) > 0.9 * len(scalars)
    for path, node in usual[::STEP]:
        changed = SetValue(path, other(node)).apply(document)
        line = document.layout.line(node.start)
        before, after = document.text.split("\n"), changed.text.split("\n")
        assert [number for number, (one, two) in enumerate(zip(before, after)) if one != two] == [line]
        assert SetValue(path, node.value).apply(changed) == document


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_list_there_and_back(file: File) -> None:
    document = Document(file.read_bytes().decode())
    lists = [(path, node) for path, node in document.root.walk() if node.kind == nodes.SEQUENCE and len(node.items) > 1]
    for number, (path, node) in enumerate(lists[::STEP]):
        index = number % len(node.items)
        moved = MoveItem(path, index, len(node.items) - 1 - index).apply(document)
        assert MoveItem(path, len(node.items) - 1 - index, index).apply(moved) == document
        inserted = InsertItem(path, index, "relu").apply(document)
        assert RemoveItem((*path, index)).apply(inserted) == document


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mapping(file: File) -> None:
    document = Document(file.read_bytes().decode())
    mappings = [
        path
        for path, node in document.root.walk()
        if node.kind == nodes.MAPPING and node.items and not is_bare(document, node)
    ]
    for path in mappings[::STEP]:
        added = SetValue((*path, "zzz"), "=max(1, 2)").apply(document)
        assert RemoveKey((*path, "zzz")).apply(added) == document
        first = document.node(path).keys[0].value
        assert first not in (RemoveKey((*path, str(first))).apply(document).node(path).steps())
