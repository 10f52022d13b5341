"""Checks an edit: the values of the new text must be the old values with the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from convcalc.text.nodes import ALIAS, MAPPING, SCALAR, TextNode, evaluate
from convcalc.text.source import Expression, Value, YamlList, YamlMapping
from convcalc.text.values import Plain, same

Changes = Mapping[int, Sequence[Callable[[Plain], Plain]]]


def equals_edited(value: Value, node: TextNode, changes: Changes) -> bool:
    """Whether a located value equals `evaluate(node, changes)`, with equal types and the same order of keys.

    It makes plain values only for the nodes that change.
    """
    if id(node) in changes:
        return equals_plain(value, evaluate(node, changes))
    if node.kind == SCALAR:
        return equals_plain(value, node.value)
    if node.kind == ALIAS:
        assert node.target is not None
        return equals_edited(value, node.target, changes)
    items = node.items
    if node.kind == MAPPING:
        if type(value) is not YamlMapping or list(value.pairs) != [key.value for key in node.keys]:
            return False
        return all(equals_edited(each, item, changes) for each, item in zip(value.pairs.values(), items))
    if type(value) is not YamlList or len(value.items) != len(items):
        return False
    return all(equals_edited(each, item, changes) for each, item in zip(value.items, items))


def equals_plain(value: Value, plain: Plain) -> bool:
    """Whether a located value equals a plain one, in which an expression is a text that starts with `=`."""
    if isinstance(value, Expression):
        return plain == f"={value.text}"
    if isinstance(value, YamlMapping):
        if not isinstance(plain, dict) or list(value.pairs) != list(plain):
            return False
        return all(map(equals_plain, value.pairs.values(), plain.values()))
    if isinstance(value, YamlList):
        return isinstance(plain, list) and len(value.items) == len(plain) and all(map(equals_plain, value.items, plain))
    return same(value, plain)
