"""The source of the module: imports, small classes, the classes of the network."""

from __future__ import annotations

import re
from importlib import resources

from convcalc.errors import SpecError
from convcalc.exporters.network import Network, Piece, outline
from convcalc.exporters.python.classes import Finder, network_class_name
from convcalc.exporters.python.heads import argument_texts, docstring, root_params
from convcalc.exporters.python.layout import definition_lines, formatted
from convcalc.exporters.python.model import ClassDef
from convcalc.exporters.python.values import Values
from convcalc.exporters.pytorch.construct import Constructor
from convcalc.exporters.pytorch.forward import Forward
from convcalc.exporters.pytorch.keys import key_map, states
from convcalc.exporters.pytorch.steps import Builder

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
    top = finder.find(root, network_class_name(network))
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
        self.root_params = root_params(network)

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
        lines += docstring(network, 4)
    if not piece.name:
        lines.append("")
    if constructor.buffers:
        lines += [*(f"    {name}: torch.Tensor" for name in constructor.buffers), ""]
    lines += _signature("__init__", argument_texts(definition), "None")
    if definition.bodies[0].is_sequence:
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
    return definition_lines(f"def {name}(", ["self", *arguments], f") -> {returns}:", 4)


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
