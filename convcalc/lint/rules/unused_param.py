"""A param of the file or of a block that no expression uses.

A variant or `--set` can set it, but that has no effect, and there is no message. Most often an expression has a number
in place of the param. A param of a block hides the file's param of that name. Where the type of an entry is computed,
the blocks that it chooses from may have params that only some of them use.

Fails:
    params: {width: 64, depth: 3}
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: =width, kernel_size: 3, repeat: 3}

Passes:
    params: {width: 64, depth: 3}
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: =width, kernel_size: 3, repeat: =depth}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.language.expressions import names_in
from convcalc.language.spec import Block, CustomType, Entry, Spec
from convcalc.lint.entries import entries_in, expressions_in, expressions_of
from convcalc.lint.finding import Finding
from convcalc.text.source import Expression, YamlList, YamlMapping, is_in_own_file


def check_spec(spec: Spec) -> Iterator[Finding]:
    types: list[Block | CustomType] = [*spec.blocks.values(), *spec.custom.values()]
    if not spec.params.pairs and not any(each.params.pairs for each in types):
        return
    used, given = _names(_of_file(spec)), _given_to_computed_types(spec)
    for each in types:
        if isinstance(each, Block):
            reader, inside = f"expression of block {each.name}", _names(_of_entries(each.layers))
        else:
            reader, inside = f"formula of {each.name}", _names(_of_formulas(each))
        own, around = _of_defaults(each.params)
        used |= around | (inside - each.params.pairs.keys())
        yield from _unused(each.params, inside | own | given, reader)
    yield from _unused(spec.params, used, "expression")


def _unused(params: YamlMapping, used: set[str], reader: str) -> Iterator[Finding]:
    """The params that are not used; those of an included file may be for other specs."""
    for name in params.pairs:
        if name not in used and is_in_own_file(params.key_mark(name)):
            message = f"no {reader} uses the param `{name}`"
            yield Finding(None, message, mark=params.key_mark(name), help="use it in an expression, or remove it")


def _names(expressions: Iterable[Expression]) -> set[str]:
    return {name for expression in expressions for name in names_in(expression)}


def _of_file(spec: Spec) -> Iterator[Expression]:
    """The expressions that see the params of the file and no others."""
    for value in (spec.params, spec.input, spec.outputs, spec.expect):
        yield from expressions_in(value)
    for variant in spec.variants.values():
        for value in (variant.params, variant.input, variant.expect):
            yield from expressions_in(value)
    yield from _of_entries(spec.layers)


def _of_entries(entries: list[Entry]) -> Iterator[Expression]:
    for entry in entries_in(entries):
        yield from expressions_of(entry)


def _of_formulas(custom: CustomType) -> Iterator[Expression]:
    for key, value in custom.body.pairs.items():
        if key != "params":
            yield from expressions_in(value)


def _of_defaults(params: YamlMapping) -> tuple[set[str], set[str]]:
    """The names that defaults read: the params before them, and names outside the block."""
    own, around, before = set[str](), set[str](), set[str]()
    for name, default in params.pairs.items():
        names = _names(expressions_in(default))
        own |= names & before
        around |= names - before
        before.add(name)
    return own, around


def _given_to_computed_types(spec: Spec) -> set[str]:
    """The params in entries whose type is an expression: each block that the type may be must have all of them."""
    given = set[str]()
    for entries in (spec.layers, *(block.layers for block in spec.blocks.values())):
        for entry in entries_in(entries):
            if isinstance(entry.type, Expression):
                rows = entry.get("rows")
                header = rows.items[0] if isinstance(rows, YamlList) and rows.items else None
                given.update(entry.body.pairs)
                given.update(str(column) for column in getattr(header, "items", ()))
    return given
