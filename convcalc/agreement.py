"""Whether a built network is the one that its source states: shapes, parameters and buffers, layer by layer;
and what an import says of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from convcalc.analysis.analyse import Analysis
from convcalc.analysis.facts import Facts
from convcalc.api import loads
from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of
from convcalc.arith.wording import listed
from convcalc.errors import SpecError
from convcalc.importers.network import ForeignNetwork, Operation
from convcalc.network.graph import Graph, Node
from convcalc.problems import Problem, Where
from convcalc.report.report import Report

RULE = "differs-from-source"
# A batch norm of PyTorch counts its batches in a buffer, which other sources do not have and exports leave out.
COUNTER = 1


def differences(graph: Graph, network: ForeignNetwork) -> list[Problem]:
    """What differs between a spec and the network that it was made from; empty where they are the same."""
    name, analysis = graph.source.name, Analysis(graph)
    layers = [(node, facts) for node, facts in zip(graph.nodes, analysis.facts) if not node.layer.is_further_output]
    if len(layers) != len(network.operations):
        message = f"the spec has {len(layers)} layers, the source has {len(network.operations)}"
        return [Problem(RULE, message, Where(name))]
    found: list[Problem] = []
    owners: dict[str, Node] = {}
    for (node, facts), operation in zip(layers, network.operations):
        owner = next((owners[each.name] for each in operation.tensors.values() if each.name in owners), None)
        for tensor in operation.tensors.values():
            owners.setdefault(tensor.name, node)
        for message in _messages(node, operation, facts, owner):
            subject = f"{node.name} ({node.layer.type.name})"
            help = f"in the source it is {operation.place}" if operation.place else ""
            found.append(Problem(RULE, message, Where(name, node.line), subject=subject, help=help))
    total = Report(analysis).totals.params
    if total is not None and total != network.params:
        message = f"the spec has {total:,} parameters, the source has {network.params:,}"
        found.append(Problem(RULE, message, Where(name)))
    return found


def differences_of_text(text: str, name: str, network: ForeignNetwork) -> list[Problem]:
    """What differs between the text of a spec, once it is built, and the network that it was made from."""
    try:
        return differences(loads(text, name=name), network)
    except SpecError as error:
        return error.problems


def agreement(network: ForeignNetwork, source: str = "the source") -> str:
    """What is equal in a spec without differences and in its source."""
    return f"{count_of(len(network.operations), 'layer')}: shapes and {network.params:,} parameters as in {source}"


def remarks(network: ForeignNetwork) -> Iterator[str]:
    """Sentences about what the source loses, and about the operators that the language does not have."""
    yield from network.remarks
    counts = Counter(operation.type for operation in network.operations if not operation.known)
    if counts:
        names = [f"{name} ({count})" if count > 1 else name for name, count in counts.items()]
        yield f"no layer type does what these operators do: {listed(names)}; they are custom types, their macs and " \
              "receptive fields unknown"  # fmt: skip


def _messages(node: Node, operation: Operation, facts: Facts, owner: Node | None) -> Iterator[str]:
    stated = operation.output.shape
    if node.output_shape != stated:
        yield f"its output is {format_shape(node.output_shape)}, in the source {format_shape(stated)}"
    if not operation.known:
        return
    if facts.params != operation.params:
        yield f"it has {facts.params:,} parameters, in the source {operation.params:,}"
    held = sum(tensor.elements for tensor in operation.buffers.values())
    counter = COUNTER if "norm" in node.layer.type.name else 0
    if held and facts.buffers not in (held, held + counter):
        yield f"it has {facts.buffers:,} elements of buffers, in the source {held:,}"
    if (node.tied_to is None) != (owner is None):
        yield (
            f"it shares the parameters of {owner.name} in the source"
            if owner is not None
            else "it has parameters of its own in the source"
        )
