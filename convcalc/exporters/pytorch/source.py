"""The source of the module: imports, small classes, the classes of the network."""

from __future__ import annotations

import re
import textwrap
from importlib import resources
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.errors import SpecError
from convcalc.exporters.network import Network, Piece, outline
from convcalc.exporters.pytorch.classes import Finder, class_names
from convcalc.exporters.pytorch.code import MISSING
from convcalc.exporters.pytorch.construct import Constructor
from convcalc.exporters.pytorch.forward import Forward
from convcalc.exporters.pytorch.keys import key_map, states
from convcalc.exporters.pytorch.layout import formatted
from convcalc.exporters.pytorch.literals import annotation, literal
from convcalc.exporters.pytorch.model import ClassDef
from convcalc.exporters.pytorch.steps import Builder
from convcalc.exporters.pytorch.values import Values
from convcalc.language.spec import Spec
from convcalc.text.source import Expression, YamlList, YamlMapping

# What is imported, by the text that needs it.
_IMPORTS = (
    ("import itertools", r"\bitertools\."),
    ("import math", r"\bmath\."),
    ("from collections import OrderedDict", r"\bOrderedDict\b"),
    ("from typing import Any", r"\bAny\b"),
)
_PARAMETRIZATIONS = ("weight_norm", "spectral_norm")


def source(network: Network) -> str:
    """The source of a network. Raises SpecError with every layer that cannot be written."""
    root = outline(network)
    builder = Builder(network)
    for leaf in root.leaves():
        builder.code(leaf)
    _raise(builder)
    writer = _Writer(network)
    finder = Finder(builder, writer.write)
    top = finder.find(root, class_names(network))
    _raise(builder)
    lines = states(network, root, builder)
    if lines:
        top.text = _with_lines(top.text, lines)
    return _assembled(network, finder.found, builder, root, top)


def _raise(builder: Builder) -> None:
    if builder.problems:
        raise SpecError(sorted(builder.problems, key=lambda each: each.where.line))


class _Writer:
    """Writes one class after the other."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.root_params = _root_params(network)

    def write(self, definition: ClassDef) -> None:
        """Set the text and the arguments of a class."""
        is_root = not definition.bodies[0].piece.name
        values = Values(self.network, definition, self.root_params if is_root else {})
        constructor = Constructor(definition, values)
        constructor.write()
        forward = Forward(definition, constructor)
        forward.write()
        definition.arguments = values.arguments()
        definition.text = _class_text(self.network, definition, constructor, forward)


def _class_text(network: Network, definition: ClassDef, constructor: Constructor, forward: Forward) -> str:
    lines = [f"class {definition.name}(nn.Module):"]
    piece = definition.bodies[0].piece
    if not piece.name:
        lines += _docstring(network)
    if not piece.name:
        lines.append("")
    if constructor.buffers:
        lines += [*(f"    {name}: torch.Tensor" for name in constructor.buffers), ""]
    arguments = []
    for each in definition.arguments:
        values, default = each.values, ""
        if each.default is not MISSING:
            values, default = (*values, each.default), f" = {literal(each.default)}"
        arguments.append(f"{each.name}: {annotation(values)}{default}")
    lines += _signature("__init__", arguments, "None")
    modules = definition.bodies[0].modules
    if modules and all(name.isdigit() for name in modules):
        members = ", ".join(statement.partition(" = ")[2] for statement in constructor.statements)
        lines[0] = f"class {definition.name}(nn.Sequential):"
        return "\n".join([*lines, *formatted(f"super().__init__({members})", 8)])
    lines.append("        super().__init__()")
    for statement in constructor.statements:
        lines += formatted(statement, 8)
    lines.append("")
    lines += _signature("forward", [f"{name}: torch.Tensor" for name in forward.parameters], forward.returns)
    for statement in forward.statements:
        condition, _, inner = statement.partition("\n")
        lines += formatted(condition, 8)
        if inner:
            lines += formatted(inner, 12)
    return "\n".join(lines)


def _signature(name: str, arguments: list[str], returns: str) -> list[str]:
    return formatted_definition(f"def {name}(", ["self", *arguments], f") -> {returns}:")


def formatted_definition(head: str, arguments: list[str], tail: str) -> list[str]:
    """A definition as lines."""
    if len(tail) > 84 and tail.startswith(") -> tuple["):
        items = tail[len(") -> tuple[") : -2].split(", ")
        tail = "\n".join([") -> tuple[", *(f"        {item}," for item in items), "    ]:"])
    whole = f"    {head}{', '.join(arguments)}{tail}"
    if len(whole) <= 88:
        return [whole]
    inner = " " * 8 + ", ".join(arguments)
    if len(inner) <= 88:
        return [f"    {head}", inner, f"    {tail}"]
    return [f"    {head}", *(f"        {each}," for each in arguments), f"    {tail}"]


def _docstring(network: Network) -> list[str]:
    graph = network.graph
    text = graph.description or graph.name or network.label
    shapes = ", ".join(
        format_shape(shape) if name == "input" else f"{name} {format_shape(shape)}"
        for name, shape in graph.inputs.items()
    )
    text = " ".join(text.replace("\\", "/").replace('"""', "'").split())
    first = textwrap.wrap(text if text.endswith(".") else f"{text}.", 81, break_on_hyphens=False)
    rest = textwrap.wrap(f"Input: {shapes}.", 84, break_on_hyphens=False)
    lines = [f'"""{first[0]}', *first[1:], "", *rest, '"""']
    return [f"    {line}" if line else "" for line in lines]


