"""What comes before a tensor."""

from __future__ import annotations

from convcalc.network.graph import Graph


def upstream(graph: Graph, *tensors: int) -> list[int]:
    """The nodes that some tensors depend on, in order; those that give the tensors are among them."""
    count = len(graph.inputs)
    wanted = set(tensors)
    for index in range(max(tensors, default=-1) - count, -1, -1):
        if graph.tensor_of(index) in wanted:
            wanted.update(graph.nodes[index].reads)
    return sorted(tensor - count for tensor in wanted if tensor >= count)
