"""The steps of a piece: its layers, and the pieces in it that are called as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.exporters.network import BLOCK, GROUP, Leaf, Network, Piece
from convcalc.exporters.python.code import MISSING, Argument, Call, Code
from convcalc.exporters.python.model import Body, ClassDef, Step
from convcalc.exporters.python.unify import Row
from convcalc.exporters.pytorch.layers import RULES
from convcalc.exporters.pytorch.layers.register import Placed
from convcalc.exporters.pytorch.names import safe, safe_key
from convcalc.exporters.register import Unsupported
from convcalc.layers.leading_axes import Distributed
from convcalc.problems import Problem


class Builder:
    """Makes the steps of pieces. `classes` has the class and the number of each piece that is one."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.graph = network.graph
        self.classes: dict[str, tuple[ClassDef, int]] = {}
        self.codes: dict[int, Code] = {}
        self.problems: list[Problem] = []
        self.members: set[int] = set()  # layers that are modules because they are in a Sequential
        self.readers: dict[int, set[str]] = {}
        for node in network.graph.nodes:
            for tensor in node.reads:
                self.readers.setdefault(tensor, set()).add(node.layer.type.name)

    def code(self, leaf: Leaf) -> Code:
        """How a layer is written; a layer that cannot be is reported."""
        if leaf.index not in self.codes:
            self.codes[leaf.index] = self._code(leaf)
        return self.codes[leaf.index]

    def _code(self, leaf: Leaf) -> Code:
        node, graph = leaf.node, self.graph
        layer, leading = node.layer, 0
        inputs, output = graph.input_shapes(node), node.output_shape
        try:
            if layer.is_custom:
                raise Unsupported("a type of the spec's own has figures, and no computation")
            if isinstance(layer, Distributed):
                leading, layer = layer.count, layer.layer
            rule = RULES.get(layer.type.name)
            if rule is None:
                raise Unsupported("the export does not know this type")
            shapes = tuple(shape[leading:] for shape in inputs)
            readers = frozenset(self.readers.get(leaf.tensor, ()))
            code = rule(Placed(layer.type.name, layer, shapes, output[leading:], tuple(leaf.parts), readers))
            return _at_each_place(code, leading, inputs[0]) if leading else code
        except Unsupported as error:
            self.problems.append(problem(self.network, leaf, str(error)))
            return Code("", function="{0}")

    def is_module(self, leaf: Leaf) -> bool:
        """Whether a layer is a module of its own: it has weights, a name, or no function."""
        code = self.code(leaf)
        is_plain = self.has_state(leaf) or leaf.entry.has("name") or not code.function
        return code.module is not None and (is_plain or leaf.index in self.members)

    def is_sequential(self, piece: Piece) -> bool:
        """Whether a piece is a chain of modules, so that a Sequential is the same."""
        return piece.kind != BLOCK and self._is_chain(piece)

    def _is_chain(self, piece: Piece) -> bool:
        if len(piece.inputs) != 1 or len(piece.outputs) != 1:
            return False
        before = next(iter(piece.inputs.values()))
        for item in piece.items:
            if isinstance(item, Leaf):
                if not self.code(item).is_plain or self.code(item).is_parameter or not item.name or item.parts:
                    return False
                reads, writes = list(item.node.reads), [item.tensor]
            else:
                reads, writes = list(item.inputs.values()), item.outputs
                known = self.classes.get(item.prefix)
                if known is not None and len(known[0].outputs) != 1:
                    return False
                if item.kind != BLOCK and not self.is_sequential(item) and item.prefix not in self.classes:
                    return False
            if reads != [before] or len(writes) != 1:
                return False
            before = writes[0]
        return piece.outputs == [before]

    def is_class(self, piece: Piece) -> bool:
        """Whether a piece becomes a class: a block, or a container that is no chain."""
        return piece.kind == BLOCK or (piece.kind != GROUP and not self.is_sequential(piece))

    def construction(self, item: Leaf | Piece) -> Any:
        """What constructs the module of an item."""
        if isinstance(item, Leaf):
            return self.code(item).module
        if item.prefix in self.classes:
            return self.call(item)
        members = tuple((name, self.construction(each)) for name, each in zip(self.member_names(item), item.items))
        return Row("Sequential", members)

    def member_names(self, piece: Piece) -> list[str]:
        """The names of the items of a Sequential: numbers where those with weights have theirs."""
        numbers = [str(number) for number in range(len(piece.items))]
        is_numbered = [item.name == number or self._is_bare(item) for item, number in zip(piece.items, numbers)]
        if all(is_numbered) and any(item.name in numbers for item in piece.items):
            return numbers
        return [safe_key(item.name) for item in piece.items]

    def _is_bare(self, item: Leaf | Piece) -> bool:
        """Whether an item is a layer without weights and without a name in the spec."""
        return isinstance(item, Leaf) and not item.entry.has("name") and not self.has_state(item)

    def call(self, piece: Piece) -> Call:
        """The call of the class of a piece."""
        definition, number = self.classes[piece.prefix]
        arguments = []
        for place, each in enumerate(definition.arguments):
            key = each.name if place > 1 or each.default is not MISSING else ""
            arguments.append(Argument(each.values[number], key, each.default, each.param or each.name, each.size))
        return Call(definition.name, tuple(arguments))

    def body(self, piece: Piece) -> Body:
        """The steps and modules of a piece that becomes a class."""
        body = Body(piece, [], {}, self.is_numbered(piece))
        counts: dict[int, int] = {}
        if body.is_sequence:
            self.members.update(item.index for item in piece.items if isinstance(item, Leaf))
        for item, attribute in self.attributes(piece):
            entry = id(item.entry) if item.entry is not None else id(item)
            counts[entry] = counts.get(entry, 0) + 1
            self._add(body, (entry, counts[entry]), (attribute,), item, body.modules.__setitem__)
        return body

    def attributes(self, piece: Piece) -> list[tuple[Leaf | Piece, str]]:
        """The items of a piece that becomes a class, each with the name of its attribute."""
        if self.is_numbered(piece):
            return list(zip(piece.items, self.member_names(piece)))
        found: list[tuple[Leaf | Piece, str]] = []
        taken: set[str] = set()
        for item in piece.items:
            name = item.name or _merge_name(item)
            if not isinstance(item, Leaf) or self.is_module(item):
                name, is_parameter = (
                    self._short_name(item, piece),
                    isinstance(item, Leaf) and self.code(item).is_parameter,
                )
                name = name if name.isdigit() and not is_parameter else safe(name, taken)
                taken.add(name)
            found.append((item, name))
        return found

    def _short_name(self, item: Leaf | Piece, piece: Piece) -> str:
        """The name of an item; `dropout` for an only dropout_1, which has no weights and no name in the spec."""
        if not isinstance(item, Leaf) or not self._is_bare(item):
            return item.name or _merge_name(item)
        stem = item.name.rpartition("_")[0] or item.name
        others = [other.name for other in piece.items if other is not item]
        is_free = all(name != stem and name.rpartition("_")[0] != stem for name in others)
        return stem if is_free and stem else item.name or _merge_name(item)

    def is_numbered(self, piece: Piece) -> bool:
        """Whether a block is a chain of modules with the names 0, 1, …, so that its class can be a Sequential."""
        if piece.kind == GROUP or not piece.name or not self._is_chain(piece):
            return False
        return all(name.isdigit() for name in self.member_names(piece)) and bool(piece.items)

    def has_state(self, leaf: Leaf) -> bool:
        return leaf.node.layer.has_parameters or bool(leaf.node.layer.buffers())

    def _add(self, body: Body, key: Any, path: tuple[str, ...], item: Leaf | Piece, put: Callable[..., None]) -> None:
        if isinstance(item, Leaf):
            self._add_layer(body, key, path, item, put)
        elif item.prefix in self.classes or self.is_sequential(item):
            made = self.construction(item)
            put(path[-1], made)
            definition = self.classes.get(item.prefix)
            writes = tuple(item.outputs)
            if definition is not None:
                shown, number = definition
                writes = tuple(shown.tensor(ref, number) for ref in shown.outputs)
            reads = tuple(item.inputs.values())
            names = ", ".join(f"{{{place}}}" for place in range(len(reads)))
            code = Code(f"{{m}}({names})", parts=("",) * len(writes) if len(writes) > 1 else ())
            kind = "class" if definition is not None else "row"
            body.steps.append(Step(key, path, item, code, made, reads, writes, kind))
        else:
            self._add_list(body, key, path, item, put)

    def _add_list(self, body: Body, key: Any, path: tuple[str, ...], item: Piece, put: Callable[..., None]) -> None:
        """A group whose members are called one by one."""
        members: dict[str, Any] = {}
        modules = [each for each in item.items if not isinstance(each, Leaf) or self.is_module(each)]
        numbered = [each.name for each in modules] == [str(number) for number in range(len(modules))]
        for place, each in enumerate(item.items):
            if isinstance(each, Leaf) and self.code(each).is_parameter:
                reason = "a learned tensor in a group of copies has no place in a list of modules"
                self.problems.append(problem(self.network, each, reason))
            step = (*path, each.name if numbered else f'"{safe_key(each.name)}"')
            self._add(body, (key, place), step, each, lambda name, made: members.__setitem__(name.strip('"'), made))
        if members:
            put(path[-1], Row("ModuleList" if numbered else "ModuleDict", tuple(members.items())))

    def _add_layer(self, body: Body, key: Any, path: tuple[str, ...], leaf: Leaf, put: Callable[..., None]) -> None:
        code = self.code(leaf)
        made = code.module if self.is_module(leaf) else None
        if made is not None:
            put(path[-1], made)
        writes = (leaf.tensor, *(leaf.parts[part] for part in code.parts if part))
        kind = "leaf" if made is not None else "function"
        body.steps.append(Step(key, path, leaf, code, made, tuple(leaf.node.reads), writes, kind))


def _merge_name(item: Leaf | Piece) -> str:
    """The name of the layer at the end of a container with a name."""
    return item.node.layer.type.name if isinstance(item, Leaf) else ""


def problem(network: Network, leaf: Leaf, reason: str) -> Problem:
    """The problem of a layer that cannot be written."""
    node = leaf.node
    where = network.graph.source.where(node.entry.mark)
    subject = f"{node.name} ({node.layer.type.name})"
    return Problem("cannot-export", f"it cannot be written in PyTorch: {reason}", where, subject=subject)


def _at_each_place(code: Code, leading: int, shape: tuple[int, ...]) -> Code:
    """A layer at each place of the axes before the channels: they are joined with the batch."""
    places = ", ".join(map(str, (-1, *shape[:leading])))
    values = dict(code.values)
    flat = f"{{0}}.flatten(0, {leading})"
    use = code.use.replace("{0}", flat) if code.use else ""
    function = code.function.replace("{0}", flat) if code.function else ""
    if code.module is None or use:
        use = f"{use}.unflatten(0, ({places}))" if use else ""
    function = f"{function}.unflatten(0, ({places}))" if function else ""
    return code._replace(use=use, function=function, values=values)
