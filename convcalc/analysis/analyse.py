"""All figures of a graph."""

from __future__ import annotations

from convcalc.analysis.facts import Facts
from convcalc.analysis.memory import peak_activations
from convcalc.analysis.receptive_field import Field, fields
from convcalc.arith.shape import Shape
from convcalc.network.graph import Graph


class Analysis:
    """The figures of a graph: facts of every node, fields of every node for each input, peak memory in elements."""

    __slots__ = ("graph", "facts", "fields", "peak_elements")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.facts = facts_of(graph)
        flows = [facts.flow for facts in self.facts]
        self.fields: dict[str, list[Field | None]] = {name: fields(graph, flows, name) for name in graph.inputs}
        self.peak_elements = peak_activations(graph)


def facts_of(graph: Graph) -> list[Facts]:
    known: dict[tuple[int, tuple[Shape, ...]], Facts] = {}
    result: list[Facts] = []
    for node in graph.nodes:
        shapes = graph.input_shapes(node)
        key = (id(node.layer), shapes)
        facts = known.get(key)
        if facts is None:
            facts = known[key] = Facts(node.layer, shapes, node.output_shape)
        result.append(facts)
    return result
