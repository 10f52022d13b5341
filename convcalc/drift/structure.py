"""The structure of a network without its names: what each layer computes, and of which layers."""

from __future__ import annotations

from collections.abc import Hashable

from convcalc.drift.canonical import COMMUTATIVE, DROPOUTS, Form, form_of
from convcalc.layers.base import Layer
from convcalc.layers.batch_normalisation import BatchNorm
from convcalc.layers.convolution import Convolution
from convcalc.layers.dense import Linear
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.report.report import Report
from convcalc.report.rows import Row

# A batch norm directly behind one of these can be folded into its weights and its bias.
FOLDS_NORMS: tuple[type[Layer], ...] = (Convolution, TransposedConvolution, Linear)


class Structure:
    """The layers that compute something, by their indices, and the wiring between them.

    `layers` are in an order of the wiring alone, each behind what it reads.

    `reads` are the layers that each one reads, through layers that only reshape; an input of the network is a negative
    number: -1 the first. `readers` are pairs of a layer that reads it and the place among what that reads. `made` is
    equal for two layers that compute the same of the same input, `used` for two whose results are used alike.

    `dropouts` are those between a layer and what it reads, by its index and the place of the read; those before an
    output have the index -1. With `folded`, a batch norm is a part of the layer before it, as exporters fold it:
    `norms` has it by the index of that layer.
    """

    __slots__ = (
        "dropouts", "forms", "layers", "made", "norms", "outputs", "readers", "reads", "report", "rows", "used",
    )  # fmt: skip

    def __init__(self, report: Report, *, folded: bool = False) -> None:
        self.report = report
        self.rows: list[Row] = report.rows
        nodes = report.graph.nodes
        self.forms: list[Form | None] = [form_of(node.layer, row.facts) for node, row in zip(nodes, self.rows)]
        self.norms = foldable_norms(report) if folded else {}
        for index, norm in self.norms.items():
            form = self.form(index)
            self.forms[index] = form._replace(settings=tuple(sorted({**dict(form.settings), "bias": True}.items())))
            self.forms[norm] = None
        self.dropouts: dict[tuple[int, int], list[int]] = {}
        self.reads: list[tuple[int, ...]] = []
        for index, node in enumerate(nodes):
            self.reads.append(tuple(self._origin(tensor, index, place) for place, tensor in enumerate(node.reads)))
        outputs = report.graph.outputs.values()
        self.outputs = tuple(self._origin(tensor, -1, place) for place, tensor in enumerate(outputs))
        self.layers = self._in_order()
        self.readers: list[list[tuple[int, int]]] = [[] for _ in nodes]
        for index in self.layers:
            for place, origin in enumerate(self.reads[index]):
                if origin >= 0:
                    self.readers[origin].append((index, place))
        self.made: dict[int, Hashable] = self._made()
        self.used: dict[int, Hashable] = self._used()

    def _origin(self, tensor: int, reader: int, place: int) -> int:
        """The layer that computes a tensor, or the input that it is."""
        count = len(self.report.graph.inputs)
        if tensor < count:
            return -1 - tensor
        index = tensor - count
        if self.forms[index] is not None or not self.reads[index]:
            return index
        is_dropout = self.rows[index].type in DROPOUTS
        passed = [*self.dropouts.get((index, 0), ()), *([index] if is_dropout else ())]
        if passed:
            self.dropouts[reader, place] = passed
        return self.reads[index][0]

    def _in_order(self) -> list[int]:
        """The layers, each behind what it reads; branches in an order that does not depend on that of the file."""
        depths: dict[int, int] = {}
        for index, form in enumerate(self.forms):
            if form is not None:
                depths[index] = 1 + max((depths.get(origin, 0) for origin in self.reads[index]), default=0)
        found: dict[int, None] = {}
        for end in (*self.outputs, *depths):
            waiting = [end]
            while waiting:
                index = waiting.pop()
                if index < 0 or index in found:
                    continue
                origins = [origin for origin in self.reads[index] if origin >= 0 and origin not in found]
                if not origins:
                    found[index] = None
                    continue
                if self.form(index).kind in COMMUTATIVE:
                    origins.sort(key=lambda origin: depths[origin])  # the last one, the deepest, comes first
                else:
                    origins.reverse()
                waiting += [index, *origins]
        return [index for index in found if self.forms[index] is not None]

    def form(self, index: int) -> Form:
        form = self.forms[index]
        assert form is not None  # only layers that compute something are asked for
        return form

    def _made(self) -> dict[int, Hashable]:
        found: dict[int, Hashable] = {}
        for index in self.layers:
            form = self.form(index)
            origins = [found.get(origin, origin) for origin in self.reads[index]]
            if form.kind in COMMUTATIVE:
                origins.sort(key=hash)
            found[index] = hash((form.outline, tuple(map(hash, origins))))
        return found

    def _used(self) -> dict[int, Hashable]:
        found: dict[int, Hashable] = {}
        for index in reversed(self.layers):
            form = self.form(index)
            uses = [
                hash((found[reader], 0 if self.form(reader).kind in COMMUTATIVE else place))
                for reader, place in self.readers[index]
            ]
            places = tuple(place for place, origin in enumerate(self.outputs) if origin == index)
            found[index] = hash((form.outline, tuple(sorted(uses)), places))
        return found


def foldable_norms(report: Report) -> dict[int, int]:
    """The batch norms that can be folded into the layer before them, by the index of that layer."""
    graph = report.graph
    count, readers = len(graph.inputs), [0] * len(graph.nodes)
    for tensor in [*(tensor for node in graph.nodes for tensor in node.reads), *graph.outputs.values()]:
        if tensor >= count:
            readers[tensor - count] += 1
    found = {}
    for index, node in enumerate(graph.nodes):
        before = node.reads[0] - count if node.reads else -1
        if isinstance(node.layer, BatchNorm) and before >= 0 and readers[before] == 1:
            if isinstance(graph.nodes[before].layer, FOLDS_NORMS):
                found[before] = index
    return found
