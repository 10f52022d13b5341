"""Merges whose branches do not agree on where a unit looks, and the change of padding that would make them agree.

A merge is aligned when its branches have the same stride and the same centre at every unit: Araujo, Norris and Sim,
"Computing Receptive Fields of Convolutional Neural Networks", Distill 2019. Equal strides whose centres are apart by a
whole number of steps of some window can be mended: cells of padding are moved from one side of it to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field, fields_from, through_layer
from convcalc.layers.base import Flow, Layer, LayerError
from convcalc.layers.convolution import Convolution
from convcalc.layers.parameters import Pads
from convcalc.layers.pooling import Pooling
from convcalc.network.graph import Graph, Node

Flows = Sequence[tuple[Flow, ...]]
Sliding = Convolution | Pooling
Exact = tuple[Fraction | None, ...]


class Branch:
    """One thing that a merge reads: per axis the stride and the centre of unit 0, None where there is no one figure.

    It is `steady` where the centre moves by the stride from each unit to the next; after upsampling it may not.
    """

    __slots__ = ("name", "tensor", "stride", "centre", "steady")

    def __init__(self, name: str, tensor: int, field: Field) -> None:
        self.name = name
        self.tensor = tensor
        self.stride: Exact = tuple(map(stride_of, field.axes))
        self.centre: Exact = tuple(map(centre_of, field.axes))
        self.steady = all(track.period == 1 for axis in field.axes if axis is not None for track in axis.local)


class PaddingChange:
    """The padding of a layer as it is and as it should be: a pair [before, after] for each axis."""

    __slots__ = ("layer", "before", "after")

    def __init__(self, layer: str, before: Pads, after: Pads) -> None:
        self.layer = layer
        self.before = before
        self.after = after


class Merge:
    """A merge that is not aligned, and the `changes` that were seen to align it; none where there are none.

    `inherited_by` counts the merges further on that depend on it: unless it is mended, they are not aligned either.
    """

    __slots__ = ("layer", "branches", "changes", "inherited_by")

    def __init__(
        self, layer: str, branches: Sequence[Branch], changes: Sequence[PaddingChange], inherited_by: int
    ) -> None:
        self.layer = layer
        self.branches = branches
        self.changes = changes
        self.inherited_by = inherited_by


def stride_of(axis: AxisField | None) -> Fraction | None:
    stride = axis.stride if axis is not None else None
    return None if stride is None else Fraction(*stride)


def centre_of(axis: AxisField | None) -> Fraction | None:
    """The centre of unit 0, in pixels; None where it sees everything, or nothing."""
    box = axis.unclipped(0) if axis is not None and axis.local else None
    return None if box is None else Fraction(sum(box), 2)


def misaligned(graph: Graph, flows: Flows, start: int, target: int) -> list[Merge]:
    """The merges up to tensor `target` where misalignment towards tensor `start` begins, in the order they run.

    Each is looked at with the changes of those before it made, so that all changes together align as many as can be.
    """
    upstream = _upstream(graph, target)
    fields = fields_from(graph, flows, start, target)
    found: list[Merge] = []
    while True:
        seen = [merge.layer for merge in found]
        merges = (index for index in _origins(graph, flows, fields, upstream) if graph.nodes[index].name not in seen)
        index = next(merges, None)
        if index is None:
            return found
        branches = [
            Branch(graph.tensor_name(tensor), tensor, field)
            for tensor, field in zip(graph.nodes[index].reads, _moved(graph, flows, fields, index))
            if field is not None
        ]
        remedy = _Remedy(graph, flows, fields, start, index, branches)
        changes = remedy.find()
        found.append(Merge(graph.nodes[index].name, branches, changes, _merges_after(graph, upstream, index)))
        if changes:
            flows = remedy.flows
            fields = fields_from(graph, flows, start, target)


def _upstream(graph: Graph, target: int) -> list[int]:
    """The nodes that tensor `target` depends on, itself among them."""
    count = len(graph.inputs)
    wanted = {target}
    for index in range(target - count, -1, -1):
        if graph.tensor_of(index) in wanted:
            wanted.update(graph.nodes[index].reads)
    return sorted(tensor - count for tensor in wanted if tensor >= count)


def _moved(graph: Graph, flows: Flows, fields: Sequence[Field | None], index: int) -> list[Field | None]:
    """What each thing that a node reads brings to its output."""
    node = graph.nodes[index]
    return [
        None if field is None else through_layer(field, part, graph.shape(tensor), node.output_shape)
        for tensor, part, field in ((tensor, part, fields[tensor]) for tensor, part in zip(node.reads, flows[index]))
    ]


def _origins(graph: Graph, flows: Flows, fields: Sequence[Field | None], upstream: Sequence[int]) -> Iterator[int]:
    """The nodes that are not aligned although all that they read is."""
    for index in upstream:
        field = fields[graph.tensor_of(index)]
        if len(graph.nodes[index].reads) > 1 and field is not None and field.aligned is False:
            if all(moved is None or moved.aligned for moved in _moved(graph, flows, fields, index)):
                yield index


def _merges_after(graph: Graph, upstream: Sequence[int], origin: int) -> int:
    """How many merges depend on what node `origin` gives."""
    reached, merges = {graph.tensor_of(origin)}, 0
    for index in upstream:
        reads = graph.nodes[index].reads
        if not reached.isdisjoint(reads):
            reached.add(graph.tensor_of(index))
            merges += len(reads) > 1
    return merges


class _Remedy:
    """The search for changes of padding that align one merge; `flows` are then those of the changed graph."""

    def __init__(
        self,
        graph: Graph,
        flows: Flows,
        fields: Sequence[Field | None],
        start: int,
        merge: int,
        branches: Sequence[Branch],
    ) -> None:
        self.graph = graph
        self.flows = list(flows)
        self.fields = fields
        self.start = start
        self.merge = merge
        self.branches = branches

    def find(self) -> list[PaddingChange]:
        """The changes, seen to align the merge, to misalign no other and to keep every size; empty for none."""
        placed = [branch for branch in self.branches if any(branch.stride)]
        centres = [branch.centre for branch in placed]
        if len({branch.stride for branch in placed}) > 1:
            return []
        # The centre that most branches have is the one to keep.
        for centre in sorted(dict.fromkeys(centres), key=lambda each: -centres.count(each)):
            changes = self._towards(centre, [branch for branch in placed if branch.centre != centre])
            if changes:
                return changes
        return []

    def _towards(self, centre: Exact, off: Sequence[Branch]) -> list[PaddingChange]:
        flows, changes = list(self.flows), []
        for branch in off:
            gap = [_difference(here, there) for here, there in zip(branch.centre, centre)]
            change = self._moving(branch, gap, flows)
            if change is None:
                return []
            changes.append(change)
        if self._mends(flows):
            self.flows = flows
            return changes
        return []

    def _moving(
        self, branch: Branch, gap: Sequence[Fraction | None], flows: list[tuple[Flow, ...]]
    ) -> PaddingChange | None:
        """The change of a window of this branch alone that moves its centre back by `gap`; `flows` get it too."""
        others = [_upstream(self.graph, other.tensor) for other in self.branches if other is not branch]
        shared = {index for upstream in others for index in upstream}
        for index in reversed(_upstream(self.graph, branch.tensor)):
            node = self.graph.nodes[index]
            field = self.fields[node.reads[0]]
            if index in shared or field is None or not isinstance(node.layer, Sliding):
                continue
            shapes = self.graph.input_shapes(node)
            pads = node.layer.pads(shapes[0][1:])
            for shifted in _shifted(node.layer, pads, field, gap):
                changed = _with_padding(node.layer, shifted, self.graph, node)
                if changed is not None:
                    flows[index] = changed.flow(shapes, node.output_shape)
                    return PaddingChange(node.name, pads, shifted)
        return None

    def _mends(self, flows: Flows) -> bool:
        """Whether the merge is aligned, and all else in the network that was aligned still is."""
        before, after = (fields_from(self.graph, each, self.start) for each in (self.flows, flows))
        merge = after[self.graph.tensor_of(self.merge)]
        kept = (now is not None and now.aligned for was, now in zip(before, after) if was is not None and was.aligned)
        return merge is not None and merge.aligned is True and all(kept)


def _difference(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _shifted(layer: Sliding, pads: Pads, before: Field, gap: Sequence[Fraction | None]) -> Iterator[Pads]:
    """Paddings that start a layer's windows earlier by `gap` pixels: of the same sum first, then as much behind."""
    moves: list[int] = []
    for distance, axis in zip(gap, before.axes):
        stride = stride_of(axis)
        if not stride or distance is None or (distance / stride).denominator != 1:
            return
        moves.append(int(distance / stride))
    if len(pads) != len(moves):
        return
    spans = [dilation * (kernel - 1) + 1 for dilation, kernel in zip(layer.dilation, layer.kernel_size)]
    for taken in (1, 0):
        shifted = tuple((pad[0] + move, pad[1] - taken * move) for pad, move in zip(pads, moves))
        # A window that padding can fill would see no pixel at all.
        if all(0 <= pad < span for pair, span in zip(shifted, spans) for pad in pair):
            yield shifted


def _with_padding(layer: Sliding, pads: Pads, graph: Graph, node: Node) -> Layer | None:
    """The layer with another padding, unless it does not take it or gives another size."""
    try:
        changed = layer.changed(padding=pads)
        fits = changed.output_shape(graph.input_shapes(node)) == node.output_shape
    except LayerError:
        return None
    return changed if fits else None
