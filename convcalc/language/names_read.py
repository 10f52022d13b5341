"""The names that the expressions of a block can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.language.spec import Block, Entry, Spec
from convcalc.text.source import Expression, Value, YamlList, YamlMapping


def names_read(spec: Spec, block: Block) -> frozenset[str]:
    """The names of params that a block can read: its own, and those of the spec in its expressions or inner blocks.

    All params of the spec where its entries have custom types, whose formulas read them, or computed types.
    """
    found = spec.names_read.get(block.name)
    if found is None:
        found = spec.names_read[block.name] = frozenset(_names(spec, block, {block.name}))
    return found


def _names(spec: Spec, block: Block, seen: set[str]) -> Iterator[str]:
    yield from block.params.pairs
    yield from _names_in_value(block.params)
    for entry in _entries(block.layers):
        yield from _names_in_value(entry.body)
        if not isinstance(entry.type, str) or entry.type in spec.custom:
            yield from spec.params.pairs
        if isinstance(entry.type, Expression):
            yield from _names_in_value(entry.type)
            inner: Iterable[Block] = spec.blocks.values()
        else:
            inner = [spec.blocks[entry.type]] if entry.type in spec.blocks else []
        for each in inner:
            if each.name not in seen:
                seen.add(each.name)
                yield from _names(spec, each, seen)


def _entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    """All entries of a list, also those inside containers."""
    for entry in entries:
        yield entry
        for inner in entry.lists:
            yield from _entries(inner)


def _names_in_value(value: Value) -> Iterator[str]:
    if isinstance(value, Expression):
        from convcalc.language.expressions import names_in  # only a spec with expressions loads it

        yield from names_in(value)
    elif isinstance(value, YamlList):
        for item in value.items:
            yield from _names_in_value(item)
    elif isinstance(value, YamlMapping):
        for item in value.pairs.values():
            yield from _names_in_value(item)
