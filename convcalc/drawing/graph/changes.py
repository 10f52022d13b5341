"""Makes the boxes of two networks in one drawing: what a change added, removed, changed and affected.

Blocks in which all layers have one status are one box; the others are opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from convcalc.arith.units import count_of
from convcalc.drawing.graph.diagram import Box, Diagram, Edge
from convcalc.drawing.graph.words import counted, parameters, times
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, REMOVED, SAME, LayerChange
from convcalc.report.difference import Difference
from convcalc.report.sums import add_up

SIGNS = {ADDED: "+ ", REMOVED: "− ", CHANGED: "~ ", AFFECTED: "", SAME: ""}


class _Part(NamedTuple):
    """Consecutive layers that are one box, from number `first` of the difference."""

    name: str
    first: int
    layers: list[LayerChange]

    @property
    def status(self) -> str:
        return self.layers[0].status


def changed_diagram(difference: Difference) -> Diagram:
    """The boxes and edges of a difference, each layer of both networks once."""
    parts = _parts(difference.layers, 0, 1)
    inputs = [Box(name, "input", (name, times(shape))) for name, shape in difference.new.inputs.items()]
    inputs += [
        Box(name, "removed", (f"− {name}", times(shape)))
        for name, shape in difference.old.inputs.items()
        if name not in difference.new.inputs
    ]
    number_of = {box.name: number for number, box in enumerate(inputs)}
    owner = [len(inputs) + number for number, part in enumerate(parts) for _ in part.layers]
    return Diagram(inputs + [_box(part) for part in parts], _edges(difference, owner, number_of), [])


def _parts(layers: Sequence[LayerChange], first: int, depth: int) -> list[_Part]:
    """The parts of consecutive layers, whose names have at least `depth` words in common."""
    parts: list[_Part] = []
    for name, group in groupby(layers, key=lambda layer: ".".join(layer.row.name.split(".", depth)[:depth])):
        members = list(group)
        if len({layer.status for layer in members}) == 1 and (depth > 1 or "." in members[0].row.name):
            parts.append(_Part(name, first, members))
        elif len(members) == 1:
            parts.append(_Part(members[0].row.name, first, members))
        else:
            parts += _parts(members, first, depth + 1)
        first += len(members)
    return parts


def _box(part: _Part) -> Box:
    change = part.layers[0]
    name = SIGNS[part.status] + part.name
    rows = [layer.row for layer in part.layers]
    if len(rows) > 1:
        params = counted(add_up([row.params for row in rows]), "params")
        return Box(part.name, part.status, (name, f"{count_of(len(rows), 'layer')}, {params}"))
    lines = [name, f"{change.row.type} {parameters(change.row)}".strip()]
    if change.old is not None and change.new is not None:
        was, now = change.old.params, change.new.params
        if was != now:
            lines.append(f"{counted(was, 'params')} → {counted(now, 'params')}")
        if change.old.output_shape != change.new.output_shape:
            lines.append(f"{times(change.old.output_shape)} → {times(change.new.output_shape)}")
    else:
        lines.append(counted(change.row.params, "params"))
    return Box(part.name, part.status, tuple(lines))


def _edges(difference: Difference, owner: Sequence[int], inputs: dict[str, int]) -> list[Edge]:
    """The edges of the new network, and those of the old one from and to removed layers.

    An edge of the old network may lead to a layer that has moved before it: such an edge is left out.
    """
    places = list(enumerate(difference.layers))
    old = {**inputs, **{layer.old.name: owner[n] for n, layer in places if layer.old is not None}}
    new = {**inputs, **{layer.new.name: owner[n] for n, layer in places if layer.new is not None}}
    removed = {layer.old.name for layer in difference.layers if layer.old is not None and layer.new is None}
    found: dict[tuple[int, int], Edge] = {}
    for number, layer in places:
        sources = [] if layer.new is None else [new[name] for name in layer.new.inputs]
        if layer.old is not None:
            sources += [old[name] for name in layer.old.inputs if layer.new is None or name in removed]
        for source in sources:
            if source < owner[number]:
                found.setdefault((source, owner[number]), Edge(source, owner[number]))
    return list(found.values())
