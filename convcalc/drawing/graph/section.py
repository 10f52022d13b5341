"""A part of a network as a network of its own, for the drawing of a block."""

from __future__ import annotations

from copy import copy

from convcalc.network.graph import Graph
from convcalc.report.report import Report


class Section:
    """The rows from `first` up to `stop` of a report. The tensors that they read from outside are the inputs.

    The outputs are the tensors that other rows read, or that the network gives.
    """

    def __init__(self, report: Report, first: int, stop: int) -> None:
        self.rows = report.rows[first:stop]
        self.graph = _graph(report.graph, first, stop)


def _graph(whole: Graph, first: int, stop: int) -> Graph:
    graph = Graph(whole.source, whole.name, whole.variant)
    own = range(whole.tensor_of(first), whole.tensor_of(stop))
    nodes = whole.nodes[first:stop]
    outside = sorted({tensor for node in nodes for tensor in node.reads if tensor not in own})
    graph.inputs = {whole.tensor_name(tensor): whole.shape(tensor) for tensor in outside}
    places = {tensor: place for place, tensor in enumerate([*outside, *own])}
    for node in nodes:
        inner = copy(node)
        inner.reads = tuple([places[tensor] for tensor in node.reads])
        graph.nodes.append(inner)
    others = [*whole.nodes[:first], *whole.nodes[stop:]]
    given = {*(tensor for node in others for tensor in node.reads), *whole.outputs.values()}
    graph.outputs = {whole.tensor_name(tensor): places[tensor] for tensor in own if tensor in given}
    return graph