def _with_lines(text: str, lines: list[str]) -> str:
    """The text of a class with more statements at the end of its constructor."""
    place = text.index("\n\n    def forward(")
    more = [part for line in lines for part in formatted(line, 8)]
    return text[:place] + "\n" + "\n".join(more) + text[place:]


def _assembled(network: Network, found: list[ClassDef], builder: Builder, root: Piece, top: ClassDef) -> str:
    helpers = dict.fromkeys(helper for leaf in root.leaves() for helper in builder.code(leaf).helpers)
    if any("fixed_weights(" in each.text for each in found):
        helpers.setdefault("fixed_weights")
    if re.search(r"\btie\(", top.text):
        helpers.setdefault("tie")
    parts = [_helper(name) for name in helpers] + [each.text for each in found]
    body = "\n\n\n".join(parts)
    return _imports(body) + key_map(root, builder) + "\n\n" + body + "\n"


def _imports(body: str) -> str:
    lines = [line for line, pattern in _IMPORTS if re.search(pattern, body)]
    if lines:
        lines.append("")
    lines.append("import torch")
    if re.search(r"\bF\.", body):
        lines.append("import torch.nn.functional as F")
    lines.append("from torch import nn")
    used = [name for name in _PARAMETRIZATIONS if re.search(rf"(?<![.\w]){name}\(", body)]
    if used:
        lines.append(f"from torch.nn.utils.parametrizations import {', '.join(sorted(used))}")
    return "\n".join(lines) + "\n"


def _helper(name: str) -> str:
    """The source of a small class or function, without its docstring and imports."""
    rank = name[-2] if name[-1] == "d" and name[-2].isdigit() else ""
    folder, file = resources.files("convcalc.exporters.pytorch.helpers"), name[:-2] if rank else name
    if not folder.joinpath(f"{file}.py").is_file():
        rank, file = "", name  # layer_norm2d is of one rank
    text = folder.joinpath(f"{file}.py").read_text("utf-8")
    if rank:
        text = re.sub(r"(?<=[a-z])2d\b", f"{rank}d", text).replace("RANK", rank)
    place = re.search(r"^(class |def )", text, re.MULTILINE)
    assert place is not None  # each of these files has one
    return text[place.start() :].rstrip("\n")


def _root_params(network: Network) -> dict[str, Any]:
    """The params of the spec that the class of the network takes: those that only set the size of its outputs."""
    graph, found = network.graph, dict[str, Any]()
    leaves = set(graph.outputs.values())
    uses = _uses(network.spec)
    for tensor in leaves:
        node = graph.nodes[tensor - len(graph.inputs)] if tensor >= len(graph.inputs) else None
        if node is None or node.layer.type.name != "linear" or "." in node.name:
            continue
        raw = node.entry.get("out_features")
        if isinstance(raw, Expression) and raw.text.strip().isidentifier() and uses.get(raw.text.strip()) == 1:
            found[raw.text.strip()] = node.output_shape[-1]
    readers = {tensor for node in graph.nodes for tensor in node.reads}
    return found if not leaves & readers else {}


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

    def visit_entries(entries: Any) -> None:
        for entry in entries:
            visit(entry.body)
            for inner in entry.lists:
                visit_entries(inner)

    visit(spec.params)
    visit(spec.input)
    visit_entries(spec.layers)
    for block in spec.blocks.values():
        visit(block.params)
        visit_entries(block.layers)
    return counts
