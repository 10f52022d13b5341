"""The parameters that each node owns: a tied node owns none of the shared ones, a frozen node only frozen ones."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from convcalc.analysis.facts import Facts
from convcalc.network.graph import Graph, Node


def facts_of_own(graph: Graph, facts: Sequence[Facts]) -> list[Facts]:
    """The facts of every node, with the parameters that it owns."""
    return [
        of_node if node.tied_to is None and node.trainable else _of_own(graph, facts, node, of_node)
        for node, of_node in zip(graph.nodes, facts)
    ]


def _of_own(graph: Graph, facts: Sequence[Facts], node: Node, of_node: Facts) -> Facts:
    owned, owner = copy(of_node), node.tied_to
    if owner is not None:
        owned.tied_to = graph.nodes[owner].name
        if node.tied_terms is not None:
            owned.leave_out(node.tied_terms)
        else:
            unshared, fully_connected = owned.params_unshared, owned.params_fully_connected
            owned.set_no_parameters()
            # Tied unshared weights can be one set only where the maps are of the same size.
            if facts[owner].input_shapes != owned.input_shapes:
                owned.params_unshared, owned.params_fully_connected = unshared, fully_connected
    if not node.trainable:
        owned.trainable_params, owned.frozen_params = 0, owned.params
    return owned
