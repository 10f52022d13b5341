"""A network as the bytes of an ONNX file."""

from __future__ import annotations

from convcalc.errors import SpecError
from convcalc.exporters.network import Network
from convcalc.exporters.onnx import wire
from convcalc.exporters.onnx.build import BATCH, GraphBuilder, Layer
from convcalc.exporters.onnx.rules import RULES
from convcalc.exporters.onnx.rules.register import Rule
from convcalc.exporters.onnx.wire import field
from convcalc.exporters.register import Unsupported
from convcalc.layers.leading_axes import Distributed
from convcalc.network.graph import Graph, Node
from convcalc.problems import Problem

IR_VERSION, OPSET = 10, 21  # of ONNX 1.16: the first with metadata of nodes
PRODUCER = "convcalc"


def model(network: Network) -> bytes:
    """The file. Raises SpecError with every layer that ONNX cannot say."""
    graph = network.graph
    builder = GraphBuilder(graph)
    builder.names = dict(enumerate(graph.inputs))
    kinds = {scope.level.prefix[:-1]: scope.blocks[-1] for _, scope in network.trace.entries.values()
             if scope.level.parent is None and scope.blocks}  # fmt: skip
    problems = []
    for index, node in enumerate(graph.nodes):
        tensor = graph.tensor_of(index)
        try:
            builder.names[tensor] = _written(Layer(builder, index, kinds))
        except Unsupported as error:
            builder.names[tensor] = "?"
            problems.append(_problem(network, node, str(error)))
    if problems:
        raise SpecError(problems)
    return b"".join([
        field(1, IR_VERSION), field(2, PRODUCER),
        field(7, _graph(graph, builder)), field(8, field(1, "") + field(2, OPSET)),
    ])  # fmt: skip


def _written(layer: Layer) -> str:
    node, builder = layer.node, layer.builder
    if node.layer.is_further_output:
        if not builder.parts.get(node.name):
            raise Unsupported("what this layer gives beside its output is not written")
        return builder.parts[node.name]
    if node.layer.is_custom:
        raise Unsupported("a type of the spec's own has figures, and no computation")
    rule = RULES.get(layer.type)
    if rule is None:
        raise Unsupported("the export does not know this type")
    name = _at_each_place(layer, node.layer, rule) if isinstance(node.layer, Distributed) else rule(layer)
    builder.parts.update({f"{node.name}.{part}": found for part, found in layer.parts.items()})
    return name


def _at_each_place(layer: Layer, distributed: Distributed, rule: Rule) -> str:
    """A layer at each place of the axes before the channels: they are joined with the batch."""
    count = distributed.count
    if layer.parts or len({shape[:count] for shape in layer.shapes}) > 1:
        raise Unsupported("what it gives beside its output, or several inputs, with axes before the channels")
    whole = layer.output
    layer.layer = distributed.layer
    layer.reads = [layer.reshaped(name, shape[count:]) for name, shape in zip(layer.reads, layer.shapes)]
    layer.shapes = tuple(shape[count:] for shape in layer.shapes)
    layer.output = whole[count:]
    return layer.reshaped(rule(layer), whole)


def _graph(graph: Graph, builder: GraphBuilder) -> bytes:
    inputs = [
        wire.value_info(name, [BATCH, *shape], builder.dtype(number))
        for number, (name, shape) in enumerate(graph.inputs.items())
    ]
    outputs = dict.fromkeys(graph.outputs.values())
    values = {tensor: wire.value_info(name, [BATCH, *graph.shape(tensor)], builder.dtype(tensor))
              for tensor, name in builder.names.items() if tensor >= len(graph.inputs)}  # fmt: skip
    return b"".join([
        *(field(1, each) for each in [*builder.constants.values(), *builder.nodes]),
        field(2, graph.name or "network"),
        *(field(11, each) for each in [*inputs, *builder.weights.values()]),
        *(field(12, values[tensor]) for tensor in outputs),
        *(field(13, value) for tensor, value in values.items() if tensor not in outputs),
    ])  # fmt: skip


def _problem(network: Network, node: Node, reason: str) -> Problem:
    where = network.graph.source.where(node.entry.mark)
    subject = f"{node.name} ({node.layer.type.name})"
    return Problem("cannot-export", f"it cannot be written in ONNX: {reason}", where, subject=subject)
