"""A layer that cannot read what it gets: the change before it that is the reason, and the padding that mends it."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import SpecError
from convcalc.language.overrides import Overrides
from convcalc.language.spec import Spec
from convcalc.layers.base import LayerError
from convcalc.network.build import build
from convcalc.network.construction import Misfit
from convcalc.network.graph import Graph, Node
from convcalc.text.collector import Problems
from convcalc.text.source import as_plain
from convcalc.text.writing import flow_text


class Reason(NamedTuple):
    """The layer whose new output another layer cannot read: its shapes, and the padding that keeps its size, if any."""

    layer: str
    before: Shape
    now: Shape
    padding: str


def find_reason(misfit: Misfit, before: Graph) -> Reason | None:
    """The reason of a misfit, from the network before the change; None where no single layer is the reason."""
    node = _first_changed(misfit, before)
    if node is None:
        return None
    old = next(each for each in before.nodes if each.name == node.name)
    return Reason(node.name, old.output_shape, node.output_shape, _mending_padding(misfit.graph, old, node))


def explain(misfit: Misfit, before: Graph, change: str) -> None:
    """Add the reason of a misfit to the help of its problem; `change` is the name of what changed the network."""
    reason = find_reason(misfit, before)
    if reason is None:
        return
    was, now = format_shape(reason.before), format_shape(reason.now)
    words = f"{change} made the output of {reason.layer} {now}, not {was}"
    if reason.padding:
        words += f"; with {reason.padding}, or --keep-size, it stays {was}"
    problem = misfit.problem
    problem.help = "; ".join(part for part in (problem.help, words) if part)


def explain_overrides(
    misfit: Misfit, spec: Spec, problems: Problems, variant: str | None, overrides: Overrides
) -> None:
    """The same for the values that a call overrides: the network before is that without them."""
    try:
        before = build(spec, problems, variant, overrides.without_values())
    except SpecError:
        return  # the values of the call are not the reason
    explain(misfit, before, "--set")


def _first_changed(misfit: Misfit, before: Graph) -> Node | None:
    """The first layer behind which the shapes are others: it reads the same shapes as before."""
    graph, known = misfit.graph, {node.name: node for node in before.nodes}
    for index in _ancestors(graph, misfit.reads):
        node = graph.nodes[index]
        old = known.get(node.name)
        if old is None or old.layer.type is not node.layer.type or old.output_shape == node.output_shape:
            continue
        if graph.input_shapes(node) == before.input_shapes(old):
            return node
    return None


def _ancestors(graph: Graph, reads: tuple[int, ...]) -> list[int]:
    """The nodes from which tensors come, in order."""
    count, found = len(graph.inputs), set[int]()
    waiting = list(reads)
    while waiting:
        index = waiting.pop() - count
        if index >= 0 and index not in found:
            found.add(index)
            waiting.extend(graph.nodes[index].reads)
    return sorted(found)


def _mending_padding(graph: Graph, old: Node, node: Node) -> str:
    """The padding with which a layer keeps its size, in words; empty where there is none."""
    from convcalc.network.keep_size import padding_that_keeps  # not every misfit is one of sizes

    config = node.layer.config()
    try:
        values = padding_that_keeps(old.layer, config, graph.input_shapes(node)[0])
        kept = node.layer.changed(**{key: node.layer.type.parameters[key].convert(value, node.layer.type.rank)
                                     for key, value in values.items()})  # fmt: skip
    except LayerError:
        return ""
    if not values or kept.output_shape(graph.input_shapes(node)) != old.output_shape:
        return ""
    own = {key: node.layer.type.parameters[key].convert(value, node.layer.type.rank) for key, value in values.items()}
    return " and ".join(f"{key} {flow_text(as_plain(values[key]))}" for key in values if own[key] != config[key])
