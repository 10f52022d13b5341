"""The steps of a piece: its layers, and the blocks in it that are called as functions."""

from __future__ import annotations

import re
from typing import Any

from convcalc.exporters.keras.layers import RULES
from convcalc.exporters.keras.layers.register import CHAIN, Placed
from convcalc.exporters.keras.names import LayerNames
from convcalc.exporters.keras.orders import Orders, placed
from convcalc.exporters.keras.padding import is_nothing, of_axes, of_uses, padding_of
from convcalc.exporters.network import BLOCK, GROUP, Leaf, Network, Piece
from convcalc.exporters.python.code import MISSING, Argument, Call, Code
from convcalc.exporters.python.model import Body, ClassDef, Step
from convcalc.exporters.python.unify import Row
from convcalc.exporters.register import Unsupported, ranks
from convcalc.layers.leading_axes import Distributed
from convcalc.problems import Problem

_NOT_NEGATIVE = frozenset(("relu", "relu6", "sigmoid", "hardsigmoid", "softplus", "softmax"))
_KEEPING_SIGNS = frozenset((*ranks("max_pool"), *ranks("avg_pool"), "dropout", "concat", "identity"))
_CONVOLUTIONS = frozenset((*ranks("conv"), *ranks("locally_connected")))


class Builder:
    """Makes the steps of pieces. `classes` has the function and the number of each piece that is one."""

    def __init__(self, network: Network, data_format: str) -> None:
        self.network = network
        self.graph = network.graph
        self.data_format = data_format
        self.orders = Orders(network.graph, data_format)
        self.classes: dict[str, tuple[ClassDef, int]] = {}
        self.codes: dict[int, Code] = {}
        self.problems: list[Problem] = []
        self.paddings = self._paddings()
        self.rectified = self._rectified()
        self.needed = self._needed()
        self.names = LayerNames((), ())

    def _paddings(self) -> dict[int, str]:
        """The kind of padding of each convolution."""
        entries: dict[int, list[int]] = {}
        uses: dict[int, tuple[set[str], bool]] = {}
        for index, node in enumerate(self.graph.nodes):
            layer: Any = node.layer
            if layer.type.name in _CONVOLUTIONS and not isinstance(layer, Distributed):
                sizes, out = self.graph.input_shapes(node)[0][1:], node.output_shape[1:]
                pads = layer.pads(sizes)
                axes = zip(sizes, out, layer.kernel_size, layer.stride, layer.dilation, pads)
                uses[index] = of_axes(padding_of(*axis) for axis in axes), not is_nothing(pads)
                entries.setdefault(id(node.entry), []).append(index)
        return {
            index: kind
            for indices in entries.values()
            for index, kind in zip(indices, of_uses([uses[each] for each in indices]))
        }

    def _rectified(self) -> set[int]:
        """The tensors whose values are not negative."""
        found: set[int] = set()
        for index, node in enumerate(self.graph.nodes):
            kind = node.layer.type.name
            is_kept = kind in _KEEPING_SIGNS and found.issuperset(node.reads)
            if kind in _NOT_NEGATIVE or is_kept:
                found.add(self.graph.tensor_of(index))
        return found

    def _needed(self) -> set[int]:
        """The layers on which an output of the network depends."""
        graph, found = self.graph, set[int]()
        tensors = list(graph.outputs.values())
        while tensors:
            index = tensors.pop() - len(graph.inputs)
            if index >= 0 and index not in found:
                found.add(index)
                tensors += graph.nodes[index].reads
        return found

    def code(self, leaf: Leaf) -> Code:
        """How a layer is written; a layer that cannot be is reported."""
        if leaf.index not in self.codes:
            try:
                self.codes[leaf.index] = self._code(leaf)
            except Unsupported as error:
                self.problems.append(problem(self.network, leaf, error))
                self.codes[leaf.index] = Code("", function="{0}")
        return self.codes[leaf.index]

    def _code(self, leaf: Leaf) -> Code:
        node, graph = leaf.node, self.graph
        if node.layer.is_custom:
            raise Unsupported("a type of the spec's own has figures, and no computation", "write it as layers")
        if isinstance(node.layer, Distributed):
            raise Unsupported("the export does not write layers with axes before the channels (leading_axes)")
        if leaf.index not in self.needed:
            raise Unsupported(
                "no output depends on it, and Keras leaves such layers out", "remove it, or name it in `outputs`"
            )
        if node.tied_to is not None:
            help = "PyTorch shares them: --to pytorch"
            raise Unsupported("the export does not write parameters that layers share (tied)", help)
        rule = RULES.get(node.layer.type.name)
        if rule is None:
            raise Unsupported("Keras has no such layer, or the export does not know it")
        shapes, orders = graph.input_shapes(node), self.orders.reads[leaf.index]
        is_last = self.orders.last[leaf.tensor]
        code = rule(
            Placed(
                node.layer.type.name, node.layer, shapes, node.output_shape, orders, is_last, node,
                self.data_format == "channels_first", self.paddings.get(leaf.index, ""), tuple(leaf.parts),
                bool(node.reads) and node.reads[0] in self.rectified,
            )
        )  # fmt: skip
        moves = {
            place: _moves(len(shapes[place]), order)
            for place, (tensor, order) in enumerate(zip(node.reads, orders))
            if self.orders.last[tensor] != order
        }
        return _moved(code, moves, len(shapes)) if moves else code

    def is_class(self, piece: Piece) -> bool:
        """Whether a piece becomes a function: a block."""
        return piece.kind == BLOCK

    def is_chain(self, piece: Piece) -> bool:
        """Whether a piece is a chain of layers and calls, each of which reads the one before."""
        if piece.kind == BLOCK or len(piece.inputs) != 1 or len(piece.outputs) != 1:
            return False
        before = next(iter(piece.inputs.values()))
        for item in piece.items:
            if isinstance(item, Leaf):
                code = self.code(item)
                if code.module is None or code.use != "{0}" or not item.name or item.parts:
                    return False
                reads, writes = list(item.node.reads), [item.tensor]
            else:
                reads, writes = list(item.inputs.values()), item.outputs
                known = self.classes.get(item.prefix)
                if known is None and not self.is_chain(item):
                    return False
                if known is not None and len(known[0].outputs) != 1:
                    return False
            if reads != [before] or len(writes) != 1:
                return False
            before = writes[0]
        return piece.outputs == [before]

    def construction(self, item: Leaf | Piece) -> Any:
        """The calls of an item of a chain."""
        if isinstance(item, Leaf):
            return self.code(item).module
        if item.prefix in self.classes:
            return self.call(item)
        return Row("Sequential", tuple((self.part(each), self.construction(each)) for each in item.items))

    def part(self, item: Leaf | Piece) -> str:
        """The name of an item in its piece."""
        return self.names.part(item.name) if isinstance(item, Leaf) else item.name

    def call(self, piece: Piece) -> Call:
        """The call of the function of a block, without what it reads and its name."""
        definition, number = self.classes[piece.prefix]
        arguments = []
        for place, each in enumerate(definition.arguments):
            key = each.name if place > 1 or each.default is not MISSING else ""
            arguments.append(Argument(each.values[number], key, each.default, each.param or each.name))
        return Call(definition.name, tuple(arguments))

    def body(self, piece: Piece) -> Body:
        """The steps of a piece that becomes a function."""
        body = Body(piece, [], {})
        counts: dict[int, int] = {}
        for item in piece.items:
            entry = id(item.entry) if item.entry is not None else id(item)
            counts[entry] = counts.get(entry, 0) + 1
            self._add(body, (entry, counts[entry]), (), item)
        return body

    def _add(self, body: Body, key: Any, path: tuple[str, ...], item: Leaf | Piece) -> None:
        own = (*path, self.part(item)) if item.name else path
        if isinstance(item, Leaf):
            code = self.code(item)
            step = Step(key, own, item, code, code.module, tuple(item.node.reads), (item.tensor,), "leaf")
            body.steps.append(step)
        elif item.prefix in self.classes:
            definition, number = self.classes[item.prefix]
            writes = tuple(definition.tensor(ref, number) for ref in definition.outputs)
            reads = tuple(item.inputs.values())
            code = Code(", ".join(f"{{{place}}}" for place in range(len(reads))), parts=("",) * len(writes))
            body.steps.append(Step(key, own, item, code, self.call(item), reads, writes, "class"))
        elif item.kind == GROUP and self.is_chain(item):
            reads = tuple(item.inputs.values())
            body.steps.append(
                Step(key, own, item, Code("{0}"), self.construction(item), reads, tuple(item.outputs), "row")
            )
        else:
            for place, each in enumerate(item.items):
                self._add(body, (key, place), own, each)


