"""Memory of activations: which tensors are alive while each layer runs."""

from __future__ import annotations

from convcalc.arith.shape import elements
from convcalc.network.graph import Graph


def peak_activations(graph: Graph) -> int:
    """The greatest number of elements alive at once, of one sample.

    Layers run in the order of the spec; a tensor is freed after its last reader, the outputs never.
    """
    count = len(graph.inputs)
    # A tensor without readers is freed as soon as it is written.
    last_reader = [-1] * count + list(range(len(graph.nodes)))
    for index, node in enumerate(graph.nodes):
        for tensor in () if node.layer.is_further_output else node.reads:
            last_reader[tensor] = index
    for tensor in graph.outputs.values():
        last_reader[tensor] = len(graph.nodes)
    written = _written(graph)
    alive = sum(elements(shape) for shape in graph.inputs.values())
    peak = alive
    for index, node in enumerate(graph.nodes):
        alive += written[index]
        peak = max(peak, alive)
        for tensor in {*node.reads, count + index}:
            if last_reader[tensor] == index:
                alive -= elements(graph.shape(tensor))
    return peak


def _written(graph: Graph) -> list[int]:
    """The elements that each node writes; a further output is written when its layer runs."""
    count, written = len(graph.inputs), [elements(node.output_shape) for node in graph.nodes]
    for index, node in enumerate(graph.nodes):
        if node.layer.is_further_output:
            written[node.reads[0] - count] += written[index]
            written[index] = 0
    return written
