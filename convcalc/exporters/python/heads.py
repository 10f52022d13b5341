"""The heads of classes and functions: arguments, and of the whole network its docstring and params."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.exporters.network import Network
from convcalc.exporters.python.code import MISSING
from convcalc.exporters.python.literals import annotation, literal
from convcalc.exporters.python.model import ClassDef
from convcalc.language.spec import Spec
from convcalc.network.scope import Level
from convcalc.text.source import Expression, YamlList, YamlMapping


def docstring(network: Network, indent: int, shape_of: Callable[[int], Shape] | None = None) -> list[str]:
    """The lines of the docstring; `shape_of` gives the shape of an input where it is not that of the spec."""
    graph = network.graph
    text = graph.description or graph.name or network.label
    shapes = ", ".join(
        format_shape(shape) if name == "input" else f"{name} {format_shape(shape)}"
        for number, name in enumerate(graph.inputs)
        for shape in [shape_of(number) if shape_of is not None else graph.shape(number)]
    )
    text = " ".join(text.replace("\\", "/").replace('"""', "'").split())
    first = textwrap.wrap(text if text.endswith(".") else f"{text}.", 81, break_on_hyphens=False)
    rest = textwrap.wrap(f"Input: {shapes}.", 84, break_on_hyphens=False)
    lines = [f'"""{first[0]}', *first[1:], "", *rest, '"""']
    return [" " * indent + line if line else "" for line in lines]


def argument_texts(definition: ClassDef) -> list[str]:
    """The arguments of a class or function, each with its type and its default."""
    texts = []
    for each in definition.arguments:
        values, default = each.values, ""
        if each.default is not MISSING:
            values, default = (*values, each.default), f" = {literal(each.default)}"
        texts.append(f"{each.name}: {annotation(values)}{default}")
    return texts


def root_params(network: Network) -> dict[str, Any]:
    """The params of the spec that the class of the network takes: those that only set the size of its outputs."""
    graph, found = network.graph, dict[str, Any]()
    leaves = set(graph.outputs.values())
    uses = _uses(network.spec)
    for tensor in leaves:
        node = graph.nodes[tensor - len(graph.inputs)] if tensor >= len(graph.inputs) else None
        if node is None or node.layer.type.name != "linear" or _is_in_block_or_copies(network, node.name):
            continue
        raw = node.entry.get("out_features")
        if isinstance(raw, Expression) and raw.text.strip().isidentifier() and uses.get(raw.text.strip()) == 1:
            found[raw.text.strip()] = node.output_shape[-1]
    readers = {tensor for node in graph.nodes for tensor in node.reads}
    return found if not leaves & readers else {}


def _is_in_block_or_copies(network: Network, name: str) -> bool:
    """Whether a layer is in more than containers."""
    scope = network.trace.entries[name][1]
    level: Level | None = scope.level
    while level is not None and not level.is_group:
        level = level.parent
    return bool(scope.blocks) or level is not None


def _uses(spec: Spec) -> dict[str, int]:
    """How many expressions read each name."""
    counts: dict[str, int] = {}

    def visit(value: Any) -> None:
        if isinstance(value, Expression):
            for word in set(re.findall(r"[A-Za-z_]\w*", value.text)):
                counts[word] = counts.get(word, 0) + 1
        elif isinstance(value, YamlMapping):
            for each in value.pairs.values():
                visit(each)
        elif isinstance(value, YamlList):
            for each in value.items:
                visit(each)

    visit(spec.params)
    visit(spec.input)
    for entry in (*spec.layers, *(entry for block in spec.blocks.values() for entry in block.layers)):
        visit(entry.body)
    for block in spec.blocks.values():
        visit(block.params)
    return counts
