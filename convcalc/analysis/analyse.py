"""All figures of a graph."""

from __future__ import annotations

from functools import cached_property

from convcalc import bounds
from convcalc.analysis.facts import Facts
from convcalc.analysis.memory import peak_activations
from convcalc.analysis.receptive_field import Field, Walk
from convcalc.arith.shape import Shape
from convcalc.layers.base import Layer
from convcalc.network.graph import Graph

_FACTS: dict[tuple[Layer, tuple[Shape, ...]], Facts] = {}  # by layer and input shapes


class Analysis:
    """The figures of a graph: facts of every node, fields of every node for each input, peak memory in elements.

    Each is computed when it is first read: a sweep that asks for parameters computes no field.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def facts(self) -> list[Facts]:
        """The facts of every node, as if all its parameters were its own."""
        return facts_of(self.graph)

    @cached_property
    def owned(self) -> list[Facts]:
        """The facts of every node, with the parameters that the node owns."""
        if all(node.tied_to is None and node.trainable for node in self.graph.nodes):
            return self.facts
        from convcalc.analysis.ownership import facts_of_own  # few networks have tied or frozen layers

        return facts_of_own(self.graph, self.facts)

    @cached_property
    def fields(self) -> dict[str, list[Field | None]]:
        """The field of every node towards each input, by the name of the input."""
        return {name: walk.fields[len(self.walks) :] for name, walk in self.walks.items()}

    @cached_property
    def walks(self) -> dict[str, Walk]:
        """The walks of the fields, by the name of the input."""
        flows = [facts.flow for facts in self.facts]
        return {name: Walk(self.graph, flows, tensor) for tensor, name in enumerate(self.graph.inputs)}

    @cached_property
    def peak_elements(self) -> int:
        return peak_activations(self.graph)


def facts_of(graph: Graph) -> list[Facts]:
    """The facts of every node. Those of equal layers on equal shapes are one object, also in graphs made before."""
    known = bounds.emptied(_FACTS)
    first, shapes = len(graph.inputs), graph.shapes()
    result: list[Facts] = []
    for index, node in enumerate(graph.nodes, first):
        key = node.layer, tuple([shapes[tensor] for tensor in node.reads])
        facts = known.get(key)
        if facts is None:
            facts = known[key] = Facts(node.layer, key[1], shapes[index])
        result.append(facts)
    return result
