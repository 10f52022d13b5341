"""A column of `rows` that sets no parameter of the entry and that no expression of the entry uses.

Its numbers have no effect: where the head of a column is misspelt, the parameter keeps its default in every row, and
the network differs from the table. The same is true for a column beside a key of the same name: the key takes
precedence.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d:
          rows:
            - [out_channels, strides]
            - [16, 1]
            - [32, 2]
          kernel_size: 3

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d:
          rows:
            - [out_channels, stride]
            - [16, 1]
            - [32, 2]
          kernel_size: 3
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from convcalc import layers as layer_types
from convcalc.language.expressions import names_in
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS, Entry, Spec
from convcalc.lint.entries import entries_in, expressions_of
from convcalc.lint.finding import Finding
from convcalc.problems import nearest
from convcalc.text.source import YamlList, is_in_own_file


def check_spec(spec: Spec) -> Iterator[Finding]:
    for entries in (spec.layers, *(block.layers for block in spec.blocks.values())):
        for entry in entries_in(entries):
            if entry.has("rows") and is_in_own_file(entry.mark):
                yield from _unused(spec, entry)


def _unused(spec: Spec, entry: Entry) -> Iterator[Finding]:
    rows = entry.get("rows")
    header = rows.items[0] if isinstance(rows, YamlList) and rows.items else None
    known = _parameters(spec, entry.type) if isinstance(entry.type, str) else None
    if not isinstance(header, YamlList) or known is None:
        return  # the table or the type is computed
    names = {name for inner in entries_in([entry]) for text in expressions_of(inner) for name in names_in(text)}
    for column, mark in zip(header.items, header.marks):
        if not isinstance(column, str) or column in names:
            continue
        if column not in known and column not in ENTRY_KEYS:
            help = nearest(column, [*known, *ENTRY_KEYS]) or "use it in an expression of the entry, or remove it"
            message = f"the column `{column}` is not a parameter of {entry.type}, and no expression uses it"
            yield Finding(None, message, mark=mark, help=help)
        elif entry.has(column):
            message = f"the column `{column}` is never read: the entry sets {column} itself"
            yield Finding(
                None, message, mark=mark, help=f"leave out the column or `{column}:`, or write it as an expression"
            )


def _parameters(spec: Spec, kind: str) -> Collection[str]:
    """The parameters of an entry of this type, without the keys of every entry."""
    if kind in CONTAINERS:
        return CONTAINERS[kind]
    for defined in (spec.blocks.get(kind), spec.custom.get(kind)):
        if defined is not None:
            return defined.params.pairs
    found = layer_types.find(kind)
    assert found is not None  # other types are refused when the file is read
    return found.parameters
