"""The source of a model: imports, small layers, the functions of the blocks, the function of the network."""

from __future__ import annotations

import re
from importlib import resources

from convcalc.errors import SpecError
from convcalc.exporters.keras.function import FunctionWriter
from convcalc.exporters.keras.names import RESERVED, LayerNames, function_name, variable
from convcalc.exporters.keras.orders import placed
from convcalc.exporters.keras.steps import Builder
from convcalc.exporters.network import Network, Piece, outline
from convcalc.exporters.python.classes import Finder, network_class_name
from convcalc.exporters.python.code import MISSING
from convcalc.exporters.python.heads import argument_texts, docstring, root_params
from convcalc.exporters.python.layout import definition_lines, formatted
from convcalc.exporters.python.literals import literal
from convcalc.exporters.python.model import ClassDef
from convcalc.exporters.python.unify import Row
from convcalc.exporters.python.values import Values

_INDEXED = ("embedding",)
# Python's limit of recursion is 1000 calls, and Keras has some of its own on the way.
DEEPEST = 900


def source(network: Network, data_format: str = "channels_last") -> str:
    """The source of a network. Raises SpecError with every layer that cannot be written."""
    root = outline(network)
    builder = Builder(network, data_format)
    for leaf in root.leaves():
        builder.code(leaf)
    if builder.problems:
        raise SpecError(sorted(builder.problems, key=lambda each: each.where.line))
    builder.names = _layer_names(root, builder)
    writer = _Writer(network, builder)
    finder = Finder(builder, writer.write, function_name)
    finder.find(root, _root_name(network))
    return _assembled(network, finder.found, builder, root)


def _root_name(network: Network) -> str:
    name = network.graph.variant or network.label.rpartition("/")[2].partition(".")[0]
    return function_name(name)


def _layer_names(root: Piece, builder: Builder) -> LayerNames:
    """The names of the layers, none of which Keras gives to an operation by itself."""
    names, operations = [], set[str]()
    for leaf in root.leaves():
        code = builder.code(leaf)
        operations.update(re.findall(r"\bops\.(\w+)", f"{code.use} {code.function}"))
        if "[" in code.function:
            operations.add("get_item")
        if code.module is not None:
            suffixes = [name for name, _ in code.module.members] if isinstance(code.module, Row) else [""]
            names += [f"{leaf.node.name}_{suffix}" if suffix else leaf.node.name for suffix in suffixes]
    return LayerNames(names, operations)


class _Writer:
    """Writes one function after the other."""

    def __init__(self, network: Network, builder: Builder) -> None:
        self.network = network
        self.builder = builder
        self.functions: set[str] = set()
        self.root_params = root_params(network)

    def write(self, definition: ClassDef) -> None:
        """Set the text and the arguments of a function."""
        is_root = not definition.bodies[0].piece.name
        inputs = {variable(each) for each in definition.inputs}
        reserved = RESERVED | self.functions | {definition.name, "x"} | inputs
        values = Values(self.network, definition, self.root_params if is_root else {}, reserved)
        writer = FunctionWriter(definition, values, self.builder.names, self.functions | {definition.name})
        outputs = writer.write()
        arguments = values.arguments()
        local = [each for each in arguments if each.size is not None and self._has_one_order(definition, each.size[0])]
        definition.arguments = [each for each in arguments if each not in local]
        sizes = [f"{each.name} = {self._size(definition, writer, each.size)}" for each in local if each.size]
        self.functions.add(definition.name)
        if is_root:
            definition.text = self._root(definition, writer, outputs)
        else:
            definition.text = self._block(definition, writer, outputs, sizes)

    def _has_one_order(self, definition: ClassDef, place: int) -> bool:
        return len({self._order(definition, number, place) for number in range(len(definition.bodies))}) == 1

    def _order(self, definition: ClassDef, number: int, place: int) -> bool:
        return self.builder.orders.last[list(definition.bodies[number].piece.inputs.values())[place]]

    def _size(self, definition: ClassDef, writer: FunctionWriter, size: tuple[int, int]) -> str:
        """The text of a size of an input: its channels, or its last axis."""
        place, axis = size
        if self._order(definition, 0, place):
            number = -1 if axis == 0 else -2
        else:
            number = 1 if axis == 0 else -1
        return f"{writer.variables[place]}.shape[{number}]"

    def _block(self, definition: ClassDef, writer: FunctionWriter, outputs: list[str], sizes: list[str]) -> str:
        tensor = "keras.KerasTensor"
        arguments = [*(f"{name}: {tensor}" for name in writer.variables), *_arguments(definition), "name: str"]
        count = len(outputs)
        returns = tensor if count == 1 else f"tuple[{', '.join([tensor] * count)}]"
        lines = definition_lines(f"def {definition.name}(", arguments, f") -> {returns}:", 0)
        for text in sizes:
            lines += formatted(text, 4)
        return "\n".join([*lines, *writer.lines(outputs)])

    def _root(self, definition: ClassDef, writer: FunctionWriter, outputs: list[str]) -> str:
        network, graph = self.network, self.network.graph
        lines = definition_lines(f"def {definition.name}(", _arguments(definition), ") -> keras.Model:", 0)
        lines += docstring(network, 4, self._shape)
        indexed = {node.reads[0] for node in graph.nodes if node.layer.type.name in _INDEXED}
        for number, name in enumerate(graph.inputs):
            more = ', dtype="int32"' if number in indexed else ""
            words = [literal(tuple(self._shape(number)))]
            text = f'{writer.variables[number]} = keras.Input({words[0]}{more}, name="{name}")'
            lines += formatted(text, 4)
        lines += [line for statement in writer.statements for line in statement.lines()]
        given = ", ".join(writer.variables) if len(writer.variables) == 1 else f"[{', '.join(writer.variables)}]"
        written = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
        name = network_class_name(network)
        return "\n".join([*lines, *formatted(f'return keras.Model({given}, {written}, name="{name}")', 4)])

    def _shape(self, number: int) -> tuple[int, ...]:
        return placed(self.network.graph.shape(number), self.builder.orders.last[number])


