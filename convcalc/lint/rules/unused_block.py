"""A block that no entry uses.

It is never built: its shapes are not checked, and a reader of the file may think that it is a part of the network.
Blocks that only an unused block uses are unused too.

Fails:
    input: [3, 32, 32]
    blocks:
      unit:
        layers:
          - conv2d: {out_channels: 16, kernel_size: 3}
          - relu
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}

Passes:
    input: [3, 32, 32]
    blocks:
      unit:
        layers:
          - conv2d: {out_channels: 16, kernel_size: 3}
          - relu
    layers:
      - unit
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from convcalc.language.spec import Block, CustomType, Entry, Spec
from convcalc.lint.entries import entries_in, expressions_of
from convcalc.lint.finding import Finding
from convcalc.text.source import Expression, Value, YamlList, YamlMapping, is_in_own_file

_WORD = re.compile(r"[\w-]+")


def check_spec(spec: Spec) -> Iterator[Finding]:
    types: dict[str, Block | CustomType] = {**spec.blocks, **spec.custom}
    if not types:
        return
    entries = list(entries_in(spec.layers))
    used: set[str] = set()
    is_computed = any(_has_computed_type(block.layers) for block in spec.blocks.values()) or _has_computed_type(entries)
    if is_computed:
        used |= _words(spec) & types.keys()
    waiting = [*used, *(entry.type for entry in entries if isinstance(entry.type, str) and entry.type in types)]
    used.update(waiting)
    while waiting:
        block = spec.blocks.get(waiting.pop())
        for entry in entries_in(block.layers) if block is not None else ():
            if isinstance(entry.type, str) and entry.type in types and entry.type not in used:
                used.add(entry.type)
                waiting.append(entry.type)
    for name, defined in types.items():
        if name not in used and is_in_own_file(defined.mark):
            what = "block" if name in spec.blocks else "custom type"
            yield Finding(None, f"no entry uses the {what} `{name}`", mark=defined.mark, help="use it, or remove it")


def _has_computed_type(entries: list[Entry]) -> bool:
    return any(isinstance(entry.type, Expression) for entry in entries_in(entries))


def _words(spec: Spec) -> set[str]:
    """The words of all values and expressions: a type that is computed may be any of them."""
    found: set[str] = set()
    waiting: list[Value] = [spec.params, *(variant.params for variant in spec.variants.values())]
    lists = [spec.layers, *(block.layers for block in spec.blocks.values())]
    waiting += [block.params for block in spec.blocks.values()]
    for entry in (entry for entries in lists for entry in entries_in(entries)):
        waiting += expressions_of(entry)
        waiting += [value for value in entry.body.pairs.values() if not entry.lists] or [entry.get("rows")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (Expression, str)):
            found.update(_WORD.findall(value.text if isinstance(value, Expression) else value))
        elif isinstance(value, YamlList):
            waiting += value.items
        elif isinstance(value, YamlMapping):
            waiting += value.pairs.values()
    return found
