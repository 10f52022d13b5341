"""The difference between two networks: layers added, removed, changed and affected, and the change of every total."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

from convcalc.network.graph import Graph, Node
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, REMOVED, SAME, FigureChange, LayerChange, changes
from convcalc.report.figures import shapes_of_layers, sums, totals
from convcalc.report.matching import Matching, is_numbered
from convcalc.report.receptive_field import ReceptiveField, by_input
from convcalc.report.report import Report, Shown
from convcalc.report.rows import Row

SCHEMA = "convcalc.diff/1"
# The figures of a layer that are compared, by their keys in JSON.
FIGURES = {figure.json or figure.name: figure for figure in (*shapes_of_layers(), *sums())}
FIELD_PARTS = ("size", "stride", "padding", "aligned")


class Difference(Shown):
    """The difference between two networks.

    `layers` has every layer of both once, in the order of the new network; a removed layer has its old place. `totals`,
    `inputs` and `outputs` have the values before and after, also where they are equal. The names of the networks and
    the lines of their files are not compared.
    """

    def __init__(self, old: Report, new: Report) -> None:
        self.old = old
        self.new = new
        self.layers = list(_Comparison(old, new).layers())

    @cached_property
    def totals(self) -> dict[str, FigureChange]:
        """Every total of the network."""
        return {
            figure.name: FigureChange(figure.of_network(self.old), figure.of_network(self.new)) for figure in totals()
        }

    @cached_property
    def inputs(self) -> FigureChange:
        """The shapes of the inputs by their names."""
        return FigureChange(self.old.inputs, self.new.inputs)

    @cached_property
    def outputs(self) -> FigureChange:
        """The shapes of the outputs by their names."""
        return FigureChange(self.old.outputs, self.new.outputs)

    def __repr__(self) -> str:
        old, new = self.old, self.new
        counts = [
            f"{len(layers)} {status}" for status in (ADDED, REMOVED, CHANGED, AFFECTED) if (layers := self.of(status))
        ]
        said = ", ".join(counts) or "no layer differs"
        return f"<Difference of {old.target or old.name} and {new.target or new.name}: {said}>"

    def of(self, *statuses: str) -> list[LayerChange]:
        """The layers with one of these statuses."""
        return [layer for layer in self.layers if layer.status in statuses]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        whole = (self.inputs, self.outputs, *self.totals.values())
        return not any(change.differs for change in whole) and all(layer.status == SAME for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """The difference as plain dictionaries and lists: the data of `--format json`."""
        heads = {
            side: {"target": report.target, "name": report.name, "variant": report.variant, **report.graph.changed}
            for side, report in (("old", self.old), ("new", self.new))
        }
        differing = [layer for layer in self.layers if layer.status != SAME]
        return {
            "schema": SCHEMA,
            **heads,
            "is_empty": self.is_empty,
            "inputs": self.inputs.to_dict(),
            "outputs": self.outputs.to_dict(),
            "totals": {name: change.to_dict() for name, change in self.totals.items()},
            "unchanged_layers": len(self.layers) - len(differing),
            "layers": [layer.to_dict() for layer in differing],
        }


class _Comparison:
    """Pairs the layers and compares each pair. A part that many pairs have in common is compared once."""

    def __init__(self, old: Report, new: Report) -> None:
        self.old = old
        self.new = new
        self.matching = Matching(old.graph, new.graph)
        self.partner = {new_index: old_index for old_index, new_index in self.matching.pairs}
        self.matched = set(self.partner.values())
        self.known_configs: dict[tuple[int, int], dict[str, FigureChange]] = {}
        self.known_figures: dict[tuple[int, int], dict[str, FigureChange]] = {}
        self.known_fields: dict[tuple[int, ...], dict[str, FigureChange]] = {}

    def layers(self) -> Iterator[LayerChange]:
        """Every layer of both networks, each once."""
        in_order = [pair for pair in self.matching.pairs if pair not in self.matching.moved]
        for (first, before), (last, after) in pairwise([(-1, -1), *in_order, (len(self.old.rows), len(self.new.rows))]):
            yield from self.removed_layers(first + 1, last)
            for index in range(before + 1, min(after + 1, len(self.new.rows))):
                yield self.layer(index)

    def layer(self, index: int) -> LayerChange:
        """The change of a layer of the new network."""
        row = self.new.rows[index]
        if index not in self.partner:
            return LayerChange(None, row)
        old = self.partner[index]
        return self.change(self.old.rows[old], row, (old, index) in self.matching.moved)

    def removed_layers(self, first: int, last: int) -> Iterator[LayerChange]:
        for index in range(first, last):
            if index not in self.matched:
                yield LayerChange(self.old.rows[index], None)

    def change(self, old: Row, new: Row, moved: bool) -> LayerChange:
        layer = LayerChange(old, new, moved)
        nodes = self.old.graph.nodes[old.index], self.new.graph.nodes[new.index]
        layer.is_renamed = old.name != new.name and not _are_unnamed(*nodes)
        layer.config = self.config(old, new)
        layer.figures = self.figures(old, new)
        layer.field = self.field(old, new)
        layer.wiring = self.wiring(old, new, *nodes)
        return layer

    def wiring(self, old: Row, new: Row, before: Node, after: Node) -> dict[str, FigureChange]:
        """The differences in whether a layer is trained, whose parameters it uses and what it reads."""
        found = changes({"trainable": before.trainable}, {"trainable": after.trainable})
        if before.tied_to != (None if after.tied_to is None else self.partner.get(after.tied_to, ADDED)):
            found["tied_to"] = FigureChange(old.tied_to, new.tied_to)
        if self.is_rewired(before.reads, after.reads):
            found["inputs"] = FigureChange(old.inputs, new.inputs)
        return found

    def config(self, old: Row, new: Row) -> dict[str, FigureChange]:
        """The differences in the written parameters."""
        layers = old.facts.layer, new.facts.layer
        key = id(layers[0]), id(layers[1])
        if key not in self.known_configs:
            is_one_type = layers[0].type is layers[1].type  # else the matching knows that both are the same
            self.known_configs[key] = changes(*[layer.config() for layer in layers]) if is_one_type else {}
        return self.known_configs[key]

    def figures(self, old: Row, new: Row) -> dict[str, FigureChange]:
        """The differences in shapes and counts."""
        key = id(old.owned), id(new.owned)
        if key not in self.known_figures:
            self.known_figures[key] = changes(_figures(old), _figures(new))
        return self.known_figures[key]

    def field(self, old: Row, new: Row) -> dict[str, FigureChange]:
        """The differences in the receptive fields, by part."""
        fields = [
            field[row.index]
            for report, row in ((self.old, old), (self.new, new))
            for field in report.analysis.fields.values()
        ]
        key = tuple(map(id, fields))
        if key not in self.known_fields:
            before, after = old.receptive_fields, new.receptive_fields
            if old.type != new.type:  # a pooling that reads everything has no stride under one of its names
                before, after = {}, {}
            is_same = list(before) == list(after) and all(map(_is_alike, before.values(), after.values()))
            self.known_fields[key] = {} if is_same else changes(_parts(before), _parts(after))
        return self.known_fields[key]

    def is_rewired(self, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
        """Whether a layer reads other tensors than before; an added or removed layer between does not count."""
        if len(old) != len(new):
            return True
        for old_tensor, new_tensor in zip(old, new):
            before, after = self.source(self.old.graph, old_tensor), self.source(self.new.graph, new_tensor)
            is_kept = isinstance(before, str) or before in self.matched
            is_old = isinstance(after, str) or after in self.partner
            if is_kept and is_old and before != (after if isinstance(after, str) else self.partner[after]):
                return True
        return False

    @staticmethod
    def source(graph: Graph, tensor: int) -> int | str:
        """The index of the layer that writes a tensor, or the name of the input."""
        count = len(graph.inputs)
        return tensor - count if tensor >= count else graph.tensor_name(tensor)


def _are_unnamed(one: Node, other: Node) -> bool:
    """Whether both names only number unnamed entries, or one does and the other is a place in the same sequence."""
    if is_numbered(one) and is_numbered(other):
        return True
    scopes, names = zip(*((name.rpartition(".")[0], name.rpartition(".")[2]) for name in (one.name, other.name)))
    unnamed = [not node.entry.has("name") and not name.isdecimal() for node, name in zip((one, other), names)]
    is_place = [name.isdecimal() for name in names]
    return scopes[0] == scopes[1] and any(unnamed) and all(a or b for a, b in zip(unnamed, is_place))


def _figures(row: Row) -> dict[str, Any]:
    return {name: figure.of_layer(row) for name, figure in FIGURES.items()}


def _is_alike(one: ReceptiveField | None, other: ReceptiveField | None) -> bool:
    """Whether two fields are equal in every part."""
    if one is None or other is None:
        return one is other
    return all(getattr(one, part) == getattr(other, part) for part in FIELD_PARTS)


def _parts(fields: dict[str, ReceptiveField | None]) -> dict[str, Any]:
    return {part: by_input(fields, partial(_part, part)) for part in FIELD_PARTS}


def _part(part: str, field: ReceptiveField | None) -> Any:
    return None if field is None else getattr(field, part)