def _arguments(definition: ClassDef) -> list[str]:
    arguments = argument_texts(definition)
    needs_star = any(each.default is not MISSING for each in definition.arguments)
    return [*arguments, "*"] if needs_star and definition.bodies[0].piece.name else arguments


def _assembled(network: Network, found: list[ClassDef], builder: Builder, root: Piece) -> str:
    helpers = dict.fromkeys(helper for leaf in root.leaves() for helper in builder.code(leaf).helpers)
    parts = [_helper(name) for name in helpers] + [each.text for each in found]
    body = "\n\n\n".join(parts)
    return _head(body, builder, _depth(network, builder, root)) + _name_map(root, builder) + "\n\n" + body + "\n"


def _name_map(root: Piece, builder: Builder) -> str:
    """A comment with the names that layers have in place of those of the spec; empty where there are none."""
    mark, name_of = builder.names.separator, builder.names.of
    names = [leaf.node.name for leaf in root.leaves() if builder.code(leaf).module is not None]
    dotted = next((name for name in names if "." in name), "")
    lines = []
    if dotted:
        lines.append(f'# Names of layers have "{mark}" for the dots of the spec: {dotted} -> {name_of(dotted)}')
    changed = [(name, name_of(name)) for name in names if name_of(name) != name.replace(".", mark)]
    if changed:  # one line for all copies
        pairs = dict.fromkeys(tuple(re.sub(r"(?<=[._])\d+(?=[._])", "*", each) for each in pair) for pair in changed)
        lines += ["# Names of the spec and of the model:", *(f"#   {old} -> {new}" for old, new in pairs)]
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _depth(network: Network, builder: Builder, root: Piece) -> int:
    """How many layers of Keras are on the longest way through the network."""
    graph = network.graph
    depths = dict.fromkeys(range(len(graph.inputs)), 1)
    for leaf in root.leaves():
        module = builder.code(leaf).module
        own = len(module.members) if isinstance(module, Row) else 1
        depths[leaf.tensor] = own + max((depths.get(tensor, 0) for tensor in leaf.node.reads), default=0)
    return max(depths.values())


def _head(body: str, builder: Builder, depth: int) -> str:
    """The imports, and what is set before the model is made."""
    names = [name for name in ("initializers", "layers", "ops") if re.search(rf"\b{name}\.", body)]
    settings = []
    if depth > DEEPEST:
        settings.append(f"sys.setrecursionlimit({10 * depth})  # Keras walks the {depth} layers by recursion")
    if builder.data_format == "channels_first":
        settings.append('keras.config.set_image_data_format("channels_first")')
    text = "\n".join(settings) + body
    standard = [f"import {name}" for name in ("itertools", "math", "sys") if re.search(rf"\b{name}\.", text)]
    standard += ["from typing import Any"] if re.search(r"\bAny\b", body) else []
    lines = [*standard, ""] if standard else []
    lines += ["import keras", *([f"from keras import {', '.join(names)}"] if names else [])]
    lines += ["", *settings] if settings else []
    return "\n".join(lines) + "\n"


def _helper(name: str) -> str:
    """The source of a small layer or function, without its docstring and imports."""
    rank = name[-2] if name[-1] == "d" and name[-2].isdigit() else ""
    file = name[:-2] if rank else name
    text = resources.files("convcalc.exporters.keras.helpers").joinpath(f"{file}.py").read_text("utf-8")
    if rank:
        text = re.sub(r"(?<=[a-z])2D\b", f"{rank}D", text).replace("RANK", rank)
    place = re.search(r"^(@|class |def )", text, re.MULTILINE)
    assert place is not None  # each of these files has one
    return text[place.start() :].rstrip("\n")
