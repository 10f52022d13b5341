"""Memory of activations: which tensors are alive while each layer runs."""

from __future__ import annotations

from convcalc.arith.shape import elements
from convcalc.network.graph import Graph


def peak_activations(graph: Graph) -> int:
    """The greatest number of elements alive at once, of one sample.

    Layers run in the order of the spec; a tensor is freed after its last reader, the outputs never.
    """
    count, end = len(graph.inputs), len(graph.nodes)
    # A tensor without readers is freed as soon as it is written, an input without readers never.
    last_reader = [end] * count + list(range(end))
    for index, node in enumerate(graph.nodes):
        for tensor in () if node.layer.is_further_output else node.reads:
            last_reader[tensor] = index
    for tensor in graph.outputs.values():
        last_reader[tensor] = end
    sizes = list(map(elements, graph.shapes()))
    freed = [0] * (end + 1)
    for size, index in zip(sizes, last_reader):
        freed[index] += size
    peak = alive = sum(sizes[:count])
    for written, gone in zip(_written(graph), freed):
        alive += written
        peak = max(peak, alive)
        alive -= gone
    return peak


def _written(graph: Graph) -> list[int]:
    """The elements that each node writes; a further output is written when its layer runs."""
    count, written = len(graph.inputs), [elements(node.output_shape) for node in graph.nodes]
    for index, node in enumerate(graph.nodes):
        if node.layer.is_further_output:
            written[node.reads[0] - count] += written[index]
            written[index] = 0
    return written