def _moves(rank: int, order: bool) -> tuple[int, ...]:
    """The axes, with a batch, that bring a tensor into that order from the other one."""
    given = placed(tuple(range(rank)), not order)
    wanted = placed(tuple(range(rank)), order)
    return (0, *(given.index(axis) + 1 for axis in wanted))


def _moved(code: Code, moves: dict[int, tuple[int, ...]], count: int) -> Code:
    """The code of a layer whose inputs are brought into another order before."""
    if list(moves) == [0] and code.module is not None and code.use == "{0}":
        permute = ("permute", Call("layers.Permute", (Argument(moves[0][1:]),)))
        calls = code.module.members if isinstance(code.module, Row) else (("", code.module),)
        return code._replace(module=Row(CHAIN, (permute, *calls)))
    inputs = [f"{{{place}}}" for place in range(count)]
    texts = [f"ops.transpose({each}, {moves[place]})" if place in moves else each for place, each in enumerate(inputs)]

    def operand(found: re.Match[str]) -> str:
        name = found[1]
        return texts[int(name)] if name.isdigit() else ", ".join(texts) if name == "all" else found[0]

    use, function = (re.sub(r"\{(\w+)\}", operand, each) for each in (code.use, code.function))
    return code._replace(use=use, function=function)


def problem(network: Network, leaf: Leaf, error: Unsupported) -> Problem:
    """The problem of a layer that cannot be written."""
    node = leaf.node
    where = network.graph.source.where(node.entry.mark)
    subject = f"{node.name} ({node.layer.type.name})"
    help = error.help or "PyTorch may have it: --to pytorch"
    return Problem("cannot-export", f"it cannot be written in Keras: {error}", where, help=help, subject=subject)
