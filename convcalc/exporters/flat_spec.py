"""A network as a spec without blocks, params and copies: every layer by itself, with its name."""

from __future__ import annotations

from typing import Any

from convcalc import api
from convcalc.arith.shape import Shape
from convcalc.errors import ConvcalcError, SpecError
from convcalc.exporters.network import Network
from convcalc.importers.modules import outline_of
from convcalc.importers.network import ForeignNetwork, Input, Module, Operation, Output, Tensor
from convcalc.importers.outline import Outline
from convcalc.importers.writing import text_of
from convcalc.layers.leading_axes import Distributed
from convcalc.layers.parameters import OrNull, Padding, Parameter, PerAxis
from convcalc.network.graph import Graph, Node
from convcalc.problems import Problem
from convcalc.report.rows import plain


def text(network: Network) -> str:
    """The text of the spec. Raises SpecError for what only the file's own types can say."""
    graph = network.graph
    problems = [_problem(network, node) for node in graph.nodes if node.layer.is_custom]
    if problems:
        raise SpecError(problems)
    source = _as_source(graph)
    outline: Outline = outline_of(source)
    head = {key: value for key, value in (("name", graph.name), ("source", graph.citation)) if value}
    written = text_of(outline, head, {})
    _compare(network, written)
    return written


def _problem(network: Network, node: Node) -> Problem:
    where = network.graph.source.where(node.entry.mark)
    reason = "a spec with every layer by itself has no types of its own"
    return Problem("cannot-export", reason, where, subject=f"{node.name} ({node.layer.type.name})")


def _as_source(graph: Graph) -> ForeignNetwork:
    """The network in the form in which importers give one."""
    parts = {index: node.name.rpartition(".") for index, node in enumerate(graph.nodes) if node.layer.is_further_output}
    operations: list[Operation] = []
    by_name: dict[str, Operation] = {}
    for index, node in enumerate(graph.nodes):
        output = Output(f"t{graph.tensor_of(index)}", node.output_shape)
        if index in parts:
            owner, _, part = parts[index]
            by_name[owner].outputs.append(output._replace(part=part))
            continue
        *path, name = node.name.split(".")
        operation = Operation(
            node.layer.type.name,
            [_value_name(graph, tensor) for tensor in node.reads],
            [output],
            _parameters(node, graph.input_shapes(node)),
            _tensors(graph, index),
            modules=tuple(Module(each) for each in path),
            name=name if node.entry.has("name") else "",
        )
        by_name[node.name] = operation
        operations.append(operation)
    inputs = [Input(name, shape) for name, shape in graph.inputs.items()]
    outputs = [_value_name(graph, tensor) for tensor in graph.outputs.values()]
    return ForeignNetwork(graph.name, "", inputs, outputs, operations)


def _value_name(graph: Graph, tensor: int) -> str:
    return graph.tensor_name(tensor) if tensor < len(graph.inputs) else f"t{tensor}"


def _tensors(graph: Graph, index: int) -> dict[str, Tensor]:
    """The parameters of a node: shared ones have the name of their owner's."""
    node = graph.nodes[index]
    found: dict[str, Tensor] = {}
    values = node.layer.values(graph.input_shapes(node), node.output_shape) if node.reads or node.layer.terms() else {}
    for term in node.layer.terms():
        is_shared = node.tied_to is not None and (node.tied_terms is None or term.name in node.tied_terms)
        owner = graph.nodes[node.tied_to].name if is_shared and node.tied_to is not None else node.name
        trainable = node.trainable and not term.frozen
        found[term.name] = Tensor(f"{owner}.{term.name}", (term.written(values),), trainable)
    return found


def _parameters(node: Node, inputs: tuple[Shape, ...]) -> dict[str, Any]:
    """The parameters as a spec writes them, with sizes in place of the entries that they are like."""
    layer = node.layer
    leading: dict[str, Any] = {}
    if isinstance(layer, Distributed):
        leading, layer = {"leading_axes": layer.count}, layer.layer
    config = layer.config()
    like = config.pop("like", None)
    if like is not None and "size" in layer.parameters:
        config["size"] = like
    elif like is not None and "output_size" in layer.parameters:
        config["output_size"] = like
    elif like is not None:
        missing = [want - have for want, have in zip(like, inputs[0][-len(like) :])]
        config["padding"] = [[cells // 2, cells - cells // 2] for cells in missing]
    kind = layer.type
    written = {key: _shorter(kind.parameters[key], plain(value)) for key, value in {**config, **leading}.items()}
    if "stride" in written and kind.default("stride") is None and written["stride"] == written.get("kernel_size"):
        del written["stride"]
    return {key: value for key, value in written.items() if value is not None and value != kind.default(key)}


def _shorter(parameter: Parameter[Any], value: Any) -> Any:
    """One number where all axes have the same, and one for the two sides of an axis."""
    inner = parameter.inner if isinstance(parameter, OrNull) else parameter
    if not isinstance(value, list) or not isinstance(inner, (PerAxis, Padding)):
        return value
    sides = [each[0] if isinstance(each, list) and each[0] == each[1] else each for each in value]
    return sides[0] if all(each == sides[0] and not isinstance(each, list) for each in sides) else sides


def _compare(network: Network, written: str) -> None:
    """Raise SpecError where the text is not the same network."""
    graph = network.graph
    try:
        again = api.analyse(api.loads(written, name=network.label))
    except ConvcalcError as error:
        raise SpecError([_different(network, f"the text does not build: {error}")]) from None
    before = api.analyse(graph)
    for name in ("params", "trainable_params", "macs", "buffers"):
        one, other = getattr(before.totals, name), getattr(again.totals, name)
        if one != other:
            raise SpecError([_different(network, f"{name} would be {other}, not {one}")])
    for row, other_row in zip(before.rows, again.rows):
        if (row.type, row.output_shape, row.params) != (other_row.type, other_row.output_shape, other_row.params):
            raise SpecError([_different(network, f"{row.name} would be another layer, {other_row.name}")])


def _different(network: Network, reason: str) -> Problem:
    where = network.graph.source.where(network.spec.mark)
    return Problem("cannot-export", f"the network cannot be written with every layer by itself: {reason}", where)
