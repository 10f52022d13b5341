"""Merges whose branches look at different places, and the change of padding that would align them.

A merge is aligned when its branches have the same stride and the same centre at every unit: Araujo, Norris and Sim,
"Computing Receptive Fields of Convolutional Neural Networks", Distill 2019. Where the strides are equal and the
centres are apart by a whole number of steps of some window, cells of its padding are moved from one side to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.position_axes import Flows
from convcalc.analysis.receptive_field import Field, Walk, moved
from convcalc.analysis.upstream import upstream
from convcalc.layers.base import Flow, Layer, LayerError
from convcalc.layers.convolution import Convolution
from convcalc.layers.parameters import Pads
from convcalc.layers.subsampling import Pooling
from convcalc.network.graph import Graph, Node

Sliding = Convolution | Pooling
Exact = tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A tensor that a merge reads: per axis its stride and the centre of unit 0; None where these vary.

    It is `steady` where the centre moves by the stride from each unit to the next; after upsampling it may not.
    """

    name: str
    tensor: int
    stride: Exact
    centre: Exact
    steady: bool

    @classmethod
    def of(cls, name: str, tensor: int, field: Field) -> Branch:
        """The branch of that name, whose units see `field` at the merge."""
        steady = all(track.period == 1 for axis in field.axes if axis is not None for track in axis.local)
        return cls(name, tensor, tuple(map(stride_of, field.axes)), tuple(map(centre_of, field.axes)), steady)


@dataclass(frozen=True, slots=True)
class PaddingChange:
    """The padding of a layer as it is and as it should be: a pair [before, after] for each axis."""

    layer: str
    before: Pads
    after: Pads


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that is not aligned, and changes that are known to align it, if there are any.

    `inherited_by` counts the later merges that depend on it: unless it is aligned, they are not aligned either.
    """

    layer: str
    branches: Sequence[Branch]
    changes: Sequence[PaddingChange]
    inherited_by: int


def stride_of(axis: AxisField | None) -> Fraction | None:
    stride = axis.stride if axis is not None else None
    return None if stride is None else Fraction(*stride)


def centre_of(axis: AxisField | None, unit: int = 0) -> Fraction | None:
    """The centre of what a unit sees, in pixels; None where it sees everything, or nothing."""
    box = axis.unclipped(unit) if axis is not None and axis.local else None
    return None if box is None else Fraction(sum(box), 2)


def misaligned(walk: Walk, target: int) -> list[Merge]:
    """The merges up to tensor `target` where misalignment towards the start of a walk begins, in the order they run.

    Each is looked at after the changes for those before it, so that all changes together align as many as possible.
    """
    graph = walk.graph
    before = upstream(graph, target)
    found: list[Merge] = []
    while True:
        seen = [merge.layer for merge in found]
        merges = (index for index in _origins(walk, before) if graph.nodes[index].name not in seen)
        index = next(merges, None)
        if index is None:
            return found
        branches = [
            Branch.of(graph.tensor_name(tensor), tensor, field)
            for tensor, field in zip(graph.nodes[index].reads, _branches(walk, index))
            if field is not None
        ]
        remedy = _Remedy(walk, index, branches)
        changes = remedy.find()
        found.append(Merge(graph.nodes[index].name, branches, changes, _merges_after(graph, before, index)))
        walk = remedy.walk


def _branches(walk: Walk, index: int) -> list[Field | None]:
    return moved(walk.graph, walk.graph.nodes[index], walk.flows[index], walk.fields)


def _origins(walk: Walk, nodes: Sequence[int]) -> Iterator[int]:
    """Those of `nodes` that are not aligned although all that they read is."""
    graph = walk.graph
    for index in nodes:
        field = walk.fields[graph.tensor_of(index)]
        if len(graph.nodes[index].reads) > 1 and field is not None and field.aligned is False:
            if all(branch is None or branch.aligned for branch in _branches(walk, index)):
                yield index


def _merges_after(graph: Graph, nodes: Sequence[int], origin: int) -> int:
    """How many merges among `nodes` depend on the output of node `origin`."""
    reached, merges = {graph.tensor_of(origin)}, 0
    for index in nodes:
        reads = graph.nodes[index].reads
        if not reached.isdisjoint(reads):
            reached.add(graph.tensor_of(index))
            merges += len(reads) > 1
    return merges


class _Remedy:
    """The search for changes of padding that align one merge; `walk` is then that of the changed graph."""

    def __init__(self, walk: Walk, merge: int, branches: Sequence[Branch]) -> None:
        self.walk = walk
        self.graph = walk.graph
        self.merge = merge
        self.branches = branches

    def find(self) -> list[PaddingChange]:
        """The changes that align the merge, misalign no other and keep every size; empty where there are none."""
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
        flows, changes = list(self.walk.flows), []
        for branch in off:
            gap = [_difference(here, there) for here, there in zip(branch.centre, centre)]
            change = self._moving(branch, gap, flows)
            if change is None:
                return []
            changes.append(change)
        return changes if self._mends(flows) else []

    def _moving(
        self, branch: Branch, gap: Sequence[Fraction | None], flows: list[tuple[Flow, ...]]
    ) -> PaddingChange | None:
        """The change of one window of this branch alone that moves its centre back by `gap`; it is made in `flows`."""
        others = [other.tensor for other in self.branches if other is not branch]
        shared = set(upstream(self.graph, *others))
        for index in reversed(upstream(self.graph, branch.tensor)):
            node = self.graph.nodes[index]
            if index in shared or not isinstance(node.layer, Sliding):
                continue
            field = self.walk.fields[node.reads[0]]
            if field is None:
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
        """Whether the merge is aligned, and all else in the network that was aligned still is; then keep the walk."""
        before, merge = self.walk.fields, self.graph.tensor_of(self.merge)

        def accepts(tensor: int, field: Field | None) -> bool:
            was = before[tensor]
            wanted = tensor == merge or (was is not None and was.aligned)
            return not wanted or (field is not None and field.aligned is True)

        after = self.walk.with_flows(flows, accepts)
        if after is None or after.fields[merge] is before[merge]:
            return False
        self.walk = after
        return True


def _difference(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _shifted(layer: Sliding, pads: Pads, before: Field, gap: Sequence[Fraction | None]) -> Iterator[Pads]:
    """Paddings that start a layer's windows earlier by `gap` pixels: with the same sum first, then with more cells."""
    moves = [0] * len(pads)
    for distance, axis, place in zip(gap, before.axes, before.places):
        stride = stride_of(axis)
        if not stride or distance is None or (distance / stride).denominator != 1:
            return
        if not isinstance(place, int) or not 1 <= place <= len(pads):
            return
        moves[place - 1] = int(distance / stride)
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
