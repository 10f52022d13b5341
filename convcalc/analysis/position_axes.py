"""Which axes of an input are positions: all but the channels. The layers that read it say which axis these are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.layers.base import Dropped, Flow, Layer, Link
from convcalc.network.graph import Graph

Flows = Sequence[tuple[Flow, ...]]


def position_axes(graph: Graph, flows: Flows, tensor: int) -> list[int]:
    """The axes of a tensor that are positions. Channels come first, unless the layers that read it say otherwise.

    Indices, such as ids of words, have no channels: every axis is one of positions. A matrix is [channels, length] or
    [tokens, features]; the first layer that treats its axes differently decides.
    """
    rank = len(graph.shape(tensor))
    if _holds_indices(graph, flows, tensor):
        return list(range(rank))
    leading = _leading_axes(graph, flows, tensor)
    if leading:
        return [axis for axis in range(rank) if axis != leading]
    if rank == 2:
        for _, flow in _readers(graph, flows, tensor):
            taken = _taken(flow)
            if len(taken) == 1:
                return sorted(taken)
    return list(range(1, rank))


def _holds_indices(graph: Graph, flows: Flows, tensor: int) -> bool:
    """Whether a layer looks up vectors by the elements of a tensor, which layers between may have moved."""
    rank = len(graph.shape(tensor))
    moved = {tensor}
    for index, (node, flow) in enumerate(zip(graph.nodes, flows)):
        for read, part in zip(node.reads, flow):
            if read in moved:
                if node.layer.reads_indices:
                    return True
                if part is None or len(_taken(part)) >= rank:
                    moved.add(graph.tensor_of(index))
    return False


def _leading_axes(graph: Graph, flows: Flows, tensor: int) -> int:
    """The axes before the channels of a tensor, as the first layer that reads it otherwise than by element has it."""
    for layer, flow in _readers(graph, flows, tensor):
        if layer.channel_axis or flow is not None:
            return layer.channel_axis
    return 0


def _readers(graph: Graph, flows: Flows, tensor: int) -> Iterator[tuple[Layer, Flow]]:
    """The layers that read a tensor, or what layers that change each element by itself make of it."""
    same = {tensor}
    for index, (node, flow) in enumerate(zip(graph.nodes, flows)):
        for read, part in zip(node.reads, flow):
            if read in same:
                if part is None:
                    same.add(graph.tensor_of(index))
                yield node.layer, part


def _taken(flow: Flow) -> set[int]:
    """The input axes whose positions are read one by one."""
    return {part.axis for part in flow or () if isinstance(part, Link | Dropped)}
